package sop

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// ListRuns are the runs that the actor may see.
func (d *Desk) ListRuns(ctx context.Context, actor access.Actor, f Filter) ([]RunView, Key, error) {
	var out []RunView
	var next Key
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var w where
		w.add(f.State != "", "state = ?", string(f.State))
		w.add(f.Open, "state = ?", string(Open))
		w.add(f.Code != "", "code = ?", f.Code)
		w.add(f.Event != "", "(event = ? OR scope = ?)", string(f.Event), string(f.Event))
		w.words(f.Query)
		r, now := reach(actor), d.env.Clock.Now()
		list, k, err := paged(ctx, tx, `SELECT doc FROM sop_run`, "started", w, &f, func(x *Run) bool { return seesRun(r, &x.Head) },
			func(x *Run) Key { return Key{clock.Micros(x.Started), x.ID} })
		if err != nil {
			return err
		}
		next = k
		for i := range list {
			tasks, err := tasksOf(ctx, tx, list[i].ID)
			if err != nil {
				return err
			}
			out = append(out, viewRun(&list[i], count(tasks, now), now))
		}
		return nil
	})
	return out, next, err
}

// RunPage is a run with its tasks as an actor sees them.
type RunPage struct {
	RunView
	Tasks  []TaskPage
	Offers []workflow.Offer
	// Preview is what the recipients get when the progress is released now.
	Preview ProgressView
	Sent    []id.ID // files of steps that the recipients were sent
}

// TaskPage is a task with the buttons for the actor.
type TaskPage struct {
	TaskView
	Offers []workflow.Offer
}

// RunPage reads a run.
func (d *Desk) RunPage(ctx context.Context, actor access.Actor, rid id.ID) (RunPage, error) {
	var out RunPage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := loadRun(ctx, tx, rid)
		if err == nil && !seesRun(reach(actor), &r.Head) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		list, err := tasksOf(ctx, tx, rid)
		if err != nil {
			return err
		}
		now := d.env.Clock.Now()
		bare := r
		bare.Sent = nil // the preview is of a release to which nobody has added a file
		out = RunPage{RunView: viewRun(&r, count(list, now), now), Offers: Runs.Offers(r, actor, now), Preview: viewProgress(&bare, list, now)}
		for _, s := range r.Sent {
			out.Sent = append(out.Sent, s.Blob)
		}
		for i := range list {
			list[i].within(&r, list)
			out.Tasks = append(out.Tasks, TaskPage{viewTask(&list[i], actor, now), Tasks.Offers(list[i], actor, now)})
		}
		return nil
	})
	return out, err
}

// TaskPage reads a task with its run.
func (d *Desk) TaskPage(ctx context.Context, actor access.Actor, tid id.ID) (TaskPage, RunPage, error) {
	var t Task
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		t, err = one[Task](ctx, tx, `SELECT doc FROM sop_task WHERE id = ?`, string(tid))
		return err
	})
	if err != nil {
		return TaskPage{}, RunPage{}, err
	}
	r, err := d.RunPage(ctx, actor, t.Run)
	if err != nil {
		return TaskPage{}, r, err
	}
	i := slices.IndexFunc(r.Tasks, func(x TaskPage) bool { return x.ID == tid })
	if i < 0 {
		return TaskPage{}, r, desk.NotFound()
	}
	return r.Tasks[i], r, nil
}

// TaskFilter narrows the list of tasks of open runs.
type TaskFilter struct {
	Mine  bool // accepted by the actor, or the actor is asked to
	Role  bool // for a role that the actor has, and accepted by nobody
	Late  bool
	State workflow.State
	Event id.ID
}

// TaskRow is a task in the list over all open runs.
type TaskRow struct {
	TaskPage
	Subject, Playbook string
	Over              bool
}

// ListTasks are the tasks of open runs, those that are due first at the top.
func (d *Desk) ListTasks(ctx context.Context, actor access.Actor, f TaskFilter) ([]TaskRow, error) {
	var out []TaskRow
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		runs, err := docs[Run](ctx, tx, `SELECT doc FROM sop_run WHERE state = ? ORDER BY started, id LIMIT 1000`, string(Open))
		if err != nil {
			return err
		}
		all, err := docs[Task](ctx, tx, `SELECT doc FROM sop_task WHERE run IN (SELECT id FROM sop_run WHERE state = ?) ORDER BY n, id`, string(Open))
		if err != nil {
			return err
		}
		of := map[id.ID][]Task{}
		for _, t := range all {
			of[t.Run] = append(of[t.Run], t)
		}
		reaches, now := reach(actor), d.env.Clock.Now()
		for i := range runs {
			r := &runs[i]
			if !seesRun(reaches, &r.Head) || f.Event != "" && r.Event != f.Event {
				continue
			}
			list := of[r.ID]
			for j := range list {
				t := &list[j]
				t.within(r, list)
				if f.takes(t, actor, now) {
					out = append(out, TaskRow{TaskPage{viewTask(t, actor, now), Tasks.Offers(*t, actor, now)}, r.Subject, r.Title, r.IsOver(now)})
				}
			}
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b TaskRow) int {
		if a.Due.IsZero() != b.Due.IsZero() {
			return map[bool]int{true: 1, false: -1}[a.Due.IsZero()]
		}
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Run, b.Run), cmp.Compare(a.N, b.N))
	})
	return out, err
}

func (f *TaskFilter) takes(t *Task, actor access.Actor, now time.Time) bool {
	switch {
	case f.Mine && (t.Doer != actor.Account && t.asked != actor.Account || settled(t.State)),
		f.Role && (t.State != Planned || !actor.Has(t.Role, t.Place)),
		f.Late && !late(t.Due, now),
		f.State != "" && t.State != f.State:
		return false
	}
	return true
}

// Todos lists what the actor can and should do now: accepted steps, steps of
// the own role that can begin, finished steps that wait for a second look, and
// playbooks that wait for a second reader.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	if !Capabilities.May(actor, "sop.read") {
		return nil, nil
	}
	rows, err := d.ListTasks(ctx, actor, TaskFilter{})
	if err != nil {
		return nil, err
	}
	var out []desk.Todo
	approver := actor.HasAny(releasers...)
	for i := range rows {
		t := &rows[i]
		what, last := "", len(t.Declined)-1
		switch {
		case t.Asked != nil && t.Asked.Me:
			what = "asked"
		case t.State == Planned && t.Asked == nil && last >= 0 && t.Declined[last].ByMe:
			what = "declined"
		case t.Mine && t.State == Blocked:
			what = "unblock"
		case t.Mine && !settled(t.State):
			what = "do"
		case t.State == Planned && t.Asked == nil && len(t.Waits) == 0 && may(t.Offers, "accept"):
			what = "accept"
		case t.State == Done && approver && may(t.Offers, "verify"):
			what = "verify"
		}
		if what != "" {
			out = append(out, desk.Todo{Key: "todo.sop." + what, Title: t.Title, Owner: d.env.Member, Record: t.ID, Href: TaskPath(t.ID), Due: t.Due, Late: t.Late})
		}
	}
	return d.todoReviews(ctx, actor, out)
}

func (d *Desk) todoReviews(ctx context.Context, actor access.Actor, out []desk.Todo) ([]desk.Todo, error) {
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := docs[Playbook](ctx, tx, `SELECT doc FROM sop_playbook WHERE copy_of = '' AND state = ? ORDER BY changed, id LIMIT 100`, string(Review))
		r, now := reach(actor), d.env.Clock.Now()
		for i := range list {
			p := &list[i]
			if seesPlaybook(r, p.Marking) && may(Playbooks.Offers(*p, actor, now), "publish") {
				out = append(out, desk.Todo{Key: "todo.sop.review", Title: p.Title, Owner: p.Owner, Record: p.ID, Href: PlaybookPath(p.ID), Due: p.Due, Late: late(p.Due, now)})
			}
		}
		return err
	})
	return out, err
}

// may reports whether a step can be taken now.
func may(list []workflow.Offer, verb workflow.Verb) bool {
	return slices.ContainsFunc(list, func(o workflow.Offer) bool { return o.Verb == verb && len(o.Unmet) == 0 })
}

// OnEvent are the runs that concern an event: those on it, and those of the
// families in which it stands.
func (d *Desk) OnEvent(ctx context.Context, actor access.Actor, event id.ID) ([]RunView, error) {
	out, _, err := d.ListRuns(ctx, actor, Filter{Event: event, Limit: 20})
	if err != nil || d.from.FamiliesOf == nil {
		return out, err
	}
	families, err := d.from.FamiliesOf(ctx, actor, event)
	if err != nil {
		return nil, err
	}
	for _, f := range families {
		more, _, err := d.ListRuns(ctx, actor, Filter{Event: f, Limit: 20})
		if err != nil {
			return nil, err
		}
		for _, r := range more {
			if !slices.ContainsFunc(out, func(x RunView) bool { return x.ID == r.ID }) {
				out = append(out, r)
			}
		}
	}
	return out, nil
}
