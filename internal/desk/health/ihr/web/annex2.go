package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// annexView is the page of one assessment.
type annexView struct {
	words
	V        ihr.Annex2View
	P        ihr.Annex2Page
	Form     *ihr.Form
	Path     string
	Head     parts.PageHead
	Result   *parts.Notice
	Moves    []parts.Button
	State    []parts.Definition
	Compare  parts.Table
	Like     parts.Table
	Errors   parts.Errors
	Typed    url.Values // the answers of the reading that the actor enters
	Timeline []parts.Moment
}

func (g *Pages) open(w http.ResponseWriter, r *shell.Request) error {
	event := eventID(r.PostFormValue("event"))
	if event == "" {
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	a, err := g.desk.Open(r.Context(), r.Actor, event)
	if err != nil {
		return err
	}
	r.Say(w, "ihr.said.open", nil)
	return r.Redirect(w, ihr.Annex2Path(a.ID))
}

func (g *Pages) annex2(w http.ResponseWriter, r *shell.Request) error {
	return g.showAnnex2(w, r, http.StatusOK, nil)
}

func (g *Pages) showAnnex2(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.Annex2Page(r.Context(), r.Actor, aid)
	if err != nil {
		return err
	}
	v := g.words(r).annex2(p)
	v.Path, v.Errors = r.URL.RequestURI(), parts.ErrorsOf(r.Printer, cause)
	v.Typed = r.PostForm
	if cause == nil {
		v.Typed = v.typed()
	}
	page := shell.Page{Title: v.Head.Title, Marking: string(p.View.Marking)}
	if p.Reading == "" {
		page.Topics = []string{"ihr"} // a form is never replaced while somebody types
	}
	return r.ShowStatus(w, status, page, annexPage(v))
}

func (w words) annex2(p ihr.Annex2Page) annexView {
	x := p.View
	v := annexView{words: w, V: x, P: p, Form: ihr.FormOf(x.Form, w.Lang()), Timeline: w.moments(p.Timeline)}
	v.Head = parts.PageHead{Title: w.T("ihr.annex2.page", "event", x.EventName), Lede: w.T("ihr.path." + x.Path), Note: w.T("ihr.form.version", "version", x.Form),
		Crumbs: []parts.Link{{Text: w.T("ihr.title"), Href: base}, {Text: x.EventName, Href: eventPath(x.Event)}, {Text: w.T("ihr.annex2.title")}}}
	v.Moves = w.moves(p.Offers, ihr.Annex2Path(x.ID), "answer", "finish")
	v.Result = w.annexResult(x)
	v.State = w.annexState(x)
	if x.First != nil || x.Second != nil {
		v.Compare = w.compare(v)
	}
	v.Like = w.precedents(p.Precedents)
	return v
}

// outcomeGrade is the shape of an outcome.
func outcomeGrade(o ihr.Outcome) parts.Grade {
	switch o {
	case ihr.Notify:
		return parts.Warning
	case ihr.Consult:
		return parts.Watch
	case ihr.NoNeed:
		return parts.Good
	}
	return parts.Ungraded
}

func (w words) annexResult(x ihr.Annex2View) *parts.Notice {
	switch {
	case x.Outcome != "":
		return &parts.Notice{Grade: outcomeGrade(x.Outcome), Title: w.T("ihr.decided."+string(x.Outcome), "post", x.DecidedAs, "time", x.DecidedAt), Text: x.Reason}
	case x.State == ihr.Cancelled:
		return &parts.Notice{Grade: parts.Information, Title: w.T("ihr.cancelled"), Text: x.Reason}
	case x.State == ihr.Deciding && len(x.Differs) > 0:
		return &parts.Notice{Grade: parts.Warning, Title: w.T("ihr.differ", "n", len(x.Differs)), Text: w.T("ihr.differ.text")}
	case x.State == ihr.Deciding:
		return &parts.Notice{Grade: parts.Information, Title: w.T("ihr.agree"), Text: w.T("ihr.differ.text")}
	case x.State == ihr.SecondRead && x.First == nil:
		return &parts.Notice{Grade: parts.Information, Title: w.T("ihr.sealed"), Text: w.T("ihr.sealed.text", "post", x.FirstBy)}
	case x.State == ihr.FirstRead && x.First == nil && x.FirstBy != "":
		return &parts.Notice{Grade: parts.Information, Title: w.T("ihr.reading"), Text: w.T("ihr.reading.text", "post", x.FirstBy)}
	}
	return nil
}

func (w words) annexState(x ihr.Annex2View) []parts.Definition {
	out := []parts.Definition{{Term: w.T("risk.field.state"), Text: w.state(x.State)}}
	add := func(key, text string) {
		if text != "" {
			out = append(out, parts.Definition{Term: w.T(key), Text: text})
		}
	}
	if !x.Due.IsZero() {
		add("clock."+x.Clock, w.T("health.due.line", "left", w.Left(x.Due, w.now), "due", x.Due))
	}
	add("ihr.field.hazard", w.T("hazard."+x.Hazard))
	if x.FirstBy != "" {
		add("ihr.first", x.FirstBy)
	}
	if x.SecondBy != "" {
		add("ihr.second", x.SecondBy)
	}
	if !x.Told.IsZero() {
		add("ihr.told", w.T("health.by", "post", x.ToldHow, "time", x.Told))
	}
	return append(out, parts.Definition{Term: w.T("ihr.field.marking"), Text: string(x.Marking)})
}

// compare sets the two readings side by side, as far as the actor may see
// them; where they differ it says so in words.
func (w words) compare(v annexView) parts.Table {
	t := parts.Table{Caption: w.T("ihr.compare"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("ihr.question")}, {Text: w.T("ihr.first")}, {Text: w.T("ihr.second")}}}
	if v.Form == nil {
		return t
	}
	cellOf := func(r *ihr.ReadingView, q string) parts.Cell {
		if r == nil {
			return parts.Cell{Text: w.T("ihr.hidden")}
		}
		if r.Replies[q].Answer == "" {
			return parts.Cell{Text: w.T("ihr.answer.none")}
		}
		return parts.Cell{Text: w.T("ihr.answer." + string(r.Replies[q].Answer)), Note: r.Replies[q].Reason}
	}
	for _, q := range v.Form.Asked(v.V.Path) {
		head := parts.Cell{Text: q.Title}
		if slices.Contains(v.V.Differs, q.ID) {
			head.Note = w.T("ihr.differs")
		}
		t.Rows = append(t.Rows, []parts.Cell{head, cellOf(v.V.First, q.ID), cellOf(v.V.Second, q.ID)})
	}
	result := func(r *ihr.ReadingView) parts.Cell {
		if r == nil {
			return parts.Cell{Text: w.T("ihr.hidden")}
		}
		return parts.Cell{Body: parts.Tag(outcomeGrade(r.Result.Outcome), w.T("ihr.outcome."+string(r.Result.Outcome))),
			Note: w.T("ihr.counted", "yes", r.Result.Yes, "unknown", r.Result.Unknown)}
	}
	t.Rows = append(t.Rows, []parts.Cell{{Text: w.T("ihr.result")}, result(v.V.First), result(v.V.Second)})
	return t
}

func (w words) precedents(list []ihr.Precedent) parts.Table {
	t := parts.Table{Caption: w.T("ihr.precedents"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("ihr.col.event")}, {Text: w.T("ihr.col.answers")},
		{Text: w.T("ihr.col.decision")}, {Text: w.T("ihr.col.when")}}}
	for _, p := range list {
		answers := ""
		for _, q := range []string{ihr.Definition, "q1", "q2", "q3", "q4"} {
			if a := p.Pattern[q]; a != "" {
				if answers != "" {
					answers += " · "
				}
				answers += w.T("ihr.answer." + string(a))
			}
		}
		note := w.T("ihr.same_answers")
		if p.Differs > 0 {
			note = w.T("ihr.one_other")
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: p.View.EventName, Href: ihr.Annex2Path(p.View.ID), Note: w.T("hazard." + p.View.Hazard)},
			{Text: answers, Note: note}, {Body: parts.Tag(outcomeGrade(p.View.Outcome), w.T("ihr.outcome."+string(p.View.Outcome))), Note: p.View.Reason}, {At: p.View.DecidedAt}})
	}
	return t
}

// typed are the answers that the reader gave so far.
func (v annexView) typed() url.Values {
	f := url.Values{}
	r := v.V.First
	if v.P.Reading == "second" {
		r = v.V.Second
	}
	if r == nil {
		return f
	}
	for q, x := range r.Replies {
		f.Set(q, string(x.Answer))
		f.Set(q+".reason", x.Reason)
		for s, a := range x.Subs {
			f.Set(q+"."+s, string(a))
		}
	}
	return f
}

// read keeps or finishes the reading of the actor.
func (g *Pages) read(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	f := r.PostForm
	replies := repliesOf(f)
	said := "ihr.said.saved"
	if f.Get("do") == "finish" {
		said = "ihr.said.finish"
		_, err = g.desk.Finish(r.Context(), r.Actor, aid, version(f), replies)
	} else {
		_, err = g.desk.Answer(r.Context(), r.Actor, aid, version(f), replies)
	}
	if status := again(err); status != 0 {
		return g.showAnnex2(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, said, nil)
	return r.Redirect(w, ihr.Annex2Path(aid))
}

func repliesOf(f url.Values) map[string]ihr.Reply {
	out := map[string]ihr.Reply{}
	for _, q := range ihr.Current().Questions {
		reply := ihr.Reply{Answer: ihr.Answer(f.Get(q.ID)), Reason: text(f.Get(q.ID + ".reason"))}
		for _, s := range q.Subs {
			if a := f.Get(q.ID + "." + s.ID); a != "" {
				if reply.Subs == nil {
					reply.Subs = map[string]ihr.Answer{}
				}
				reply.Subs[s.ID] = ihr.Answer(a)
			}
		}
		if reply.Answer != "" || reply.Reason != "" || len(reply.Subs) > 0 {
			out[q.ID] = reply
		}
	}
	return out
}

// question is one question of the form with what was answered.
type question struct {
	ihr.Question
	Suggest string
}

func (v annexView) questions() []question {
	var out []question
	for _, q := range v.Form.Asked(v.V.Path) {
		x := question{Question: q}
		reply := ihr.Reply{Subs: map[string]ihr.Answer{}}
		any := false
		for _, s := range q.Subs {
			if a := v.Typed.Get(q.ID + "." + s.ID); a != "" {
				reply.Subs[s.ID], any = ihr.Answer(a), true
			}
		}
		if any {
			x.Suggest = v.T("ihr.suggest", "answer", v.T("ihr.answer."+string(reply.Suggested(q))))
			if own := v.Typed.Get(q.ID); own != "" && own != string(reply.Suggested(q)) {
				x.Suggest += " " + v.T("ihr.suggest_differs")
			}
		}
		out = append(out, x)
	}
	return out
}

func (v annexView) answer(name, label string) parts.Choices {
	return parts.Choices{Field: parts.Field{Name: name, Label: label, Error: v.Errors.Of(name)}, Inline: true,
		Options: options(ihr.Answers, ihr.Answer(v.Typed.Get(name)), func(a ihr.Answer) string { return v.T("ihr.answer." + string(a)) })}
}

func (v annexView) reason(q string) parts.TextArea {
	name := q + ".reason"
	return parts.TextArea{Field: parts.Field{Name: name, Label: v.T("ihr.why"), Error: v.Errors.Of(name)}, Value: v.Typed.Get(name), Rows: 2, MaxLength: ihr.MaxReason}
}

// annexPanel is the decision instrument on the page of an own event.
func (g *Pages) annexPanel(r *shell.Request, e health.EventView) (templ.Component, error) {
	list, err := g.desk.Annex2s(r.Context(), r.Actor, e.ID, 20)
	if err != nil {
		return nil, err
	}
	if e.Owner != g.desk.Member() {
		return nil, nil
	}
	v := annexPanelView{words: g.words(r), Event: e.ID, List: list, May: g.desk.MayOpen(r.Actor, e)}
	for _, a := range list {
		v.May = v.May && a.State != ihr.FirstRead && a.State != ihr.SecondRead && a.State != ihr.Deciding
	}
	return annexPanelBody(v), nil
}

type annexPanelView struct {
	words
	Event id.ID
	List  []ihr.Annex2View
	May   bool
}

// line says an assessment in a few words.
func (w words) annexLine(x ihr.Annex2View) string {
	out := w.state(x.State)
	if !x.Due.IsZero() {
		out += " · " + w.T("clock."+x.Clock) + " " + w.Left(x.Due, w.now)
	}
	return out
}
