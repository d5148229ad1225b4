package web

import (
	"net/http"
	"slices"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// noticeView is a received notification with the answers one can give.
type noticeView struct {
	words
	N       health.NoticePage
	Path    string
	Topic   string
	Head    parts.PageHead
	Banner  *parts.Notice // withdrawn, updated, answered, reminded
	Content content
	Asked   []questionLine
	Track   []parts.Definition
	Errors  parts.Errors
	Verb    string // whose words are wrong
	Words   string // that were typed
}

// notice shows a received notification. Opening the page is what the receipt
// "opened" reports to the sender: a GET with this one, harmless, repeatable
// effect, since asking for a click to see an alert would cost the time that
// the alert is about. A HEAD request and who may not decide open nothing.
func (g *Pages) notice(w http.ResponseWriter, r *shell.Request) error {
	nid, err := r.PathID("id")
	if err != nil {
		return err
	}
	if r.Method == http.MethodGet {
		if _, err := g.desk.OpenNotice(r.Context(), r.Actor, nid); err != nil {
			return err
		}
	}
	return g.showNotice(w, r, http.StatusOK, "", nil)
}

func (g *Pages) showNotice(w http.ResponseWriter, r *shell.Request, status int, verb string, cause error) error {
	nid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.NoticePage(r.Context(), r.Actor, nid)
	if err != nil {
		return err
	}
	v := g.words(r).notice(p)
	v.Path, v.Verb, v.Errors, v.Words = "/health/notices/"+string(nid), verb, parts.ErrorsOf(r.Printer, cause), r.PostFormValue("words")
	if err := g.newer(r, &v); err != nil {
		return err
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Topics: []string{v.Topic, fileTopic}, Marking: string(p.Marking)}, noticePage(v))
}

func (w words) notice(p health.NoticePage) noticeView {
	v := noticeView{words: w, N: p, Topic: "event:" + string(p.Event)}
	v.Head = parts.PageHead{Title: p.Body.Title, Meta: noticeMeta(v), Lede: w.T("health.notice.line", "from", w.name(string(p.From)), "time", p.Issued),
		Crumbs: []parts.Link{{Text: w.T("health.list.title"), Href: "/health/events"}, {Text: p.Body.Event.Name, Href: eventPath(p.Event)}, {Text: p.Body.Title}}}
	v.Content = w.content(p.Body, envelope{From: p.From, Purpose: p.Purpose, Basis: p.Basis, Lang: p.Lang, Marking: p.Marking,
		Issued: p.Issued, Due: p.AckBy, Files: w.fileLines(p.Attached, "/health/notices/"+string(p.ID))})
	for _, q := range p.Questions {
		v.Asked = append(v.Asked, w.questionLine(q))
	}
	v.Track = []parts.Definition{{Term: w.T("health.field.state"), Text: w.state(p.State)},
		{Term: w.T("health.field.received"), Text: w.Stamp(p.Created.At)}}
	if !p.Due.IsZero() {
		v.Track = append(v.Track, parts.Definition{Term: w.T("clock.acknowledge"), Text: w.T("health.due.line", "left", w.Left(p.Due, w.now), "due", p.Due)})
	}
	if p.Words != "" && p.State != health.Withdrawn {
		v.Track = append(v.Track, parts.Definition{Term: w.T("health.field.words"), Text: p.Words})
	}
	v.Track = append(v.Track, parts.Definition{Term: w.T("health.field.signed"), Text: w.T("health.notice.signed", "member", w.name(string(p.From)))},
		parts.Definition{Term: w.T("health.field.release"), Text: string(p.Release)})
	v.Banner = w.noticeBanner(p)
	if v.may("acknowledge") {
		v.Head.Actions = []parts.Button{{Text: w.T("health.answer.title"), Icon: "chevron-down", Href: "#answer"}}
	}
	return v
}

func (w words) noticeBanner(p health.NoticePage) *parts.Notice {
	from := w.name(string(p.From))
	switch {
	case p.State == health.Withdrawn:
		return &parts.Notice{Grade: parts.Warning, Title: w.T("health.notice.withdrawn", "from", from), Text: w.T("health.notice.withdrawn.text", "reason", p.Words)}
	case p.State == health.Updated:
		return &parts.Notice{Grade: parts.Warning, Title: w.T("health.notice.updated"), Text: w.T("health.notice.updated.text")}
	case p.State == health.NoticeAcknowledged:
		return &parts.Notice{Grade: parts.Good, Title: w.T("health.notice.acknowledged"), Text: w.T("health.by", "post", p.Changed.Post, "time", p.Changed.At)}
	case p.State == health.NoticeRefused:
		return &parts.Notice{Grade: parts.Information, Title: w.T("health.notice.refused"), Text: p.Words}
	case !p.Reminded.IsZero():
		return &parts.Notice{Grade: parts.Warning, Title: w.T("health.notice.reminded", "from", from), Text: w.T("health.notice.reminded.text", "time", p.Reminded)}
	}
	return nil
}

// newer links an updated notice to the one that replaced it.
func (g *Pages) newer(r *shell.Request, v *noticeView) error {
	if v.N.State != health.Updated || v.Banner == nil {
		return nil
	}
	p, err := g.desk.EventPage(r.Context(), r.Actor, v.N.Event)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	i := slices.IndexFunc(p.Notices, func(n health.Notice) bool { return n.Supersedes == v.N.Release })
	if i >= 0 {
		v.Banner.Actions = []parts.Button{{Text: v.T("health.notice.newer"), Kind: parts.Primary, Href: "/health/notices/" + string(p.Notices[i].ID)}}
	}
	return err
}

// may returns the button of an answer, if the table has it for the actor now.
func (v noticeView) may(verb string) bool {
	_, ok := offered(v.N.Offers, workflow.Verb(verb))
	return ok
}

// words of a form whose answer was refused stay; the others begin empty.
func (v noticeView) typed(verb string) string {
	if v.Verb == verb {
		return v.Words
	}
	return ""
}

func (v noticeView) field(verb string, required bool) parts.Field {
	f := parts.Field{Name: "words", Label: v.T("health.answer." + verb + ".words"), Required: required, Optional: !required}
	if v.Verb == verb {
		f.Error = strings.TrimSpace(v.Errors.Of("words") + " " + v.Errors.Of("health.words"))
	}
	return f
}

// answerNotice takes an answer. It needs no version: what the sender wrote
// cannot change, and an answer that came too late has no step in the table.
func (g *Pages) answerNotice(w http.ResponseWriter, r *shell.Request) error {
	nid, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb, words := r.PathValue("verb"), text(strings.TrimSpace(r.PostFormValue("words")))
	switch verb {
	case "acknowledge":
		_, err = g.desk.Acknowledge(r.Context(), r.Actor, nid, 0, words)
	case "refuse":
		_, err = g.desk.Refuse(r.Context(), r.Actor, nid, 0, words)
	case "ask":
		_, err = g.desk.Ask(r.Context(), r.Actor, nid, 0, words)
	default:
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showNotice(w, r, http.StatusBadRequest, verb, err)
	case fault.Is(err, fault.Conflict):
		return g.showNotice(w, r, http.StatusConflict, verb, err)
	case err != nil:
		return err
	}
	r.Say(w, "health.said.notice."+verb, nil)
	if r.URL.Query().Get("back") == "desk" {
		return r.Redirect(w, "/")
	}
	return r.Redirect(w, "/health/notices/"+string(nid))
}
