package web

import (
	"context"
	"math"

	"lintas/internal/access"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/web/chart"
	"lintas/internal/web/parts"
	"lintas/outbreak"
)

// ScanLayer puts the threshold, the expected counts and the alarms of the
// method in force on the curve of a disease, and below it what the newest
// counts may still become and the reproduction number.
type ScanLayer struct{ Desk *surveillance.Desk }

// Curve judges exactly the figures that the page shows. Over a sum of places
// there is no threshold: the sum of fewer places than before is no decline.
func (l ScanLayer) Curve(ctx context.Context, a access.Actor, of CurveOf) (Marks, error) {
	v := layerView{words: words{of.Printer}, Of: of}
	if of.Place == "" {
		return Marks{Panel: layerPanel(v)}, nil
	}
	var err error
	v.C, err = l.Desk.Curve(ctx, a, surveillance.CurveAsk{Dataset: of.Dataset, Rev: of.Rev, From: of.From, To: of.To,
		Key: surveillance.Key{Disease: of.Disease, Place: of.Place, Class: of.Class}})
	if err != nil {
		return Marks{}, err
	}
	m := Marks{Values: map[int32]float64{}, Expected: map[int32]float64{}, Alarms: map[int32]bool{}}
	s := v.C.Method.Settings
	if len(v.C.Points) > 0 {
		m.Limit, m.Expect, m.Alarm = v.T("surveillance.limit", "method", v.method()), v.T("surveillance.alarm.expected"), v.T("surveillance.above")
	}
	counts := s.Algorithm != surveillance.GLR && s.Algorithm != surveillance.EARSC3 // whose limits are no counts
	for _, p := range v.C.Points {
		if x, ok := p.Threshold.Get(); ok && counts {
			m.Values[p.Period] = x
		}
		if x, ok := p.Expected.Get(); ok {
			m.Expected[p.Period] = x
		}
		if p.Above {
			m.Alarms[p.Period] = true
		}
		if p.Why != "" && p.Why != surveillance.WhyFew && p.Period == of.To {
			v.Why = p.Why
		}
	}
	if v.C.Set.ID != "" {
		v.Years = yearsPath(v.C.Set, of.Disease, of.Place)
	}
	m.Bands = map[string]chart.Band{}
	if len(v.C.Nowcast.Steps) > 0 {
		m.Bands["nowcast"] = v.nowcast()
	}
	if v.C.Rt.Why == "" {
		m.Bands["rt"] = v.rt()
	}
	m.Panel, m.Below = layerPanel(v), layerBelow(v)
	return m, nil
}

// layerView is what stands below the curve.
type layerView struct {
	words
	Of  CurveOf
	C   surveillance.Curve
	Why string // why the newest period has no decision
	// Years is the page with every year of the series.
	Years string
}

func (v layerView) settings() string {
	text := ""
	for i, d := range v.words.settings(v.C.Method.Settings)[1:] {
		if i > 0 {
			text += "; "
		}
		text += d.Term + " " + d.Text
	}
	return text
}

func (v layerView) method() string {
	m := v.C.Method
	return v.methodName(m.Settings.Algorithm, surveillance.MethodRef{ID: m.ID, Disease: m.Disease, Number: m.Number})
}

func (v layerView) methodHref() string {
	if v.C.Method.ID == "" {
		return methodsPath
	}
	return methodPath(v.C.Method.ID)
}

// nowcastShown is how many complete periods stand before those that are not.
const nowcastShown = 12

// nowcast is what the newest counts may become, after some that are complete.
func (v layerView) nowcast() chart.Band {
	b := chart.Band{ID: "nowcast", Title: v.T("surveillance.nowcast.title"), Desc: v.nowcastNote(), Unit: v.T("surveillance.resolution." + string(v.Of.Calendar.Resolution)),
		Bars: v.T("surveillance.nowcast.reported"), Line: v.T("surveillance.nowcast.final"), Range: v.T("surveillance.nowcast.interval")}
	steps := v.C.Nowcast.Steps
	if len(steps) == 0 {
		return b
	}
	for _, p := range v.C.Points {
		if p.Period < steps[0].Period && p.Period >= steps[0].Period-nowcastShown {
			b.Points = append(b.Points, chart.Spread{Label: v.label(p.Period), Tick: v.tick(p.Period), Seen: orNone(p.Observed), Mid: math.NaN(), Low: math.NaN(), High: math.NaN()})
		}
	}
	for _, p := range steps {
		b.Points = append(b.Points, chart.Spread{Label: v.label(p.Period), Tick: v.tick(p.Period), Seen: p.Reported, Mid: orNone(p.Median), Low: orNone(p.Lower), High: orNone(p.Upper)})
	}
	if len(b.Points) > 0 && b.Points[0].Tick == "" {
		b.Points[0].Tick = b.Points[0].Label
	}
	t := v.nowcastTable()
	b.Data = &t
	return b
}

func orNone(x outbreak.Value) float64 { return x.Or(math.NaN()) }

func (v layerView) nowcastTable() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.nowcast.title"), RowHead: true, Columns: []parts.Column{{Text: v.T("surveillance.alarm.period")}, {Text: v.T("surveillance.nowcast.reported"), Number: true},
		{Text: v.T("surveillance.nowcast.complete"), Number: true}, {Text: v.T("surveillance.nowcast.final"), Number: true}, {Text: v.T("surveillance.nowcast.interval"), Number: true}}}
	for _, p := range v.C.Nowcast.Steps {
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.label(p.Period)}, {Text: v.Decimal(p.Reported, 0)}, {Text: v.Percent(p.Complete, 0)}, {Text: v.value(p.Median, 0)},
			{Text: v.value(p.Lower, 0) + " – " + v.value(p.Upper, 0)}})
	}
	return t
}

// nowcastNote names the method with its parameters and from what it learnt.
func (v layerView) nowcastNote() string {
	n := v.C.Nowcast
	return v.T("surveillance.nowcast.note", "revisions", n.Revisions, "window", v.spanOf(v.Of.Calendar.Resolution, n.Window), "delay", v.spanOf(v.Of.Calendar.Resolution, n.Delay), "draws", v.Number(int64(n.Draws)))
}

// rt is the reproduction number with its interval.
func (v layerView) rt() chart.Band {
	b := chart.Band{ID: "rt", Title: v.T("surveillance.rt.title"), Desc: v.rtNote(), Unit: v.T("surveillance.resolution." + string(v.Of.Calendar.Resolution)), Digits: 2,
		Line: v.T("surveillance.rt.mean"), Range: v.T("surveillance.rt.interval"), Level: 1, At: v.T("surveillance.rt.line")}
	points := v.C.Rt.Points
	if len(points) == 0 {
		return b
	}
	for p, i := points[0].Period, 0; i < len(points); p++ {
		s := chart.Spread{Label: v.label(p), Tick: v.tick(p), Seen: math.NaN(), Mid: math.NaN(), Low: math.NaN(), High: math.NaN()}
		if points[i].Period == p {
			s.Mid, s.Low, s.High = orNone(points[i].Mean), orNone(points[i].Lower), orNone(points[i].Upper)
			i++
		}
		b.Points = append(b.Points, s)
	}
	if b.Points[0].Tick == "" {
		b.Points[0].Tick = b.Points[0].Label
	}
	t := v.rtTable()
	b.Data = &t
	return b
}

func (v layerView) tick(p int32) string {
	if y, n := v.Of.Calendar.InYear(p); n == 1 {
		return str(y)
	}
	return ""
}

func (v layerView) label(p int32) string { return v.Of.Calendar.Label(p) }

func (v layerView) rtTable() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.rt.title"), RowHead: true, Columns: []parts.Column{{Text: v.T("surveillance.alarm.period")}, {Text: v.T("surveillance.rt.mean"), Number: true},
		{Text: v.T("surveillance.rt.interval"), Number: true}, {Text: v.T("surveillance.rt.above"), Number: true}, {Text: v.T("surveillance.rt.cases"), Number: true}}}
	for i := len(v.C.Rt.Points) - 1; i >= 0; i-- {
		p := v.C.Rt.Points[i]
		above := "–"
		if x, ok := p.AboveOne.Get(); ok {
			above = v.Percent(x, 0)
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.label(p.Period)}, {Text: v.value(p.Mean, 2)}, {Text: v.value(p.Lower, 2) + " – " + v.value(p.Upper, 2)}, {Text: above}, {Text: v.Decimal(p.Cases, 0)}})
	}
	return t
}

// rtNote says by which serial interval.
func (v layerView) rtNote() string {
	i := v.C.Rt.Interval
	key := "surveillance.rt.note"
	if i.Assumed {
		key = "surveillance.rt.note.assumed"
	}
	return v.T(key, "mean", v.Decimal(i.Mean, 1), "sd", v.Decimal(i.SD, 1), "source", i.Source, "span", v.spanOf(v.Of.Calendar.Resolution, v.C.Rt.Width), "prior", v.Decimal(v.C.Rt.PriorMean, 0), "prior_sd", v.Decimal(v.C.Rt.PriorSD, 0), "version", v.intervalVersion(i.Number))
}
