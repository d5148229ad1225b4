package region

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/id"
	"lintas/internal/place"
	"lintas/internal/workflow"
)

// sharing is two real nodes and a hub: Cambodia counts, Thailand is told.
type sharing struct {
	rules
	set  surveillance.Dataset
	epi  access.Actor
	gone id.ID // the first release that TH got
}

// TestCountsOverRealNodes: a standing release of counts leaves Cambodia only once
// a second person has cleared it, with small cells withheld; each new revision
// follows by itself, also after the receiver was cut off; "no report" stays apart
// from zero and from withheld; what is withdrawn is gone at Thailand.
func TestCountsOverRealNodes(t *testing.T) {
	if testing.Short() {
		t.Skip("runs two nodes and a hub")
	}
	w := &sharing{rules: rules{t: t, ctx: t.Context(), r: open(t, "KH", "TH")}}
	w.epi = w.as("KH", access.Epidemiologist)
	d := w.node("KH").Surveillance
	set, err := d.Describe(w.ctx, w.epi, surveillance.DatasetInput{Title: "Dengue, weekly", Source: "Sample bulletin", Measure: surveillance.Cases,
		Calendar: surveillance.Calendar{Resolution: surveillance.Weekly, Weeks: surveillance.SundayWeeks}, Marking: access.TLPGreen})
	w.must(err)
	w.set = set
	// Takeo counts zero, Kampot is small, Kandal is silent in the second week.
	w.week("one.csv", "KHM,Siem Reap,2024-W01,dengue,30", "KHM,Kampot,2024-W01,dengue,3", "KHM,Kandal,2024-W01,dengue,40", "KHM,Takeo,2024-W01,dengue,0",
		"KHM,Siem Reap,2024-W02,dengue,33", "KHM,Kampot,2024-W02,dengue,12", "KHM,Takeo,2024-W02,dengue,7")
	units, state := w.shared(place.Unit), w.shared(place.State)
	w.arrived(units, state)
	w.revised(units)
	w.regional()
	w.withdrawn(units)
}

// week imports a file as a person of KH does.
func (w *sharing) week(name string, lines ...string) {
	w.t.Helper()
	d := w.node("KH").Surveillance
	text := "Country,Province,Period,Disease,Cases\n" + strings.Join(lines, "\n") + "\n"
	i, err := d.Upload(w.ctx, w.epi, w.set.ID, name, "", strings.NewReader(text))
	w.must(err)
	i, err = d.MapImport(w.ctx, w.epi, i.ID, i.Version, i.Mapping)
	w.must(err)
	_, err = d.Apply(w.ctx, w.epi, i.ID, i.Version, surveillance.ApplyInput{})
	w.must(err)
	w.until("the import of "+name, func() bool {
		v, err := d.ImportPage(w.ctx, w.epi, i.ID)
		w.must(err)
		return v.State == surveillance.Applied
	})
}

func (w *sharing) until(what string, ok func() bool) {
	w.t.Helper()
	within(w.t, 20*time.Second, what, ok)
}

// shared composes a standing release; who composed it cannot clear it, and until
// it is cleared TH holds nothing.
func (w *sharing) shared(level place.Level) id.ID {
	w.t.Helper()
	d := w.node("KH").Surveillance
	before := len(w.released())
	s, err := d.ComposeShare(w.ctx, w.epi, surveillance.ShareInput{Dataset: w.set.ID, Disease: "dengue", Level: level, To: []access.Member{"TH"}, Floor: 5, Back: 10, Basis: "aphecs"})
	w.must(err)
	step := func(who access.Actor, verb workflow.Verb) error {
		_, err := d.StepShare(w.ctx, who, s.ID, 0, verb, "")
		return err
	}
	w.must(step(w.epi, "submit"))
	if step(w.epi, "clear") == nil {
		w.t.Fatal("who composed the release cleared it")
	}
	w.must(d.SendDue(w.ctx))
	if len(w.released()) != before {
		w.t.Fatal("counts left before they were cleared")
	}
	w.must(step(w.as("KH", access.Approver), "clear"))
	return s.ID
}

func (w *sharing) released() []surveillance.Released {
	w.t.Helper()
	list, err := w.node("TH").Surveillance.Released(w.ctx, w.as("TH", access.DutyOfficer), surveillance.ReleasedFilter{})
	w.must(err)
	return list
}

// of is what TH holds of a standing release.
func (w *sharing) of(share id.ID) (surveillance.Released, bool) {
	list := w.released()
	i := slices.IndexFunc(list, func(r surveillance.Released) bool { return r.Share == share })
	if i < 0 {
		return surveillance.Released{}, false
	}
	return list[i], true
}

// counts are the values of a place, from the first period of the release.
func counts(r surveillance.Released, code string) []int32 {
	for _, row := range r.Rows {
		if row.Place == code {
			return row.Values
		}
	}
	return nil
}

func (w *sharing) arrived(units, state id.ID) {
	w.t.Helper()
	w.until("the counts at TH", func() bool {
		_, a := w.of(units)
		_, b := w.of(state)
		return a && b
	})
	r, _ := w.of(units)
	const no, held = surveillance.NoReport, surveillance.Withheld
	// Kampot's 3 is withheld, and Siem Reap's 30 with it, or the state's total
	// would tell it. Takeo's 0 is told, Kandal's silence is no zero.
	for code, want := range map[string][]int32{"KH-17": {held, 33}, "KH-7": {held, 12}, "KH-8": {40, no}, "KH-21": {0, 7}} {
		if got := counts(r, code); !slices.Equal(got, want) {
			w.t.Errorf("TH holds %v of %s, want %v", got, code, want)
		}
	}
	if r.Owner != "KH" || r.Marking != access.TLPGreen || r.Source != "Sample bulletin" {
		w.t.Errorf("%s, %s, %s", r.Owner, r.Marking, r.Source)
	}
	page, err := w.node("KH").Surveillance.SharePage(w.ctx, w.epi, units)
	w.must(err)
	if meaning(w.t, page.Body) != meaning(w.t, r.CountsBody) {
		w.t.Errorf("the preview is %s, TH holds %s", meaning(w.t, page.Body), meaning(w.t, r.CountsBody))
	}
	s, _ := w.of(state)
	if got := counts(s, "KH"); !slices.Equal(got, []int32{73, 52}) || s.Rows[0].SumOf != 4 || !slices.Equal(s.Rows[0].Reported, []int32{4, 3}) {
		w.t.Errorf("the state is %v, sum of %d, %v reported", got, s.Rows[0].SumOf, s.Rows[0].Reported)
	}
	w.gone = r.Release
}

// revised: a correction and a new week leave by themselves and arrive when TH is
// back.
func (w *sharing) revised(units id.ID) {
	w.t.Helper()
	w.r.SetCut("TH", true)
	w.week("two.csv", "KHM,Kandal,2024-W02,dengue,21", "KHM,Siem Reap,2024-W03,dengue,50", "KHM,Kampot,2024-W03,dengue,60")
	w.until("the release of the revision", func() bool {
		p, err := w.node("KH").Surveillance.SharePage(w.ctx, w.epi, units)
		w.must(err)
		return p.Sent.Rev == 2
	})
	if r, _ := w.of(units); r.Release != w.gone {
		w.t.Fatal("a node that is cut off was told")
	}
	w.r.SetCut("TH", false)
	w.until("the revision at TH", func() bool { r, _ := w.of(units); return r.Rev == 2 })
	r, _ := w.of(units)
	if got := counts(r, "KH-8"); !slices.Equal(got, []int32{40, 21, surveillance.NoReport}) {
		w.t.Errorf("Kandal is %v", got)
	}
	// What was withheld for another's sake stays withheld.
	if got := counts(r, "KH-17"); !slices.Equal(got, []int32{surveillance.Withheld, 33, 50}) {
		w.t.Errorf("Siem Reap is %v", got)
	}
}

// regional: the page of TH shows the state of KH with its owner's source, and
// says of Thailand itself that it has no counts, not zero.
func (w *sharing) regional() {
	w.t.Helper()
	ask := surveillance.RegionAsk{Subject: surveillance.Subject{Disease: "dengue", Measure: surveillance.Cases, Resolution: surveillance.Weekly}}
	var p surveillance.RegionPage
	w.until("the regional page", func() bool {
		var err error
		p, err = w.node("TH").Surveillance.Region(w.ctx, w.as("TH", access.DutyOfficer), ask)
		w.must(err)
		return p.Calendar.Label(p.At) == "2024-W03"
	})
	for i := range p.Cells {
		c := &p.Cells[i]
		switch c.State.Code {
		case "KH":
			if c.Why != "" || c.Own || c.Count(c.At) != 110 || c.Source != "Sample bulletin" || c.Units == "" {
				w.t.Errorf("KH is %+v", c)
			}
		default:
			if c.Why == "" || c.Count(c.At) != surveillance.NoReport {
				w.t.Errorf("%s has counts: %+v", c.State.Code, c)
			}
		}
	}
	get := visitor(w.t, w.r, "TH", access.DutyOfficer)
	shows(w.t, get("/surveillance/region"), "2024-W03", "Sample bulletin")
	shows(w.t, get("/surveillance/released/"+string(w.withShare(place.Unit))), "Withheld")
}

// withShare is the standing release of a level that TH holds.
func (w *sharing) withShare(level place.Level) id.ID {
	for _, r := range w.released() {
		if r.Level == level {
			return r.Share
		}
	}
	return ""
}

func (w *sharing) withdrawn(units id.ID) {
	w.t.Helper()
	d := w.node("KH").Surveillance
	if _, err := d.StepShare(w.ctx, w.as("KH", access.Approver), units, 0, "withdraw", ""); err == nil {
		w.t.Fatal("withdrawn without a reason")
	}
	_, err := d.StepShare(w.ctx, w.as("KH", access.Approver), units, 0, "withdraw", "Case definition changed (sample).")
	w.must(err)
	w.until("the withdrawal at TH", func() bool { r, ok := w.of(units); return ok && r.Reason != "" })
	if r, _ := w.of(units); len(r.Rows) != 0 || r.Reason != "Case definition changed (sample)." {
		w.t.Errorf("TH still holds %+v", r)
	}
	w.week("three.csv", "KHM,Kandal,2024-W04,dengue,99")
	w.must(d.SendDue(context.WithoutCancel(w.ctx)))
	w.until("the next revision of the state", func() bool {
		for _, r := range w.released() {
			if r.Level == place.State && r.Rev == 3 {
				return true
			}
		}
		return false
	})
	if r, _ := w.of(units); len(r.Rows) != 0 {
		w.t.Error("it goes on after it was withdrawn")
	}
}
