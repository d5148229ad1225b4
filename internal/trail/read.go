package trail

import (
	"context"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Filter narrows a list, which comes newest first, or actions by when they are
// due. Empty fields do not filter.
type Filter struct {
	Query    string
	Owner    access.Member // whose paper it is; of actions: who is to act
	Proposer access.Member
	State    workflow.State // of actions: the stage
	Theme    string
	Group    string // who was affected
	Source   id.ID
	About    id.ID
	Open     bool
	Late     bool
	Limit    int // 0 is 50
	Offset   int
	After    *After // instead of an offset: what follows this record; of actions by their identifiers
}

// After is the last record of the page before.
type After struct {
	Changed int64 // microseconds
	ID      id.ID
}

const mostRows = 500

func (f *Filter) limit() int {
	if f.Limit < 1 || f.Limit > mostRows {
		return 50
	}
	return f.Limit
}

// conditions that all lists share; t is the table that they speak of.
func (f *Filter) conditions(actor access.Actor, t string) (cond []string, args []any) {
	add := func(on bool, c string, a ...any) {
		if on {
			cond, args = append(cond, c), append(args, a...)
		}
	}
	add(!actor.System && !actor.HasAny(redReaders...), t+".marking <> ?", string(access.TLPRed))
	add(f.Theme != "", t+".theme = ?", f.Theme)
	add(f.Group != "", t+".affected LIKE ?", "%|"+f.Group+"|%")
	add(f.Source != "", t+".source = ?", string(f.Source))
	add(f.About != "", t+".about = ?", string(f.About))
	for _, w := range desk.Words(f.Query) {
		add(true, t+`.needle LIKE ? ESCAPE '!'`, desk.Like(w))
	}
	return cond, args
}

// papers lists findings or recommendations that the actor may see, and whether
// there are more.
func papers[R any, P record[R]](ctx context.Context, tx *db.Tx, actor access.Actor, kind string, f Filter) ([]R, bool, error) {
	if !sees(actor, &Base{}) {
		return nil, false, nil
	}
	cond, args := f.conditions(actor, "r")
	cond, args = append(cond, "r.kind = ?", "r.state <> ?"), append(args, kind, string(Discarded))
	if f.Owner != "" {
		cond, args = append(cond, "r.owner = ?"), append(args, string(f.Owner))
	}
	if f.State != "" {
		cond, args = append(cond, "r.state = ?"), append(args, string(f.State))
	}
	if f.After != nil {
		cond, args = append(cond, "(r.changed < ? OR r.changed = ? AND r.id < ?)"), append(args, f.After.Changed, f.After.Changed, string(f.After.ID))
	}
	list, err := docs[R](ctx, tx, `SELECT r.doc FROM trail_record r WHERE `+strings.Join(cond, " AND ")+` ORDER BY r.changed DESC, r.id DESC LIMIT ? OFFSET ?`,
		append(args, f.limit()+1, max(f.Offset, 0))...)
	more := len(list) > f.limit()
	return list[:min(len(list), f.limit())], more, err
}

// FindingRow is one finding of a list with what followed from it.
type FindingRow struct {
	FindingView
	Own     bool
	Follows int // recommendations and actions that speak of it
}

// Findings that the actor may see.
func (d *Desk) Findings(ctx context.Context, actor access.Actor, f Filter) ([]FindingRow, bool, error) {
	var out []FindingRow
	var more bool
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var list []Finding
		var err error
		if list, more, err = papers[Finding, *Finding](ctx, tx, actor, KindFinding, f); err != nil {
			return err
		}
		for i := range list {
			n, err := follows(ctx, tx, list[i].ID)
			if err != nil {
				return err
			}
			out = append(out, FindingRow{list[i].View(), list[i].Own(), n})
		}
		return nil
	})
	return out, more, err
}

// follows is how many live recommendations and proposals speak of a record.
func follows(ctx context.Context, tx *db.Tx, rid id.ID) (int, error) {
	var n int
	_, err := tx.Row(ctx, `SELECT COUNT(*) FROM trail_link l JOIN trail_record r ON r.id = l.record WHERE l.target = ? AND r.state NOT IN (?, ?)`,
		[]any{string(rid), string(Discarded), string(Withdrawn)}, &n)
	return n, err
}

// RecommendationRow is one recommendation of a list.
type RecommendationRow struct {
	RecommendationView
	Own     bool
	Awaited []access.Member // addressees without an action
}

// Recommendations that the actor may see.
func (d *Desk) Recommendations(ctx context.Context, actor access.Actor, f Filter) ([]RecommendationRow, bool, error) {
	var out []RecommendationRow
	var more bool
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, m, err := papers[Recommendation, *Recommendation](ctx, tx, actor, KindRecommendation, f)
		more = m
		for i := range list {
			r := &list[i]
			pairs, err := pairsOn(ctx, tx, actor, d.env.Clock.Now(), r.ID)
			if err != nil {
				return err
			}
			out = append(out, RecommendationRow{r.View(), r.Own(), awaited(r, pairs)})
		}
		return err
	})
	return out, more, err
}

// awaited are the addressees of a recommendation that have no action on it.
func awaited(r *Recommendation, pairs []Pair) []access.Member {
	return slices.DeleteFunc(slices.Clone(r.For), func(m access.Member) bool {
		return slices.ContainsFunc(pairs, func(p Pair) bool { return p.Proposal.For == m && p.Stage != Draft })
	})
}

// FindingPage is a finding with what it came from and what followed.
type FindingPage struct {
	FindingView
	Own             bool
	Offers          []workflow.Offer
	Recommendations []RecommendationView
	Pairs           []Pair
	From            string // the page of its source
}

// Finding reads a finding, own or received.
func (d *Desk) Finding(ctx context.Context, actor access.Actor, rid id.ID) (FindingPage, error) {
	var out FindingPage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		f, err := load[Finding, *Finding](ctx, tx, rid)
		if err == nil && !sees(actor, &f.Base) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		now := d.env.Clock.Now()
		out = FindingPage{FindingView: f.View(), Own: f.Own(), From: d.PathOf(f.Source)}
		if f.Own() {
			out.Offers = Findings.Offers(f, actor, now)
		}
		rs, err := linked[Recommendation](ctx, tx, KindRecommendation, rid)
		for i := range rs {
			if sees(actor, &rs[i].Base) {
				out.Recommendations = append(out.Recommendations, rs[i].View())
			}
		}
		if err == nil {
			out.Pairs, err = pairsOn(ctx, tx, actor, now, rid)
		}
		return err
	})
	return out, err
}

// linked are the live records of a kind that speak of another.
func linked[R any](ctx context.Context, tx *db.Tx, kind string, target id.ID) ([]R, error) {
	return docs[R](ctx, tx, `SELECT r.doc FROM trail_link l JOIN trail_record r ON r.id = l.record WHERE l.target = ? AND r.kind = ? AND r.state NOT IN (?, ?) ORDER BY r.id`,
		string(target), kind, string(Discarded), string(Withdrawn))
}

// RecommendationPage is a recommendation with its findings and with the answer
// of every addressee.
type RecommendationPage struct {
	RecommendationView
	Own      bool
	Offers   []workflow.Offer
	Findings []FindingView
	Pairs    []Pair
	Awaited  []access.Member
	From     string
}

// Recommendation reads a recommendation, own or received.
func (d *Desk) Recommendation(ctx context.Context, actor access.Actor, rid id.ID) (RecommendationPage, error) {
	var out RecommendationPage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := load[Recommendation, *Recommendation](ctx, tx, rid)
		if err == nil && !sees(actor, &r.Base) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		now := d.env.Clock.Now()
		out = RecommendationPage{RecommendationView: r.View(), Own: r.Own(), From: d.PathOf(r.Source)}
		if r.Own() {
			out.Offers = Recommendations.Offers(r, actor, now)
		}
		if out.Findings, err = findingViews(ctx, tx, actor, r.Findings); err != nil {
			return err
		}
		out.Pairs, err = pairsOn(ctx, tx, actor, now, rid)
		out.Awaited = awaited(&r, out.Pairs)
		return err
	})
	return out, err
}

// findingViews are those of the findings that are here and may be seen.
func findingViews(ctx context.Context, tx *db.Tx, actor access.Actor, list []id.ID) ([]FindingView, error) {
	var out []FindingView
	for _, fid := range list {
		f, err := load[Finding, *Finding](ctx, tx, fid)
		switch {
		case fault.Is(err, fault.NotFound):
		case err != nil:
			return nil, err
		case sees(actor, &f.Base):
			out = append(out, f.View())
		}
	}
	return out, nil
}
