package ihr

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Precedent is an earlier assessment of this node that was answered alike.
type Precedent struct {
	View    Annex2View
	Pattern map[string]Answer
	Differs int  // questions with another answer
	Same    bool // the same hazard; else only the same class
}

// Annex2Page is all that the page of an assessment shows to one actor.
type Annex2Page struct {
	View       Annex2View
	Offers     []workflow.Offer
	Reading    string // first or second: whose answers the actor may enter now; empty: none
	Precedents []Precedent
	Timeline   []history.Entry
}

// Annex2Page reads an assessment.
func (d *Desk) Annex2Page(ctx context.Context, actor access.Actor, aid id.ID) (Annex2Page, error) {
	var p Annex2Page
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		a, err := d.visibleAnnex2(ctx, tx, actor, aid)
		if err != nil {
			return err
		}
		p = Annex2Page{View: viewAnnex2(&a, actor), Offers: Annex2s.Offers(a, actor, d.env.Clock.Now())}
		p.Reading = readingOf(&a, actor, p.Offers)
		if p.Precedents, err = precedents(ctx, tx, actor, &a, &p.View); err != nil {
			return err
		}
		p.Timeline, err = history.Of(ctx, tx, a.ID)
		return err
	})
	return p, err
}

func readingOf(a *Annex2, actor access.Actor, offers []workflow.Offer) string {
	i := slices.IndexFunc(offers, func(o workflow.Offer) bool { return o.Verb == "answer" })
	if i < 0 || len(offers[i].Unmet) > 0 {
		return ""
	}
	if a.State == SecondRead {
		return "second"
	}
	return "first"
}

// mostPrecedents is how many are shown, of the newest that are searched.
const (
	mostPrecedents = 8
	searched       = 500
)

// precedents are decided assessments of the same class of hazard in which at
// most one question was answered otherwise than in the reading that the actor
// may see: the own one, or the one that the decision rests on.
func precedents(ctx context.Context, tx *db.Tx, actor access.Actor, a *Annex2, v *Annex2View) ([]Precedent, error) {
	own := v.Second
	if own == nil || a.State == Decided && a.Follows == "first" {
		own = v.First
	}
	if own == nil || len(own.Replies) == 0 {
		return nil, nil
	}
	all, err := annexStore.all(ctx, tx, `subject = ? AND state IN (?, ?) AND id <> ? ORDER BY changed DESC LIMIT ?`, a.Class, string(Decided),
		string(Superseded), string(a.ID), searched)
	if err != nil {
		return nil, err
	}
	r := reach(actor)
	var out []Precedent
	for _, x := range all {
		if x.Outcome == "" || x.Path != a.Path || !sees(r, &x.Head, true) {
			continue
		}
		p := Precedent{View: viewAnnex2(&x, actor), Pattern: pattern(x.adopted().Replies), Same: x.Hazard == a.Hazard}
		for _, q := range Current().Asked(a.Path) {
			if own.Replies[q.ID].Answer != x.adopted().Replies[q.ID].Answer {
				p.Differs++
			}
		}
		if p.Differs <= 1 {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Precedent) int {
		if a.Same != b.Same {
			if a.Same {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Differs, b.Differs)
	})
	return out[:min(len(out), mostPrecedents)], nil
}

func pattern(replies map[string]Reply) map[string]Answer {
	out := map[string]Answer{}
	for q, r := range replies {
		out[q] = r.Answer
	}
	return out
}

// Annex2s lists the assessments of an event, or of all with an empty id, the
// newest first.
func (d *Desk) Annex2s(ctx context.Context, actor access.Actor, event id.ID, limit int) ([]Annex2View, error) {
	var out []Annex2View
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		where, args := "1 = 1", []any{}
		if event != "" {
			where, args = "event = ?", []any{string(event)}
		}
		all, err := annexStore.all(ctx, tx, where+` ORDER BY changed DESC LIMIT ?`, append(args, limit)...)
		r := reach(actor)
		for _, a := range all {
			if sees(r, &a.Head, true) {
				out = append(out, viewAnnex2(&a, actor))
			}
		}
		return err
	})
	return out, err
}

// MayOpen reports whether the actor may begin an assessment of an event.
func (d *Desk) MayOpen(actor access.Actor, e health.EventView) bool {
	row, _ := Annex2s.Find("", "open")
	var a Annex2
	a.Place = string(e.Owner)
	if len(e.Places) > 0 {
		a.Place = e.Places[0]
	}
	return e.Owner == d.env.Member && slices.Contains(access.States, e.Owner) && Annex2s.Allowed(row, a, actor)
}

// DeterminationPage is a determination with what the actor may do with it.
type DeterminationPage struct {
	View      DeterminationView
	Own       bool
	Released  bool
	Uncleared bool              // it was changed since it was cleared
	Preview   DeterminationView // what members get
	Offers    []workflow.Offer
}

func sameDetermination(a, b *DeterminationView) bool {
	return a.Kind == b.Kind && a.Title == b.Title && a.Grade == b.Grade && a.By == b.By && a.On == b.On && a.Meeting == b.Meeting &&
		a.Source == b.Source && a.Marking == b.Marking && slices.Equal(a.Recommendations, b.Recommendations) && slices.Equal(a.Members, b.Members)
}

// Determination reads one.
func (d *Desk) Determination(ctx context.Context, actor access.Actor, xid id.ID) (DeterminationPage, error) {
	var p DeterminationPage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		x, err := determinationStore.load(ctx, tx, xid)
		if err != nil {
			return err
		}
		if !sees(reach(actor), &x.Head, x.Own()) {
			return desk.NotFound()
		}
		p = DeterminationPage{View: viewDetermination(&x), Own: x.Own(), Released: x.Release != ""}
		if x.Own() {
			p.Offers, p.Preview = Determinations.Offers(x, actor, d.env.Clock.Now()), determinationFor(&x)
			p.Uncleared = x.Cleared != nil && !sameDetermination(x.Cleared, &p.View)
		}
		return nil
	})
	return p, err
}

// DeterminationsOf are those that concern an event: of itself, or of its
// hazard everywhere; all of them where event is empty. The newest first.
func (d *Desk) DeterminationsOf(ctx context.Context, actor access.Actor, event id.ID, hazard string) ([]DeterminationView, error) {
	var out []DeterminationView
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		where, args := "1 = 1", []any{}
		if event != "" {
			where, args = "(event = ? OR event = '' AND subject = ?) AND state <> ?", []any{string(event), hazard, string(Struck)}
		}
		all, err := determinationStore.all(ctx, tx, where+` ORDER BY changed DESC LIMIT 200`, args...)
		r := reach(actor)
		for _, x := range all {
			if sees(r, &x.Head, x.Own()) && x.Title != "" { // of a withdrawal that came first nothing is known
				out = append(out, viewDetermination(&x))
			}
		}
		return err
	})
	slices.SortStableFunc(out, func(a, b DeterminationView) int { return strings.Compare(b.On, a.On) })
	return out, err
}

// MayRecord reports whether the actor may record a determination.
func MayRecord(actor access.Actor) bool {
	row, _ := Determinations.Find("", "record")
	return actor.HasAny(row.By...)
}

// StandingRow is where one state stands with the amendments; View is nil where
// it has said nothing that this node knows, and its status is then unknown.
type StandingRow struct {
	Member access.Member
	View   *AmendmentView
}

// Status is that of the newest statement.
func (r *StandingRow) Status() string {
	if r.View == nil {
		return Statuses[0]
	}
	return r.View.Status
}

// AmendmentsPage is the table of the eleven states and this state's own draft.
type AmendmentsPage struct {
	Rows   []StandingRow
	Draft  *AmendmentView
	Offers []workflow.Offer // on the draft
	May    bool             // begin a statement
}

// Amendments reads where every state stands.
func (d *Desk) Amendments(ctx context.Context, actor access.Actor) (AmendmentsPage, error) {
	var p AmendmentsPage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := amendmentStore.all(ctx, tx, `state IN (?, ?) ORDER BY changed`, string(Released), string(Draft))
		if err != nil {
			return err
		}
		r := reach(actor)
		newest := map[access.Member]*Amendment{}
		for i, a := range all {
			switch {
			case !sees(r, &a.Head, a.Own()):
			case a.State == Draft:
				v := viewAmendment(&a)
				p.Draft, p.Offers = &v, Amendments.Offers(a, actor, d.env.Clock.Now())
			case newest[a.Owner] == nil || a.Released.After(newest[a.Owner].Released):
				newest[a.Owner] = &all[i]
			}
		}
		for _, m := range access.States {
			row := StandingRow{Member: m}
			if a := newest[m]; a != nil {
				v := viewAmendment(a)
				row.View = &v
			}
			p.Rows = append(p.Rows, row)
		}
		step, _ := Amendments.Find("", "state")
		var blank Amendment
		blank.Owner = d.env.Member
		p.May = p.Draft == nil && Amendments.Allowed(step, blank, actor) && len(workflow.Unmet(step, blank, actor, d.env.Clock.Now())) == 0
		return nil
	})
	return p, err
}

// Amendment is one statement that the actor may see, and what the actor may do
// with it.
func (d *Desk) Amendment(ctx context.Context, actor access.Actor, aid id.ID) (v AmendmentView, offers []workflow.Offer, err error) {
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		a, err := amendmentStore.load(ctx, tx, aid)
		if err == nil && !sees(reach(actor), &a.Head, a.Own()) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		if v = viewAmendment(&a); a.Own() {
			offers = Amendments.Offers(a, actor, d.env.Clock.Now())
		}
		return nil
	})
	return v, offers, err
}
