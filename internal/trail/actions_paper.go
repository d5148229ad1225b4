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

// Input is what a person enters of any record of the trail beside its content.
type Input struct {
	Title, Lang string
	Marking     access.Marking
}

func (in *Input) into(b *Base) { b.Title, b.Lang, b.Marking = in.Title, in.Lang, in.Marking }

// FindingInput is what a person enters of a finding.
type FindingInput struct {
	Input
	FindingText
}

// DraftFinding begins a finding from a record of a desk, which the caller has
// shown that the actor may see.
func (d *Desk) DraftFinding(ctx context.Context, actor access.Actor, s Source, exercise string, in FindingInput) (Finding, error) {
	f := Finding{Base: Base{Source: s, Authors: []id.ID{actor.Account}}, FindingText: in.FindingText}
	f.Place, f.Exercise = string(d.env.Member), exercise
	in.into(&f.Base)
	return desk.Create(ctx, d.env, d.findings, actor, f, "draft", desk.Change[Finding]{})
}

// EditFinding changes a draft; who edits becomes an author.
func (d *Desk) EditFinding(ctx context.Context, actor access.Actor, rid id.ID, seen int, in FindingInput) (Finding, error) {
	return take(ctx, d, d.findings, actor, rid, seen, "edit", desk.Change[Finding]{Edit: func(f *Finding) error {
		in.into(&f.Base)
		f.FindingText = in.FindingText
		f.wrote(actor)
		return nil
	}})
}

// RecommendationInput is what a person enters of a recommendation.
type RecommendationInput struct {
	Input
	RecommendationText
}

// DraftRecommendation begins a recommendation on findings that the actor sees,
// own ones and those that others released.
func (d *Desk) DraftRecommendation(ctx context.Context, actor access.Actor, in RecommendationInput) (Recommendation, error) {
	var out Recommendation
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		r := Recommendation{Base: Base{Authors: []id.ID{actor.Account}}, RecommendationText: in.RecommendationText}
		r.Place = string(d.env.Member)
		in.into(&r.Base)
		fs, err := d.findingsIn(ctx, tx, actor, in.Findings)
		if err != nil {
			return err
		}
		from(&r.Base, &r.Theme, &r.Affected, fs)
		out, err = desk.CreateIn(ctx, d.env, tx, d.recommendations, actor, r, "draft", desk.Change[Recommendation]{})
		return err
	})
	return out, err
}

// EditRecommendation changes a draft.
func (d *Desk) EditRecommendation(ctx context.Context, actor access.Actor, rid id.ID, seen int, in RecommendationInput) (Recommendation, error) {
	return take(ctx, d, d.recommendations, actor, rid, seen, "edit", desk.Change[Recommendation]{Edit: func(r *Recommendation) error {
		findings, affected := r.Findings, r.Affected
		in.into(&r.Base)
		r.RecommendationText = in.RecommendationText
		r.Findings, r.Affected = findings, affected
		r.wrote(actor)
		return nil
	}})
}

// findingsIn are findings that the actor may see; one that is not there, or
// was withdrawn, is refused.
func (d *Desk) findingsIn(ctx context.Context, tx *db.Tx, actor access.Actor, list []id.ID) ([]Finding, error) {
	var out []Finding
	for _, fid := range list {
		f, err := load[Finding, *Finding](ctx, tx, fid)
		if err == nil && !sees(actor, &f.Base) {
			err = desk.NotFound()
		}
		if err != nil {
			return nil, err
		}
		if f.State == Withdrawn || f.State == Discarded {
			return nil, fault.New(fault.Conflict, "fault.trail.gone")
		}
		out = append(out, f)
	}
	if len(out) == 0 {
		return nil, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "findings", Key: "fault.trail.findings"}}}
	}
	return out, nil
}

// from carries what holds of the findings on to what follows from them.
func from(b *Base, theme *string, affected *[]string, fs []Finding) {
	b.Source, b.Exercise = fs[0].Source, fs[0].Exercise
	*affected = nil
	for _, f := range fs {
		if *theme == "" {
			*theme = f.Theme
		}
		for _, g := range f.Affected {
			if g != NotExamined && !slices.Contains(*affected, g) {
				*affected = append(*affected, g)
			}
		}
	}
}

// paperSteps are the steps of findings and recommendations that need at most a
// reason.
var paperSteps = []workflow.Verb{"settle", "return", "mend", "discard"}

// StepInput is what a step may bring.
type StepInput struct {
	Reason string
	To     []access.Member // of a release
	Terms  Terms           // of a counter-proposal, a revision, a new date
	Words  string          // of a verdict, a line of progress, a completion
	Post   string          // who is responsible
}

// StepFinding takes a step of a finding.
func (d *Desk) StepFinding(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, in StepInput) (Finding, error) {
	return stepPaper(ctx, d, d.findings, actor, rid, seen, verb, in)
}

// StepRecommendation takes a step of a recommendation.
func (d *Desk) StepRecommendation(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, in StepInput) (Recommendation, error) {
	return stepPaper(ctx, d, d.recommendations, actor, rid, seen, verb, in)
}

func stepPaper[R any, P viewed[R]](ctx context.Context, d *Desk, k *desk.Kind[R], actor access.Actor, rid id.ID, seen int, verb workflow.Verb, in StepInput) (R, error) {
	c := desk.Change[R]{Detail: detail(in.Reason)}
	switch {
	case slices.Contains(paperSteps, verb):
		c.Edit = func(r *R) error { P(r).base().Reason = in.Reason; return nil }
	case slices.Contains([]workflow.Verb{"release", "send_on", "withdraw"}, verb):
		c = releasing[R, P](d, actor, verb, in)
	default:
		var zero R
		return zero, fault.New(fault.Invalid, "fault.invalid")
	}
	return take(ctx, d, k, actor, rid, seen, verb, c)
}

// releasing lets a paper go to members or to more of them, or takes it back from
// all that had it.
func releasing[R any, P viewed[R]](d *Desk, actor access.Actor, verb workflow.Verb, in StepInput) desk.Change[R] {
	return desk.Change[R]{Detail: detail(in.Reason), Edit: func(r *R) error {
		b := P(r).base()
		b.Reason, b.Release = in.Reason, d.env.IDs.New()
		if verb == "withdraw" {
			return nil
		}
		had := len(b.To)
		for _, m := range in.To {
			// Who had an earlier version gets the new one too.
			if !slices.Contains(b.To, m) {
				b.To = append(b.To, m)
			}
		}
		if verb == "release" {
			b.ClearedAs, b.Released = actor.Name, d.env.Clock.Now()
		}
		if len(b.To) == 0 || verb == "send_on" && len(b.To) == had {
			return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "to", Key: "fault.trail.to"}}}
		}
		return nil
	}, Then: func(ctx context.Context, tx *db.Tx, r *R) error { return d.send(ctx, tx, P(r).base(), P(r).out()) }}
}

func detail(reason string) map[string]any {
	if reason == "" {
		return nil
	}
	return map[string]any{"reason": reason}
}

// take checks that the actor may know of the record before its step.
func take[R any](ctx context.Context, d *Desk, k *desk.Kind[R], actor access.Actor, rid id.ID, seen int, verb workflow.Verb, c desk.Change[R]) (R, error) {
	var out R
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := k.Load(ctx, tx, rid)
		if err == nil && !sees(actor, baseOf(r)) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, k, actor, rid, seen, verb, c)
		return err
	})
	return out, err
}

// ReleaseOf releases, in the transaction of a desk that releases a record, the
// settled findings and recommendations that came from it, and sends those that
// were released before to the members that do not have them. What is a draft
// still stays; the caller asks Unsettled first. Who settled them must not be who
// releases them, as for each alone.
func (d *Desk) ReleaseOf(ctx context.Context, tx *db.Tx, actor access.Actor, source id.ID, to []access.Member) error {
	if err := releaseAll[Finding, *Finding](ctx, d, tx, d.findings, actor, source, to); err != nil {
		return err
	}
	return releaseAll[Recommendation, *Recommendation](ctx, d, tx, d.recommendations, actor, source, to)
}

func releaseAll[R any, P viewed[R]](ctx context.Context, d *Desk, tx *db.Tx, k *desk.Kind[R], actor access.Actor, source id.ID, to []access.Member) error {
	list, err := docs[R](ctx, tx, `SELECT doc FROM trail_record WHERE source = ? AND kind = ? AND copy_of = '' AND state IN (?, ?) ORDER BY id`, string(source), k.Name, string(Final), string(Released))
	for i := range list {
		if err != nil {
			return err
		}
		b, verb := P(&list[i]).base(), workflow.Verb("release")
		if b.State == Released {
			if !slices.ContainsFunc(to, func(m access.Member) bool { return !slices.Contains(b.To, m) }) {
				continue
			}
			verb = "send_on"
		}
		_, err = desk.TakeIn(ctx, d.env, tx, k, actor, b.ID, 0, verb, releasing[R, P](d, actor, verb, StepInput{To: to}))
	}
	return err
}
