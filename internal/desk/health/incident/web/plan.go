package web

import (
	"net/http"
	"net/url"
	"slices"

	"lintas/internal/desk/health/incident"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// plansView is the operational periods of an incident.
type plansView struct {
	frame
	Table      parts.Table
	Objectives parts.Table
	Begin      bool
	Begun      *incident.PlanView
}

func planPath(p *incident.PlanView) string { return incident.PlanPath(&p.Plan) }

func (w words) planName(p *incident.Plan) string {
	if p.Edition > 1 {
		return w.T("incident.plan.edition", "number", p.Number, "edition", p.Edition)
	}
	return w.T("incident.plan.name", "number", p.Number)
}

func (w words) planTag(p *incident.Plan) (parts.Grade, string) {
	grade := map[workflow.State]parts.Grade{incident.InForce: parts.Good, incident.Approved: parts.Information, incident.Submitted: parts.Watch}[p.State]
	if p.State == incident.InForce && p.To.Before(w.now) {
		return parts.Warning, w.T("incident.plan.past")
	}
	return grade, w.state(p.State)
}

func (g *Pages) plans(w http.ResponseWriter, r *shell.Request) error {
	f, err := g.book(r, "plans")
	if err != nil {
		return err
	}
	v := plansView{frame: f, Objectives: f.objectives(true), Begun: f.B.Begun()}
	v.Begin = f.B.Works && v.Begun == nil && f.B.State != incident.Closed
	v.Table = parts.Table{Caption: f.T("incident.tab.plans"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: f.T("incident.col.plan")}, {Text: f.T("incident.col.span")}, {Text: f.T("incident.col.state")},
		{Text: f.T("incident.objectives"), Number: true}, {Text: f.T("incident.col.written")}, {Text: f.T("incident.col.approved")}}}
	for i := range f.B.Plans {
		p := &f.B.Plans[i]
		grade, state := f.planTag(&p.Plan)
		row := []parts.Cell{{Text: f.planName(&p.Plan), Href: planPath(p)}, {Text: f.span(p.From, p.To)}, {Body: parts.Tag(grade, state)}, {Text: str(len(p.Objectives))}, {Text: p.WrittenAs}, {Text: "–"}}
		if !p.Approved.IsZero() {
			row[5] = parts.Cell{Text: p.ApprovedAs, Note: f.Stamp(p.Approved)}
		}
		v.Table.Rows = append(v.Table.Rows, row)
	}
	return r.Show(w, f.page(), plansPage(v))
}

func (g *Pages) draft(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.Draft(r.Context(), r.Actor, iid)
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.draft", nil)
	return r.Redirect(w, incident.PlanPath(&p)+"/edit")
}

func (g *Pages) amend(w http.ResponseWriter, r *shell.Request) error {
	pid, err := r.PathID("plan")
	if err != nil {
		return err
	}
	p, err := g.desk.Amend(r.Context(), r.Actor, pid)
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.amend", nil)
	return r.Redirect(w, incident.PlanPath(&p)+"/edit")
}

func (g *Pages) findPlan(r *shell.Request) (frame, *incident.PlanView, error) {
	f, err := g.book(r, "plans")
	if err != nil {
		return f, nil, err
	}
	p := f.B.Plan(id.ID(r.PathValue("plan")))
	if p == nil {
		return f, nil, fault.New(fault.NotFound, "fault.not_found")
	}
	f.Head.Crumbs = []parts.Link{{Text: f.T("incident.list.title"), Href: base}, {Text: f.B.Name, Href: f.path()}, {Text: f.T("incident.tab.plans"), Href: f.path() + "/plans"}, {Text: f.planName(&p.Plan)}}
	return f, p, nil
}

// planView is one edition of an action plan.
type planView struct {
	frame
	P           *incident.PlanView
	Grade       parts.Grade
	State       string
	Facts       []parts.Definition
	Objectives  parts.Table
	Assignments parts.Table
	Channels    parts.Table
	Texts       []parts.Definition
	Changes     parts.Table
	Moves       []parts.Button
}

// tables are the parts of a plan, the same on the page and on paper.
func (f *frame) tables(p *incident.Plan) (objectives, assignments, channels parts.Table) {
	col := func(keys ...string) (out []parts.Column) {
		for _, k := range keys {
			out = append(out, parts.Column{Text: f.T(k)})
		}
		return out
	}
	objectives = parts.Table{Caption: f.T("incident.objectives"), RowHead: true, Cards: true, Columns: col("incident.field.o_text", "incident.field.o_measure", "incident.field.o_function", "incident.field.o_due")}
	for _, o := range p.Objectives {
		due := parts.Cell{Text: "–"}
		if !o.Due.IsZero() {
			due = parts.Cell{At: o.Due}
		}
		objectives.Rows = append(objectives.Rows, []parts.Cell{{Text: o.Text}, {Text: o.Measure}, {Text: f.function(o.Function)}, due})
	}
	assignments = parts.Table{Caption: f.T("incident.assignments"), RowHead: true, Cards: true, Columns: col("incident.field.a_function", "incident.field.a_task", "incident.field.a_resources", "incident.field.a_place", "incident.field.a_special")}
	for _, a := range p.Assignments {
		assignments.Rows = append(assignments.Rows, []parts.Cell{{Text: f.function(a.Function)}, {Text: a.Task}, {Text: a.Resources}, {Text: a.Place}, {Text: a.Special}})
	}
	channels = parts.Table{Caption: f.T("incident.channels"), RowHead: true, Cards: true, Columns: col("incident.field.c_function", "incident.field.c_means", "incident.field.c_number", "incident.field.c_note")}
	for _, c := range p.Channels {
		channels.Rows = append(channels.Rows, []parts.Cell{{Text: f.function(c.Function)}, {Text: c.Means}, {Text: c.Number}, {Text: c.Note}})
	}
	return objectives, assignments, channels
}

// changes are what an amendment does differently, marked by what happened.
func (f *frame) changes(p *incident.PlanView) parts.Table {
	t := parts.Table{Caption: f.T("incident.changes"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: f.T("incident.col.part")}, {Text: f.T("incident.col.was")}, {Text: f.T("incident.col.now")}}}
	for _, c := range p.Changes {
		part := f.T("incident.part." + c.Part)
		if c.Row > 0 {
			part = f.T("incident.part.row", "part", part, "n", c.Row)
		}
		row := []parts.Cell{{Text: part}, {Text: c.Was}, {Text: c.Now}}
		if c.Was == "" {
			row[1] = parts.Cell{Body: parts.Tag(parts.Good, f.T("incident.change.added"))}
		}
		if c.Now == "" {
			row[2] = parts.Cell{Body: parts.Tag(parts.Warning, f.T("incident.change.removed"))}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (g *Pages) plan(w http.ResponseWriter, r *shell.Request) error {
	f, p, err := g.findPlan(r)
	if err != nil {
		return err
	}
	v := planView{frame: f, P: p}
	v.Head.Title = f.planName(&p.Plan)
	v.Head.Actions[0].Href += "?plan=" + string(p.ID)
	v.Grade, v.State = f.planTag(&p.Plan)
	v.Objectives, v.Assignments, v.Channels = f.tables(&p.Plan)
	v.Changes = f.changes(p)
	def := func(term, text string) {
		if text != "" {
			v.Facts = append(v.Facts, parts.Definition{Term: f.T(term), Text: text})
		}
	}
	def("incident.col.span", f.span(p.From, p.To))
	def("incident.col.written", p.WrittenAs)
	if !p.Approved.IsZero() {
		def("incident.col.approved", p.ApprovedAs+", "+f.Stamp(p.Approved))
	}
	if !p.Began.IsZero() {
		def("incident.col.began", f.Stamp(p.Began))
	}
	if !p.Ended.IsZero() {
		def("incident.col.ended", f.Stamp(p.Ended))
	}
	def("incident.field.why", p.Why)
	if p.State == incident.Draft && p.Reason != "" {
		def("incident.returned", p.Reason)
	}
	v.Texts = f.texts(&p.Plan)
	v.moves()
	return r.Show(w, f.page(), planPage(v))
}

func (f *frame) texts(p *incident.Plan) []parts.Definition {
	var out []parts.Definition
	for _, x := range []struct{ key, text string }{{"situation", p.Situation}, {"safety", p.Safety}, {"weather", p.Weather}, {"other", p.Other}} {
		if x.text != "" {
			out = append(out, parts.Definition{Term: f.T("incident.field." + x.key), Body: lines(f.B.Lang, paragraphs(x.text))})
		}
	}
	return out
}

func (v *planView) moves() {
	path := planPath(v.P)
	for _, o := range v.P.Offers {
		verb := string(o.Verb)
		b := parts.Button{Text: v.T("incident.verb.plan." + verb), Href: path + "/step/" + verb, Unmet: v.unmet(o)}
		switch verb {
		case "edit":
			b.Href = path + "/edit"
		case "submit", "approve", "begin":
			b.Kind = parts.Primary
		}
		v.Moves = append(v.Moves, b)
	}
	if s := v.P.State; v.B.Works && (s == incident.InForce || s == incident.Approved) && v.B.Begun() == nil {
		v.Moves = append(v.Moves, parts.Button{Text: v.T("incident.verb.plan.amend"), Post: path + "/amend"})
	}
}

// planForm writes a draft. Its tables have empty rows at the end; saving gives
// more of them.
type planForm struct {
	form
	P           *incident.PlanView
	Objectives  int
	Assignments int
	Channels    int
	Of          []string
}

func (v planForm) function(name string) parts.Select {
	return v.pick(name, true, "", v.functions(v.Of))
}

// fill writes the rows of a plan into the form.
func fill(f url.Values, in *incident.PlanInput) {
	for i, o := range in.Objectives {
		n := "." + str(i+1)
		f.Set("o_id"+n, string(o.ID))
		f.Set("o_text"+n, o.Text)
		f.Set("o_measure"+n, o.Measure)
		f.Set("o_function"+n, o.Function)
		f.Set("o_due"+n, stamp(o.Due))
	}
	for i, a := range in.Assignments {
		n := "." + str(i+1)
		f.Set("a_function"+n, a.Function)
		f.Set("a_task"+n, a.Task)
		f.Set("a_resources"+n, a.Resources)
		f.Set("a_place"+n, a.Place)
		f.Set("a_special"+n, a.Special)
	}
	for i, c := range in.Channels {
		n := "." + str(i+1)
		f.Set("c_function"+n, c.Function)
		f.Set("c_means"+n, c.Means)
		f.Set("c_number"+n, c.Number)
		f.Set("c_note"+n, c.Note)
	}
}

// planInput reads the form; a row without words is none.
func planInput(f url.Values) incident.PlanInput {
	in := incident.PlanInput{From: moment(f.Get("from")), To: moment(f.Get("to")), Situation: text(f.Get("situation")), Safety: text(f.Get("safety")), Weather: text(f.Get("weather")), Other: text(f.Get("other")), Why: text(f.Get("why"))}
	for i := 1; i <= incident.MaxRows+1; i++ {
		n := "." + str(i)
		get := func(k string) string { return text(f.Get(k + n)) }
		if get("o_text")+get("o_measure") != "" {
			in.Objectives = append(in.Objectives, incident.Objective{ID: id.ID(get("o_id")), Text: get("o_text"), Measure: get("o_measure"), Function: get("o_function"), Due: moment(f.Get("o_due" + n))})
		}
		if get("a_task")+get("a_resources")+get("a_place")+get("a_special") != "" {
			in.Assignments = append(in.Assignments, incident.Assignment{Function: get("a_function"), Task: get("a_task"), Resources: get("a_resources"), Place: get("a_place"), Special: get("a_special")})
		}
		if get("c_means")+get("c_number")+get("c_note") != "" {
			in.Channels = append(in.Channels, incident.Channel{Function: get("c_function"), Means: get("c_means"), Number: get("c_number"), Note: get("c_note")})
		}
	}
	return in
}

func (g *Pages) editPlan(w http.ResponseWriter, r *shell.Request) error {
	f, p, err := g.findPlan(r)
	if err != nil {
		return err
	}
	in := incident.PlanInput{From: p.From, To: p.To, Situation: p.Situation, Safety: p.Safety, Weather: p.Weather, Other: p.Other, Why: p.Why, Objectives: p.Objectives, Assignments: p.Assignments, Channels: p.Channels}
	return g.showPlanForm(w, r, http.StatusOK, &f, p, &in, p.Version, nil)
}

func (g *Pages) showPlanForm(w http.ResponseWriter, r *shell.Request, status int, f *frame, p *incident.PlanView, in *incident.PlanInput, seen int, cause error) error {
	if _, ok := offered(p.Offers, "edit"); !ok {
		_, known := incident.Plans.Find(p.State, "edit")
		return refusal(known, "edit", p.State)
	}
	path := planPath(p)
	v := planForm{form: form{words: f.words, Action: path + "/edit", Cancel: path, Errors: errorsOf(r.Printer, cause), Save: f.T("incident.save")}, P: p, Of: f.B.Functions}
	v.Form = url.Values{"from": {stamp(in.From)}, "to": {stamp(in.To)}, "situation": {in.Situation}, "safety": {in.Safety}, "weather": {in.Weather}, "other": {in.Other}, "why": {in.Why}, "version": {str(seen)}}
	fill(v.Form, in)
	v.Objectives, v.Assignments, v.Channels = min(len(in.Objectives)+3, incident.MaxRows), min(len(in.Assignments)+3, incident.MaxRows), min(len(in.Channels)+3, incident.MaxRows)
	v.Title, v.Lede = f.planName(&p.Plan), f.T("incident.plan.lede")
	v.Crumbs = slices.Concat(f.Head.Crumbs[:3], []parts.Link{{Text: f.planName(&p.Plan), Href: path}, {Text: f.T("incident.verb.plan.edit")}})
	return r.ShowStatus(w, status, f.page(), planFormPage(v))
}

func (g *Pages) savePlan(w http.ResponseWriter, r *shell.Request) error {
	f, p, err := g.findPlan(r)
	if err != nil {
		return err
	}
	in, seen := planInput(r.PostForm), version(r.PostForm.Get("version"))
	_, err = g.desk.EditPlan(r.Context(), r.Actor, p.ID, seen, in)
	if status := again(err); status != 0 {
		return g.showPlanForm(w, r, status, &f, p, &in, max(seen, 0), err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.plan.edit", nil)
	if r.PostForm.Get("then") == "more" {
		return r.Redirect(w, planPath(p)+"/edit")
	}
	return r.Redirect(w, planPath(p))
}

func (g *Pages) askPlan(w http.ResponseWriter, r *shell.Request) error {
	return g.showPlanStep(w, r, http.StatusOK, nil)
}

func (g *Pages) showPlanStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	f, p, err := g.findPlan(r)
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	o, ok := offered(p.Offers, workflow.Verb(verb))
	if !ok || verb == "edit" {
		_, known := incident.Plans.Find(p.State, workflow.Verb(verb))
		return refusal(known, verb, p.State)
	}
	v := f.stepOf(r, "plan", verb, planPath(p)+"/step/"+verb, planPath(p), p.Version, o, cause)
	v.Points = []string{f.planName(&p.Plan) + ", " + f.span(p.From, p.To)}
	switch {
	case verb == "return":
		v.why(true)
	case verb == "close" && p.To.After(f.now):
		v.Points = append(v.Points, f.T("incident.close_early", "left", f.Left(p.To, f.now)))
		v.why(true)
	}
	return r.ShowStatus(w, status, f.page(), stepPage(v))
}

func (g *Pages) stepPlan(w http.ResponseWriter, r *shell.Request) error {
	pid, err := r.PathID("plan")
	if err != nil {
		return err
	}
	q, verb := r.PostForm, r.PathValue("verb")
	p, err := g.desk.StepPlan(r.Context(), r.Actor, pid, version(q.Get("version")), workflow.Verb(verb), text(q.Get("reason")))
	if status := again(err); status != 0 {
		return g.showPlanStep(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.plan."+verb, nil)
	if verb == "discard" {
		return r.Redirect(w, incident.Path(p.Incident)+"/plans")
	}
	return r.Redirect(w, incident.PlanPath(&p))
}
