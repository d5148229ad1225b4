package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/desk/health/surveillance"
	shell "lintas/internal/web"
	"lintas/internal/web/chart"
	"lintas/internal/web/parts"
	"lintas/outbreak"
)

// alarmView is one alarm with what it was made of.
type alarmView struct {
	words
	Head    parts.PageHead
	P       surveillance.AlarmPage
	Figures []parts.Figure
	Notices []parts.Notice
	Epi     templ.Component
	Source  string
	Method  []parts.Definition
	Facts   []parts.Definition
	Repeat  parts.Table
	Topic   string
}

func (g *Pages) alarm(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	v := alarmView{words: words{r.Printer}, Topic: "alarm:" + string(aid)}
	if v.P, err = g.desk.AlarmPage(r.Context(), r.Actor, aid, r.URL.Query().Get("again") == "1"); err != nil {
		return err
	}
	v.fill(r)
	return r.Show(w, shell.Page{Title: v.Head.Title, Marking: string(v.P.AlarmView.Dataset.Marking), Topics: []string{v.Topic, "desk"}}, alarmPageOf(v))
}

func (v *alarmView) fill(r *shell.Request) {
	p := &v.P
	set := p.AlarmView.Dataset
	title := v.T("surveillance.alarm.title", "disease", v.diseaseName(p.Disease), "place", v.placeName(p.Place), "period", set.Label(p.Period))
	v.Head = parts.PageHead{Title: title, Crumbs: v.scanCrumbs(parts.Link{Text: v.T("surveillance.alarms.title"), Href: alarmsPath}), Lede: v.lede(),
		Actions: []parts.Button{{Text: v.T("surveillance.alarm.again"), Icon: "refresh-cw", Href: alarmPath(p.ID) + "?again=1#again"},
			{Text: v.T("surveillance.alarm.disease"), Icon: "activity", Href: v.diseaseLink()},
			{Text: v.T("surveillance.years.open"), Icon: "history", Href: yearsPath(set, p.Disease, p.Place)}, {Text: v.T("surveillance.print"), Icon: "printer", Print: true}}}
	v.Source = v.T("surveillance.source", "source", set.Source, "calendar", v.calendar(set.Calendar), "rev", p.Rev, "known", v.Stamp(p.KnownAt))
	v.Figures = []parts.Figure{{Label: v.T("surveillance.alarm.observed"), Value: v.value(p.Observed, 0)}, {Label: v.T("surveillance.alarm.expected"), Value: v.value(p.Expected, 1)},
		{Label: v.T("surveillance.alarm.threshold"), Value: v.value(p.Threshold, 1)}, {Label: v.T("surveillance.alarm.p"), Value: v.chance(p.P), Note: v.T("surveillance.alarm.p.note")}}
	v.notices()
	v.Epi = v.epi().Figure(r.Printer)
	v.Method = v.settings(p.Settings)
	v.facts()
	if p.Repeat != nil {
		v.Repeat = v.compared(v.T("surveillance.alarm.again.stored"), p.Judged, v.T("surveillance.alarm.again.now"), p.Repeat.Judged)
	}
}

func (v *alarmView) lede() string {
	return v.T("surveillance.alarm.lede", "method", v.methodName(v.P.Settings.Algorithm, v.P.Method), "rev", v.P.Rev, "at", v.Stamp(v.P.Raised))
}

func (v *alarmView) diseaseLink() string {
	q := url.Values{"at": {str(int(v.P.Period))}}
	if state := strings.SplitN(v.P.Place, "-", 2)[0]; state != "" {
		q.Set("in", state)
	}
	return diseasePath(v.P.AlarmView.Dataset.ID, v.P.Disease) + "?" + q.Encode()
}

func (v *alarmView) notices() {
	p := &v.P
	switch {
	case p.Held != "":
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Information, Title: v.T("surveillance.held." + p.Held), Text: v.T("surveillance.held." + p.Held + ".text")})
	case len(p.Because) > 0:
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Information, Title: v.T("surveillance.alarm.accounted"), Text: v.T("surveillance.alarm.accounted.text")})
	case p.Fate != nil:
		v.Notices = append(v.Notices, parts.Notice{Grade: fateGrade(p.Fate.Outcome), Title: v.T("surveillance.alarm.signalled"), Text: v.T("surveillance.outcome." + p.Fate.Outcome),
			Actions: []parts.Button{{Text: v.T("surveillance.alarm.signal.open"), Small: true, Href: "/health/signals/" + string(p.Signal)}}})
	case p.Signal == "":
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Information, Title: v.T("surveillance.alarm.nosignal"), Text: v.T("surveillance.alarm.nosignal.text")})
	}
	if p.Now != nil {
		n := parts.Notice{Grade: parts.Information, Title: v.T("surveillance.alarm.revised", "rev", p.NowRev),
			Text: v.T("surveillance.alarm.revised.still", "observed", v.value(p.Now.Observed, 0), "expected", v.value(p.Now.Expected, 1), "threshold", v.value(p.Now.Threshold, 1))}
		if !p.Now.Above {
			n.Grade = parts.Warning
			n.Text = v.T("surveillance.alarm.revised.gone", "observed", v.value(p.Now.Observed, 0), "expected", v.value(p.Now.Expected, 1), "threshold", v.value(p.Now.Threshold, 1))
		}
		v.Notices = append(v.Notices, n)
	}
	if p.Late {
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Information, Title: v.T("surveillance.alarm.late"), Text: v.T("surveillance.alarm.late.text")})
	}
}

func fateGrade(outcome string) parts.Grade {
	switch outcome {
	case "verified":
		return parts.Warning
	case "open":
		return parts.Information
	}
	return parts.Good
}

func (v *alarmView) epi() chart.Epi {
	set := v.P.AlarmView.Dataset
	e := chart.Epi{ID: "epi", Title: v.curveTitle(set.Resolution, v.P.Disease), Unit: v.T("surveillance.resolution." + string(set.Resolution)),
		Desc:   v.T("surveillance.curve.of", "place", v.placeName(v.P.Place), "classes", v.class(v.P.Class)),
		Series: []string{v.T("surveillance.measure." + string(set.Measure))}, Alarm: v.T("surveillance.above")}
	e.Limit, e.Expect = v.T("surveillance.alarm.threshold"), v.T("surveillance.alarm.expected")
	countLimit := v.P.Settings.Algorithm != surveillance.GLR && v.P.Settings.Algorithm != surveillance.EARSC3
	if !countLimit {
		e.Limit = ""
	}
	for _, c := range v.P.Curve {
		b := chart.Bar{Label: set.Label(c.Period), Alarm: c.Above, Expect: c.Expected.Or(0)}
		if countLimit {
			b.Limit = c.Threshold.Or(0)
		}
		if y, n := set.InYear(c.Period); n == 1 {
			b.Tick = str(y)
		}
		if c.Observed.Defined() {
			b.Values = []float64{c.Observed.Or(0)}
		} else {
			b.Missing = true
		}
		e.Bars = append(e.Bars, b)
	}
	return e
}

func (v *alarmView) facts() {
	p := &v.P
	set := p.AlarmView.Dataset
	add := func(key, text string) {
		v.Facts = append(v.Facts, parts.Definition{Term: v.T("surveillance.alarm." + key), Text: text})
	}
	add("dataset", set.Title)
	add("place", v.placeName(p.Place)+" ("+p.Place+")")
	add("class", v.class(p.Class))
	add("period", v.T("surveillance.period", "name", set.Label(p.Period), "from", v.Day(set.Start(p.Period)), "to", v.Day(set.End(p.Period))))
	add("revision", v.T("surveillance.revision.of", "rev", p.Rev, "date", v.Stamp(p.KnownAt)))
	add("rank", v.T("surveillance.alarm.rank.of", "rank", p.Rank, "of", p.Run.Above, "weight", v.Decimal(p.Weight, 2)))
	add("score", v.value(p.Score, 2))
	add("adjusted", v.chance(p.Adjusted))
	add("dispersion", v.value(p.Dispersion, 2))
	if p.Settings.Algorithm == surveillance.Farrington {
		trend := v.T("surveillance.alarm.trend.none")
		if p.Slope.Defined() {
			trend = v.T("surveillance.alarm.trend.kept", "percent", v.Decimal(100*p.Slope.Or(0), 2))
		}
		add("trend", trend)
		add("history", v.T("surveillance.alarm.history.of", "years", p.Years, "used", p.Used))
	}
	v.Facts = append(v.Facts, parts.Definition{Term: v.T("surveillance.alarm.scan"), Body: linkTo(scanPath(p.Run.ID), v.T("surveillance.alarm.scan.of", "series", p.Run.Series, "at", v.Stamp(p.Run.Begun)))})
}

// compared are two judgements of the same series, number by number.
func (w words) compared(one string, a surveillance.Judged, other string, b surveillance.Judged) parts.Table {
	t := parts.Table{Caption: w.T("surveillance.alarm.again.title"), RowHead: true, Columns: []parts.Column{{Text: w.T("surveillance.alarm.again.number")}, {Text: one, Number: true}, {Text: other, Number: true}, {Text: ""}}}
	row := func(key string, x, y outbreak.Value) {
		same := w.T("surveillance.alarm.again.same")
		if x != y {
			same = w.T("surveillance.alarm.again.differs")
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: w.T("surveillance.alarm." + key)}, {Text: full(x)}, {Text: full(y)}, {Text: same}})
	}
	row("observed", a.Observed, b.Observed)
	row("expected", a.Expected, b.Expected)
	row("threshold", a.Threshold, b.Threshold)
	row("score", a.Score, b.Score)
	row("p", a.P, b.P)
	row("dispersion", a.Dispersion, b.Dispersion)
	return t
}

// full is a number with every digit it has.
func full(v outbreak.Value) string {
	if !v.Defined() {
		return "–"
	}
	return v.String()
}
