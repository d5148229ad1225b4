package level

import (
	"context"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
)

// Everything that leaves or enters the part is in this file.

// sendProposal releases the proposal as it now stands to every member: first
// the question, then the close, which is the same record in a later version.
func (d *Desk) sendProposal(ctx context.Context, tx *db.Tx, p *Proposal) error {
	return d.queue(ctx, tx, exchange.Release{ID: p.Release, Kind: KindProposal, To: p.To, Ref: p.Ref(Name), Marking: p.Marking, Lang: p.Lang, Due: p.Due,
		Exercise: p.Exercise, Workflow: Positions.Digest()}, viewProposal(p))
}

func (d *Desk) sendPosition(ctx context.Context, tx *db.Tx, p *Position) error {
	return d.queue(ctx, tx, exchange.Release{ID: p.Release, Kind: KindPosition, To: p.To, Ref: p.Ref(Name), Marking: p.Marking, Lang: p.Lang, Exercise: p.Exercise,
		Issued: p.Released, Workflow: Positions.Digest()}, viewPosition(p))
}

func (d *Desk) sendActivation(ctx context.Context, tx *db.Tx, a *Activation) error {
	if len(a.To) == 0 {
		return nil
	}
	return d.queue(ctx, tx, exchange.Release{ID: a.Release, Kind: KindActivation, To: a.To, Ref: a.Ref(Name), Marking: a.Marking, Lang: a.Lang, Exercise: a.Exercise,
		Workflow: Activations.Digest()}, viewActivation(a))
}

func (d *Desk) queue(ctx context.Context, tx *db.Tx, r exchange.Release, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	r.From, r.Schema, r.Body, r.Purpose, r.Basis = d.env.Member, bodySchema, b, "joint_response", "aphecs"
	if r.Issued.IsZero() {
		r.Issued = d.env.Clock.Now()
	}
	return d.env.Send.Queue(ctx, tx, r)
}

// Handlers are the part's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{KindProposal: d.env.Receives(Name, KindProposal, d.receiveProposal),
		KindPosition:   d.env.Receives(Name, KindPosition, d.receivePosition),
		KindActivation: d.env.Receives(Name, KindActivation, d.receiveActivation)}
}

func foreign() error { return fault.New(fault.Forbidden, "fault.level.foreign") }

func head(kind string, in *exchange.Inbound) desk.Head {
	return desk.Head{ID: in.Ref.ID, Kind: kind, Owner: in.From, Place: string(in.From), Version: in.Ref.Version, Created: desk.Mark{At: in.Received},
		Changed: desk.Mark{At: in.Issued}, Due: in.Due, Marking: in.Marking, Exercise: in.Exercise}
}

// DecodeProposal reads the body of a release, as far as it can be judged
// without what this node knows.
func DecodeProposal(body []byte) (ProposalView, error) {
	var v ProposalView
	if err := json.Unmarshal(body, &v); err != nil {
		return v, fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	p := proposalOf(&v)
	if err := validateProposal(&p); err != nil {
		return v, err
	}
	var c fault.Check
	c.That(slices.Contains(access.All(), v.Owner) && !slices.Contains(v.To, v.Owner) && members(v.To), "to", "fault.level.foreign")
	c.That(!slices.ContainsFunc(v.Concerned, func(m access.Member) bool { return m != v.Owner && !slices.Contains(v.To, m) }), "concerned", "fault.level.foreign")
	c.That(!v.Released.IsZero() && v.Closes.Equal(v.Released.Add(time.Duration(v.Window)*time.Hour)), "closes", "fault.level.foreign")
	c.That(v.Decided.IsZero() == (v.State == Consulted || v.State == Withdrawn), "decided", "fault.level.foreign")
	c.That(slices.Contains([]string{string(Consulted), string(Decided), string(Withdrawn)}, string(v.State)), "state", "fault.level.foreign")
	c.That(len(v.Counted) <= 500 && !long(v.FamilyName, 4*MaxTitle) && !long(v.ClearedAs, 4*MaxTitle) && len(v.Family) == 36, "family", "fault.level.foreign")
	if step, ok := Current().At(v.Level); ok && v.Level > 0 && v.Ladder == Current().Version {
		c.That(v.Review.After(v.Released) && !v.Review.After(v.Closes.AddDate(0, 0, step.Review)), "review", "fault.level.review")
	}
	return v, c.Err()
}

func proposalOf(v *ProposalView) Proposal {
	p := Proposal{Family: v.Family, FamilyName: v.FamilyName, Hazard: v.Hazard, Title: v.Title, Lang: v.Lang, From: v.From, Level: v.Level, Criteria: v.Criteria,
		Reasons: v.Reasons, Rule: v.Rule, RuleAt: v.RuleAt, RuleDigest: v.RuleDigest, Ladder: v.Ladder, Window: v.Window, Closes: v.Closes, Review: v.Review, Concerned: v.Concerned, To: v.To,
		ClearedAs: v.ClearedAs, Released: v.Released, Counted: v.Counted, Claimed: v.Claimed, Decided: v.Decided, Reason: v.Reason}
	p.Owner, p.Marking, p.State = v.Owner, v.Marking, v.State
	return p
}

// receiveProposal keeps the newest version of a proposal; an older one that
// comes later, or again, changes nothing. What was asked does not change with
// the close.
func (d *Desk) receiveProposal(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	v, err := DecodeProposal(in.Body)
	if err != nil {
		return err
	}
	if in.Withdraws != "" || v.ID != in.Ref.ID || v.Owner != in.From || v.Version != in.Ref.Version || v.Marking != in.Marking {
		return foreign()
	}
	p := proposalOf(&v)
	p.Head = head(KindProposal, &in)
	p.State, p.CopyOf, p.Release = v.State, in.ID, in.ID
	old, err := d.loadProposal(ctx, tx, p.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		err = insertProposal(ctx, tx, &p)
	case err != nil:
		return err
	case old.Own() || old.Owner != in.From || !sameQuestion(&old, &p):
		return foreign()
	case old.Version >= p.Version:
		return nil
	default:
		err = updateProposal(ctx, tx, &p, old.Version)
	}
	d.env.Notify(tx, topics(p.ID, p.Family)...)
	return err
}

// sameQuestion: nobody is counted for what was not asked.
func sameQuestion(a, b *Proposal) bool {
	return a.Family == b.Family && a.Level == b.Level && a.Rule == b.Rule && a.RuleAt == b.RuleAt && a.RuleDigest == b.RuleDigest && a.Closes.Equal(b.Closes) &&
		a.Review.Equal(b.Review) && slices.Equal(a.Concerned, b.Concerned) && a.Title == b.Title && a.Reasons == b.Reasons && slices.Equal(a.Criteria, b.Criteria)
}

// receivePosition keeps another state's position. It may come before the
// proposal that it answers, since the two have different senders.
func (d *Desk) receivePosition(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v PositionView
	if err := json.Unmarshal(in.Body, &v); err != nil {
		return fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	p := Position{Proposal: v.Proposal, Proposer: v.Proposer, Family: v.Family, Title: v.Title, Level: v.Level, Lang: v.Lang, Stance: v.Stance, Reasons: v.Reasons,
		ClearedAs: v.ClearedAs, Released: v.Released, Supersedes: v.Supersedes}
	if err := validatePosition(&p); err != nil {
		return err
	}
	if in.Withdraws != "" || v.ID != in.Ref.ID || v.Owner != in.From || !slices.Contains(access.States, in.From) || v.State != Released || v.Released.IsZero() ||
		v.Stance != Agree && p.Reasons == "" || !v.Released.Equal(in.Issued) || utf8.RuneCountInString(v.Title) > 4*MaxTitle || long(v.ClearedAs, 4*MaxTitle) {
		return foreign()
	}
	p.Head = head(KindPosition, &in)
	p.State, p.CopyOf, p.Release = Released, in.ID, in.ID
	old, err := d.loadPosition(ctx, tx, p.ID)
	if err == nil {
		if old.Own() || old.Owner != in.From {
			return foreign()
		}
		return nil // each position is released once
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	d.env.Notify(tx, topics(p.Proposal, p.Family)...)
	return insertPosition(ctx, tx, &p)
}

// receiveActivation keeps the newest of another state's own level.
func (d *Desk) receiveActivation(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v ActivationView
	if err := json.Unmarshal(in.Body, &v); err != nil {
		return fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	a := Activation{Event: v.Event, EventName: v.EventName, Level: v.Level, Trigger: v.Trigger, Lang: v.Lang, Review: v.Review, To: v.To, Since: v.Since,
		DecidedAs: v.DecidedAs, Reason: v.Reason}
	a.Head = head(KindActivation, &in)
	if err := validateActivation(&a); err != nil {
		return err
	}
	if in.Withdraws != "" || v.ID != in.Ref.ID || v.Owner != in.From || v.Version != in.Ref.Version || long(v.EventName, 4*MaxTitle) || long(v.DecidedAs, 4*MaxTitle) ||
		!slices.Contains([]string{string(Active), string(Lifted), string(Expired)}, string(v.State)) || v.Review.After(in.Issued.Add(MaxReview)) {
		return foreign()
	}
	a.State, a.CopyOf, a.Release = v.State, in.ID, in.ID
	old, err := loadActivation(ctx, tx, a.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		err = insertActivation(ctx, tx, &a)
	case err != nil:
		return err
	case old.Own() || old.Owner != in.From:
		return foreign()
	case old.Version >= a.Version:
		return nil
	default:
		err = updateActivation(ctx, tx, &a, old.Version)
	}
	d.env.Notify(tx, "desk", "activation:"+string(a.ID), "event:"+string(a.Event))
	return err
}

// members reports whether all are members, each once.
func members(to []access.Member) bool {
	for i, m := range to {
		if !slices.Contains(access.All(), m) || slices.Contains(to[:i], m) {
			return false
		}
	}
	return len(to) > 0
}
