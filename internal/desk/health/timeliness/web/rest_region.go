package web

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/id"
)

// ClockDoc is one of the three clocks over the events that the caller sees.
type ClockDoc struct {
	Clock   timeliness.Clock           `json:"clock"`
	Limit   int                        `json:"limit_days"`
	Count   map[timeliness.Outcome]int `json:"count"`
	Decided int                        `json:"decided" doc:"Met or missed: the whole of a percentage."`
	N       int                        `json:"n" doc:"With a lag that is one number."`
	Median  *float64                   `json:"median_days,omitempty" doc:"Of these."`
	Ranged  int                        `json:"ranged" doc:"With a closed interval."`
	Low     *float64                   `json:"median_low,omitempty" doc:"The true median of those lies from here"`
	High    *float64                   `json:"median_high,omitempty" doc:"to here."`
}

func (g *Pages) restClocks(ctx context.Context, c *api.Call, in *struct {
	State string `query:"state" maxLength:"8" doc:"Only events of this member."`
}) (*api.List[ClockDoc], error) {
	rows, err := g.desk.Region(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	var all [][]timeliness.Result
	for _, x := range rows {
		if !x.Withdrawn && (in.State == "" || string(x.Owner) == in.State) {
			all = append(all, x.Results)
		}
	}
	var out []ClockDoc
	for _, k := range timeliness.Clocks {
		s := timeliness.Summarise(k, all)
		d := ClockDoc{Clock: k, Limit: timeliness.Limits[k], Count: s.Count, Decided: s.Decided(), N: s.N, Ranged: s.Ranged}
		if s.N > 0 {
			d.Median = &s.Median
		}
		if s.Ranged > 0 {
			d.Low, d.High = &s.Low, &s.Top
		}
		out = append(out, d)
	}
	return api.NewList(out, ""), nil
}

// RegionalDoc is 7-1-7-R. What this node keeps no records for is absent, which
// is not zero.
type RegionalDoc struct {
	R1 []R1Doc  `json:"r1" doc:"Notifications of this member until all other states had acknowledged."`
	R2 *[]R2Doc `json:"r2,omitempty" doc:"Requests for help until the first offer and the first arrival."`
	R3 *[]R3Doc `json:"r3,omitempty" doc:"Inputs to situation reports."`
}

// R1Doc is one notification.
type R1Doc struct {
	Notification id.ID              `json:"notification"`
	Title        string             `json:"title"`
	Released     time.Time          `json:"released"`
	Asked        int                `json:"asked"`
	Answered     int                `json:"answered"`
	Hours        float64            `json:"hours" doc:"To the last answer, or until now."`
	Outcome      timeliness.Outcome `json:"outcome" doc:"unknown where not every other state was asked."`
}

// SpanDoc is one clock.
type SpanDoc struct {
	Outcome timeliness.Outcome `json:"outcome"`
	Hours   float64            `json:"hours"`
}

// R2Doc is one request for help.
type R2Doc struct {
	Request id.ID     `json:"request"`
	Title   string    `json:"title"`
	Issued  time.Time `json:"issued"`
	Offer   SpanDoc   `json:"offer"`
	Arrival SpanDoc   `json:"arrival"`
}

// R3Doc is one situation report.
type R3Doc struct {
	Report id.ID           `json:"report"`
	Title  string          `json:"title"`
	Due    time.Time       `json:"due"`
	InTime []access.Member `json:"in_time" nullable:"false"`
	Late   []access.Member `json:"late" nullable:"false"`
	Silent []access.Member `json:"silent" nullable:"false"`
	Open   []access.Member `json:"open" nullable:"false"`
	Share  *float64        `json:"share,omitempty" doc:"In time, of those that are decided."`
}

func spanOf(s timeliness.Span) SpanDoc { return SpanDoc{Outcome: s.Outcome, Hours: s.Took.Hours()} }

func some(v []access.Member) []access.Member { return append([]access.Member{}, v...) }

func (g *Pages) restRegional(ctx context.Context, c *api.Call, _ *struct{}) (*api.One[RegionalDoc], error) {
	acks, err := g.desk.Acknowledged(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	d := RegionalDoc{}
	for _, x := range acks {
		d.R1 = append(d.R1, R1Doc{Notification: x.Notification, Title: x.Title, Released: x.Released, Asked: x.Asked, Answered: x.Answered, Hours: x.Hours.Hours(), Outcome: x.Outcome})
	}
	helped, ok, err := g.desk.Helped(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	if ok {
		list := []R2Doc{}
		for _, x := range helped {
			list = append(list, R2Doc{Request: x.Record, Title: x.Title, Issued: x.Issued, Offer: spanOf(x.Offer), Arrival: spanOf(x.Arrival)})
		}
		d.R2 = &list
	}
	given, ok, err := g.desk.Given(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	if ok {
		list := []R3Doc{}
		for _, x := range given {
			doc := R3Doc{Report: x.Report, Title: x.Title, Due: x.Due, InTime: some(x.InTime), Late: some(x.Late), Silent: some(x.Silent), Open: some(x.Open)}
			if share, ok := x.Share(); ok {
				doc.Share = &share
			}
			list = append(list, doc)
		}
		d.R3 = &list
	}
	return api.Copied(d), nil
}
