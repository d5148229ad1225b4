package surveillance

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/outbreak"
)

// CurveAsk names one series, the revision and the periods that are judged. An
// empty class is the series as reported.
type CurveAsk struct {
	Dataset int64
	Rev     int64 // 0: the newest
	Key
	From, To int32
}

// CurvePoint is one period with what its method expected.
type CurvePoint struct {
	Period int32
	Judged
}

// seriesAt reads the series of a question.
func seriesAt(ctx context.Context, tx *db.Tx, ask CurveAsk) (Series, error) {
	list, _, err := ReadSeries(ctx, tx, ask.Dataset, ask.Rev, ask.Disease, ask.Place)
	if err != nil {
		return Series{}, err
	}
	if ask.Class == "" {
		one, _ := AsReported(list)
		return one, nil
	}
	for _, s := range list {
		if s.Class == ask.Class && s.Stratum == ask.Stratum {
			return s, nil
		}
	}
	return Series{Key: ask.Key}, nil
}

// judgeCurve judges every period of a window. Each is judged by what lies
// before it, whatever came after.
func judgeCurve(s Settings, c Calendar, series Series, from, to int32) ([]CurvePoint, error) {
	var w judging
	values := floats(nil, series.Values)
	var out []CurvePoint
	for p := from; p <= to; p++ {
		j, err := newJudge(s, c, p)
		if err != nil {
			return nil, err
		}
		out = append(out, CurvePoint{p, j.point(&w, series.First, values)})
	}
	return out, nil
}

// Curve is a judged curve with the method that judged it, and what the pages
// show below it.
type Curve struct {
	Set     DatasetView
	Method  MethodView
	Points  []CurvePoint
	Nowcast Nowcasting
	Rt      Reproduction
}

// Curve judges the periods of one series by the method that is in force.
func (d *Desk) Curve(ctx context.Context, actor access.Actor, ask CurveAsk) (Curve, error) {
	var out Curve
	reach, err := reads(actor)
	if err != nil {
		return out, err
	}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		sets, err := visibleSets(ctx, tx, reach)
		if err != nil {
			return err
		}
		set, ok := sets[ask.Dataset]
		if !ok || !seesPlace(reach, ask.Place, parentOf) {
			return desk.NotFound()
		}
		methods, err := loadMethods(ctx, tx, set.Resolution)
		if err != nil {
			return err
		}
		series, err := seriesAt(ctx, tx, ask)
		if err != nil {
			return err
		}
		if m, ok := methods.of(ask.Disease); ok && scannable(set.Measure, set.Calendar) {
			out.Set, out.Method = set, viewMethod(&m, actor, d.env.Clock.Now())
			if out.Points, err = judgeCurve(m.Settings, set.Calendar, series, ask.From, ask.To); err != nil {
				return err
			}
		}
		out.Nowcast, err = nowcast(ctx, tx, set, ask)
		if err != nil {
			return err
		}
		si, known, err := intervalOf(ctx, tx, ask.Disease)
		if out.Rt = (Reproduction{Interval: si, Why: RtNoInterval}); known {
			out.Rt = reproduction(set.Calendar, si, series, ask.To)
		}
		return err
	})
	return out, err
}

// nowcastSteps is how many periods delays are learnt from, and nowcastDelay
// how late a report may come.
const (
	nowcastSteps = 26
	nowcastDelay = 8
	nowcastDraws = 2000
	// nowcastRevisions is from how many states of knowledge on delays can be learnt.
	nowcastRevisions = 8
)

// Nowcasting is what the counts of the newest periods will become once all
// reports are in, by Höhle and an der Heiden, Biometrics 70 (2014) 993.
type Nowcasting struct {
	Steps     []NowcastPoint
	Revisions int // states of knowledge there were; too few: no steps
	Wanted    int
	Window    int // periods that delays are learnt from
	Delay     int // periods that a report may be late
	Draws     int // of the posterior
}

// NowcastPoint is one period that is not yet complete.
type NowcastPoint struct {
	Period               int32
	Reported             float64
	Complete             float64 // expected share that is reported
	Median, Lower, Upper outbreak.Value
}

// nowcast learns from what was known at the end of each period what is still
// to come.
func nowcast(ctx context.Context, tx *db.Tx, set DatasetView, ask CurveAsk) (Nowcasting, error) {
	out := Nowcasting{Wanted: nowcastRevisions, Window: nowcastSteps, Delay: nowcastDelay, Draws: nowcastDraws}
	revs, err := Revisions(ctx, tx, set.Number)
	if err != nil {
		return out, err
	}
	revs = slices.DeleteFunc(revs, func(r Revision) bool { return ask.Rev != 0 && r.Rev > ask.Rev })
	if len(revs) < nowcastRevisions || set.Resolution == Yearly {
		out.Revisions = len(revs)
		return out, nil
	}
	known := make([][]float64, nowcastSteps)
	first, seen := ask.To-nowcastSteps+1, map[int64][]float64{}
	for r := range known {
		// The last row is what is known now; the others, what was known when
		// the next period ended.
		rev := revs[0].Rev
		if r < nowcastSteps-1 {
			rev = KnownOn(revs, set.End(first+int32(r)+1).AddDate(0, 0, 1))
		}
		if rev == 0 {
			continue
		}
		row, ok := seen[rev]
		if !ok {
			at := ask
			at.Rev = rev
			s, err := seriesAt(ctx, tx, at)
			if err != nil {
				return out, err
			}
			row = Window(nil, s.First, floats(nil, s.Values), first, ask.To)
			seen[rev] = row
		}
		known[r] = row[:r+1]
	}
	if out.Revisions = len(seen); len(seen) < nowcastRevisions {
		return out, nil
	}
	out.Steps = nowcastOf(known, first)
	return out, nil
}

// nowcastOf are the periods of which a part is still expected.
func nowcastOf(known [][]float64, first int32) []NowcastPoint {
	tr, err := outbreak.TriangleOfRevisions(known, nowcastDelay)
	if err != nil {
		return nil
	}
	n, err := tr.Nowcast(outbreak.NowcastOptions{Method: outbreak.NowcastTrunc, Draws: nowcastDraws, Seed: 1})
	if err != nil {
		return nil
	}
	var out []NowcastPoint
	for _, s := range n.Steps {
		if s.Completeness < 0.995 && s.Reason == outbreak.Decided {
			out = append(out, NowcastPoint{Period: first + int32(s.Step), Reported: s.Reported, Complete: s.Completeness, Median: s.Median, Lower: s.Lower, Upper: s.Upper})
		}
	}
	return out
}

// Reproduction is the instantaneous reproduction number of the newest windows,
// by Cori et al., Am. J. Epidemiol. 178 (2013) 1505.
type Reproduction struct {
	Interval           IntervalRef
	Points             []RtPoint
	Width              int     // periods in a window
	PriorMean, PriorSD float64 // of R
	Why                string  // there are no points
}

// RtPoint is R in the window that ends with a period.
type RtPoint struct {
	Period             int32
	Mean, Lower, Upper outbreak.Value
	AboveOne           outbreak.Value
	Cases              float64
}

// Why there is no reproduction number.
const (
	RtNoInterval = "no_interval" // no serial interval is known here
	RtTooCoarse  = "too_coarse"  // a period is longer than the serial interval
	RtGaps       = "gaps"        // a count is missing, which looks like the end of transmission
	RtFew        = "too_few"     // cases
)

// rtSteps is how many periods are read, and rtShown how many are shown.
const (
	rtSteps = 60
	rtShown = 26
)

// days in a period; a month is taken as long as it is on average.
func (c Calendar) days() float64 {
	switch c.Resolution {
	case Weekly:
		return 7
	case Monthly:
		return 365.2425 / 12
	case Yearly:
		return 365.2425
	}
	return 1
}

func reproduction(c Calendar, by IntervalRef, s Series, to int32) Reproduction {
	out := Reproduction{Interval: by, PriorMean: 5, PriorSD: 5} // the paper's
	mean, sd := out.Interval.Mean/c.days(), out.Interval.SD/c.days()
	if mean < 1.5 { // the method takes intervals of more than one step
		out.Why = RtTooCoarse
		return out
	}
	x := Window(nil, s.First, floats(nil, s.Values), to-rtSteps+1, to)
	lead := 0
	for lead < len(x) && outbreak.IsMissing(x[lead]) {
		lead++
	}
	x = x[lead:]
	if len(x) < 10 || slices.ContainsFunc(x, outbreak.IsMissing) {
		out.Why = RtGaps
		return out
	}
	if out.Width = 4; c.Resolution == Daily {
		out.Width = 7
	}
	si, err := outbreak.DiscretiseSerialInterval(mean, sd, min(len(x), int(mean+6*sd)+2))
	if err == nil {
		var rt outbreak.Rt
		if rt, err = outbreak.ReproductionNumber(outbreak.Series{Counts: x, Frequency: c.perYear()}, si, outbreak.RtOptions{Width: out.Width, PriorMean: out.PriorMean, PriorSD: out.PriorSD}); err == nil {
			out.Points = rtPoints(rt, to-int32(len(x))+1)
		}
	}
	if err != nil || len(out.Points) == 0 {
		out.Why = RtFew
	}
	return out
}

// rtPoints leaves out windows in which too few cases say anything: a
// coefficient of variation above 0.3, as the paper proposes, wants about
// eleven.
func rtPoints(rt outbreak.Rt, first int32) []RtPoint {
	var out []RtPoint
	for _, p := range rt.Points {
		if p.Reason == outbreak.Decided && p.Cases >= 11 {
			out = append(out, RtPoint{Period: first + int32(p.End), Mean: p.Mean, Lower: p.Q025, Upper: p.Q975, AboveOne: p.AboveOne, Cases: p.Cases})
		}
	}
	return out[max(0, len(out)-rtShown):]
}
