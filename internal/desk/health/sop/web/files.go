package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/sop"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/exchange"
	"lintas/internal/id"
	shell "lintas/internal/web"
)

// fileLine is one file that shows what was done.
type fileLine struct {
	ID, Name, Size, Kind, SHA256 string
	Href                         string // empty while it cannot be had
	Note                         string
	Remove                       string // where it is taken away; empty: not by this person, or not now
}

// filesPath is where the files of a step are.
func filesPath(x *sop.TaskPage) string { return sop.TaskPath(x.ID) + "/files" }

func (w words) line(f *sop.File) fileLine {
	return fileLine{ID: string(f.ID), Name: f.Name, Size: w.Size(f.Size), SHA256: f.SHA256,
		Kind: w.T("health.file.kind." + strings.NewReplacer("/", "_", "-", "_").Replace(f.Type))}
}

// evidence are the files of an own step.
func (v *taskView) evidence() {
	x := v.T2
	o, ok := offer(x.Offers, "attach")
	v.MayAttach = ok && len(o.Unmet) == 0
	for i := range x.Files {
		f := v.line(&x.Files[i])
		f.Href = filesPath(x) + "/" + url.PathEscape(f.ID)
		sent := false
		for _, s := range v.R.Sent {
			sent = sent || s == x.Files[i].ID
		}
		switch {
		case sent:
			f.Note = v.T("sop.file.sent", "members", v.names(v.R.To))
		case v.MayAttach:
			f.Note, f.Remove = v.T("sop.file.own"), f.Href+"/remove"
		default:
			f.Note = v.T("sop.file.own")
		}
		v.Files = append(v.Files, f)
	}
}

// fileLinks are the files that a member released with a step.
func (w words) fileLinks(m *sop.BoardMember, list []sop.File) []fileLine {
	var out []fileLine
	for i := range list {
		f := w.line(&list[i])
		switch state := m.States[list[i].ID]; {
		case m.Here:
			f.Note = w.T("sop.file.sent_with")
		case state == sop.FileWhole:
			f.Href = progress + "/" + string(m.Progress.Run) + "/files/" + url.PathEscape(f.ID)
		case state == sop.FileDamaged:
			f.Note = w.T("health.file.damaged")
		default:
			f.Note = w.T("health.file.waiting")
		}
		out = append(out, f)
	}
	return out
}

func (w words) names(list []access.Member) string {
	out := make([]string, len(list))
	for i, m := range list {
		out[i] = w.name(m)
	}
	return strings.Join(out, ", ")
}

func (v taskView) filesHint() string {
	return v.T("sop.files.hint", "max", sop.MaxFiles, "mib", exchange.MaxFile>>20)
}

func (g *Pages) attach(w http.ResponseWriter, r *shell.Request) error {
	x, _, err := g.findTask(r)
	if err != nil {
		return err
	}
	err = healthweb.Uploads(r, func(name string, body io.Reader) error {
		_, err := g.desk.Attach(r.Context(), r.Actor, x.ID, name, body)
		return err
	})
	if err == nil {
		r.Say(w, "sop.task.said.attach", nil)
		return r.Redirect(w, sop.TaskPath(x.ID)+"#files")
	}
	if e := healthweb.UploadFault(r, err); e != nil {
		return g.showTask(w, r, shell.Status(e), e)
	}
	return err
}

func (g *Pages) detach(w http.ResponseWriter, r *shell.Request) error {
	tid, err := r.PathID("id")
	if err != nil {
		return err
	}
	file, err := r.PathID("file")
	if err == nil {
		err = g.desk.Detach(r.Context(), r.Actor, tid, file)
	}
	if err != nil {
		return err
	}
	r.Say(w, "sop.task.said.detach", nil)
	return r.Redirect(w, sop.TaskPath(tid)+"#files")
}

func (g *Pages) taskFile(w http.ResponseWriter, r *shell.Request) error {
	return g.file(w, r, g.desk.TaskFile)
}

func (g *Pages) progressFile(w http.ResponseWriter, r *shell.Request) error {
	return g.file(w, r, g.desk.ProgressFile)
}

func (g *Pages) file(w http.ResponseWriter, r *shell.Request, read func(context.Context, access.Actor, id.ID, id.ID) (sop.File, io.Reader, error)) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	file, err := r.PathID("file")
	if err != nil {
		return err
	}
	f, body, err := read(r.Context(), r.Actor, rid, file)
	if err != nil {
		return err
	}
	return healthweb.Deliver(w, r, f, body)
}
