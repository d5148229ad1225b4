package trail

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

// ProposalInput is what a person enters of a proposal.
type ProposalInput struct {
	Input
	For            access.Member
	Inform         []access.Member
	Findings       []id.ID
	Recommendation id.ID
	Theme          string
	Terms          Terms
	Measure        string
}

func (in *ProposalInput) write(p *Proposal) {
	in.into(&p.Base)
	p.For, p.Inform, p.Terms, p.Measure = in.For, slices.Clone(in.Inform), in.Terms, in.Measure
	if in.Theme != "" {
		p.Theme = in.Theme
	}
}

// DraftProposal begins the proposal of an action, to another member or to the
// own, from findings or from a recommendation.
func (d *Desk) DraftProposal(ctx context.Context, actor access.Actor, in ProposalInput) (Proposal, error) {
	var out Proposal
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		list := slices.Clone(in.Findings)
		if in.Recommendation != "" {
			r, err := load[Recommendation, *Recommendation](ctx, tx, in.Recommendation)
			if err == nil && !sees(actor, &r.Base) {
				err = desk.NotFound()
			}
			if err != nil {
				return err
			}
			for _, f := range r.Findings {
				if !slices.Contains(list, f) {
					list = append(list, f)
				}
			}
		}
		fs, err := d.findingsIn(ctx, tx, actor, list)
		if err != nil {
			return err
		}
		p := Proposal{Base: Base{Authors: []id.ID{actor.Account}}, ProposalText: ProposalText{Findings: list, Recommendation: in.Recommendation}}
		p.Place = string(d.env.Member)
		in.write(&p)
		from(&p.Base, &p.Theme, &p.Affected, fs)
		out, err = desk.CreateIn(ctx, d.env, tx, d.proposals, actor, p, "draft", desk.Change[Proposal]{})
		return err
	})
	return out, err
}

// EditProposal changes a draft.
func (d *Desk) EditProposal(ctx context.Context, actor access.Actor, rid id.ID, seen int, in ProposalInput) (Proposal, error) {
	return take(ctx, d, d.proposals, actor, rid, seen, "edit", desk.Change[Proposal]{Edit: func(p *Proposal) error {
		in.write(p)
		p.wrote(actor)
		return nil
	}})
}

var proposalSteps = []workflow.Verb{"propose", "revise", "verify", "send_back", "close", "discard"}

// StepProposal takes a step of the proposer's half.
func (d *Desk) StepProposal(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, in StepInput) (Proposal, error) {
	if !slices.Contains(proposalSteps, verb) {
		return Proposal{}, fault.New(fault.Invalid, "fault.invalid")
	}
	c := desk.Change[Proposal]{Detail: detail(in.Reason), Edit: func(p *Proposal) error { return d.editProposal(p, actor, verb, in) }}
	if verb != "discard" {
		c.Then = d.putProposal
	}
	return take(ctx, d, d.proposals, actor, rid, seen, verb, c)
}

func (d *Desk) editProposal(p *Proposal, actor access.Actor, verb workflow.Verb, in StepInput) error {
	now := d.env.Clock.Now()
	switch verb {
	case "propose":
		p.ClearedAs, p.Released = actor.Name, now
		p.Round++
	case "revise":
		p.Taken = ""
		if p.act != nil && p.act.Counter != nil && (in.Terms == Terms{} || in.Terms == *p.act.Counter) && p.act.State == Countered {
			in.Terms = *p.act.Counter
			p.Taken = in.Terms.Digest()
		}
		p.Terms, p.ClearedAs = in.Terms, actor.Name
		p.Round++
	case "verify", "send_back":
		if p.act == nil {
			return nil // the need says so
		}
		p.Verdicts = append(p.Verdicts, Verdict{Shown: verb == "verify", Of: p.act.Version, Words: in.Words, As: actor.Name, At: now})
	case "close", "discard":
		p.Reason = in.Reason
	}
	p.Release, p.To = d.env.IDs.New(), p.recipients(p.Owner)
	return nil
}

// putProposal brings the proposer's half to the state that is asked, which may
// be the own, and to the informed members.
func (d *Desk) putProposal(ctx context.Context, tx *db.Tx, p *Proposal) error {
	if p.For == d.env.Member {
		if err := d.apply(ctx, tx, p); err != nil {
			return err
		}
	}
	if len(p.To) == 0 {
		return nil
	}
	return d.send(ctx, tx, &p.Base, p.View())
}

// apply is what a proposal does to the half of this state: it asks, asks again,
// ends what was not agreed, and says the verdict on what was reported. It never
// changes what this state has taken on.
func (d *Desk) apply(ctx context.Context, tx *db.Tx, p *Proposal) error {
	a, err := actionOf(ctx, tx, p)
	if err != nil {
		return err
	}
	node := access.Node(d.env.Member)
	// The proposer and the informed members hear that its word arrived.
	step := func(verb workflow.Verb, edit func(a *Action)) error {
		_, err := desk.TakeIn(ctx, d.env, tx, d.actions, node, a.ID, 0, verb, desk.Change[Action]{Then: d.tell, Detail: map[string]any{"proposal": p.ID, "version": p.Version},
			Edit: func(a *Action) error { edit(a); d.address(a); return nil }})
		return err
	}
	terms := func(a *Action) {
		a.Title, a.Terms, a.Round, a.Counter, a.Reason = p.Title, p.Terms, p.Round, nil, ""
	}
	v, judged := p.Verdict()
	open := a != nil && slices.Contains([]workflow.State{Offered, Countered, Declined}, a.State)
	switch {
	case a == nil && p.State == Proposed:
		n := Action{Base: Base{Source: p.Source, Lang: p.Lang}, ActionText: ActionText{Proposal: p.ID, Proposer: p.Owner, Theme: p.Theme, Affected: p.Affected}}
		n.Place, n.Marking, n.Exercise = string(d.env.Member), p.Marking, p.Exercise
		terms(&n)
		_, err = desk.CreateIn(ctx, d.env, tx, d.actions, node, n, "receive", desk.Change[Action]{})
		return err
	case a == nil:
		return nil
	case p.State == Proposed && p.Round > a.Round && a.State == Countered && a.Counter != nil && p.Taken == a.Counter.Digest() && p.Terms == *a.Counter:
		return step("agree", terms)
	case p.State == Proposed && p.Round > a.Round && open:
		return step("revise", terms)
	case p.State == Closed && (open || a.State == Done):
		return step("end", func(a *Action) {
			if a.State != Declined { // its own reason says more
				a.Reason = p.Reason
			}
		})
	case judged && v.Of == a.Version && a.State == Done && p.State == Verified:
		return step("verify", func(a *Action) { a.Reason = "" })
	case judged && v.Of == a.Version && a.State == Done && !v.Shown:
		return step("reopen", func(a *Action) { a.Reason = v.Words })
	}
	return nil
}

var (
	actionSteps = []workflow.Verb{"accept", "counter", "decline", "start", "note", "share", "postpone", "finish", "return", "report", "drop"}
	// tells are the steps by which the proposer hears of the action.
	tells = []workflow.Verb{"accept", "counter", "decline", "share", "postpone", "report", "drop"}
)

// StepAction takes a step of the half of this state.
func (d *Desk) StepAction(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, in StepInput) (Action, error) {
	if !slices.Contains(actionSteps, verb) {
		return Action{}, fault.New(fault.Invalid, "fault.invalid")
	}
	c := desk.Change[Action]{Detail: detail(in.Reason), Edit: func(a *Action) error { d.editAction(a, actor, verb, in); return nil }}
	if slices.Contains(tells, verb) {
		c.Then = d.tell
	}
	return take(ctx, d, d.actions, actor, rid, seen, verb, c)
}

func (d *Desk) editAction(a *Action, actor access.Actor, verb workflow.Verb, in StepInput) {
	now := d.env.Clock.Now()
	if in.Post != "" {
		a.Post = in.Post
	}
	switch verb {
	case "accept":
		a.Answered, a.Counter, a.Reason = now, nil, ""
	case "counter":
		a.Answered, a.Counter, a.Reason = now, &in.Terms, in.Reason
	case "decline":
		a.Answered, a.Reason = now, in.Reason
	case "note":
		a.Notes = append(a.Notes, Note{At: now, As: actor.Name, Words: in.Words})
	case "postpone":
		a.By, a.Reason = in.Terms.By, in.Reason
	case "finish":
		a.Evidence, a.Finished, a.FinishedBy, a.Reason = in.Words, now, actor.Account, ""
	case "return", "drop":
		a.Reason = in.Reason
	}
	if !slices.Contains(tells, verb) {
		return
	}
	for i := range a.Notes {
		a.fresh = a.fresh || !a.Notes[i].Shared
		a.Notes[i].Shared = true
	}
	a.ClearedAs, a.Released = actor.Name, now
	d.address(a)
}

// address names a new release of the action and who gets it.
func (d *Desk) address(a *Action) {
	a.Release, a.To = d.env.IDs.New(), nil
	if a.prop != nil {
		a.To = slices.DeleteFunc(append([]access.Member{a.Proposer}, a.prop.Inform...), func(m access.Member) bool { return m == a.Owner })
	}
}

// tell lets the proposer and the informed members hear how the action stands.
func (d *Desk) tell(ctx context.Context, tx *db.Tx, a *Action) error {
	if len(a.To) == 0 {
		return nil
	}
	return d.send(ctx, tx, &a.Base, a.View())
}
