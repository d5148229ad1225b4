package sop

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// PlaybookView is what of a playbook its recipients get, and people see.
type PlaybookView struct {
	ID        id.ID          `json:"id"`
	Owner     access.Member  `json:"owner"`
	Version   int            `json:"version"`
	State     workflow.State `json:"state"`
	Code      string         `json:"code"`
	Number    int            `json:"number"`
	Title     string         `json:"title"`
	Lang      string         `json:"lang"`
	Sample    bool           `json:"sample,omitempty"`
	Text      string         `json:"text"`
	Digest    string         `json:"digest"`
	Note      string         `json:"note,omitempty"`
	Published time.Time      `json:"published,omitzero"`
	By        string         `json:"by,omitempty"`
	From      *OriginView    `json:"from,omitempty"`
	Marking   access.Marking `json:"marking"`
	Exercise  string         `json:"exercise,omitempty"`
	Changed   time.Time      `json:"changed"`
	Reason    string         `json:"reason,omitempty"` // why it was retired, or given back
}

// OriginView says of which playbook one was taken.
type OriginView struct {
	Member access.Member `json:"member,omitempty"`
	Code   string        `json:"code"`
	Number int           `json:"number,omitempty"`
	Digest string        `json:"digest"`
}

// Adapted reports whether the text differs from that of its origin.
func (v *PlaybookView) Adapted() bool { return v.From != nil && v.From.Digest != v.Digest }

func viewPlaybook(p *Playbook) PlaybookView {
	v := PlaybookView{ID: p.ID, Owner: p.Owner, Version: p.Version, State: p.State, Code: p.Code, Number: p.Number, Title: p.Title, Lang: p.Lang, Sample: p.Sample,
		Text: p.Text, Digest: p.Digest, Note: p.Note, Published: p.Published, By: p.By, Marking: p.Marking, Exercise: p.Exercise, Changed: p.Changed.At, Reason: p.Reason}
	if o := p.Origin; o != nil {
		v.From = &OriginView{Member: o.Member, Code: o.Code, Number: o.Number, Digest: o.Digest}
	}
	return v
}

// RunView is what of a run people of this node see. Nothing of it leaves: what
// does is a ProgressView.
type RunView struct {
	ID       id.ID           `json:"id"`
	Version  int             `json:"version"`
	State    workflow.State  `json:"state"`
	Playbook id.ID           `json:"playbook"`
	Code     string          `json:"code"`
	Number   int             `json:"number"`
	Digest   string          `json:"digest"`
	Title    string          `json:"title"`
	Lang     string          `json:"lang"`
	Why      string          `json:"why"`
	Decision id.ID           `json:"decision,omitempty"`
	Level    int             `json:"level,omitempty"`
	Until    time.Time       `json:"until,omitzero"`
	Over     bool            `json:"level_over,omitempty" doc:"The level that started it holds no longer; its tasks stay."`
	Family   id.ID           `json:"family,omitempty"`
	Event    id.ID           `json:"event,omitempty"`
	Subject  string          `json:"subject"`
	Started  time.Time       `json:"started"`
	Ended    time.Time       `json:"ended,omitzero"`
	Shared   time.Time       `json:"shared,omitzero"`
	To       []access.Member `json:"to,omitempty"`
	Back     time.Time       `json:"taken_back,omitzero" doc:"When the progress was taken back from those who were told."`
	BackWhy  string          `json:"taken_back_because,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Marking  access.Marking  `json:"marking"`
	Exercise string          `json:"exercise,omitempty"`
	Counts   Counts          `json:"counts"`
}

// Counts is how many steps of a run are in each state.
type Counts struct {
	Planned  int `json:"planned"`
	Accepted int `json:"accepted"`
	Working  int `json:"in_progress"`
	Blocked  int `json:"blocked"`
	Done     int `json:"done"`
	Verified int `json:"verified"`
	Not      int `json:"not_executable"`
	Skipped  int `json:"skipped"`
	Late     int `json:"late"`
}

// Of is the number for a state.
func (c *Counts) Of(s workflow.State) *int {
	switch s {
	case Planned:
		return &c.Planned
	case Accepted:
		return &c.Accepted
	case Working:
		return &c.Working
	case Blocked:
		return &c.Blocked
	case Done:
		return &c.Done
	case Verified:
		return &c.Verified
	case Not:
		return &c.Not
	}
	return &c.Skipped
}

// All is how many steps there are.
func (c *Counts) All() int {
	return c.Planned + c.Accepted + c.Working + c.Blocked + c.Done + c.Verified + c.Not + c.Skipped
}

// Settled is how many steps need nothing more.
func (c *Counts) Settled() int { return c.Done + c.Verified + c.Not + c.Skipped }

func count(list []Task, now time.Time) Counts {
	var c Counts
	for i := range list {
		*c.Of(list[i].State)++
		if late(list[i].Due, now) {
			c.Late++
		}
	}
	return c
}

func viewRun(r *Run, c Counts, now time.Time) RunView {
	return RunView{ID: r.ID, Version: r.Version, State: r.State, Playbook: r.Playbook, Code: r.Code, Number: r.Number, Digest: r.Digest, Title: r.Title, Lang: r.Lang,
		Why: r.Why, Decision: r.Decision, Level: r.Level, Until: r.Until, Over: r.IsOver(now), Family: r.Family, Event: r.Event, Subject: r.Subject, Started: r.Started,
		Ended: r.Ended, Shared: r.Shared, To: slices.Clone(r.To), Back: r.Back, BackWhy: r.BackWhy, Reason: r.Reason, Marking: r.Marking, Exercise: r.Exercise, Counts: c}
}

// TaskView is what of a task people of this node see.
type TaskView struct {
	ID          id.ID          `json:"id"`
	Version     int            `json:"version"`
	State       workflow.State `json:"state"`
	Run         id.ID          `json:"run"`
	Playbook    id.ID          `json:"playbook"`
	N           int            `json:"n"`
	Code        string         `json:"code"`
	Title       string         `json:"title"`
	Lang        string         `json:"lang"`
	Function    string         `json:"function"`
	Role        access.Role    `json:"role"`
	Minutes     int64          `json:"within_minutes,omitempty" doc:"0: no clock."`
	Of          string         `json:"of,omitempty" doc:"The step whose end starts the clock; empty: the start."`
	After       []string       `json:"after,omitempty"`
	Waits       []string       `json:"waits_for,omitempty" doc:"Of these, what is not settled."`
	Deliverable string         `json:"deliverable,omitempty"`
	Asks        string         `json:"evidence_asked,omitempty"`
	Form        string         `json:"form,omitempty"`
	How         string         `json:"how,omitempty"`
	Level       int            `json:"level,omitempty"`
	Optional    bool           `json:"optional,omitempty"`
	Due         time.Time      `json:"due,omitzero"`
	Late        bool           `json:"late"`
	Doer        string         `json:"doer,omitempty" doc:"Duty post."`
	Mine        bool           `json:"mine,omitempty"`
	Asked       *AskedView     `json:"asked,omitempty" doc:"Who is asked to do it and has not answered."`
	Declined    []DeclinedView `json:"declined,omitempty" doc:"Who was asked and could not, the last at the end."`
	Files       []File         `json:"files,omitempty" doc:"Evidence. Files stay on this node unless a release names them."`
	Accepted    time.Time      `json:"accepted,omitzero"`
	Begun       time.Time      `json:"begun,omitzero"`
	Done        time.Time      `json:"done,omitzero"`
	Verified    time.Time      `json:"verified,omitzero"`
	VerifiedAs  string         `json:"verified_by,omitempty"`
	Evidence    string         `json:"evidence,omitempty"`
	Link        string         `json:"link,omitempty"`
	Blocks      []Block        `json:"blocks,omitempty"`
	Reason      string         `json:"reason,omitempty"`
	Marking     access.Marking `json:"marking"`
	Exercise    string         `json:"exercise,omitempty"`
}

// AskedView is who is asked to do a step, by duty posts.
type AskedView struct {
	Post  string    `json:"post"`
	Me    bool      `json:"me,omitempty" doc:"It is the caller."`
	ByMe  bool      `json:"by_me,omitempty"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	Words string    `json:"words,omitempty"`
}

// DeclinedView is what somebody answered who was asked and could not.
type DeclinedView struct {
	AskedView
	Answered time.Time `json:"answered"`
	Reason   string    `json:"reason"`
}

func (a *Asked) view(actor access.Actor) AskedView {
	return AskedView{Post: a.Post, Me: a.Account == actor.Account, ByMe: a.By == actor.Account, By: a.ByPost, At: a.At, Words: a.Words}
}

func viewTask(t *Task, actor access.Actor, now time.Time) TaskView {
	v := TaskView{ID: t.ID, Version: t.Version, State: t.State, Run: t.Run, Playbook: t.Playbook, N: t.N, Code: t.Code, Title: t.Title, Lang: t.Lang, Function: t.Function,
		Role: t.Role, Minutes: int64(t.Within / time.Minute), Of: t.Of, After: slices.Clone(t.After), Waits: slices.Clone(t.waits), Deliverable: t.Deliverable, Asks: t.Asks,
		Form: t.Form, How: t.How, Level: t.Level, Optional: t.Optional, Due: t.Due, Late: late(t.Due, now), Doer: t.DoerPost, Mine: t.Doer != "" && t.Doer == actor.Account,
		Accepted: t.Accepted, Begun: t.Begun, Done: t.Done, Verified: t.Verified, VerifiedAs: t.VerifiedAs, Evidence: t.Evidence, Link: t.Link, Blocks: slices.Clone(t.Blocks),
		Reason: t.Reason, Marking: t.Marking, Exercise: t.Exercise}
	if t.Asked != nil {
		a := t.Asked.view(actor)
		v.Asked = &a
	}
	for i := range t.Declined {
		x := &t.Declined[i]
		v.Declined = append(v.Declined, DeclinedView{x.view(actor), x.Answered, x.Reason})
	}
	for _, f := range t.Files {
		v.Files = append(v.Files, harmless(f))
	}
	return v
}

// ProgressView is what of a run its recipients get: how far each step is, and
// why a step cannot be done there. No person, no words of evidence, no reason of a
// block; of the files that are evidence, those that the release names.
type ProgressView struct {
	Run      id.ID          `json:"run"`
	Owner    access.Member  `json:"owner"`
	Version  int            `json:"version"`
	Code     string         `json:"code"`
	Number   int            `json:"number"`
	Digest   string         `json:"digest"`
	Title    string         `json:"title"`
	Lang     string         `json:"lang"`
	Why      string         `json:"why"`
	Level    int            `json:"level,omitempty"`
	Family   id.ID          `json:"family,omitempty"`
	Event    id.ID          `json:"event,omitempty"`
	Subject  string         `json:"subject"`
	State    workflow.State `json:"state"`
	Over     bool           `json:"level_over,omitempty"`
	Started  time.Time      `json:"started"`
	AsOf     time.Time      `json:"as_of"`
	Counts   Counts         `json:"counts"`
	Steps    []ProgressStep `json:"steps"`
	Marking  access.Marking `json:"marking"`
	Exercise string         `json:"exercise,omitempty"`
}

// ProgressStep is one step of a run as others see it.
type ProgressStep struct {
	Code     string         `json:"code"`
	Title    string         `json:"title"`
	Function string         `json:"function"`
	State    workflow.State `json:"state"`
	Optional bool           `json:"optional,omitempty"`
	Due      time.Time      `json:"due,omitzero"`
	Done     time.Time      `json:"done,omitzero"`
	Because  string         `json:"because,omitempty"` // of a step that is not executable there
	Files    []File         `json:"files,omitempty"`   // of its evidence, as far as they were released
}

func (p *ProgressView) scope() id.ID {
	if p.Family != "" {
		return p.Family
	}
	return p.Event
}

// viewProgress makes what leaves; the preview is made by the same function.
func viewProgress(r *Run, list []Task, now time.Time) ProgressView {
	v := ProgressView{Run: r.ID, Owner: r.Owner, Version: r.Version, Code: r.Code, Number: r.Number, Digest: r.Digest, Title: r.Title, Lang: r.Lang, Why: r.Why, Level: r.Level,
		Family: r.Family, Event: r.Event, Subject: r.Subject, State: r.State, Over: r.IsOver(now), Started: r.Started, AsOf: now, Counts: count(list, now), Steps: []ProgressStep{},
		Marking: r.Marking, Exercise: r.Exercise}
	for i := range list {
		t := &list[i]
		s := ProgressStep{Code: t.Code, Title: t.Title, Function: t.Function, State: t.State, Optional: t.Optional, Due: t.Planned(), Files: r.sent(t)}
		if t.State == Done || t.State == Verified {
			s.Done = t.Done
		}
		if t.State == Not {
			s.Because = t.Reason
		}
		v.Steps = append(v.Steps, s)
	}
	return v
}

// Capabilities of the part: what is not a step of a record.
var Capabilities = access.Capabilities{
	{Name: "sop.read", By: readersOf("health.read"), Scope: "health.read"},
	{Name: "sop.export", By: readersOf("health.export"), Scope: "health.read"},
}

func readersOf(name string) []access.Role {
	for _, c := range health.Capabilities {
		if c.Name == name {
			return c.By
		}
	}
	return nil
}

func reach(a access.Actor) health.Reach {
	r := health.ReachOf(a)
	if a.Scopes != nil && !a.InScope("health.read") {
		r.None = true
	}
	return r
}

// seesPlaybook is the rule for a playbook: it is about no place, so every
// reader sees it, but for what is marked TLP:RED.
func seesPlaybook(r health.Reach, m access.Marking) bool {
	return !r.None && !(r.NoRed && m == access.TLPRed)
}

// seesRun is the rule for a run and its tasks, as for its event.
func seesRun(r health.Reach, h *desk.Head) bool {
	return seesPlaybook(r, h.Marking) && (r.Places == nil || slices.Contains(r.Places, h.Place))
}

// seesProgress is the rule for what other members released.
func seesProgress(r health.Reach, m access.Marking) bool {
	return seesPlaybook(r, m) && r.Places == nil
}
