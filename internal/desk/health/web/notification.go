package web

import (
	"net/http"

	"lintas/internal/desk/health"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// noteView is the page of a notification at its owner: what every group of
// recipients will get, who must do what, and the answers.
type noteView struct {
	words
	N        health.NotificationPage
	Path     string
	Topic    string
	Head     parts.PageHead
	Notice   *parts.Notice
	Previews []previewView
	About    []parts.Definition
	Ack      *ackView
	Asked    []questionLine
	Track    []parts.Definition
	Files    []fileLine
	MayEdit  bool // files of a draft
	Errors   parts.Errors
}

// previewView is what one group of recipients gets.
type previewView struct {
	Plates  []parts.Plate
	Names   string
	Content content
	Raw     string
}

func (g *Pages) notificationOf(r *shell.Request) (health.NotificationPage, error) {
	nid, err := r.PathID("id")
	if err != nil {
		return health.NotificationPage{}, err
	}
	return g.desk.NotificationPage(r.Context(), r.Actor, nid)
}

func (g *Pages) notification(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.notificationOf(r)
	if err != nil {
		return err
	}
	return g.showNote(w, r, http.StatusOK, p, nil)
}

func (g *Pages) showNote(w http.ResponseWriter, r *shell.Request, status int, p health.NotificationPage, cause error) error {
	v := g.words(r).note(p)
	v.Path, v.Errors = notePath(p.ID), parts.ErrorsOf(r.Printer, cause)
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Topics: []string{v.Topic, fileTopic}, Marking: string(p.Marking)}, notePage(v))
}

func (w words) note(p health.NotificationPage) noteView {
	v := noteView{words: w, N: p, Topic: "event:" + string(p.Notification.Event)}
	title := p.Title
	if title == "" {
		title = w.T("health.note.untitled")
	}
	v.Head = parts.PageHead{Title: title, Meta: noteMeta(v), Lede: w.T("health.note.lede", "event", p.Event.Name), Actions: w.noteButtons(p),
		Crumbs: []parts.Link{{Text: w.T("health.list.title"), Href: "/health/events"}, {Text: p.Event.Name, Href: eventPath(p.Event.ID)}, {Text: title}}}
	v.Notice, v.MayEdit = w.noteNotice(p), p.Offered("edit") == nil
	v.Files = w.fileLines(p.Attached, notePath(p.ID))
	for _, x := range p.Previews {
		pv := previewView{Names: w.members(x.Members), Raw: raw(x.View),
			Content: w.content(x.View, envelope{From: p.Owner, Purpose: p.Purpose, Basis: p.Basis, Lang: p.Lang, Marking: p.Marking,
				Issued: p.Released, Due: p.Sent.Due, Within: p.AckWithin, Files: v.Files})}
		for _, m := range x.Members {
			pv.Plates = append(pv.Plates, w.plate(m, parts.Plain))
		}
		v.Previews = append(v.Previews, pv)
	}
	if !p.Released.IsZero() {
		v.Ack = w.ackOf(p.Sent)
	}
	for _, q := range p.Questions {
		v.Asked = append(v.Asked, w.questionLine(q))
	}
	v.Track = w.track(p)
	return v
}

// noteButtons follow the table; an update of a released one is a new
// notification that supersedes it.
func (w words) noteButtons(p health.NotificationPage) []parts.Button {
	var out []parts.Button
	primary := map[string]bool{"submit": true, "clear": true, "release": true}
	for _, o := range p.Offers {
		verb := string(o.Verb)
		b := parts.Button{Text: w.T("health.verb." + verb), Unmet: w.unmet(o), Href: notePath(p.ID) + "/step/" + verb}
		if primary[verb] {
			b.Kind = parts.Primary
		}
		if dangers[verb] {
			b.Kind = parts.Danger
		}
		if verb == "edit" {
			b.Href = notePath(p.ID) + "/edit"
		}
		if verb == "remind" {
			out = append(out, parts.Button{Text: w.T("health.verb.update"), Icon: "refresh-cw", Kind: parts.Primary,
				Href: eventPath(p.Notification.Event) + "/notify?supersedes=" + string(p.ID)})
		}
		out = append(out, b)
	}
	return out
}

// noteNotice says where the notification stands and who must act.
func (w words) noteNotice(p health.NotificationPage) *parts.Notice {
	n := &parts.Notice{Grade: parts.Information, Title: w.T("health.note.at." + string(p.State)), Text: w.T("health.note.at." + string(p.State) + ".text")}
	switch p.State {
	case health.Draft:
		if p.Reason != "" {
			n.Grade, n.Title, n.Text = parts.Warning, w.T("health.note.returned"), p.Reason
		}
	case health.Cleared:
		n.Grade = parts.Good
		n.Text = w.T("health.note.at.cleared.text", "post", p.ClearedAs)
	case health.Withdrawn:
		n.Grade, n.Text = parts.Warning, p.Reason
	case health.Released:
		return nil
	}
	return n
}

// track is who did what with it so far.
func (w words) track(p health.NotificationPage) []parts.Definition {
	out := []parts.Definition{
		{Term: w.T("health.field.state"), Text: w.state(p.State)},
		{Term: w.T("health.field.written"), Text: w.T("health.by", "post", p.Created.Post, "time", p.Created.At)}}
	if p.ClearedAs != "" {
		out = append(out, parts.Definition{Term: w.T("health.field.cleared"), Text: p.ClearedAs})
	}
	if !p.Released.IsZero() {
		out = append(out, parts.Definition{Term: w.T("health.field.released"), Text: w.Stamp(p.Released)})
	}
	if p.Clock != "" && !p.Notification.Due.IsZero() {
		out = append(out, parts.Definition{Term: w.T("clock." + p.Clock), Text: w.T("health.due.line", "left", w.Left(p.Notification.Due, w.now), "due", p.Notification.Due)})
	}
	if p.Old != nil {
		out = append(out, parts.Definition{Term: w.T("health.field.supersedes"), Body: link(notePath(p.Old.ID), p.Old.Title)})
	}
	return append(out, parts.Definition{Term: w.T("health.field.version"), Text: str(p.Version)},
		parts.Definition{Term: w.T("health.field.id"), Text: string(p.ID)})
}
