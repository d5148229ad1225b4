package api

import (
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// A file is the whole body of a request or of an answer, as it is; what is
// said of it stands beside it, in the query or in a record. Neither is held
// in memory here.

const (
	fileTime = 10 * time.Minute
	opaque   = "application/octet-stream"
)

// Upload is the input of an operation whose Op.Takes is not zero; embed it.
type Upload struct {
	Name string `query:"name" required:"true" minLength:"1" maxLength:"255" doc:"The name of the file."`

	body io.Reader
}

// Resolve takes the body over before the framework looks for JSON in it.
func (u *Upload) Resolve(ctx huma.Context) []error {
	u.body = ctx.BodyReader()
	return nil
}

// File is the body of the request.
func (u *Upload) File() io.Reader { return u.body }

// Download answers an operation whose Op.Gives is set. Whatever the file is,
// no browser runs or shows it here.
func Download(name string, size int64, body io.Reader) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", opaque)
		ctx.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		ctx.SetHeader("X-Content-Type-Options", "nosniff")
		ctx.SetHeader("Content-Security-Policy", "default-src 'none'; sandbox")
		ctx.SetHeader("Cache-Control", "private, no-store")
		if size >= 0 {
			ctx.SetHeader("Content-Length", strconv.FormatInt(size, 10))
		}
		ctx.SetStatus(http.StatusOK)
		_, _ = io.Copy(ctx.BodyWriter(), body) // the client left, or sees that it is short
	}}
}

// extend gives a file the time that it needs.
func extend(w http.ResponseWriter, within time.Duration) {
	c, end := http.NewResponseController(w), time.Now().Add(within)
	_ = c.SetReadDeadline(end) // a recorder in a test has none
	_ = c.SetWriteDeadline(end.Add(5 * time.Second))
}

// describeFile puts a file that is a body into the document.
func describeFile(op Op, entry *huma.Operation) {
	file := &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	if op.Takes > 0 {
		entry.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{opaque: file},
			Description: "The file itself, at most " + strconv.FormatInt(op.Takes, 10) + " bytes, of any media type."}
	}
	if op.Gives {
		entry.Responses["200"] = &huma.Response{Description: "The file", Content: map[string]*huma.MediaType{opaque: file}}
	}
}
