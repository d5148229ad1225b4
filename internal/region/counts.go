package region

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"lintas/internal/region/scenario"
)

// A scenario may name a table of daily totals (columns date, location,
// total_cases, total_deaths). Where the table is at hand when the play begins,
// its totals take the place of the script's own later figures of every event
// that names a location; else the script's figures are played. What was read is
// kept with the region, so that a play goes on with the same steps.

// countsFile holds the totals of the play that is going on.
const countsFile = "counts.json"

// total is one row of the table; a total that the table does not have is nil,
// never 0.
type total struct {
	Day    string `json:"day"`
	Cases  *int64 `json:"cases,omitempty"`
	Deaths *int64 `json:"deaths,omitempty"`
}

// totals are the rows by location.
type totals map[string][]total

// withCounts is the scenario with the totals of its table, where there is one.
func (r *Region) withCounts(sc *scenario.Scenario) (*scenario.Scenario, bool, error) {
	if sc.Counts.File == "" || r.opts.Data == "" {
		return sc, false, nil
	}
	f, err := os.Open(filepath.Join(r.opts.Data, filepath.FromSlash(sc.Counts.File)))
	if errors.Is(err, fs.ErrNotExist) {
		return sc, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	t, err := readTotals(f, sc)
	if err != nil {
		return nil, false, fmt.Errorf("region: %s: %w", sc.Counts.File, err)
	}
	b, err := json.Marshal(t)
	if err != nil {
		return nil, false, err
	}
	if err := os.WriteFile(filepath.Join(r.opts.Dir, countsFile), b, 0o600); err != nil {
		return nil, false, err
	}
	return counted(sc, t), true, nil
}

// keptCounts is the scenario with the totals that its play began with.
func (r *Region) keptCounts(sc *scenario.Scenario) (*scenario.Scenario, error) {
	b, err := os.ReadFile(filepath.Join(r.opts.Dir, countsFile))
	if err != nil {
		return nil, err
	}
	var t totals
	if err := json.Unmarshal(b, &t); err != nil {
		return nil, err
	}
	return counted(sc, t), nil
}

// readTotals reads the rows of the locations and days of a scenario.
func readTotals(f io.Reader, sc *scenario.Scenario) (totals, error) {
	wanted := map[string]bool{}
	for i := range sc.Steps {
		if at := sc.Steps[i].Fields["counts"]; at != "" {
			wanted[at] = true
		}
	}
	rows := csv.NewReader(f)
	rows.ReuseRecord = true
	head, err := rows.Read()
	if err != nil {
		return nil, err
	}
	var col [4]int
	for i, name := range []string{"date", "location", "total_cases", "total_deaths"} {
		if col[i] = slices.Index(head, name); col[i] < 0 {
			return nil, fmt.Errorf("no column %s", name)
		}
	}
	first, last := sc.Starts.Format(time.DateOnly), sc.Ends.Format(time.DateOnly)
	out := totals{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		day, at := row[col[0]], row[col[1]]
		if !wanted[at] || day < first || day > last {
			continue
		}
		out[at] = append(out[at], total{Day: day, Cases: number(row[col[2]]), Deaths: number(row[col[3]])})
	}
}

func number(s string) *int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return nil
	}
	return &n
}

// reported is when the totals of a day are entered.
const reported = 10 * time.Hour

// counted is the scenario with one step of figures for each event and day.
func counted(sc *scenario.Scenario, t totals) *scenario.Scenario {
	out := *sc
	out.Steps = nil
	named := map[string]bool{}
	for _, s := range sc.Steps {
		if s.Fields["counts"] != "" {
			named[eventOf(&s)] = true
		}
		if s.Verb != scenario.Facts || !named[s.Name] {
			out.Steps = append(out.Steps, s)
		}
	}
	for _, s := range sc.Steps {
		for _, row := range t[s.Fields["counts"]] {
			if step, ok := totalStep(sc, &s, row); ok {
				out.Steps = append(out.Steps, step)
			}
		}
	}
	slices.SortStableFunc(out.Steps, func(a, b scenario.Step) int { return a.At.Compare(b.At) })
	return &out
}

// eventOf is the name of the event that a step makes.
func eventOf(s *scenario.Step) string {
	if s.As != "" {
		return s.As
	}
	return s.Name
}

// totalStep enters the totals of one day; the day on which the event itself
// was recorded has the figures that were recorded with it.
func totalStep(sc *scenario.Scenario, s *scenario.Step, row total) (scenario.Step, bool) {
	day, err := time.Parse(time.DateOnly, row.Day)
	at := day.Add(reported)
	if err != nil || !day.After(s.At) || at.After(sc.Ends) {
		return scenario.Step{}, false
	}
	step := scenario.Step{Line: s.Line, At: at, Member: s.Member, Verb: scenario.Facts, Name: eventOf(s)}
	for _, x := range []struct {
		indicator string
		n         *int64
	}{{"cases", row.Cases}, {"deaths", row.Deaths}} {
		if x.n != nil {
			step.Facts = append(step.Facts, scenario.FactLine{Indicator: x.indicator, Class: "confirmed", Place: string(s.Member), Value: *x.n, AsOf: day, Source: sc.Counts.Source})
		}
	}
	return step, len(step.Facts) > 0
}
