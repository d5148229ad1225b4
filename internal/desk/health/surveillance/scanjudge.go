package surveillance

import (
	"errors"
	"math"
	"strings"

	"lintas/internal/fault"
	"lintas/outbreak"
)

// How one series is judged for one period. Everything here is pure: the same
// settings, calendar, period and counts give the same numbers for ever, which
// is what an alarm's page shows when it is computed again. Counts after the
// judged period are cut off before anything reads them.

// Why a series has no alarm, beside the reasons of package outbreak.
const (
	WhyGaps    = "gaps"          // too little of the history was reported
	WhyFew     = "too-few-cases" // as outbreak says it
	WhyShort   = "too-short"
	WhyMissing = "missing-count"
	WhyLevel   = "level"   // the method does not judge such places
	WhyStratum = "stratum" // of one sex or age only; the series of everybody is judged
	WhyMethod  = "method"  // no method for periods of this length
)

// Judged is what a method says of one period of one series. A number that
// does not exist is undefined, never zero.
type Judged struct {
	Observed   outbreak.Value `json:"observed"`
	Expected   outbreak.Value `json:"expected"`
	Threshold  outbreak.Value `json:"threshold"` // a count; of GLR the limit of its statistic
	Score      outbreak.Value `json:"score"`
	P          outbreak.Value `json:"p"`
	Dispersion outbreak.Value `json:"dispersion"`
	Slope      outbreak.Value `json:"slope"` // of the logarithm, in one period; undefined: no trend
	Years      int            `json:"years,omitempty"`
	Used       int            `json:"used,omitempty"` // periods of the history that were reported
	Above      bool           `json:"above"`
	Why        string         `json:"why,omitempty"` // why there is no decision, or no alarm
}

// judge is one method laid out for one period of one calendar. It serves every
// series and any number of workers.
type judge struct {
	set    Settings
	levels [3]bool
	cal    Calendar
	at     int32
	from   int32 // first period that is read
	axis   outbreak.Series
	plans  []yearsPlan // the longest history first
}

// yearsPlan is the layout for a number of years of history.
type yearsPlan struct {
	years int
	plan  *outbreak.FarringtonPlan
	begin int32 // the series begins then at the latest
	first int32 // of the history
	last  int32
}

// judging is the memory of one worker.
type judging struct {
	farrington outbreak.FarringtonWork
	window     []float64
}

// perYear is how many periods a year has.
func (c Calendar) perYear() int {
	switch c.Resolution {
	case Weekly:
		return outbreak.Weekly
	case Monthly:
		return outbreak.Monthly
	case Daily:
		return outbreak.Daily
	}
	return 1
}

// mostInYear is how many periods a year can have.
func (c Calendar) mostInYear() int {
	switch c.Resolution {
	case Weekly:
		return 53
	case Daily:
		return 366
	}
	return c.perYear()
}

// history is how many periods before the judged one are read.
func (s Settings) history(c Calendar) int {
	recent := max(s.MinSteps, 1)
	switch s.Algorithm {
	case Farrington:
		return max(s.Years*c.mostInYear()+s.HalfWindow+1, s.Omit+1, recent)
	case CUSUM, GLR:
		return max(s.Years*c.mostInYear()+s.Span, recent)
	}
	return max(s.ears().Reach(), recent)
}

// newJudge lays a method out.
func newJudge(s Settings, c Calendar, at int32) (*judge, error) {
	if c.perYear() == 1 {
		return nil, fault.New(fault.Invalid, "fault.surveillance.no_method")
	}
	n := s.history(c)
	j := &judge{set: s, cal: c, at: at, from: at - int32(n)}
	for _, l := range s.Levels {
		if l >= 0 && l < len(j.levels) {
			j.levels[l] = true
		}
	}
	j.axis = outbreak.Series{Counts: make([]float64, n+1), Frequency: c.perYear(), Days: make([]outbreak.Day, n+1)}
	for i := range j.axis.Days {
		j.axis.Days[i] = outbreak.DayOf(c.Start(j.from + int32(i)))
	}
	if s.Algorithm != Farrington {
		return j, nil
	}
	for years := s.Years; years >= max(s.LeastYears, 1); years-- {
		p, err := outbreak.PlanFarrington(j.axis, n, s.farrington(years))
		if err != nil {
			return nil, refused(err)
		}
		ref := c.Of(c.Start(at).AddDate(-years, 0, 0))
		j.plans = append(j.plans, yearsPlan{years: years, plan: p, begin: ref + int32(s.HalfWindow), first: ref - int32(s.HalfWindow), last: at - int32(s.Omit) - 1})
	}
	return j, nil
}

// refused makes a sentence of what package outbreak would not take.
func refused(err error) error {
	return fault.Wrap(fault.Invalid, "fault.surveillance.settings", err).With("why", err.Error())
}

// judges reports whether the method judges places of this level.
func (j *judge) judges(place string) bool { return j.levels[min(levelOf(place), 2)] }

// levelOf a place by its code: a code begins with that of its parent.
func levelOf(place string) int { return strings.Count(place, "-") }

// parentOf is the place that another lies in; empty for a state.
func parentOf(place string) string {
	if i := strings.LastIndexByte(place, '-'); i > 0 {
		return place[:i]
	}
	return ""
}

// window puts the history and the judged period into w, with NaN where the
// series does not reach.
func (j *judge) window(w *judging, first int32, values []float64) []float64 {
	n := len(j.axis.Counts)
	if cap(w.window) < n {
		w.window = make([]float64, n)
	}
	out := w.window[:n]
	lead := min(max(int(first)-int(j.from), 0), n)
	for i := range lead {
		out[i] = math.NaN()
	}
	skip := min(max(int(j.from)-int(first), 0), len(values))
	k := lead + copy(out[lead:], values[skip:])
	for i := k; i < n; i++ {
		out[i] = math.NaN()
	}
	return out
}

// point judges one series, whose first value is of period first.
func (j *judge) point(w *judging, first int32, values []float64) Judged {
	x := j.window(w, first, values)
	now := x[len(x)-1]
	out := Judged{Observed: outbreak.Known(now)}
	if math.IsNaN(now) {
		out.Why = WhyMissing
		return out
	}
	switch j.set.Algorithm {
	case Farrington:
		j.byFarrington(w, x, begins(first, values), &out)
	case CUSUM, GLR:
		j.byChart(x, begins(first, values), &out)
	default:
		j.byEARS(x, &out)
	}
	return out
}

// begins is the first period with a count.
func begins(first int32, values []float64) int32 {
	for i, v := range values {
		if !math.IsNaN(v) {
			return first + int32(i)
		}
	}
	return math.MaxInt32
}

func (j *judge) byFarrington(w *judging, x []float64, begin int32, out *Judged) {
	for i := range j.plans {
		p := &j.plans[i]
		if begin > p.begin {
			continue
		}
		out.Years = p.years
		if !j.filled(x, p.first, p.last) {
			out.Why = WhyGaps
			return
		}
		pt := p.plan.Point(&w.farrington, x, nil)
		out.take(pt.Point)
		out.Dispersion, out.Used = pt.Dispersion, pt.Used
		if pt.Trend {
			out.Slope = pt.Slope
		}
		return
	}
	out.Why = WhyShort
}

// filled reports whether enough of the history was reported. What lies before
// the window that is read cannot be counted.
func (j *judge) filled(x []float64, from, to int32) bool {
	have, all := 0, 0
	for i := max(int(from-j.from), 0); i <= min(int(to-j.from), len(x)-1); i++ {
		all++
		if !math.IsNaN(x[i]) {
			have++
		}
	}
	return all > 0 && float64(have) >= j.set.Filled*float64(all)
}

func (out *Judged) take(p outbreak.Point) {
	out.Expected, out.Threshold, out.Score, out.P, out.Above = p.Expected, p.Threshold, p.Score, p.PValue, p.Alarm
	if p.Reason != outbreak.Decided {
		out.Why = p.Reason.String()
	}
}

func (j *judge) byEARS(x []float64, out *Judged) {
	s := j.axis
	s.Counts = x
	pts, err := outbreak.EARS(s, len(x)-1, len(x), j.set.ears())
	if err != nil {
		out.Why = whyOf(err)
		return
	}
	out.take(pts[0].Point)
	out.Used = j.set.Baseline
	j.enough(x, out)
}

// byChart runs a chart that adds up over the last Span periods, with the years
// before as its baseline.
func (j *judge) byChart(x []float64, begin int32, out *Judged) {
	s := j.axis
	s.Counts = x
	from := len(x) - j.set.Span
	if begin > j.cal.Of(j.cal.Start(j.at-int32(j.set.Span)).AddDate(-1, 0, 0)) {
		out.Why = WhyShort // less than a year of baseline
		return
	}
	if !j.filled(x, max(begin, j.from), j.at-int32(j.set.Span)) {
		out.Why = WhyGaps
		return
	}
	if skip := int(max(begin-j.from, 0)); skip > 0 { // the baseline begins with the series
		s.Counts, s.Days, from = s.Counts[skip:], s.Days[skip:], from-skip
	}
	n := len(s.Counts)
	_, month := j.cal.InYear(j.at - int32(n) + 1)
	if j.set.Algorithm == CUSUM {
		o := outbreak.DefaultCUSUM()
		o.K, o.H, o.Seasonal, o.Phase, o.Transform = j.set.K, j.set.Limit, true, month, outbreak.Rossi
		pts, err := outbreak.CUSUM(s, from, n, o)
		if err != nil {
			out.Why = whyOf(err)
			return
		}
		out.take(pts[len(pts)-1].Point)
	} else {
		o := outbreak.DefaultGLR()
		o.Limit, o.Alpha, o.Seasonal = j.set.Limit, outbreak.Value{}, outbreak.Baseline{Harmonics: 1}
		res, err := outbreak.GLR(s, from, n, o)
		if err != nil {
			out.Why = whyOf(err)
			return
		}
		out.take(res.Points[len(res.Points)-1].Point)
		out.Dispersion = outbreak.Known(res.Alpha)
	}
	out.Used = from
	j.enough(x, out)
}

// enough applies the rule of recent cases to methods that have none themselves.
func (j *judge) enough(x []float64, out *Judged) {
	if !out.Above {
		return
	}
	sum := 0.0
	for i := max(0, len(x)-max(j.set.MinSteps, 1)); i < len(x); i++ {
		if !math.IsNaN(x[i]) {
			sum += x[i]
		}
	}
	if sum < float64(j.set.MinCases) {
		out.Above, out.Why = false, WhyFew
	}
}

func whyOf(err error) string {
	e, ok := errors.AsType[*outbreak.Error](err)
	switch {
	case ok && e.Kind == outbreak.ShortSeries:
		return WhyShort
	case ok && e.Kind == outbreak.NotComputed:
		return outbreak.NotConverged.String()
	}
	return outbreak.BadInput.String()
}

// mostUnlikely is where unlikeliness ends: no model of counts can be trusted
// beyond it.
const mostUnlikely = 16

// weigh is the order of alarms: how unlikely times how large. How unlikely is
// -log10 of the p-value, at most 16; of a method without p-values it is its
// score in multiples of its limit, on the same scale. How large is log10 of one
// plus the cases above the expected: 1,000 cases at p = 1e-4 weigh as much as
// ten at p = 1e-12.
func (s Settings) weigh(p *Judged) float64 {
	unlikely := 0.0
	if x, ok := p.P.Get(); ok {
		unlikely = -math.Log10(math.Max(x, 1e-300))
	} else if score, ok := p.Score.Get(); ok {
		limit := s.Limit
		if s.Algorithm == EARSC3 {
			limit = 2 // Fricker et al. (2008)
		}
		if limit > 0 {
			unlikely = score / limit * 2
		}
	}
	unlikely = math.Min(math.Max(unlikely, 0), mostUnlikely)
	return unlikely * math.Log10(1+math.Max(p.excess(), 1))
}

// excess is the cases above the expected; 0 where either is undefined.
func (p *Judged) excess() float64 {
	o, ok1 := p.Observed.Get()
	e, ok2 := p.Expected.Get()
	if !ok1 || !ok2 {
		return 0
	}
	return o - e
}
