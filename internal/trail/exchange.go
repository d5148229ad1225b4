package trail

import (
	"context"
	"encoding/json"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/workflow"
)

// Everything that leaves or enters the trail is in this file.

// viewed is a record with the view of it that leaves.
type viewed[R any] interface {
	record[R]
	out() any
}

func (f *Finding) out() any        { return f.View() }
func (r *Recommendation) out() any { return r.View() }

func digest(kind string) string {
	switch kind {
	case KindFinding:
		return Findings.Digest()
	case KindRecommendation:
		return Recommendations.Digest()
	case KindProposal:
		return Proposals.Digest()
	}
	return Actions.Digest()
}

// send releases the newest version of a record to those that its base names.
func (d *Desk) send(ctx context.Context, tx *db.Tx, b *Base, view any) error {
	body, err := json.Marshal(view)
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	r := exchange.Release{ID: b.Release, Kind: b.Kind, Schema: bodySchema, From: d.env.Member, To: b.To, Ref: b.Ref(Name), Purpose: "joint_response", Basis: "aphecs",
		Marking: b.Marking, Lang: b.Lang, Issued: d.env.Clock.Now(), Exercise: b.Exercise, Workflow: digest(b.Kind), Body: body}
	if b.Kind == KindProposal && b.State == Proposed {
		r.Due = b.Due
	}
	return d.env.Send.Queue(ctx, tx, r)
}

// Handlers are the receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	out := map[string]exchange.Handler{
		KindFinding:        receiver[FindingView, Finding](d, []workflow.State{Released, Withdrawn}),
		KindRecommendation: receiver[RecommendationView, Recommendation](d, []workflow.State{Released, Withdrawn}),
		KindProposal:       d.receiveProposal,
		KindAction:         d.receiveAction,
	}
	for kind, h := range out {
		out[kind] = d.env.Receives(Name, kind, h)
	}
	return out
}

// view is what arrives, as far as it makes a copy.
type view[V, R any] interface {
	*V
	shown() *Shown
	record() R
}

func foreign() error { return fault.New(fault.Forbidden, "fault.trail.foreign") }

// Decode reads the body of a release, as far as it can be judged without what
// this node knows.
func Decode[V, R any, PV view[V, R], P record[R]](in *exchange.Inbound, states []workflow.State) (R, error) {
	var v V
	var r R
	if err := json.Unmarshal(in.Body, &v); err != nil {
		return r, fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	s := PV(&v).shown()
	r = PV(&v).record()
	b := P(&r).base()
	b.Head = desk.Head{ID: in.Ref.ID, Kind: in.Kind, Owner: in.From, Place: string(in.From), Version: in.Ref.Version, State: s.State, Created: desk.Mark{At: in.Received},
		Changed: desk.Mark{At: in.Issued}, Due: in.Due, Marking: in.Marking, Exercise: in.Exercise}
	b.CopyOf, b.Release = in.ID, in.ID
	if in.Withdraws != "" || s.ID != in.Ref.ID || s.Owner != in.From || s.Version != in.Ref.Version || s.Version < 1 || s.Marking != in.Marking || s.Kind != in.Kind ||
		!slices.Contains(states, s.State) || long(s.ClearedAs, 4*MaxTitle) {
		return r, foreign()
	}
	return r, P(&r).validate()
}

// receiver keeps the newest version of another member's record; an older one
// that comes later, or again, changes nothing.
func receiver[V, R any, PV view[V, R], P record[R]](d *Desk, states []workflow.State) exchange.Handler {
	return func(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
		r, err := Decode[V, R, PV, P](&in, states)
		if err != nil {
			return err
		}
		_, err = keep[R, P](ctx, d, tx, &r, in.From)
		return err
	}
}

// keep stores a copy and reports whether it is the newest.
func keep[R any, P record[R]](ctx context.Context, d *Desk, tx *db.Tx, r *R, from access.Member) (bool, error) {
	b := P(r).base()
	var owner, copyOf, kind string
	var version int
	found, err := tx.Row(ctx, `SELECT owner, copy_of, kind, version FROM trail_record WHERE id = ?`, []any{string(b.ID)}, &owner, &copyOf, &kind, &version)
	switch {
	case err != nil:
		return false, err
	case !found:
		err = insert[R, P](ctx, tx, r)
	case copyOf == "" || owner != string(from) || kind != b.Kind:
		return false, foreign()
	case version >= b.Version:
		return false, nil
	default:
		err = update[R, P](ctx, tx, r, version)
	}
	d.env.Notify(tx, topics(b, P(r).columns())...)
	return err == nil, err
}

// receiveProposal keeps the proposer's half and lets it act on the half of this
// state, if it is the one that is asked.
func (d *Desk) receiveProposal(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	p, err := Decode[ProposalView, Proposal, *ProposalView, *Proposal](&in, []workflow.State{Proposed, Verified, Closed})
	if err != nil {
		return err
	}
	if p.Round < 1 || p.For != d.env.Member && !slices.Contains(p.Inform, d.env.Member) || p.State == Closed && p.Reason == "" {
		return foreign()
	}
	if p.State == Verified {
		if v, ok := p.Verdict(); !ok || !v.Shown || v.Words == "" {
			return foreign()
		}
	}
	newest, err := keep[Proposal, *Proposal](ctx, d, tx, &p, in.From)
	if err != nil || !newest || p.For != d.env.Member {
		return err
	}
	return d.apply(ctx, tx, &p)
}

// receiveAction keeps what the state that was asked says. Each proposal has one
// answer: a second one of the same state is refused.
func (d *Desk) receiveAction(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	a, err := Decode[ActionView, Action, *ActionView, *Action](&in, []workflow.State{Offered, Accepted, Countered, Declined, Working, Done, Dropped, Verified, Ended})
	if err != nil {
		return err
	}
	if slices.Contains([]workflow.State{Countered, Declined, Dropped}, a.State) && a.Reason == "" || a.State == Done && a.Evidence == "" {
		return foreign()
	}
	var one int
	other, err := tx.Row(ctx, `SELECT 1 FROM trail_record WHERE parent = ? AND kind = ? AND owner = ? AND id <> ?`,
		[]any{string(a.Proposal), KindAction, string(in.From), string(a.ID)}, &one)
	if err == nil && other {
		err = foreign()
	}
	if err == nil {
		_, err = keep[Action, *Action](ctx, d, tx, &a, in.From)
	}
	return err
}
