package web

import (
	"errors"
	"io"
	"net/http"

	"lintas/internal/exchange"
	"lintas/internal/fault"
	shell "lintas/internal/web"
)

// Uploads gives the files of one upload to take, in turn. Those that were taken
// before one was refused stay.
func Uploads(r *shell.Request, take func(name string, body io.Reader) error) error {
	form, err := r.MultipartReader()
	if err != nil {
		return fault.Wrap(fault.Invalid, "fault.web.form", err)
	}
	some := false
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) && some {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return fault.New(fault.Invalid, "fault.health.no_file_chosen")
		}
		if err != nil {
			return broken(err)
		}
		if !chosen(part) {
			continue
		}
		if err := take(part.FileName(), part); err != nil {
			return broken(err)
		}
		some = true
	}
}

// UploadFault puts a fault of an upload beside its field; nil for what is no
// fault of the file. The rest of the body is read: a browser that is still
// sending would not read the answer.
func UploadFault(r *shell.Request, err error) *fault.Error {
	_, _ = io.Copy(io.Discard, r.Body)
	return fileFault(err)
}

// Deliver gives a file out so that no browser runs or shows it here.
func Deliver(w http.ResponseWriter, r *shell.Request, f exchange.File, body io.Reader) error {
	return deliver(w, r, f, body)
}
