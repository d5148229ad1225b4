package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/verification"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// exchangeView is the page of one exchange.
type exchangeView struct {
	words
	P       verification.Page
	Path    string
	Topic   string
	Head    parts.PageHead
	Banner  *parts.Notice
	Lines   []line
	Clocks  []clockView
	About   []parts.Definition
	Track   []parts.Definition
	Answer  *answerView
	Draft   *answerView
	Preview bool // a draft of a request: what will leave
	Limits  []parts.Definition
	Acts    []act
	History []parts.Moment
	Errors  parts.Errors
	Verb    string // whose form was refused
	Form    url.Values
}

// line is one message of the dialogue.
type line struct {
	Plate                parts.Plate
	Own                  bool
	Say, Who, When, Note string
	Words                []string
	Questions            []verification.Question
	Until                string
	Answer               *answerView
	Grade                parts.Grade
	At                   string
	Receipt              string
	Machine              time.Time
}

// clockView is one clock in words.
type clockView struct {
	Name, Left, Due, Stop string
	Mark                  string
	Grade                 parts.Grade
	At                    time.Time // while it runs
}

// answerView is an answer with its questions.
type answerView struct {
	words
	Outcome  string
	Grade    parts.Grade
	Summary  []string
	Rows     []replyRow
	Evidence parts.Table
	Marking  string
}

type replyRow struct {
	N                int
	Question, Answer string
	Missing          bool
}

// act is one step that the actor may take, with the inputs it needs.
type act struct {
	Verb      string
	Button    parts.Button
	Words     bool // asks for words
	Must      bool
	Reason    bool
	Until     bool
	Questions bool
	Folded    bool
	Hint      string
}

// exchange shows the dialogue. Opening it is what the receipt "opened" reports
// to the asker, as with a notification.
func (g *Pages) exchange(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	if r.Method == http.MethodGet {
		if _, err := g.desk.OpenRequest(r.Context(), r.Actor, rid); err != nil {
			return err
		}
	}
	return g.show(w, r, http.StatusOK, "", nil)
}

func (g *Pages) show(w http.ResponseWriter, r *shell.Request, status int, verb string, cause error) error {
	p, err := g.pageOf(r)
	if err != nil {
		return err
	}
	v := g.words(r).exchange(p)
	v.Verb, v.Errors, v.Form = verb, parts.ErrorsOf(r.Printer, cause), r.PostForm
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Topics: []string{v.Topic}, Marking: string(p.Marking)}, exchangePage(v))
}

func (w words) exchange(p verification.Page) exchangeView {
	v := exchangeView{words: w, P: p, Path: verification.Path(&p.Request), Topic: "verification:" + string(p.ID)}
	title := p.Title
	if title == "" {
		title = w.T("verification.untitled")
	}
	lede := w.T("verification.we_ask", "member", w.name(string(p.To)))
	if !p.Asking() {
		lede = w.T("verification.they_ask", "member", w.name(string(p.From)))
	}
	v.Head = parts.PageHead{Title: title, Meta: exchangeMeta(v), Lede: lede, Crumbs: []parts.Link{{Text: w.T("verification.title"), Href: base}, {Text: title}}}
	for i := range p.Messages {
		v.Lines = append(v.Lines, w.line(&p, &p.Messages[i]))
	}
	if len(v.Lines) > 0 && len(v.Lines[0].Questions) > 0 { // what was heard stands with the questions that it raised
		v.Lines[0].Words = append(paragraphs(p.Context), v.Lines[0].Words...)
	}
	for _, c := range p.Clocks {
		v.Clocks = append(v.Clocks, w.clock(c))
	}
	v.About, v.Track = w.aboutRows(&p), w.track(&p)
	if p.Answer != nil {
		v.Answer = w.answer(&p.Request, p.Answer)
	}
	if p.Draft != nil && !p.Asking() && (p.State == verification.InProgress || p.State == verification.Clearance) {
		v.Draft = w.answer(&p.Request, p.Draft)
	}
	if v.Preview = p.State == verification.Draft; v.Preview {
		v.Limits = []parts.Definition{{Term: w.T("verification.field.first_within"), Text: w.Duration(p.FirstWithin)}, {Term: w.T("verification.field.answer_within"), Text: w.Duration(p.AnswerWithin)}}
	}
	v.Head.Actions = w.back(&p)
	v.Banner, v.Acts = w.banner(&p), w.acts(&p)
	v.History = w.history(&p)
	return v
}

func (w words) line(p *verification.Page, m *verification.Message) line {
	own := m.From == p.Owner
	out := line{Plate: w.plate(m.From, parts.Plain), Own: own, Say: w.T("verification.say." + string(m.Say)), Who: m.Post, When: w.ShortStamp(m.At),
		At: w.Stamp(m.At), Words: paragraphs(m.Words), Questions: m.Questions, Machine: m.At}
	switch {
	case own && m.Delivered.IsZero() && !m.At.IsZero():
		out.Receipt = w.T("verification.on_the_way")
	case own:
		out.Receipt = w.T("verification.delivered", "time", w.ShortStamp(m.Delivered))
	case !m.Received.IsZero() && m.Received.Sub(m.At) > 5*time.Minute:
		out.Receipt = w.T("verification.arrived", "time", w.ShortStamp(m.Received), "late", w.Duration(m.Received.Sub(m.At)))
	}
	if m.ClearedAs != "" {
		out.Note = w.T("verification.cleared_by", "post", m.ClearedAs)
	}
	if !m.Until.IsZero() {
		out.Until = w.T("verification.until", "time", w.Stamp(m.Until))
	}
	if m.Answer != nil {
		out.Grade, out.Answer = outcomeGrade(m.Answer.Outcome), w.answer(&p.Request, m.Answer)
	}
	return out
}

func outcomeGrade(o verification.Outcome) parts.Grade {
	switch o {
	case verification.Confirmed:
		return parts.Warning
	case verification.Refuted:
		return parts.Good
	case verification.Partly:
		return parts.Watch
	}
	return parts.Information
}

func (w words) clock(c verification.Clock) clockView {
	out := clockView{Name: w.T("clock." + c.Name), Due: w.T("verification.due", "time", w.Stamp(c.Due), "local", w.Local(c.Due)), Mark: w.T("verification.mark." + string(c.Mark))}
	switch c.Mark {
	case verification.Running, verification.Missed:
		out.Left, out.At = w.Left(c.Due, w.now), c.Due
	case verification.Stopped:
	default:
		out.Left = w.Duration(c.Passed)
		out.Stop = w.T("verification.came", "time", w.Stamp(c.Stop))
	}
	out.Grade = map[verification.Mark]parts.Grade{verification.Running: parts.Information, verification.Missed: parts.Warning, verification.Met: parts.Good,
		verification.TooLate: parts.Watch}[c.Mark]
	return out
}

func (w words) answer(r *verification.Request, a *verification.Answer) *answerView {
	v := &answerView{words: w, Summary: paragraphs(a.Summary), Grade: outcomeGrade(a.Outcome), Marking: string(a.Marking)}
	if a.Outcome != "" {
		v.Outcome = w.T("verification.outcome." + string(a.Outcome))
	}
	for _, q := range r.Questions {
		x := a.Reply(q.N)
		row := replyRow{N: q.N, Question: q.Text, Answer: x.Text, Missing: !x.Given()}
		if x.Unknown {
			row.Answer = strings.TrimSpace(w.T("verification.not_known") + " " + x.Text)
		}
		v.Rows = append(v.Rows, row)
	}
	v.Evidence = parts.Table{Caption: w.T("verification.evidence.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("verification.evidence.kind")},
		{Text: w.T("verification.evidence.text")}, {Text: w.T("verification.evidence.source")}, {Text: w.T("verification.evidence.as_of")}}}
	for _, e := range a.Evidence {
		v.Evidence.Rows = append(v.Evidence.Rows, []parts.Cell{{Text: w.T("verification.evidence." + e.Kind)}, {Text: e.Text}, {Text: e.Source}, {Text: w.day(e.AsOf)}})
	}
	return v
}

// back is the way to the record that made somebody ask.
func (w words) back(p *verification.Page) []parts.Button {
	switch {
	case p.Signal != "":
		return []parts.Button{{Text: w.T("verification.back_signal"), Icon: "inbox", Href: "/health/signals/" + string(p.Signal)}}
	case p.Event != "" && p.Asking():
		return []parts.Button{{Text: w.T("verification.back_event"), Icon: "siren", Href: "/health/events/" + string(p.Event)}}
	}
	return nil
}

// day is a day as pages write it; what is none stays as it came.
func (w words) day(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return w.Day(t)
}

func (w words) aboutRows(p *verification.Page) []parts.Definition {
	out := []parts.Definition{}
	add := func(key, text string) {
		if text != "" {
			out = append(out, parts.Definition{Term: w.T("verification.field." + key), Text: text})
		}
	}
	add("hazard", w.hazard(p.Hazard))
	add("where", w.where(p.Where))
	add("marking", string(p.Marking))
	if p.Event != "" {
		out = append(out, parts.Definition{Term: w.T("verification.field.event"), Body: link("/health/events/"+string(p.Event), w.T("verification.to_event"))})
	}
	if p.Signal != "" {
		out = append(out, parts.Definition{Term: w.T("verification.field.signal"), Body: link("/health/signals/"+string(p.Signal), w.T("verification.to_signal"))})
	}
	return out
}

// track is how far the exchange has come: receipts, reminders, extension.
func (w words) track(p *verification.Page) []parts.Definition {
	out := []parts.Definition{{Term: w.T("verification.field.state"), Text: w.state(&p.Request)}}
	add := func(key, text string) {
		out = append(out, parts.Definition{Term: w.T("verification.field." + key), Text: text})
	}
	if p.Round > 1 {
		add("round", str(p.Round))
	}
	if !p.Asked.IsZero() {
		delivered, opened := w.T("verification.not_yet"), w.T("verification.not_yet")
		if !p.Delivered.IsZero() {
			delivered = w.Stamp(p.Delivered)
		}
		if !p.Opened.IsZero() {
			opened = w.T("verification.by", "post", p.OpenedAs, "time", w.Stamp(p.Opened))
		}
		add("delivered", delivered)
		add("opened", opened)
	}
	if p.Reminders > 0 {
		add("reminders", w.T("verification.reminded", "n", p.Reminders, "time", w.Stamp(p.Reminded)))
	}
	if e := p.Extension; e != nil {
		key := "verification.extension.open"
		if !e.Open() && e.Granted {
			key = "verification.extension.granted"
		} else if !e.Open() {
			key = "verification.extension.declined"
		}
		add("extension", w.T("verification.until", "time", w.Stamp(e.Until))+" · "+w.T(key))
	}
	return out
}

// banner says where the exchange stands when it needs saying.
func (w words) banner(p *verification.Page) *parts.Notice {
	peer := w.name(string(p.Peer()))
	switch {
	case p.State == verification.Withdrawn && !p.Crossed.IsZero():
		return &parts.Notice{Grade: parts.Warning, Title: w.T("verification.banner.crossed"), Text: w.T("verification.banner.crossed.text", "reason", p.Reason)}
	case p.State == verification.Withdrawn:
		return &parts.Notice{Grade: parts.Warning, Title: w.T("verification.banner.withdrawn"), Text: p.Reason}
	case p.State == verification.Refused:
		return &parts.Notice{Grade: parts.Watch, Title: w.T("verification.banner.refused"), Text: p.Reason}
	case p.State == verification.Closed:
		return &parts.Notice{Grade: parts.Information, Title: w.T("verification.banner.closed"), Text: p.Reason}
	case p.State == verification.InProgress && p.Reason != "":
		return &parts.Notice{Grade: parts.Warning, Title: w.T("verification.banner.returned"), Text: p.Reason}
	case p.State == verification.Clearance:
		return &parts.Notice{Grade: parts.Information, Title: w.T("verification.banner.clearance"), Text: w.T("verification.banner.clearance.text")}
	case p.Late && p.Asking():
		return &parts.Notice{Grade: parts.Warning, Title: w.T("verification.banner.overdue", "member", peer), Text: w.T("verification.banner.seen")}
	case p.Late:
		return &parts.Notice{Grade: parts.Warning, Title: w.T("verification.banner.overdue_us", "member", peer), Text: w.T("verification.banner.seen")}
	}
	return nil
}

func (w words) history(p *verification.Page) []parts.Moment {
	var out []parts.Moment
	for i := len(p.History) - 1; i >= 0; i-- {
		e := p.History[i]
		m := parts.Moment{At: e.At, Kind: parts.Report, Title: w.T("action." + e.Action), Text: e.Actor}
		if e.Actor == "node" {
			m.Text = w.T("verification.by_node")
		}
		if e.Index < p.Sealed.Size {
			m.Signed = w.T("verification.signed", "entry", e.Index+1)
		}
		out = append(out, m)
	}
	return out
}

// actOf says for each verb what its form asks for, in the order of the panel.
var actOf = []act{
	{Verb: "send", Button: parts.Button{Kind: parts.Primary, Icon: "send"}},
	{Verb: "first_reply", Words: true, Must: true, Button: parts.Button{Kind: parts.Primary, Icon: "send"}},
	{Verb: "submit", Button: parts.Button{Kind: parts.Primary}},
	{Verb: "clear", Button: parts.Button{Kind: parts.Primary, Icon: "badge-check"}},
	{Verb: "return", Reason: true, Must: true, Folded: true},
	{Verb: "grant", Words: true, Button: parts.Button{Kind: parts.Primary}},
	{Verb: "decline", Words: true, Must: true, Folded: true},
	{Verb: "remind", Words: true},
	{Verb: "close", Words: true, Button: parts.Button{Kind: parts.Primary}},
	{Verb: "ask_again", Questions: true, Words: true, Folded: true},
	{Verb: "amend", Folded: true},
	{Verb: "ask_extension", Until: true, Words: true, Must: true, Folded: true},
	{Verb: "write", Words: true, Must: true, Folded: true},
	{Verb: "recall", Folded: true},
	{Verb: "refuse", Reason: true, Must: true, Folded: true, Button: parts.Button{Kind: parts.Danger}},
	{Verb: "withdraw", Reason: true, Must: true, Folded: true, Button: parts.Button{Kind: parts.Danger}},
	{Verb: "discard", Folded: true, Button: parts.Button{Kind: parts.Danger}},
}

// acts are the forms of the steps that the table offers now. The extension is
// decided only where one was asked for, and a reminder makes sense once
// something is late.
func (w words) acts(p *verification.Page) []act {
	var out []act
	for _, a := range actOf {
		o, ok := p.Offered(workflow.Verb(a.Verb))
		if !ok || (a.Verb == "grant" || a.Verb == "decline" || a.Verb == "ask_extension") && len(o.Unmet) > 0 && !onlySpare(o.Unmet) {
			continue
		}
		a.Button.Text, a.Button.Unmet = w.T("verification.verb."+a.Verb), w.unmet(o)
		a.Folded = a.Folded || a.Verb == "remind" && !p.Late || a.Verb == "first_reply" && !p.First.IsZero()
		if key := "verification.act." + a.Verb; w.Has(key) {
			a.Hint = w.T(key)
		}
		out = append(out, a)
	}
	return out
}

func onlySpare(unmet []string) bool {
	for _, n := range unmet {
		if !spare[n] {
			return false
		}
	}
	return true
}

// EventPanel is what the page of an event shows of this part; nil for nothing.
func (g *Pages) EventPanel(r *shell.Request, e health.EventView) (templ.Component, error) {
	rows, may, err := g.eventRequests(r, e)
	if err != nil || len(rows) == 0 && !may {
		return nil, err
	}
	return eventPanel(g.words(r), rows, may, base+"/new?event="+url.QueryEscape(string(e.ID))), nil
}
