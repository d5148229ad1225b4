package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/sop"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// runView is a run with its steps.
type runView struct {
	words
	R       *sop.RunPage
	Head    parts.PageHead
	Notices []parts.Notice
	Path    string
	Topic   string
	Steps   parts.Table
	About   []parts.Definition
	Counts  []parts.Figure
	Moves   []parts.Button
	To      []parts.Plate
	Files   []parts.Link
}

func (g *Pages) findRun(r *shell.Request) (sop.RunPage, error) {
	rid, err := r.PathID("id")
	if err != nil {
		return sop.RunPage{}, err
	}
	return g.desk.RunPage(r.Context(), r.Actor, rid)
}

func (g *Pages) run(w http.ResponseWriter, r *shell.Request) error {
	x, err := g.findRun(r)
	if err != nil {
		return err
	}
	v := runView{words: g.words(r), R: &x, Path: r.URL.RequestURI(), Topic: "run:" + string(x.ID), Files: files(sop.RunPath(x.ID)+"/steps", nil)}
	v.Head = parts.PageHead{Title: x.Title, Lede: x.Subject, Meta: runMeta(v), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}},
		Crumbs: []parts.Link{{Text: v.T("sop.runs.title"), Href: runs}, {Text: x.Title}}}
	v.notices()
	v.about()
	v.Steps = v.taskTable(x.Tasks)
	for _, s := range sop.TaskStates {
		if n := *x.Counts.Of(s); n > 0 {
			v.Counts = append(v.Counts, parts.Figure{Label: v.T("sop.task.state." + string(s)), Value: str(n)})
		}
	}
	for _, o := range x.Offers {
		verb := string(o.Verb)
		if verb == "take_back" && slices.Contains(o.Unmet, "sop.told") {
			continue // nobody was told
		}
		v.Moves = append(v.Moves, parts.Button{Text: v.T("sop.run.verb." + verb), Href: sop.RunPath(x.ID) + "/step/" + verb, Unmet: v.unmet(o), Kind: map[bool]parts.Kind{true: parts.Primary}[verb == "close" && len(o.Unmet) == 0]})
	}
	v.To = v.plates(x.To)
	return r.Show(w, shell.Page{Title: x.Title, Topics: []string{v.Topic}, Marking: string(x.Marking)}, runPage(v))
}

func (v *runView) notices() {
	x := v.R
	add := func(g parts.Grade, title, text string) {
		v.Notices = append(v.Notices, parts.Notice{Grade: g, Title: title, Text: text})
	}
	if x.State == sop.Open && x.Over {
		add(parts.Warning, v.T("sop.over"), v.T("sop.say.over", "n", x.Counts.All()-x.Counts.Settled()))
	}
	if !x.Back.IsZero() {
		add(parts.Watch, v.T("sop.say.taken_back", "time", v.Stamp(x.Back)), x.BackWhy)
	}
	if x.State == sop.Abandoned {
		add(parts.Watch, v.T("sop.run.state.abandoned"), x.Reason)
	}
}

func (v *runView) about() {
	x := v.R
	def := func(key, text string) {
		v.About = append(v.About, parts.Definition{Term: v.T(key), Text: text})
	}
	def("sop.col.why", v.why(&x.RunView))
	if !x.Until.IsZero() {
		def("sop.col.until", v.Stamp(x.Until))
	}
	def("sop.col.started", v.Stamp(x.Started))
	if !x.Ended.IsZero() {
		def("sop.col.ended", v.Stamp(x.Ended))
	}
	def("sop.col.version", v.version(x.Number)+", "+sop.Short(x.Digest))
	def("health.field.marking", string(x.Marking))
	if !x.Shared.IsZero() {
		def("sop.col.shared", v.Stamp(x.Shared))
	}
}

// taskTable are the steps of a run with what can be done next.
func (w words) taskTable(list []sop.TaskPage) parts.Table {
	t := parts.Table{Caption: w.T("sop.steps.title"), RowHead: true, Cards: true, Columns: w.cols("step", "who", "due", "state", "doer", "next")}
	for i := range list {
		t.Rows = append(t.Rows, w.taskRow(&list[i], ""))
	}
	return t
}

func (w words) taskRow(x *sop.TaskPage, note string) []parts.Cell {
	state := parts.Cell{Body: w.state(sop.KindTask, x.State)}
	switch {
	case x.Reason != "" && (x.State == sop.Blocked || x.State == sop.Not || x.State == sop.Skipped):
		state.Note = w.T("sop.because", "reason", x.Reason)
	case x.Evidence != "":
		state.Note = x.Evidence
	case len(x.Files) > 0:
		state.Note = x.Files[0].Name
	case len(x.Waits) > 0:
		state.Note = w.T("sop.waits", "steps", strings.Join(x.Waits, ", "))
	}
	if note == "" {
		note = x.Deliverable
	}
	due := w.due(x.Due, settledState(x.State))
	if settledState(x.State) {
		due = parts.Cell{Text: w.stamp(x.Done)}
	} else if x.Late {
		due = parts.Cell{Body: parts.Tag(parts.Emergency, w.T("sop.late")), Note: w.Stamp(x.Due) + ", " + w.Left(x.Due, w.now)}
	}
	doer := parts.Cell{Text: x.Doer}
	if x.Doer == "" {
		doer.Text = "–"
	}
	switch {
	case x.Asked == nil || settledState(x.State):
	case x.Asked.Me:
		doer.Note = w.T("sop.asked.me")
	default:
		doer.Note = w.T("sop.asked.post", "post", x.Asked.Post)
	}
	var next parts.Cell
	if moves := w.nextSteps(x); len(moves) > 0 {
		next.Body = parts.Buttons(w.Printer, moves)
	}
	return []parts.Cell{{Text: x.Code + " " + x.Title, Href: sop.TaskPath(x.ID), Note: note}, {Text: w.T("role." + string(x.Role)), Note: w.T("sop.function." + x.Function)},
		due, state, doer, next}
}

func settledState(s workflow.State) bool {
	return s == sop.Done || s == sop.Verified || s == sop.Not || s == sop.Skipped
}

// straight are the steps that one press takes.
var straight = map[workflow.Verb]bool{"accept": true, "start": true, "unblock": true, "take_over": true, "verify": true}

func (g *Pages) runFile(w http.ResponseWriter, r *shell.Request) error {
	x, err := g.findRun(r)
	if err != nil {
		return err
	}
	return table(w, r, "steps", taskHead, func(row func(...any) error) error {
		for i := range x.Tasks {
			if err := row(taskCells(&x.Tasks[i], x.Title, x.Subject)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// startView asks which playbook starts on which event.
type startView struct {
	words
	Errors parts.Errors
	Books  parts.Select
	Events parts.Select
	None   bool
	Cancel string
}

func (g *Pages) newRun(w http.ResponseWriter, r *shell.Request) error {
	return g.showStart(w, r, http.StatusOK, r.URL.Query(), nil)
}

func (g *Pages) showStart(w http.ResponseWriter, r *shell.Request, status int, form url.Values, cause error) error {
	if !sop.MayStart(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "start")
	}
	v := startView{words: g.words(r), Errors: parts.ErrorsOf(r.Printer, cause), Cancel: runs}
	field := func(name string) parts.Field {
		return parts.Field{Name: name, Label: v.T("sop.field." + name), Hint: v.T("sop.hint." + name), Error: v.Errors.Of(name), Required: true}
	}
	v.Books = parts.Select{Field: field("playbook"), Blank: v.T("health.form.choose")}
	list, _, err := g.desk.ListPlaybooks(r.Context(), r.Actor, sop.Filter{State: sop.Published, Owner: g.desk.Member(), Limit: 200})
	if err != nil {
		return err
	}
	for i := range list {
		v.Books.Options = append(v.Books.Options, parts.Option{Value: string(list[i].ID), Text: list[i].Title + ", " + v.version(list[i].Number), Chosen: string(list[i].ID) == form.Get("playbook")})
	}
	v.None = len(list) == 0
	v.Events = parts.Select{Field: field("event"), Blank: v.T("health.form.choose")}
	rows, _, err := g.health.List(r.Context(), r.Actor, health.Filter{Open: true, Mine: true, Limit: 200})
	if err != nil {
		return err
	}
	for i := range rows {
		v.Events.Options = append(v.Events.Options, parts.Option{Value: string(rows[i].ID), Text: rows[i].Name, Chosen: string(rows[i].ID) == form.Get("event")})
	}
	if e, err := id.Parse(form.Get("event")); err == nil {
		v.Cancel = "/health/events/" + string(e)
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.T("sop.start")}, startPage(v))
}

func chosen(f url.Values, name string) (id.ID, error) {
	x, err := id.Parse(f.Get(name))
	if err != nil {
		return "", &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: name, Key: "fault.sop.choose"}}}
	}
	return x, nil
}

func (g *Pages) start(w http.ResponseWriter, r *shell.Request) error {
	book, err := chosen(r.PostForm, "playbook")
	var event id.ID
	if err == nil {
		event, err = chosen(r.PostForm, "event")
	}
	var x sop.Run
	if err == nil {
		x, err = g.desk.Start(r.Context(), r.Actor, book, event)
	}
	if status := again(err); status != 0 {
		return g.showStart(w, r, status, r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "sop.run.said.start", nil)
	return r.Redirect(w, sop.RunPath(x.ID))
}

func (g *Pages) askRun(w http.ResponseWriter, r *shell.Request) error {
	return g.showRunStep(w, r, http.StatusOK, nil)
}

func (g *Pages) showRunStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	x, err := g.findRun(r)
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	o, ok := offer(x.Offers, verb)
	if !ok {
		return refused(sop.Runs, x.State, verb)
	}
	v := g.ask(r, sop.KindRun, x.Title, sop.RunPath(x.ID), verb, x.Version, o, cause)
	if verb == "take_back" {
		v.Points = []string{v.T("sop.point.back", "members", v.names(x.To)), v.T("sop.point.back.read")}
	}
	if verb == "release" {
		g.members(&v, x.To)
		v.choices(&x)
		v.Points = []string{v.T("sop.point.progress"), v.T("sop.point.no_names"), v.T("sop.point.marking", "marking", string(x.Marking))}
		t := v.preview(&x.Preview)
		v.Preview = &t
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(x.Marking)}, stepPage(v))
}

// preview is what the recipients get, made by the code that makes the release.
func (w words) preview(p *sop.ProgressView) parts.Table {
	t := parts.Table{Caption: w.T("sop.preview"), ShowCaption: true, RowHead: true, Cards: true, Columns: w.cols("step", "state", "due", "done", "because")}
	for _, s := range p.Steps {
		because := s.Because
		if because == "" {
			because = "–"
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: s.Code + " " + s.Title}, {Body: w.state(sop.KindTask, s.State)}, {Text: w.stamp(s.Due)}, {Text: w.stamp(s.Done)}, {Text: because}})
	}
	return t
}

func (g *Pages) stepRun(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	f, verb := r.PostForm, r.PathValue("verb")
	if verb == "release" {
		_, err = g.desk.ReleaseRun(r.Context(), r.Actor, rid, seen(f.Get("version")), recipients(f), chosenFiles(f)...)
	} else if verb == "take_back" {
		_, err = g.desk.TakeBack(r.Context(), r.Actor, rid, seen(f.Get("version")), text(f.Get("reason")))
	} else {
		_, err = g.desk.StepRun(r.Context(), r.Actor, rid, seen(f.Get("version")), workflow.Verb(verb), text(f.Get("reason")))
	}
	if status := again(err); status != 0 {
		return g.showRunStep(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "sop.run.said."+verb, nil)
	return r.Redirect(w, sop.RunPath(rid))
}
