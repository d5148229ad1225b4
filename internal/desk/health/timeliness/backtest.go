package timeliness

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/sheet"
)

// A back-test reads a table of outbreak milestones from public notices, such as
// that of Disease Outbreak News made by the project cghss/dons, and says what
// its dates allow to say: nothing is stored, and nothing that is missing is
// made up.

// Milestone names the columns of a date: <name>Year, <name>Month, <name>Day.
type Milestone string

// Milestones of such a table.
const (
	Start          Milestone = "OutbreakStart"
	Detection      Milestone = "OutbreakDetection"
	Laboratory     Milestone = "LabConfirmation"
	NotifiedLocal  Milestone = "NotificationLocal"
	NotifiedWHO    Milestone = "NotificationWHO"
	Communicated   Milestone = "PHCommunication"
	Intervened     Milestone = "PHIntervention"
	MaxBacktest              = 20000
	maxBacktestBad           = 200
)

// Interval of a back-test: from one milestone to another, with a limit in days
// where 7-1-7 has one.
type Interval struct {
	From, To Milestone
	Clock    Clock // empty: no limit
}

// Intervals that a back-test computes.
var Intervals = []Interval{{Start, Detection, Detect}, {Detection, NotifiedLocal, Notify}, {Detection, NotifiedWHO, ""}, {Start, NotifiedWHO, ""},
	{Start, Laboratory, ""}, {NotifiedLocal, Communicated, ""}, {NotifiedLocal, Intervened, ""}}

// Tally is what one interval came to.
type Tally struct {
	Interval
	N         int     // both dates to the day, in order
	Median    float64 // of those
	Imprecise int     // at least one date is a month or a year
	Low, Top  float64 // medians of the ends, imprecise ones included
	Missing   int     // rows that lack one of the two dates
	Reversed  []Reverse
	Outcomes  map[Outcome]int // where there is a limit
	Lags      []int           // of the exact ones
}

// Reverse is a row whose dates stand in the wrong order. It is shown, not
// counted.
type Reverse struct {
	Row     int
	Country string
	Disease string
	Days    int
}

// Bad is a row that could not be read in part.
type Bad struct {
	Row  int
	Text string // the cells
}

// Backtest is the whole.
type Backtest struct {
	Rows    int // of the table
	Members int // of the members' states
	ByState map[access.Member]int
	Tallies []Tally
	Bad     []Bad
	MoreBad int
}

// ReadBacktest reads a table, CSV or XLSX.
func ReadBacktest(r io.Reader) (Backtest, error) {
	in, err := sheet.Open(r, sheet.Limits{Bytes: 24 << 20, Columns: 300, Cell: 32 << 10})
	if err != nil {
		return Backtest{}, err
	}
	defer func() { _ = in.Close() }()
	head, err := in.Next()
	if errors.Is(err, io.EOF) {
		err = fault.New(fault.Invalid, "fault.timeliness.backtest_head")
	}
	if err != nil {
		return Backtest{}, err
	}
	at := map[string]int{}
	for i, h := range head {
		at[h] = i
	}
	if _, ok := at["ISO"]; !ok || !has(at, Start) || !has(at, Detection) {
		return Backtest{}, fault.New(fault.Invalid, "fault.timeliness.backtest_head")
	}
	b := Backtest{ByState: map[access.Member]int{}}
	tallies := make([]tally, len(Intervals))
	for {
		cells, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if b.Rows++; b.Rows > MaxBacktest {
			return b, fault.New(fault.Invalid, "fault.timeliness.backtest_long").With("max", MaxBacktest)
		}
		if err != nil {
			if !fault.Is(err, fault.Invalid) || in.Row() == 0 {
				return b, err
			}
			b.bad(in.Row(), "")
			continue
		}
		b.row(cells, at, in.Row(), tallies)
	}
	for i, iv := range Intervals {
		b.Tallies = append(b.Tallies, tallies[i].close(iv))
	}
	return b, nil
}

func has(at map[string]int, m Milestone) bool {
	for _, part := range []string{"Year", "Month", "Day"} {
		if _, ok := at[string(m)+part]; !ok {
			return false
		}
	}
	return true
}

func (b *Backtest) bad(row int, text string) {
	if len(b.Bad) < maxBacktestBad {
		b.Bad = append(b.Bad, Bad{row, text})
	} else {
		b.MoreBad++
	}
}

// stateOf finds a member by its two or three letters.
func stateOf(iso string) (access.Member, bool) {
	for _, m := range access.States {
		if iso == string(m) || iso == health.ISO3(string(m)) {
			return m, true
		}
	}
	return "", false
}

func (b *Backtest) row(cells []string, at map[string]int, row int, tallies []tally) {
	get := func(column string) string {
		if i, ok := at[column]; ok && i < len(cells) && cells[i] != "NA" {
			return cells[i]
		}
		return ""
	}
	m, ok := stateOf(strings.ToUpper(get("ISO")))
	if !ok {
		return
	}
	b.Members++
	b.ByState[m]++
	dates := map[Milestone]health.Date{}
	for _, iv := range Intervals {
		for _, x := range []Milestone{iv.From, iv.To} {
			if _, done := dates[x]; done {
				continue
			}
			y, mo, d := get(string(x)+"Year"), get(string(x)+"Month"), get(string(x)+"Day")
			date, ok := triple(y, mo, d)
			if !ok {
				b.bad(row, fmt.Sprintf("%s %q %q %q", x, y, mo, d))
			}
			dates[x] = date
		}
	}
	for i, iv := range Intervals {
		tallies[i].add(iv, dates[iv.From], dates[iv.To], Reverse{Row: row, Country: string(m), Disease: get("DiseaseLevel1")})
	}
}

// triple makes a date no more exact than what is there.
func triple(y, m, d string) (health.Date, bool) {
	if y == "" {
		return health.Date{}, m == "" && d == ""
	}
	year, err := strconv.Atoi(y)
	if err != nil || year < 1900 || year > 2200 {
		return health.Date{}, false
	}
	if m == "" {
		return health.Date{On: fmt.Sprintf("%04d-01-01", year), Precision: health.Year}, d == ""
	}
	text, precision := fmt.Sprintf("%s-%02s-01", y, m), health.Month
	if d != "" {
		text, precision = fmt.Sprintf("%s-%02s-%02s", y, m, d), health.Day
	}
	_, err = time.Parse(time.DateOnly, text)
	if err != nil {
		return health.Date{}, false
	}
	return health.Date{On: text, Precision: precision}, true
}

// tally collects one interval.
type tally struct {
	t        Tally
	low, top []int
}

func (x *tally) add(iv Interval, from, to health.Date, row Reverse) {
	if x.t.Outcomes == nil {
		x.t.Outcomes = map[Outcome]int{}
	}
	clock := iv.Clock
	r := judge(clock, spanOf(from), spanOf(to), nil)
	if clock == "" {
		r.Limit = 0
	} else {
		x.t.Outcomes[r.Outcome]++
	}
	switch {
	case r.Outcome == NoDate:
		x.t.Missing++
	case r.Outcome == Reversed:
		row.Days = r.Lag.Max
		x.t.Reversed = append(x.t.Reversed, row)
	default:
		x.low, x.top = append(x.low, r.Lag.Min), append(x.top, r.Lag.Max)
		if from.Precision == health.Day && to.Precision == health.Day {
			x.t.Lags = append(x.t.Lags, r.Lag.Min)
		} else {
			x.t.Imprecise++
		}
	}
}

func (x *tally) close(iv Interval) Tally {
	x.t.Interval, x.t.N, x.t.Median = iv, len(x.t.Lags), Median(x.t.Lags)
	x.t.Low, x.t.Top = Median(x.low), Median(x.top)
	return x.t
}
