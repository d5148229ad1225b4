package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// fileTopic wakes pages when a part of some attachment arrived.
const fileTopic = "file"

// fileLine is one attachment in a list.
type fileLine struct {
	ID, Name, Size, Kind, SHA256 string
	Href                         string // empty while it cannot be had
	State                        string
	Note                         string // how many parts are there, or what to do
	Has, Lacks                   string // at the sender: which recipients have it, and which have not
	Grade                        parts.Grade
}

// fileLines are the attachments below the address of their record.
func (w words) fileLines(list []health.Attached, record string) []fileLine {
	var out []fileLine
	for _, a := range list {
		l := fileLine{ID: string(a.ID), Name: a.Name, Size: w.Size(a.Size), SHA256: a.SHA256, Grade: parts.Information,
			Kind: w.T("health.file.kind." + kindKey(a.Type)), State: w.T("health.file." + string(a.State))}
		if a.Readable() {
			l.Href = record + "/files/" + url.PathEscape(string(a.ID))
		}
		switch a.State {
		case health.FileWaiting, health.FileSending:
			l.Note = w.T("health.file."+string(a.State)+".text", "have", a.Have, "of", a.Chunks)
		case health.FileDamaged:
			l.Grade, l.Note = parts.Warning, w.T("health.file.damaged.text")
		case health.FileComplete, health.FileArrived:
			l.Grade = parts.Good
		}
		l.Has, l.Lacks = w.arrivals(a)
		out = append(out, l)
	}
	return out
}

// arrivals names the recipients who have a file, and those who have not, with
// how far it has come there.
func (w words) arrivals(a health.Attached) (has, lacks string) {
	var whole, part []string
	for _, r := range a.Arrivals {
		name := place.Name(string(r.Member), w.Lang())
		switch {
		case r.Whole:
			whole = append(whole, name)
		case r.Have > 0:
			part = append(part, w.T("health.file.part", "member", name, "have", r.Have, "of", a.Chunks))
		default:
			part = append(part, name)
		}
	}
	if len(whole) > 0 {
		has = w.T("health.file.has", "members", strings.Join(whole, ", "))
	}
	if len(part) > 0 {
		lacks = w.T("health.file.lacks", "members", strings.Join(part, ", "))
	}
	return has, lacks
}

// kindKey is a type as part of a key: text_csv.
func kindKey(kind string) string {
	return strings.NewReplacer("/", "_", "-", "_").Replace(kind)
}

func (v noteView) filesHint() string {
	return v.T("health.files.hint", "max", health.MaxFiles, "mib", exchange.MaxFile>>20)
}

// attach takes the files of one upload in turn. Those that were taken before
// one was refused stay.
func (g *Pages) attach(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.notificationOf(r)
	if err == nil {
		err = p.Offered("edit")
	}
	if err != nil {
		return err
	}
	err = g.attachAll(r, p)
	if err == nil {
		r.Say(w, "health.said.attached", nil)
		return r.Redirect(w, notePath(p.ID))
	}
	_, _ = io.Copy(io.Discard, r.Body) // a browser that is still sending would not read the answer
	e := fileFault(err)
	if e == nil {
		return err
	}
	if p, err = g.notificationOf(r); err != nil {
		return err
	}
	return g.showNote(w, r, shell.Status(e), p, e)
}

func (g *Pages) attachAll(r *shell.Request, p health.NotificationPage) error {
	return Uploads(r, func(name string, body io.Reader) error {
		_, err := g.desk.Attach(r.Context(), r.Actor, p.ID, name, body)
		return err
	})
}

// chosen: a browser sends a part without a name for a field left empty.
func chosen(p *multipart.Part) bool { return p.FormName() == "file" && p.FileName() != "" }

// broken names what reading the body failed with; other faults stay.
func broken(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.Wrap(fault.Invalid, "fault.web.too_large", err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, multipart.ErrMessageTooLarge) || strings.HasPrefix(err.Error(), "multipart:") {
		return fault.Wrap(fault.Invalid, "fault.web.form", err)
	}
	return err
}

// fileFault puts a fault of an upload beside its field; nil for what is no
// fault of the file.
func fileFault(err error) *fault.Error {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind != fault.Invalid && e.Kind != fault.Conflict {
		return nil
	}
	return &fault.Error{Kind: e.Kind, Key: "fault.invalid", Cause: e.Cause, Fields: []fault.Field{{Name: "file", Key: e.Key, Args: e.Args}}}
}

func (g *Pages) detach(w http.ResponseWriter, r *shell.Request) error {
	nid, err := r.PathID("id")
	if err != nil {
		return err
	}
	file, err := r.PathID("file")
	if err != nil {
		return err
	}
	if err := g.desk.Detach(r.Context(), r.Actor, nid, file); err != nil {
		return err
	}
	r.Say(w, "health.said.detached", nil)
	return r.Redirect(w, notePath(nid))
}

func (g *Pages) notificationFile(w http.ResponseWriter, r *shell.Request) error {
	nid, err := r.PathID("id")
	if err != nil {
		return err
	}
	file, err := r.PathID("file")
	if err != nil {
		return err
	}
	f, body, err := g.desk.NotificationFile(r.Context(), r.Actor, nid, file)
	if err != nil {
		return err
	}
	return deliver(w, r, f, body)
}

func (g *Pages) noticeFile(w http.ResponseWriter, r *shell.Request) error {
	nid, err := r.PathID("id")
	if err != nil {
		return err
	}
	file, err := r.PathID("file")
	if err != nil {
		return err
	}
	f, body, err := g.desk.NoticeFile(r.Context(), r.Actor, nid, file)
	if err != nil {
		return err
	}
	return deliver(w, r, f, body)
}

// deliver gives a file out so that no browser runs or shows it here: to be
// saved, of a harmless type, and should it be opened all the same, without
// scripts and without the node's origin.
func deliver(w http.ResponseWriter, r *shell.Request, f exchange.File, body io.Reader) error {
	h := w.Header()
	h.Set("Content-Type", f.Type)
	if strings.HasPrefix(f.Type, "text/") {
		h.Set("Content-Type", f.Type+"; charset=utf-8")
	}
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := io.Copy(w, body)
	return err
}
