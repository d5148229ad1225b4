package web

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/review"
	"lintas/internal/id"
)

// LineDoc is one entry of the whole timeline.
type LineDoc struct {
	review.Moment
	Chosen bool   `json:"chosen"`
	Note   string `json:"note,omitempty"`
	Locked bool   `json:"locked" doc:"It stands in the locked evidence."`
}

// SilenceDoc is a time without an entry.
type SilenceDoc struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// TimelineDoc is the whole timeline.
type TimelineDoc struct {
	Lines    []LineDoc    `json:"lines" nullable:"false"`
	Silences []SilenceDoc `json:"silences" nullable:"false"`
	More     int          `json:"more" doc:"Entries beyond those that are given."`
}

func (g *Pages) restTimeline(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[TimelineDoc], error) {
	t, err := g.desk.Timeline(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	d := TimelineDoc{Lines: []LineDoc{}, Silences: []SilenceDoc{}, More: t.More}
	for i := range t.Lines {
		l := &t.Lines[i]
		d.Lines = append(d.Lines, LineDoc{Moment: l.Moment, Chosen: l.Chosen, Note: l.Note, Locked: l.Locked})
	}
	for _, s := range t.Silences {
		d.Silences = append(d.Silences, SilenceDoc(s))
	}
	return api.Copied(d), nil
}

// MarksBody chooses entries.
type MarksBody struct {
	Marks []review.Mark `json:"marks" nullable:"false"`
}

func (g *Pages) restChoose(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body MarksBody
}) (*api.One[ReviewDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.Choose(ctx, c.Actor, in.Record(), seen, in.Body.Marks)
	}
	return g.answer(ctx, c, in.Record(), err)
}

// MomentBody is a moment that the history does not have.
type MomentBody struct {
	At     time.Time `json:"at"`
	Words  string    `json:"words"`
	Source string    `json:"source" doc:"Who or what says so."`
}

func (g *Pages) restMoment(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body MomentBody
}) (*api.One[ReviewDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.Add(ctx, c.Actor, in.Record(), seen, in.Body.At, in.Body.Words, in.Body.Source)
	}
	return g.answer(ctx, c, in.Record(), err)
}

// ProofDoc is what a check of locked evidence found.
type ProofDoc struct {
	Holds     bool            `json:"holds"`
	Seal      review.Seal     `json:"seal"`
	Same      bool            `json:"same" doc:"The set has the digest that was sealed."`
	Changed   []int64         `json:"changed" nullable:"false" doc:"Entries that are not what was locked."`
	Included  int             `json:"included" doc:"Entries that are proven to be in the tree of the sealed root."`
	Root      bool            `json:"root"`
	Continues bool            `json:"continues" doc:"The history of today begins with it."`
	Size      int64           `json:"size"`
	Witnesses []access.Member `json:"witnesses" nullable:"false"`
	AfterLock int             `json:"after_lock"`
}

func (g *Pages) restCheck(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[ProofDoc], error) {
	p, err := g.desk.Check(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	d := ProofDoc{Holds: p.OK(), Seal: p.Seal, Same: p.Same, Changed: append([]int64{}, p.Changed...), Included: p.Included, Root: p.Root, Continues: p.Continues, Size: p.Size,
		Witnesses: append([]access.Member{}, p.Witnesses...), AfterLock: p.AfterLock}
	return api.Copied(d), nil
}

// ArrangeBody groups findings and says what this member holds of those of
// others.
type ArrangeBody struct {
	Groups   []GroupBody   `json:"groups" nullable:"false"`
	Opinions []OpinionBody `json:"opinions" nullable:"false"`
}

// GroupBody is one group.
type GroupBody struct {
	Title    string  `json:"title"`
	Findings []id.ID `json:"findings" nullable:"false"`
}

// OpinionBody is what this member holds of one finding.
type OpinionBody struct {
	Finding id.ID  `json:"finding"`
	Stance  string `json:"stance" enum:"agree,differ"`
	Words   string `json:"words,omitempty"`
}

func (g *Pages) restArrange(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body ArrangeBody
}) (*api.One[ReviewDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		var groups []review.Group
		for _, x := range in.Body.Groups {
			groups = append(groups, review.Group(x))
		}
		var opinions []review.Opinion
		for _, x := range in.Body.Opinions {
			opinions = append(opinions, review.Opinion(x))
		}
		_, err = g.desk.Arrange(ctx, c.Actor, in.Record(), seen, groups, opinions)
	}
	return g.answer(ctx, c, in.Record(), err)
}
