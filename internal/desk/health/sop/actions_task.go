package sop

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// TaskInput is what a person says with a step of a task.
type TaskInput struct {
	Reason   string `json:"reason,omitempty" maxLength:"1000"`
	Evidence string `json:"evidence,omitempty" maxLength:"2000" doc:"What shows that it was done. No personal data."`
	Link     string `json:"link,omitempty" maxLength:"400" doc:"https address, or a page of this node."`
	Who      id.ID  `json:"who,omitempty" maxLength:"40" doc:"Of assign: the account that is asked."`
	Words    string `json:"words,omitempty" maxLength:"1000" doc:"Of assign: what to say to that person."`
}

// taskSteps are the steps that a person takes.
var taskSteps = []workflow.Verb{"accept", "start", "finish", "block", "unblock", "take_over", "verify", "return", "not_executable", "skip", "resume", "assign", "decline"}

// StepTask takes a step of a task. The end of a step starts the clocks that
// count from it.
func (d *Desk) StepTask(ctx context.Context, actor access.Actor, tid id.ID, seen int, verb workflow.Verb, in TaskInput) (Task, error) {
	if !slices.Contains(taskSteps, verb) {
		return Task{}, fault.New(fault.Invalid, "fault.invalid")
	}
	var who Person
	if verb == "assign" {
		var err error
		if who, err = d.candidate(ctx, actor, tid, in.Who); err != nil {
			return Task{}, err
		}
	}
	var out Task
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := seenTaskIn(ctx, tx, actor, tid); err != nil {
			return err
		}
		c := desk.Change[Task]{Detail: detail("reason", in.Reason), Edit: func(t *Task) error { d.say(t, actor, verb, in); return nil }}
		if verb == "assign" {
			c.Detail, c.Edit = map[string]any{"who": who.Account}, func(t *Task) error { t.ask(who, actor, in.Words, d.env.Clock.Now()); return nil }
		}
		if slices.Contains([]workflow.Verb{"finish", "not_executable", "skip"}, verb) {
			c.Then = d.startClocks
		}
		var err error
		out, err = desk.TakeIn(ctx, d.env, tx, d.tasks, actor, tid, seen, verb, c)
		return err
	})
	return out, err
}

// answers are the steps after which nobody need be asked any more.
var answers = []workflow.Verb{"accept", "take_over", "finish", "not_executable", "skip", "resume"}

// say is what a step changes besides the state.
func (d *Desk) say(t *Task, actor access.Actor, verb workflow.Verb, in TaskInput) {
	now := d.env.Clock.Now()
	if verb == "decline" {
		t.decline(in.Reason, now)
		return
	}
	t.Reason = in.Reason
	if slices.Contains(answers, verb) {
		t.Asked = nil
	}
	if verb != "block" && len(t.Blocks) > 0 && t.State == Blocked && verb != "take_over" {
		t.Blocks[len(t.Blocks)-1].To = now
	}
	switch verb {
	case "accept", "take_over":
		t.Doer, t.DoerPost = actor.Account, actor.Name
		if t.Accepted.IsZero() {
			t.Accepted = now
		}
		if verb == "take_over" && t.State == Blocked {
			t.Reason = t.Blocks[len(t.Blocks)-1].Reason
		}
	case "start":
		t.Begun = now
	case "finish":
		if t.Begun.IsZero() {
			t.Begun = now
		}
		t.Done, t.Evidence, t.Link = now, in.Evidence, in.Link
	case "block":
		t.Blocks = append(slices.Clone(t.Blocks), Block{From: now, Reason: in.Reason})
	case "return":
		t.Done = time.Time{}
	case "verify":
		t.Verified, t.VerifiedAs = now, actor.Name
	case "resume":
		t.Doer, t.DoerPost, t.Accepted, t.Begun, t.Done = "", "", time.Time{}, time.Time{}, time.Time{}
	}
}

// startClocks starts the clocks that count from a task that is settled now.
func (d *Desk) startClocks(ctx context.Context, tx *db.Tx, done *Task) error {
	list, err := tasksOf(ctx, tx, done.Run)
	if err != nil {
		return err
	}
	for i := range list {
		t := &list[i]
		if t.Of != done.Code || !t.Base.IsZero() || settled(t.State) {
			continue
		}
		_, err := desk.TakeIn(ctx, d.env, tx, d.tasks, access.Node(d.env.Member), t.ID, 0, "clock", desk.Change[Task]{
			Edit: func(t *Task) error { t.Base = done.Changed.At; return nil }})
		if err != nil {
			return err
		}
	}
	d.env.Notify(tx, "run:"+string(done.Run))
	return nil
}
