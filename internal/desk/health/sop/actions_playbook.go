package sop

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// PlaybookInput is what a person enters of a playbook.
type PlaybookInput struct {
	Text    string         `json:"text" maxLength:"65536" doc:"The file, as docs describe it."`
	Note    string         `json:"note,omitempty" maxLength:"1000" doc:"What changes in this version, and why."`
	Marking access.Marking `json:"marking" enum:"TLP:CLEAR,TLP:GREEN,TLP:AMBER,TLP:AMBER+STRICT,TLP:RED"`
	// From is the playbook that is taken: an own one (its next version) or one
	// that another member released. FromSample is the code of a sample.
	From       id.ID  `json:"from,omitempty" maxLength:"40"`
	FromSample string `json:"from_sample,omitempty" maxLength:"40"`
}

// DraftPlaybook begins a version of a playbook.
func (d *Desk) DraftPlaybook(ctx context.Context, actor access.Actor, in PlaybookInput) (Playbook, error) {
	var out Playbook
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		p := Playbook{Note: in.Note, Authors: []id.ID{actor.Account}}
		p.Marking, p.Place = in.Marking, string(d.env.Member)
		if err := p.set(in.Text); err != nil {
			return err
		}
		if err := d.takeFrom(ctx, tx, actor, &p, in); err != nil {
			return err
		}
		var err error
		out, err = desk.CreateIn(ctx, d.env, tx, d.playbooks, actor, p, "draft", desk.Change[Playbook]{Detail: detail("digest", Short(p.Digest))})
		return err
	})
	return out, err
}

// takeFrom notes where a playbook comes from. The next version of an own one
// keeps its code and what that one was taken from.
func (d *Desk) takeFrom(ctx context.Context, tx *db.Tx, actor access.Actor, p *Playbook, in PlaybookInput) error {
	if in.FromSample != "" {
		s, ok := SampleBy(in.FromSample)
		if !ok {
			return desk.NotFound()
		}
		p.Origin = &Origin{Code: s.Code, Digest: s.Digest, Text: s.Text}
		return nil
	}
	if in.From == "" {
		return nil
	}
	of, err := loadPlaybook(ctx, tx, in.From)
	if err == nil && (!seesPlaybook(reach(actor), of.Marking) || of.State == Discarded) {
		err = desk.NotFound()
	}
	if err != nil {
		return err
	}
	if of.Marking.Stricter(p.Marking) {
		return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "marking", Key: "fault.sop.marking"}}}
	}
	if !of.Own() {
		p.Origin = &Origin{Member: of.Owner, ID: of.ID, Code: of.Code, Number: of.Number, Digest: of.Digest, Text: of.Text}
		return nil
	}
	if of.Code != p.Code {
		return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "text", Key: "fault.sop.other_code", Args: fault.Args{"code": of.Code}}}}
	}
	p.Supersedes, p.Origin = of.ID, of.Origin
	return nil
}

// EditPlaybook changes a draft; who edits becomes an author.
func (d *Desk) EditPlaybook(ctx context.Context, actor access.Actor, pid id.ID, seen int, in PlaybookInput) (Playbook, error) {
	return d.takePlaybook(ctx, actor, pid, seen, "edit", desk.Change[Playbook]{Edit: func(p *Playbook) error {
		code := p.Code
		if err := p.set(in.Text); err != nil {
			return err
		}
		if p.Supersedes != "" && p.Code != code {
			return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "text", Key: "fault.sop.other_code", Args: fault.Args{"code": code}}}}
		}
		p.Note, p.Marking = in.Note, in.Marking
		if !slices.Contains(p.Authors, actor.Account) {
			p.Authors = append(p.Authors, actor.Account)
		}
		return nil
	}})
}

var playbookSteps = []workflow.Verb{"submit", "return", "publish", "retire", "discard"}

// StepPlaybook takes a step of a playbook that needs at most a reason. Who
// publishes the next version retires the one before it in the same moment.
func (d *Desk) StepPlaybook(ctx context.Context, actor access.Actor, pid id.ID, seen int, verb workflow.Verb, reason string) (Playbook, error) {
	if !slices.Contains(playbookSteps, verb) {
		return Playbook{}, fault.New(fault.Invalid, "fault.invalid")
	}
	c := desk.Change[Playbook]{Detail: detail("reason", reason), Edit: func(p *Playbook) error {
		p.Reason = reason
		switch verb {
		case "publish":
			p.Published, p.By, p.Number = d.env.Clock.Now(), actor.Name, p.next
		case "retire":
			p.Release = d.env.IDs.New()
		}
		return nil
	}}
	switch verb {
	case "publish":
		c.Then = d.retireBefore
	case "retire":
		c.Then = d.sendPlaybook
	}
	return d.takePlaybook(ctx, actor, pid, seen, verb, c)
}

// retireBefore retires the version that a published one follows.
func (d *Desk) retireBefore(ctx context.Context, tx *db.Tx, p *Playbook) error {
	if p.Supersedes == "" {
		return nil
	}
	old, err := loadPlaybook(ctx, tx, p.Supersedes)
	if err != nil || old.State != Published {
		return err
	}
	_, err = desk.TakeIn(ctx, d.env, tx, d.playbooks, access.Node(d.env.Member), old.ID, 0, "supersede", desk.Change[Playbook]{Detail: map[string]any{"by": p.ID},
		Edit: func(p *Playbook) error { p.Release = d.env.IDs.New(); return nil }, Then: d.sendPlaybook})
	return err
}

// ReleasePlaybook sends a published playbook to members, in addition to those
// that have it.
func (d *Desk) ReleasePlaybook(ctx context.Context, actor access.Actor, pid id.ID, seen int, to []access.Member) (Playbook, error) {
	return d.takePlaybook(ctx, actor, pid, seen, "release", desk.Change[Playbook]{Detail: map[string]any{"to": to}, Edit: func(p *Playbook) error {
		for _, m := range d.env.Others() {
			if slices.Contains(to, m) && !slices.Contains(p.To, m) {
				p.To = append(p.To, m)
			}
		}
		p.Release = d.env.IDs.New()
		return nil
	}, Then: d.sendPlaybook})
}

func (d *Desk) takePlaybook(ctx context.Context, actor access.Actor, pid id.ID, seen int, verb workflow.Verb, c desk.Change[Playbook]) (Playbook, error) {
	var out Playbook
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := loadPlaybook(ctx, tx, pid)
		if err == nil && !seesPlaybook(reach(actor), p.Marking) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.playbooks, actor, pid, seen, verb, c)
		return err
	})
	return out, err
}

// detail is one reason or word for the history, where there is one.
func detail(name, text string) map[string]any {
	if text == "" {
		return nil
	}
	return map[string]any{name: text}
}
