package risk

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/workflow"
)

// noDue stops the clock of a copy that is no longer in force.
var noDue time.Time

// Handlers are the part's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{KindAssessment: d.env.Receives(Name, KindAssessment, d.receiveAssessment),
		KindPosition: d.env.Receives(Name, KindPosition, d.receivePosition)}
}

// DecodeAssessment reads the body of a release, as far as it can be judged
// without what this node knows.
func DecodeAssessment(body []byte) (AssessmentView, error) {
	var v AssessmentView
	if err := json.Unmarshal(body, &v); err != nil {
		return v, fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	a := assessmentOf(&v)
	if err := validateAssessment(&a); err != nil {
		return v, err
	}
	v.Title, v.Questions, v.Actions, v.Contributors = a.Title, a.Questions, a.Actions, a.Contributors
	var c fault.Check
	c.That(len(v.Questions) > 0 && whole(v.HazardPart) && whole(v.ExposurePart) && whole(v.ContextPart), "hazard_part", "fault.risk.incomplete")
	c.That(slices.Contains(Confidences, v.Confidence), "confidence", "fault.risk.confidence")
	c.That(len(v.ReviewedAs) <= MaxLine*4 && len(v.ApprovedAs) <= MaxLine*4 && len(v.EventName) <= MaxLine*4 && len(v.Hazard) <= MaxTitle, "title", "fault.risk.incomplete")
	for i, p := range v.Populations {
		checkResult(&c, i+1, Inputs{p.Likelihood, p.Consequence, v.Unknowns}, p.Result)
	}
	return v, c.Err()
}

// checkResult refuses a level that the stated matrix does not give, where this
// node carries the same text of it.
func checkResult(c *fault.Check, row int, in Inputs, r Result) {
	same, known := Recompute(in, r)
	c.Row(same || !known, row, "level", "fault.risk.recompute")
	c.Row(r.Level.Rank() >= 0 && r.Base.Rank() >= 0 && r.Level.Rank() >= r.Base.Rank() && r.Likelihood.rank() < len(Likelihoods) && r.Consequence.rank() >= 0,
		row, "level", "fault.risk.level")
	c.Row(len(r.Matrix) <= 40 && len(r.Digest) <= 64, row, "level", "fault.risk.level")
}

// assessmentOf is the copy that a view becomes.
func assessmentOf(v *AssessmentView) Assessment {
	a := Assessment{Event: v.Event, EventName: v.EventName, EventOwner: v.EventOwner, EventAt: v.EventAt, Hazard: v.Hazard, Scope: v.Scope,
		Title: v.Title, Lang: v.Lang, Questions: v.Questions, HazardPart: v.HazardPart, ExposurePart: v.ExposurePart, ContextPart: v.ContextPart,
		Populations: v.Populations, Unknowns: v.Unknowns, Confidence: v.Confidence, Actions: v.Actions, Contributors: v.Contributors,
		ValidUntil: v.ValidUntil, To: v.To, ReviewedAs: v.ReviewedAs, ApprovedAs: v.ApprovedAs, Published: v.Published,
		Supersedes: v.Supersedes, Before: v.Previous}
	a.Owner, a.Marking = v.Owner, v.Marking
	return a
}

func (d *Desk) receiveAssessment(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	if in.Withdraws != "" {
		return d.withdrawnAssessment(ctx, tx, in)
	}
	v, err := DecodeAssessment(in.Body)
	if err != nil {
		return err
	}
	if v.ID != in.Ref.ID || v.Owner != in.From || v.Version != in.Ref.Version || !slices.Contains(v.To, d.env.Member) || v.State != Published {
		return fault.New(fault.Forbidden, "fault.risk.not_sender")
	}
	a := assessmentOf(&v)
	a.Head = head(KindAssessment, &in, Published)
	a.CopyOf, a.Release, a.Replaces = in.ID, in.ID, in.Supersedes
	reason, withdrawn, err := gone(ctx, tx, in.ID, in.From)
	if err != nil {
		return err
	}
	late, err := replaced(ctx, tx, KindAssessment, in.From, in.ID)
	switch {
	case err != nil:
		return err
	case withdrawn:
		a.empty(reason)
	case late: // what supersedes it was faster
		a.State, a.Due = Superseded, noDue
	}
	old, err := loadAssessment(ctx, tx, a.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		err = insertAssessment(ctx, tx, &a)
	case err != nil:
		return err
	case old.Own() || old.Owner != in.From:
		return fault.New(fault.Forbidden, "fault.risk.not_sender")
	case old.Version >= a.Version:
		return nil
	default:
		err = updateAssessment(ctx, tx, &a, old.Version)
	}
	if err != nil {
		return err
	}
	d.env.Notify(tx, topics(a.ID, a.Event)...)
	return d.outdate(ctx, tx, in)
}

// outdate marks the copy that the release supersedes.
func (d *Desk) outdate(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	if in.Supersedes == "" {
		return nil
	}
	rid, ok, err := copyOf(ctx, tx, in.Kind, in.Supersedes)
	if err != nil || !ok {
		return err
	}
	if in.Kind == KindPosition {
		p, err := loadPosition(ctx, tx, rid)
		if err != nil || p.Owner != in.From || p.State != Released {
			return err
		}
		p.State, p.Changed.At = Superseded, in.Issued
		return updatePosition(ctx, tx, &p, p.Version)
	}
	a, err := loadAssessment(ctx, tx, rid)
	if err != nil || a.Owner != in.From || a.State != Published {
		return err
	}
	a.State, a.Due, a.Changed.At = Superseded, noDue, in.Issued
	return updateAssessment(ctx, tx, &a, a.Version)
}

// withdrawnAssessment empties the copy and keeps a tombstone with the reason.
func (d *Desk) withdrawnAssessment(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	rid, ok, err := copyOf(ctx, tx, KindAssessment, in.Withdraws)
	if err != nil {
		return err
	}
	if !ok {
		return noteGone(ctx, tx, in.Withdraws, in.From, cut(in.Reason, MaxReason))
	}
	a, err := loadAssessment(ctx, tx, rid)
	if err != nil {
		return err
	}
	if a.Owner != in.From {
		return fault.New(fault.Forbidden, "fault.risk.not_sender")
	}
	a.empty(cut(in.Reason, MaxReason))
	a.Changed.At = in.Issued
	d.env.Notify(tx, topics(a.ID, a.Event)...)
	return updateAssessment(ctx, tx, &a, a.Version)
}

// empty takes the content out of a withdrawn copy.
func (a *Assessment) empty(reason string) {
	a.State, a.Reason, a.Due = Withdrawn, reason, noDue
	a.Questions, a.Populations, a.Unknowns, a.Actions, a.Contributors, a.Before = nil, nil, nil, nil, nil, nil
	a.HazardPart, a.ExposurePart, a.ContextPart, a.Confidence = Part{}, Part{}, Part{}, ""
}

// DecodePosition reads the body of a release.
func DecodePosition(body []byte) (PositionView, error) {
	var v PositionView
	if err := json.Unmarshal(body, &v); err != nil {
		return v, fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	p := positionOf(&v)
	if err := validatePosition(&p); err != nil {
		return v, err
	}
	v.Reasons = p.Reasons
	var c fault.Check
	c.That(v.Reasons != "" || v.Stance == Agree, "reasons", "fault.risk.incomplete")
	c.That(utf8.RuneCountInString(v.Title) <= MaxTitle && len(v.ClearedAs) <= MaxLine*4, "title", "fault.risk.incomplete")
	checkResult(&c, 0, p.inputs(), v.Result)
	return v, c.Err()
}

func positionOf(v *PositionView) Position {
	p := Position{Assessment: v.Assessment, AssessmentOwner: v.AssessmentOwner, AssessmentAt: v.AssessmentAt, Event: v.Event, Title: v.Title,
		Lang: v.Lang, Stance: v.Stance, Held: v.Held, Importation: v.Importation, Consequence: v.Consequence, Receptivity: v.Receptivity,
		Capacity: v.Capacity, Result: v.Result, Stated: v.Stated, Reasons: v.Reasons, ClearedAs: v.ClearedAs, Released: v.Released,
		Supersedes: v.Supersedes}
	p.Owner, p.Marking = v.Owner, v.Marking
	return p
}

// receivePosition keeps another state's position. It may come before the
// assessment that it answers, since the two have different senders.
func (d *Desk) receivePosition(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	if in.Withdraws != "" {
		return d.withdrawnPosition(ctx, tx, in)
	}
	v, err := DecodePosition(in.Body)
	if err != nil {
		return err
	}
	if v.ID != in.Ref.ID || v.Owner != in.From || v.Version != in.Ref.Version || v.State != Released || !slices.Contains(access.States, in.From) || v.Owner == v.AssessmentOwner {
		return fault.New(fault.Forbidden, "fault.risk.not_sender")
	}
	if err := d.checkAsked(ctx, tx, &v); err != nil {
		return err
	}
	p := positionOf(&v)
	p.Head = head(KindPosition, &in, Released)
	p.CopyOf, p.Release, p.Replaces = in.ID, in.ID, in.Supersedes
	reason, withdrawn, err := gone(ctx, tx, in.ID, in.From)
	if err != nil {
		return err
	}
	late, err := replaced(ctx, tx, KindPosition, in.From, in.ID)
	switch {
	case err != nil:
		return err
	case withdrawn:
		p.empty(reason)
	case late:
		p.State = Superseded
	}
	old, err := loadPosition(ctx, tx, p.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		err = insertPosition(ctx, tx, &p)
	case err != nil:
		return err
	case old.Own() || old.Owner != in.From:
		return fault.New(fault.Forbidden, "fault.risk.not_sender")
	case old.Version >= p.Version:
		return nil
	default:
		err = updatePosition(ctx, tx, &p, old.Version)
	}
	if err != nil {
		return err
	}
	if err := d.outdate(ctx, tx, in); err != nil {
		return err
	}
	d.env.Notify(tx, topics(p.Assessment, p.Event)...)
	return d.complete(ctx, tx, &p)
}

// checkAsked refuses a position on a known assessment by who was not asked, or
// that names another owner of it.
func (d *Desk) checkAsked(ctx context.Context, tx *db.Tx, v *PositionView) error {
	a, err := loadAssessment(ctx, tx, v.Assessment)
	if fault.Is(err, fault.NotFound) {
		if v.AssessmentOwner == d.env.Member {
			return fault.New(fault.Forbidden, "fault.risk.not_asked")
		}
		return nil
	}
	if err == nil && (a.Owner != v.AssessmentOwner || !slices.Contains(a.To, v.Owner) || a.Published.IsZero()) {
		err = fault.New(fault.Forbidden, "fault.risk.not_asked")
	}
	return err
}

// complete stops the clock of an own assessment once every state that was
// asked has taken its position.
func (d *Desk) complete(ctx context.Context, tx *db.Tx, p *Position) error {
	a, err := loadAssessment(ctx, tx, p.Assessment)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || !a.Own() || a.State != Published || a.Due.IsZero() {
		return err
	}
	all, err := positionsOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	for _, m := range a.To {
		if slices.Contains(access.States, m) && !slices.ContainsFunc(all, func(p Position) bool { return p.Owner == m && p.State == Released }) {
			return nil
		}
	}
	_, err = desk.TakeIn(ctx, d.env, tx, d.assessments, access.Node(d.env.Member), a.ID, 0, "complete", desk.Change[Assessment]{})
	return err
}

func (d *Desk) withdrawnPosition(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	rid, ok, err := copyOf(ctx, tx, KindPosition, in.Withdraws)
	if err != nil {
		return err
	}
	if !ok {
		return noteGone(ctx, tx, in.Withdraws, in.From, cut(in.Reason, MaxReason))
	}
	p, err := loadPosition(ctx, tx, rid)
	if err != nil {
		return err
	}
	if p.Owner != in.From {
		return fault.New(fault.Forbidden, "fault.risk.not_sender")
	}
	p.empty(cut(in.Reason, MaxReason))
	p.Changed.At = in.Issued
	d.env.Notify(tx, topics(p.Assessment, p.Event)...)
	return updatePosition(ctx, tx, &p, p.Version)
}

func (p *Position) empty(reason string) {
	p.State, p.Reason = Withdrawn, reason
	p.Stance, p.Held, p.Stated, p.Reasons, p.Importation, p.Consequence, p.Capacity = "", "", "", "", "", "", ""
	p.Receptivity, p.Result = nil, Result{}
}

// head of a copy.
func head(kind string, in *exchange.Inbound, state workflow.State) desk.Head {
	return desk.Head{ID: in.Ref.ID, Kind: kind, Owner: in.From, State: state, Place: string(in.From), Version: in.Ref.Version,
		Created: desk.Mark{At: in.Received}, Changed: desk.Mark{At: in.Issued}, Due: in.Due, Marking: in.Marking, Exercise: in.Exercise}
}

func cut(s string, n int) string {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
