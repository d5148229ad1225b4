package web

import (
	"net/http"
	"net/url"
	"strings"

	"lintas/internal/desk/health/sop"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

func taskFilter(q url.Values) sop.TaskFilter {
	f := sop.TaskFilter{State: workflow.State(q.Get("state")), Event: id.ID(q.Get("event"))}
	switch q.Get("show") {
	case "all":
	case "late":
		f.Late = true
	case "role":
		f.Role = true
	default:
		f.Mine = true
	}
	return f
}

// mostTasks is how many tasks one page shows.
const mostTasks = 100

func (g *Pages) listTasks(w http.ResponseWriter, r *shell.Request) error {
	rows, err := g.desk.ListTasks(r.Context(), r.Actor, taskFilter(r.URL.Query()))
	if err != nil {
		return err
	}
	v := g.listView(r, tasks)
	v.ID, v.Search, v.Head.Title, v.Head.Lede = "tasks", false, v.T("sop.tasks.title"), v.T("sop.tasks.lede")
	show := parts.Select{Field: parts.Field{Name: "show", Label: v.T("sop.field.show")}}
	for _, s := range []string{"mine", "role", "late", "all"} {
		show.Options = append(show.Options, parts.Option{Value: s, Text: v.T("sop.show." + s), Chosen: r.URL.Query().Get("show") == s})
	}
	v.Selects = []parts.Select{show, v.states(sop.KindTask, sop.TaskStates...)}
	v.Empty = parts.Empty{Title: v.T("sop.tasks.none"), Text: v.T("sop.tasks.none.text"), Action: parts.Button{Text: v.T("sop.show.role"), Href: tasks + "?show=role"}}
	v.Table = parts.Table{Caption: v.Head.Title, RowHead: true, Cards: true, Columns: v.cols("step", "who", "due", "state", "doer", "next")}
	for i := range rows[:min(len(rows), mostTasks)] {
		note := rows[i].Playbook + ", " + rows[i].Subject
		if rows[i].Over {
			note += ". " + v.T("sop.over")
		}
		v.Table.Rows = append(v.Table.Rows, v.taskRow(&rows[i].TaskPage, note))
	}
	if len(rows) > mostTasks {
		v.Note = v.T("health.list.shown", "shown", mostTasks, "total", len(rows))
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

var taskHead = []string{"id", "playbook", "subject", "code", "title", "function", "role", "state", "optional", "due", "late", "doer", "accepted", "begun", "done", "verified", "verified_by", "evidence", "link",
	"blocks", "reason", "asked", "files", "sha256", "marking", "exercise"}

func taskCells(x *sop.TaskPage, playbook, subject string) []any {
	var blocks []string
	for _, b := range x.Blocks {
		blocks = append(blocks, b.Reason)
	}
	var names, sums []string
	for _, f := range x.Files {
		names, sums = append(names, f.Name), append(sums, f.SHA256)
	}
	asked := ""
	if x.Asked != nil {
		asked = x.Asked.Post
	}
	return []any{string(x.ID), playbook, subject, x.Code, x.Title, x.Function, string(x.Role), string(x.State), x.Optional, when(x.Due), x.Late, x.Doer, when(x.Accepted), when(x.Begun), when(x.Done),
		when(x.Verified), x.VerifiedAs, x.Evidence, x.Link, strings.Join(blocks, "; "), x.Reason, asked, strings.Join(names, "; "), strings.Join(sums, "; "), string(x.Marking), x.Exercise}
}

func (g *Pages) tasksFile(w http.ResponseWriter, r *shell.Request) error {
	rows, err := g.desk.ListTasks(r.Context(), r.Actor, taskFilter(r.URL.Query()))
	if err != nil {
		return err
	}
	return table(w, r, "tasks", taskHead, func(row func(...any) error) error {
		for i := range rows {
			if err := row(taskCells(&rows[i].TaskPage, rows[i].Playbook, rows[i].Subject)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// taskView is one step of a run.
type taskView struct {
	words
	T2      *sop.TaskPage
	R       *sop.RunPage
	Head    parts.PageHead
	Notices []parts.Notice
	Path    string
	Topic   string
	About   []parts.Definition
	Went    []parts.Definition
	Moves   []parts.Button
	Blocks  parts.Table
	Said    parts.Table // who was asked and could not
	Files   []fileLine
	Errors  parts.Errors
	Why     string // why most of it is not for the reader, and for whom it is
	Alone   string // that nobody else can be asked

	MayAttach bool
}

func (g *Pages) findTask(r *shell.Request) (sop.TaskPage, sop.RunPage, error) {
	tid, err := r.PathID("id")
	if err != nil {
		return sop.TaskPage{}, sop.RunPage{}, err
	}
	return g.desk.TaskPage(r.Context(), r.Actor, tid)
}

func (g *Pages) task(w http.ResponseWriter, r *shell.Request) error {
	return g.showTask(w, r, http.StatusOK, nil)
}

func (g *Pages) showTask(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	x, run, err := g.findTask(r)
	if err != nil {
		return err
	}
	v := taskView{words: g.words(r), T2: &x, R: &run, Path: sop.TaskPath(x.ID), Topic: "task:" + string(x.ID), Errors: parts.ErrorsOf(r.Printer, cause)}
	title := x.Code + " " + x.Title
	v.Head = parts.PageHead{Title: title, Lede: x.How, Meta: taskMeta(v), Crumbs: []parts.Link{{Text: run.Title, Href: sop.RunPath(run.ID)}, {Text: title}},
		Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}}
	people, err := g.desk.Candidates(r.Context(), r.Actor, x.ID)
	if err != nil {
		return err
	}
	v.notices()
	v.about(people)
	v.went()
	v.evidence()
	v.moves(people)
	return r.ShowStatus(w, status, shell.Page{Title: title, Topics: []string{v.Topic, "run:" + string(run.ID)}, Marking: string(x.Marking)}, taskPage(v))
}

func (v *taskView) notices() {
	x := v.T2
	add := func(g parts.Grade, title, text string) {
		v.Notices = append(v.Notices, parts.Notice{Grade: g, Title: title, Text: text})
	}
	if v.R.State != sop.Open {
		add(parts.Information, v.T("sop.say.run_ended"), "")
	} else if v.R.Over {
		add(parts.Warning, v.T("sop.over"), v.T("sop.say.over_task"))
	}
	switch {
	case x.State == sop.Blocked:
		add(parts.Warning, v.T("sop.task.state.blocked"), x.Reason)
	case x.State == sop.Not:
		add(parts.Watch, v.T("sop.task.state.not_executable"), x.Reason)
	case x.State == sop.Skipped:
		add(parts.Watch, v.T("sop.task.state.skipped"), x.Reason)
	case x.State == sop.Working && x.Reason != "":
		add(parts.Watch, v.T("sop.say.given_back"), x.Reason)
	case x.Late:
		add(parts.Emergency, v.T("sop.late"), v.Stamp(x.Due)+", "+v.Left(x.Due, v.now))
	}
	switch a := x.Asked; {
	case a == nil || settledState(x.State):
	case a.Me:
		add(parts.Watch, v.T("sop.say.asked_me", "by", a.By, "time", v.Stamp(a.At)), a.Words)
	default:
		add(parts.Information, v.T("sop.say.asked", "post", a.Post, "by", a.By, "time", v.Stamp(a.At)), a.Words)
	}
	if n := len(x.Declined); n > 0 && x.Asked == nil && !settledState(x.State) {
		d := &x.Declined[n-1]
		add(parts.Watch, v.T("sop.say.declined", "post", d.Post, "time", v.Stamp(d.Answered)), d.Reason)
	}
	if len(x.Waits) > 0 && !settledState(x.State) {
		add(parts.Information, v.T("sop.waits", "steps", strings.Join(x.Waits, ", ")), "")
	}
}

func (v *taskView) about(people []sop.Person) {
	x := v.T2
	def := func(key, text string) {
		if text != "" {
			v.About = append(v.About, parts.Definition{Term: v.T(key), Text: text})
		}
	}
	def("sop.col.deliverable", x.Deliverable)
	def("sop.col.asks", x.Asks)
	def("sop.col.form", x.Form)
	def("sop.col.who", v.T("role."+string(x.Role))+", "+v.T("sop.function."+x.Function))
	def("sop.col.can", posts(people))
	within := v.clockOf(x)
	if !x.Due.IsZero() {
		within += ": " + v.Stamp(x.Due)
	}
	def("sop.col.due", within)
	def("sop.col.after", strings.Join(x.After, ", "))
	if x.Optional {
		def("sop.col.optional", v.T("sop.optional"))
	}
}

func (v *taskView) went() {
	x := v.T2
	def := func(key, text string) {
		if text != "" && text != "–" {
			v.Went = append(v.Went, parts.Definition{Term: v.T(key), Text: text})
		}
	}
	def("sop.col.doer", x.Doer)
	def("sop.col.accepted", v.stamp(x.Accepted))
	def("sop.col.begun", v.stamp(x.Begun))
	def("sop.col.done", v.stamp(x.Done))
	def("sop.col.evidence", x.Evidence)
	if x.Link != "" {
		v.Went = append(v.Went, parts.Definition{Term: v.T("sop.col.link"), Body: outLink(x.Link)})
	}
	if !x.Verified.IsZero() {
		def("sop.col.verified", v.Stamp(x.Verified)+", "+x.VerifiedAs)
	}
	if len(x.Declined) > 0 {
		v.Said = parts.Table{Caption: v.T("sop.declined.title"), Cards: true, RowHead: true, Columns: v.cols("asked_post", "asked_by", "answered", "because")}
		for i := range x.Declined {
			d := &x.Declined[i]
			v.Said.Rows = append(v.Said.Rows, []parts.Cell{{Text: d.Post}, {Text: d.By, Note: v.Stamp(d.At)}, {Text: v.Stamp(d.Answered)}, {Text: d.Reason}})
		}
	}
	if len(x.Blocks) == 0 {
		return
	}
	v.Blocks = parts.Table{Caption: v.T("sop.blocks.title"), ShowCaption: true, Cards: true, Columns: v.cols("from_time", "to_time", "because")}
	for _, b := range x.Blocks {
		v.Blocks.Rows = append(v.Blocks.Rows, []parts.Cell{{Text: v.Stamp(b.From)}, {Text: v.stamp(b.To)}, {Text: b.Reason}})
	}
}

func (g *Pages) askTask(w http.ResponseWriter, r *shell.Request) error {
	return g.showTaskStep(w, r, http.StatusOK, nil)
}

func (g *Pages) showTaskStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	x, _, err := g.findTask(r)
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	o, ok := offer(x.Offers, verb)
	if !ok {
		return refused(sop.Tasks, x.State, verb)
	}
	v := g.ask(r, sop.KindTask, x.Code+" "+x.Title, sop.TaskPath(x.ID), verb, x.Version, o, cause)
	switch verb {
	case "attach", "detach":
		return r.Redirect(w, sop.TaskPath(x.ID)+"#files")
	case "assign":
		if err := g.candidates(&v, r, &x); err != nil {
			return err
		}
	case "finish":
		v.Finish, v.Evidence, v.HasFile = true, x.Asks, len(x.Files) > 0
		if cause == nil {
			v.Form = url.Values{"evidence": {x.Evidence}, "link": {x.Link}}
		}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(x.Marking)}, stepPage(v))
}

func (g *Pages) stepTask(w http.ResponseWriter, r *shell.Request) error {
	tid, err := r.PathID("id")
	if err != nil {
		return err
	}
	f, verb := r.PostForm, r.PathValue("verb")
	in := sop.TaskInput{Reason: text(f.Get("reason")), Evidence: text(f.Get("evidence")), Link: text(f.Get("link")), Who: id.ID(f.Get("who")), Words: text(f.Get("words"))}
	x, err := g.desk.StepTask(r.Context(), r.Actor, tid, seen(f.Get("version")), workflow.Verb(verb), in)
	if status := again(err); status != 0 && !straight[workflow.Verb(verb)] {
		return g.showTaskStep(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "sop.task.said."+verb, nil)
	if straight[workflow.Verb(verb)] {
		return r.Redirect(w, r.Back(sop.TaskPath(x.ID))) // from a list, back to the list
	}
	return r.Redirect(w, sop.TaskPath(x.ID))
}
