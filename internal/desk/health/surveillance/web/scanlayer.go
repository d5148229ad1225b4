package web

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/web/parts"
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
	m.Panel = layerPanel(v)
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

func (v layerView) nowcast() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.nowcast.title"), RowHead: true, Columns: []parts.Column{{Text: v.T("surveillance.alarm.period")}, {Text: v.T("surveillance.nowcast.reported"), Number: true},
		{Text: v.T("surveillance.nowcast.complete"), Number: true}, {Text: v.T("surveillance.nowcast.final"), Number: true}, {Text: v.T("surveillance.nowcast.interval"), Number: true}}}
	for _, p := range v.C.Nowcast.Steps {
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.label(p.Period)}, {Text: v.Decimal(p.Reported, 0)}, {Text: v.Percent(p.Complete, 0)}, {Text: v.value(p.Median, 0)},
			{Text: v.value(p.Lower, 0) + " – " + v.value(p.Upper, 0)}})
	}
	return t
}

func (v layerView) label(p int32) string { return v.Of.Calendar.Label(p) }

func (v layerView) rt() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.rt.title"), RowHead: true, Columns: []parts.Column{{Text: v.T("surveillance.alarm.period")}, {Text: v.T("surveillance.rt.mean"), Number: true},
		{Text: v.T("surveillance.rt.interval"), Number: true}, {Text: v.T("surveillance.rt.above"), Number: true}, {Text: v.T("surveillance.rt.cases"), Number: true}}}
	for i := len(v.C.Rt.Points) - 1; i >= max(0, len(v.C.Rt.Points)-8); i-- {
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
	return v.T(key, "mean", v.Decimal(i.Mean, 1), "sd", v.Decimal(i.SD, 1), "source", i.Source, "width", v.C.Rt.Width)
}
