package trail

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Pair is an action as both halves give it.
type Pair struct {
	Proposal    ProposalView
	OwnProposal bool
	Action      *ActionView // nil: the state that was asked has not answered, as far as is known here
	OwnAction   bool
	Stage       workflow.State
	Due         time.Time
	Late        bool
}

// Terms are those that hold, or those that are asked for.
func (p *Pair) Terms() Terms {
	if p.Action != nil && p.Stage != Draft && p.Action.Round == p.Proposal.Round {
		return p.Action.Terms
	}
	return p.Proposal.Terms
}

// stage is how an action stands by its two halves. Offered covers both an
// unanswered question and one that has not arrived.
func stage(p *Proposal, a *Action) workflow.State {
	switch {
	case p.State != Proposed:
		return p.State
	case a == nil:
		return Offered
	}
	return a.State
}

// busy are the stages in which the state that was asked is at work.
var busy = []workflow.State{Accepted, Working, Finished}

func pairOf(p *Proposal, a *Action, now time.Time) Pair {
	out := Pair{Proposal: p.View(), OwnProposal: p.Own(), Stage: stage(p, a)}
	if a != nil {
		v := a.View()
		if out.OwnAction = a.Own(); a.Own() {
			v.Notes = a.Notes
		}
		out.Action = &v
	}
	switch {
	case out.Stage == Offered:
		out.Due = p.Due
	case slices.Contains(busy, out.Stage):
		out.Due = endOf(a.By)
	case out.Stage == Done:
		out.Due = a.Released.Add(VerifyLimit)
	}
	out.Late = Late(out.Due, now)
	return out
}

const (
	stageSQL = `CASE WHEN p.state <> 'proposed' THEN p.state WHEN a.state IS NULL THEN 'offered' ELSE a.state END`
	pairSQL  = `SELECT p.doc, COALESCE(a.doc, '') FROM trail_record p LEFT JOIN trail_record a ON a.parent = p.id AND a.kind = 'trail.action' AND a.owner = p.for_member WHERE p.kind = 'trail.proposal' AND p.state <> 'discarded'`
)

// Actions that the actor may see, what is due first, and whether there are more.
func (d *Desk) Actions(ctx context.Context, actor access.Actor, f Filter) ([]Pair, bool, error) {
	if !sees(actor, &Base{}) {
		return nil, false, nil
	}
	var out []Pair
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = pairs(ctx, tx, actor, d.env.Clock.Now(), f)
		return err
	})
	more := len(out) > f.limit()
	return out[:min(len(out), f.limit())], more, err
}

// pairs reads one more than the limit.
func pairs(ctx context.Context, tx *db.Tx, actor access.Actor, now time.Time, f Filter) ([]Pair, error) {
	cond, args := f.conditions(actor, "p")
	add := func(on bool, c string, a ...any) {
		if on {
			cond, args = append(cond, c), append(args, a...)
		}
	}
	add(f.Owner != "", "p.for_member = ?", string(f.Owner))
	add(f.Proposer != "", "p.owner = ?", string(f.Proposer))
	add(f.State != "", stageSQL+" = ?", string(f.State))
	add(f.Open || f.Late, "p.open = 1 AND COALESCE(a.open, 1) = 1")
	add(f.Late, `(`+stageSQL+` IN ('accepted', 'working', 'finished') AND a.day > 0 AND a.day < ? OR `+stageSQL+` = 'offered' AND p.due > 0 AND p.due < ? OR `+
		stageSQL+` = 'done' AND a.changed < ?)`, clock.Micros(now), clock.Micros(now), clock.Micros(now.Add(-VerifyLimit)))
	query := pairSQL
	if len(cond) > 0 {
		query += " AND " + strings.Join(cond, " AND ")
	}
	if f.After != nil {
		return readPairs(ctx, tx, now, query+` AND p.id > ? ORDER BY p.id LIMIT ?`, append(args, string(f.After.ID), f.limit()+1)...)
	}
	return readPairs(ctx, tx, now, query+` ORDER BY p.open DESC, COALESCE(a.day, p.day), p.id LIMIT ? OFFSET ?`, append(args, f.limit()+1, max(f.Offset, 0))...)
}

// pairsOn are the actions that speak of a finding or a recommendation.
func pairsOn(ctx context.Context, tx *db.Tx, actor access.Actor, now time.Time, target id.ID) ([]Pair, error) {
	list, err := readPairs(ctx, tx, now, pairSQL+` AND p.id IN (SELECT record FROM trail_link WHERE target = ?) ORDER BY p.id`, string(target))
	return slices.DeleteFunc(list, func(p Pair) bool { return !sees(actor, &Base{Head: desk.Head{Marking: p.Proposal.Marking}}) }), err
}

func readPairs(ctx context.Context, tx *db.Tx, now time.Time, query string, args ...any) ([]Pair, error) {
	var out []Pair
	err := tx.Each(ctx, query, args, func(scan func(...any) error) error {
		var pd, ad string
		if err := scan(&pd, &ad); err != nil {
			return err
		}
		var p Proposal
		if err := json.Unmarshal([]byte(pd), &p); err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", err)
		}
		var act *Action
		if ad != "" {
			act = &Action{}
			if err := json.Unmarshal([]byte(ad), act); err != nil {
				return fault.Wrap(fault.Internal, "fault.internal", err)
			}
		}
		out = append(out, pairOf(&p, act, now))
		return nil
	})
	return out, err
}

// PairPage is an action with the trail that leads to it.
type PairPage struct {
	Pair
	ProposalOffers []workflow.Offer
	ActionOffers   []workflow.Offer
	Recommendation *RecommendationView
	Findings       []FindingView
	From           string
}

// Action reads an action by its proposal, or by the half of the state asked.
func (d *Desk) Action(ctx context.Context, actor access.Actor, rid id.ID) (PairPage, error) {
	var out PairPage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := d.loadProposal(ctx, tx, rid)
		if fault.Is(err, fault.NotFound) {
			var a Action
			if a, err = load[Action, *Action](ctx, tx, rid); err == nil {
				p, err = d.loadProposal(ctx, tx, a.Proposal)
			}
		}
		if err == nil && !sees(actor, &p.Base) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		now := d.env.Clock.Now()
		out = PairPage{Pair: pairOf(&p, p.act, now), From: d.PathOf(p.Source)}
		if p.Own() {
			out.ProposalOffers = Proposals.Offers(p, actor, now)
		}
		if p.act != nil && p.act.Own() {
			a := *p.act
			a.prop = &p
			out.ActionOffers = Actions.Offers(a, actor, now)
		}
		if out.Findings, err = findingViews(ctx, tx, actor, p.Findings); err != nil || p.Recommendation == "" {
			return err
		}
		r, err := load[Recommendation, *Recommendation](ctx, tx, p.Recommendation)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err == nil && sees(actor, &r.Base) {
			v := r.View()
			out.Recommendation = &v
		}
		return err
	})
	return out, err
}

// Chain is all that came of one source.
type Chain struct {
	Findings        []FindingView
	Recommendations []RecommendationView
	Actions         []Pair
}

// Of is the trail that begins at a source, as far as the actor may see it.
func (d *Desk) Of(ctx context.Context, actor access.Actor, source id.ID) (Chain, error) {
	var out Chain
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		f := Filter{Source: source, Limit: mostRows}
		fs, _, err := papers[Finding, *Finding](ctx, tx, actor, KindFinding, f)
		for i := range slices.Backward(fs) { // the oldest first
			out.Findings = append(out.Findings, fs[i].View())
		}
		if err != nil {
			return err
		}
		rs, _, err := papers[Recommendation, *Recommendation](ctx, tx, actor, KindRecommendation, f)
		for i := range slices.Backward(rs) {
			out.Recommendations = append(out.Recommendations, rs[i].View())
		}
		if err != nil || !sees(actor, &Base{}) {
			return err
		}
		out.Actions, err = pairs(ctx, tx, actor, d.env.Clock.Now(), f)
		return err
	})
	return out, err
}

// Standing is how far the trail of a source is, for the desk whose record it is.
type Standing struct {
	Findings int // of this member
	Drafts   int // findings and recommendations that are not settled
	Idle     int // own gaps from which nothing follows, and nobody said why
	Others   int // such gaps of other members
	Actions  int
	Open     int // actions that are neither verified nor ended with a reason
	Own      int // those of them that this member asked for or was asked for
	// Digest of which versions of own findings and recommendations there are, so
	// that what was agreed on is what leaves.
	Digest string
}

// StandingOf counts in the transaction of the source's step.
func (d *Desk) StandingOf(ctx context.Context, tx *db.Tx, source id.ID) (Standing, error) {
	var s Standing
	fs, err := docs[Finding](ctx, tx, `SELECT doc FROM trail_record WHERE source = ? AND kind = ? AND state NOT IN (?, ?) ORDER BY id`,
		string(source), KindFinding, string(Discarded), string(Withdrawn))
	for i := range fs {
		f := &fs[i]
		if err != nil {
			return s, err
		}
		if f.Own() {
			s.Findings++
			if f.State == Draft {
				s.Drafts++
			}
		}
		n := 0
		if n, err = follows(ctx, tx, f.ID); n > 0 || f.Sort != Gap || f.NoAction != "" {
			continue
		}
		if f.Own() {
			s.Idle++
		} else {
			s.Others++
		}
	}
	if err != nil {
		return s, err
	}
	var n int
	if _, err = tx.Row(ctx, `SELECT COUNT(*) FROM trail_record WHERE source = ? AND kind = ? AND state = ? AND copy_of = ''`, []any{string(source), KindRecommendation, string(Draft)}, &n); err != nil {
		return s, err
	}
	s.Drafts += n
	var versions []string
	if err := tx.Each(ctx, `SELECT id, version FROM trail_record WHERE source = ? AND kind IN (?, ?) AND copy_of = '' AND state NOT IN (?, ?) ORDER BY id`,
		[]any{string(source), KindFinding, KindRecommendation, string(Discarded), string(Withdrawn)}, func(scan func(...any) error) error {
			var rid string
			var version int
			err := scan(&rid, &version)
			versions = append(versions, rid+" "+strconv.Itoa(version))
			return err
		}); err != nil {
		return s, err
	}
	s.Digest = history.Digest([]byte(strings.Join(versions, "\n")))
	list, err := readPairs(ctx, tx, d.env.Clock.Now(), pairSQL+` AND p.source = ?`, string(source))
	for i := range list {
		s.Actions++
		if !slices.Contains(over, list[i].Stage) {
			s.Open++
			if list[i].OwnProposal || list[i].Proposal.For == d.env.Member {
				s.Own++
			}
		}
	}
	return s, err
}

// over are the stages in which an action is verified or ended with a reason.
var over = []workflow.State{Verified, Closed, Dropped, Ended}
