package web

import (
	"net/http"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	shell "lintas/internal/web"
	"lintas/internal/web/live"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// eventView is the page of one event.
type eventView struct {
	words
	E        health.EventView
	Path     string
	Topic    string
	Head     parts.PageHead
	Gone     *parts.Notice // withdrawn, or of another state
	Waits    []parts.Due   // what the actor can and should do about it now
	Figures  []parts.Figure
	Curve    *curveView
	Where    templ.Component
	Facts    parts.Table
	Old      parts.Table
	Earlier  parts.Table // figures that newer ones of the same kind and place follow
	Count    string      // of figures
	Jumps    []parts.Link
	Before   []parts.Moment // of the timeline, older than the newest
	More     parts.Table    // parts of the people, shares
	Bands    []parts.Table
	Tables   []parts.Link
	End      []parts.Definition
	Describe *parts.Button
	Merged   []mergedView
	Timeline []parts.Moment
	Ack      *ackView
	Sent     []noteLine
	Compose  *parts.Button
	Notices  []noteLine
	Asked    []questionLine
	State    []parts.Definition
	Moves    []parts.Button
	Details  []parts.Definition
	Own      bool
	Main     []panelView // of other parts of the node
	Side     []panelView
}

type panelView struct {
	Panel parts.Panel
	Body  templ.Component
}

// ackView is the panel of acknowledgements of one notification.
type ackView struct {
	Panel  string // title of the panel
	Title  string // of the notification
	Count  string
	Href   string
	Acks   []parts.Ack
	Late   string // the sentence that names who is late
	Remind *parts.Button
}

// noteLine is one notification or notice in a list.
type noteLine struct {
	Title, Href, Text string
	Grade             parts.Grade
	State             string
	Plate             parts.Plate
}

// questionLine is a question with its answer.
type questionLine struct {
	Plate                 parts.Plate
	Words, Asked, Href    string
	Answer, Answered, Due string
	May                   bool
}

func (g *Pages) event(w http.ResponseWriter, r *shell.Request) error {
	eid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.EventPage(r.Context(), r.Actor, eid)
	if err != nil {
		return err
	}
	v := g.words(r).event(p)
	v.Path = r.URL.RequestURI()
	for _, panel := range g.deps.Panels {
		body, err := panel.Body(r, p.View)
		if err != nil {
			return err
		}
		if body == nil {
			continue
		}
		made := panelView{parts.Panel{ID: panel.ID, Title: v.T(panel.Title), Live: v.Path, On: v.Topic}, body}
		if panel.Side {
			v.Side = append(v.Side, made)
		} else {
			v.Main = append(v.Main, made)
		}
	}
	if v.Waits, err = g.waiting(r, v.words, eid); err != nil {
		return err
	}
	v.Jumps = v.jumps()
	return r.Show(w, shell.Page{Title: p.View.Name, Topics: []string{v.Topic, "desk"}, Marking: string(p.View.Marking)}, eventPage(v))
}

func (w words) event(p health.Page) eventView {
	e := p.View
	v := eventView{words: w, E: e, Own: p.Own, Topic: "event:" + string(e.ID)}
	v.Head = parts.PageHead{Meta: eventMeta(v), Title: e.Name, Lede: firstLine(e.Summary), Actions: w.eventButtons(p),
		Crumbs: []parts.Link{{Text: w.T("health.list.title"), Href: "/health/events"}, {Text: e.Name}}}
	if e.State == health.Withdrawn {
		v.Gone = &parts.Notice{Grade: parts.Warning, Title: w.T("health.event.withdrawn", "owner", w.name(string(e.Owner))), Text: w.T("health.event.withdrawn.text")}
	} else if e.State == health.Merged {
		v.Gone = &parts.Notice{Grade: parts.Information, Title: w.T("health.event.merged"), Text: w.T("health.event.merged.text")}
		if p.Into != nil {
			v.Gone.Actions = []parts.Button{{Text: p.Into.Name, Small: true, Href: eventPath(p.Into.ID)}}
		}
	} else if !p.Own {
		v.Gone = &parts.Notice{Grade: parts.Information, Title: w.T("health.event.foreign", "owner", w.name(string(e.Owner))),
			Text: w.T("health.event.foreign.text", "version", e.Version, "time", e.Changed)}
	}
	v.Figures = w.figures(e.Facts)
	v.Curve = w.curve(e.Facts)
	v.Where = w.where(e)
	v.Facts, v.Old = w.factTables(e.Facts)
	v.Count = count(len(v.Facts.Rows))
	v.Earlier = w.earlier(&v.Facts)
	w.further(&v, p)
	v.Timeline = w.timeline(p)
	if len(v.Timeline) > newestMoments+newestMoments/2 {
		v.Timeline, v.Before = v.Timeline[:newestMoments], v.Timeline[newestMoments:]
	}
	v.Ack = w.ackPanel(p.Notifications)
	v.State, v.Moves = w.stateOf(p), w.moves(p)
	v.Details = w.details(e, p)
	for _, n := range p.Notifications {
		v.Sent = append(v.Sent, w.sentLine(n))
	}
	for _, n := range p.Notices {
		v.Notices = append(v.Notices, w.noticeRow(n))
	}
	for _, q := range p.Questions {
		v.Asked = append(v.Asked, w.questionLine(q))
	}
	if notifiable(p) {
		v.Compose = &parts.Button{Text: w.T("health.notify.new"), Icon: "megaphone", Kind: parts.Primary, Small: true, Href: eventPath(e.ID) + "/notify"}
	}
	return v
}

func isOpen(s workflow.State) bool {
	for _, o := range health.OpenStates {
		if o == s {
			return true
		}
	}
	return false
}

// eventButtons are what leads to a form; the moves stand beside the state.
func (w words) eventButtons(p health.Page) []parts.Button {
	var out []parts.Button
	path := eventPath(p.View.ID)
	if o, ok := offered(p.Offers, "edit"); ok {
		out = append(out, parts.Button{Text: w.T("health.verb.edit"), Icon: "pencil", Href: path + "/edit", Unmet: w.unmet(o)})
	}
	if o, ok := offered(p.Offers, "add_facts"); ok {
		out = append(out, parts.Button{Text: w.T("health.verb.add_facts"), Icon: "plus", Href: path + "/facts", Unmet: w.unmet(o)},
			parts.Button{Text: w.T("health.grid.open"), Icon: "clipboard-list", Href: path + "/grid", Unmet: w.unmet(o)})
	}
	if notifiable(p) {
		out = append(out, parts.Button{Text: w.T("health.notify.new"), Icon: "megaphone", Kind: parts.Primary, Href: path + "/notify"})
	}
	return out
}

// moves are the steps of the event's table that change its state.
func (w words) moves(p health.Page) []parts.Button {
	var out []parts.Button
	for _, o := range p.Offers {
		if o.To == "" {
			continue
		}
		b := parts.Button{Text: w.T("health.verb." + string(o.Verb)), Small: true, Unmet: w.unmet(o),
			Href: eventPath(p.View.ID) + "/move/" + string(o.Verb)}
		if o.Verb == "merge" { // its page asks for the other event
			b.Href, b.Unmet = eventPath(p.View.ID)+"/merge", nil
		}
		out = append(out, b)
	}
	return out
}

func (w words) stateOf(p health.Page) []parts.Definition {
	out := []parts.Definition{{Term: w.T("health.field.state"), Text: w.state(p.View.State)}}
	if p.Clock != "" && !p.Due.IsZero() {
		out = append(out, parts.Definition{Term: w.T("clock." + p.Clock), Text: w.T("health.due.line", "left", w.Left(p.Due, w.now), "due", p.Due)})
	}
	if p.Reason != "" {
		out = append(out, parts.Definition{Term: w.T("health.field.reason"), Text: p.Reason})
	}
	if s := p.View.State; p.View.Owner == w.self && (s == health.StoodDown || s == health.UnderReview || s == health.Closed) {
		out = append(out, parts.Definition{Term: w.T("health.verb.reopen"), Text: w.T("health.state.reopen")})
	}
	return out
}

// details are the fields that stand in no other panel.
func (w words) details(e health.EventView, p health.Page) []parts.Definition {
	var out []parts.Definition
	add := func(key, text string) {
		if text != "" {
			out = append(out, parts.Definition{Term: w.T("health.field." + key), Text: text})
		}
	}
	add("hazard", w.hazard(e.Hazard))
	add("agent", e.Agent)
	add("icd11", e.ICD11)
	add("icd10", e.ICD10)
	add("glide", e.GLIDE)
	add("onset", w.date(e.Onset))
	add("emergence", w.date(e.Emergence))
	add("detection", w.date(e.Detection))
	add("notified", w.date(e.Notified))
	add("marking", w.marking(e.Marking))
	add("lang", languageName(e.Lang))
	if p.Own {
		add("created", w.T("health.by", "post", p.Created.Post, "time", p.Created.At))
	}
	add("version", w.T("health.version", "n", e.Version, "time", e.Changed))
	if !p.Own && len(p.Notices) > 0 { // the copy is of the newest release
		for _, b := range p.Notices[0].Body.Event.Withheld {
			add("withheld", w.T("block."+string(b)))
		}
	}
	if e.Exercise != "" {
		add("exercise", e.Exercise)
	}
	add("id", string(e.ID))
	return out
}

func (w words) marking(m access.Marking) string {
	return w.T("health.marking.line", "marking", string(m), "meaning", w.T("marking."+markingKey(m)))
}

// ackPanel shows the newest notification that is still in force.
func (w words) ackPanel(sent []health.Sent) *ackView {
	for _, s := range sent {
		if s.State != health.Released {
			continue
		}
		return w.ackOf(s)
	}
	return nil
}

func (w words) ackOf(s health.Sent) *ackView {
	v := &ackView{Title: s.Title, Href: notePath(s.ID), Acks: w.acks(s.Owner, s.Acks, s.Due)}
	answered, asked := parts.Counts(v.Acks)
	v.Panel = w.T("health.ack.title")
	if s.State == health.Withdrawn {
		v.Panel, answered = w.T("health.ack.withdrawal"), 0
		for _, a := range v.Acks {
			if a.State == parts.Read {
				answered++
			}
		}
	}
	v.Count = w.T("ack.count", "answered", answered, "asked", asked)
	if late := s.Late(); len(late) > 0 {
		v.Late = w.T("health.ack.late", "n", len(late), "members", w.members(late), "by", w.Left(s.Due, w.now))
	}
	if o, ok := offered(s.Offers, "remind"); ok && answered < asked {
		v.Remind = &parts.Button{Text: w.T("health.verb.remind.n", "n", asked-answered), Icon: "bell", Small: true, Unmet: w.unmet(o),
			Post: notePath(s.ID) + "/step/remind?back=event", Name: "version", Value: str(s.Version)}
	}
	return v
}

func (w words) sentLine(s health.Sent) noteLine {
	l := noteLine{Title: s.Title, Href: notePath(s.ID), State: w.T("health.state." + string(s.State)), Grade: noteGrade(s.State)}
	switch {
	case s.State == health.Withdrawn:
		l.Text = w.T("health.note.withdrawn", "reason", s.Reason)
	case !s.Released.IsZero():
		l.Text = w.T("health.note.released", "n", len(s.Recipients), "time", s.Released)
	default:
		l.Text = w.T("health.note.draft", "post", s.Changed.Post, "time", s.Changed.At)
	}
	if l.Title == "" {
		l.Title = w.T("health.note.untitled")
	}
	return l
}

// noteGrade colours the state of a notification or notice.
func noteGrade(s workflow.State) parts.Grade {
	switch s {
	case health.Released, health.NoticeAcknowledged:
		return parts.Good
	case health.NationalClearance, health.Cleared, health.NoticeDelivered, health.NoticeOpened:
		return parts.Warning
	case health.NoticeQuestion:
		return parts.Information
	case health.Withdrawn, health.NoticeRefused:
		return parts.Emergency
	}
	return parts.Ungraded
}

func (w words) noticeRow(n health.Notice) noteLine {
	return noteLine{Title: n.Body.Title, Href: "/health/notices/" + string(n.ID), State: w.T("health.state." + string(n.State)),
		Grade: noteGrade(n.State), Plate: w.plate(n.From, parts.Plain),
		Text: w.T("health.notice.line", "from", w.name(string(n.From)), "time", n.Issued)}
}

func (w words) noticeLine(n health.Notice) parts.Definition {
	l := w.noticeRow(n)
	return parts.Definition{Term: l.State, Body: link(l.Href, l.Title), Text: " · " + l.Text}
}

func (w words) questionLine(q health.Question) questionLine {
	l := questionLine{Plate: w.plate(q.From, parts.Plain), Words: q.Words, Href: "/health/questions/" + string(q.ID), Answer: q.Answer,
		Asked: w.T("health.question.by", "member", w.name(string(q.From)), "post", q.AskedAs, "time", q.Asked)}
	if q.State == health.Answered {
		l.Answered = w.T("health.question.answered", "member", w.name(string(q.To)), "post", q.AnsweredAs, "time", q.Answered)
		return l
	}
	l.Due = w.T("health.due.line", "left", w.Left(q.Due, w.now), "due", q.Due)
	l.May = q.To == w.self && w.answers
	return l
}

// reload lets an element fetch itself again when a topic has news.
func reload(path, elementID string, topics ...string) templ.Attributes {
	return templ.Attributes{"hx-get": path, "hx-select": "#" + elementID, "hx-target": "this", "hx-swap": "outerMorph", "hx-trigger": live.Trigger(topics...)}
}
