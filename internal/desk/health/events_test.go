package health

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Merge, split and reopen: nothing is lost, both pages link, and what would
// weaken a marking or mix two members is refused.
func TestMergeStory(t *testing.T) {
	each(t, "TH", func(b *bench) {
		ctx := b.Context()
		a, err := b.desk.RecordEvent(ctx, duty, sampleEvent, []Fact{sampleFact(3, 13)})
		b.must(err)
		c, err := b.desk.RecordEvent(ctx, duty, sampleEvent, []Fact{sampleFact(5, 13)})
		b.must(err)
		closer := sampleEvent
		closer.Marking = access.TLPAmberStrict
		red, err := b.desk.RecordEvent(ctx, duty, closer, nil)
		b.must(err)

		_, err = b.desk.MergeEvent(ctx, duty, a.ID, a.Version, c.ID, "")
		b.refused(fault.Invalid, err) // no reason
		_, err = b.desk.MergeEvent(ctx, duty, a.ID, a.Version, a.ID, "Same.")
		b.refused(fault.Invalid, err) // into itself
		_, err = b.desk.MergeEvent(ctx, duty, red.ID, red.Version, c.ID, "Same.")
		b.refused(fault.Invalid, err) // closer marking under a weaker one
		_, err = b.desk.MergeEvent(ctx, auditor, a.ID, a.Version, c.ID, "Same.")
		b.refused(fault.Forbidden, err)
		_, err = b.desk.MergeEvent(ctx, duty, a.ID, a.Version+7, c.ID, "Same.")
		b.refused(fault.Conflict, err)
		_, err = b.desk.MoveEvent(ctx, duty, a.ID, a.Version, "merge", "Same.")
		b.refused(fault.Invalid, err) // a merge needs its other event
		foreign := b.foreign("SG")
		_, err = b.desk.MergeEvent(ctx, duty, a.ID, a.Version, foreign, "Same.")
		b.refused(fault.Invalid, err) // another member's event is grouped, never merged

		merged, err := b.desk.MergeEvent(ctx, duty, a.ID, a.Version, c.ID, "Reported twice.")
		b.must(err)
		if merged.State != Merged || merged.MergedInto != c.ID {
			b.Fatalf("%+v", merged)
		}
		_, err = b.desk.AddFacts(ctx, duty, a.ID, 0, []Fact{sampleFact(4, 14)})
		b.refused(fault.Conflict, err) // what is merged stays as it was
		_, err = b.desk.MergeEvent(ctx, duty, c.ID, 0, a.ID, "Back.")
		b.refused(fault.Invalid, err) // no circle

		p, err := b.desk.EventPage(ctx, duty, c.ID)
		b.must(err)
		if len(p.View.Absorbed) != 1 || p.View.Absorbed[0].ID != a.ID || p.View.Absorbed[0].Facts[0].Value != 3 {
			b.Fatalf("absorbed: %+v", p.View.Absorbed)
		}
		if f, _ := Latest(p.View.AllFacts(), "cases", "confirmed"); f.Value != 5 {
			b.Errorf("the figures of the two are added up: %d", f.Value)
		}
		old, err := b.desk.EventPage(ctx, duty, a.ID)
		b.must(err)
		if old.Into == nil || old.Into.ID != c.ID || len(old.View.Facts) != 1 {
			b.Errorf("the merged event lost its link or its figures: %+v", old.Into)
		}

		splitStory(b, a.ID, c.ID)
	})
}

// splitStory takes a merge back.
func splitStory(b *bench, a, c id.ID) {
	b.Helper()
	ctx := b.Context()
	_, err := b.desk.MoveEvent(ctx, duty, a, 0, "split", "")
	b.refused(fault.Invalid, err)
	split, err := b.desk.MoveEvent(ctx, duty, a, 0, "split", "Different clusters.")
	b.must(err)
	if split.State != Assessment || split.MergedInto != "" || split.Due.IsZero() {
		b.Errorf("split: %+v", split)
	}
	p, err := b.desk.EventPage(ctx, duty, c)
	b.must(err)
	if len(p.View.Absorbed) != 0 {
		b.Error("the other still shows it")
	}
	_, err = b.desk.MoveEvent(ctx, duty, a, 0, "split", "Again.")
	b.refused(fault.Conflict, err)
}

// foreign receives an event of another member.
func (b *bench) foreign(from access.Member, change ...func(*NotificationView)) id.ID {
	b.Helper()
	maker := &id.Maker{}
	v := NotificationView{ID: maker.New(), Title: "Sample", Event: EventView{ID: maker.New(), Owner: from, Version: 1, State: Alert,
		Name: "Sample of another", Lang: "en", Hazard: "covid_19", Grade: Watch, Places: []string{string(from)}}}
	for _, c := range change {
		c(&v)
	}
	body, err := json.Marshal(v)
	b.must(err)
	in := exchange.Inbound{Release: exchange.Release{ID: maker.New(), Kind: KindNotification, From: from, To: []access.Member{"TH"},
		Ref: exchange.Ref{Desk: Name, Kind: "health.event", ID: v.Event.ID, Version: v.Event.Version}, Marking: access.TLPAmber,
		Issued: b.clock.Now(), Due: b.clock.Now().Add(time.Hour), Body: body}, Received: b.clock.Now()}
	b.must(b.db.Write(b.Context(), func(tx *db.Tx) error { return b.desk.Handlers()[in.Kind](b.Context(), tx, in) }))
	return v.Event.ID
}

// Facts of a part of the people, shares and suppressed numbers never become a
// key figure, and travel where an older program cannot take them for totals.
func TestPartsOfThePeople(t *testing.T) {
	each(t, "TH", func(b *bench) {
		ctx := b.Context()
		women, share, small := sampleFact(40, 13), sampleFact(12, 13), sampleFact(0, 13)
		women.Sex, women.Age = "female", "25_49"
		share.Indicator, share.Class, share.Of = "tests", "", 40
		small.Place, small.Suppressed = "TH-10", true
		for _, bad := range []func(*Fact){
			func(f *Fact) { f.Age = "20-29" }, func(f *Fact) { f.Sex = "f" }, func(f *Fact) { f.Group = "vip" }, func(f *Fact) { f.Method = "guess" },
			func(f *Fact) { f.Of = 11 }, func(f *Fact) { f.Suppressed = true }, func(f *Fact) { f.Granularity = "day" },
			func(f *Fact) { f.From, f.To, f.Granularity = "2020-01-07", "2020-01-13", "week_monday" }, // a Tuesday
			func(f *Fact) { f.From, f.To = "2020-01-07", "" },
		} {
			f := sampleFact(12, 13)
			bad(&f)
			_, err := b.desk.RecordEvent(ctx, duty, sampleEvent, []Fact{f})
			b.refused(fault.Invalid, err)
		}
		week := sampleFact(2, 13)
		week.From, week.To, week.Granularity, week.Method = "2020-01-06", "2020-01-12", "week_monday", "case_reports"
		e, err := b.desk.RecordEvent(ctx, duty, sampleEvent, []Fact{sampleFact(100, 13), women, share, small, week})
		b.must(err)
		p, err := b.desk.EventPage(ctx, duty, e.ID)
		b.must(err)
		if f, _ := Latest(p.View.AllFacts(), "cases", "confirmed"); f.Value != 100 {
			b.Errorf("cases are %d", f.Value)
		}
		if _, ok := Latest(p.View.AllFacts(), "tests", ""); ok {
			b.Error("a share became a number of tests")
		}
		body, err := json.Marshal(viewFor(&e, p.View.AllFacts(), Blocks))
		b.must(err)
		var older struct { // what a program before this one reads
			Facts []struct {
				Value int64  `json:"value"`
				Place string `json:"place"`
			} `json:"facts"`
		}
		b.must(json.Unmarshal(body, &older))
		if len(older.Facts) != 2 || older.Facts[0].Value+older.Facts[1].Value != 102 {
			b.Errorf("an older program reads %+v", older.Facts)
		}
		got := b.foreign("SG", func(v *NotificationView) {
			v.Event.Facts, v.Event.More = p.View.Facts, p.View.More
		})
		q, err := b.desk.EventPage(ctx, duty, got)
		b.must(err)
		if len(q.View.Facts) != 2 || len(q.View.More) != 3 {
			b.Errorf("received %d and %d", len(q.View.Facts), len(q.View.More))
		}
	})
}

// The structured content is sent by parts; a part that was held back is named,
// one that was never written is not.
func TestSectionsAreBlocks(t *testing.T) {
	each(t, "TH", func(b *bench) {
		ctx := b.Context()
		e, err := b.desk.RecordEvent(ctx, duty, sampleEvent, nil)
		b.must(err)
		at := b.clock.Now()
		good := []Section{{Block: BlockLaboratory, Text: "PCR positive.", AsOf: at, Source: "National laboratory", Complete: Partial},
			{Block: BlockDifficulties, Complete: NotKnown}}
		for _, bad := range [][]Section{
			{{Block: BlockLaboratory, AsOf: at, Source: "x", Complete: Complete}}, {{Block: BlockLaboratory, Text: "x", Source: "x", Complete: Complete}},
			{{Block: BlockLaboratory, Text: "x", AsOf: at, Complete: Partial}}, {{Block: "secret", Text: "x", AsOf: at, Source: "x", Complete: Partial}},
			{{Block: BlockLaboratory, Text: "x", AsOf: at, Source: "x"}}, {good[0], good[0]},
			{{Block: BlockLaboratory, Text: "x", AsOf: at.AddDate(0, 0, 3), Source: "x", Complete: Partial}},
		} {
			_, err := b.desk.DescribeEvent(ctx, duty, e.ID, 0, bad, EndRule{})
			b.refused(fault.Invalid, err)
		}
		_, err = b.desk.DescribeEvent(ctx, approver, e.ID, 0, good, EndRule{})
		b.refused(fault.Forbidden, err)
		e, err = b.desk.DescribeEvent(ctx, duty, e.ID, e.Version, good, EndRule{Incubation: 14})
		b.must(err)
		v := viewFor(&e, nil, []Block{BlockSummary, BlockDates, BlockPlaces, BlockFacts, BlockDifficulties})
		if len(v.Sections) != 1 || v.Sections[0].Block != BlockDifficulties || !slices.Equal(v.Withheld, []Block{BlockLaboratory}) {
			b.Errorf("%+v, withheld %v", v.Sections, v.Withheld)
		}
		got := b.foreign("SG", func(n *NotificationView) { n.Event.Sections, n.Event.Withheld = v.Sections, v.Withheld })
		p, err := b.desk.EventPage(ctx, duty, got)
		b.must(err)
		if len(p.View.Sections) != 1 || !slices.Equal(p.View.Withheld, []Block{BlockLaboratory}) {
			b.Errorf("the copy shows %+v", p.View)
		}
	})
}

func TestExpectedEnd(t *testing.T) {
	total := func(n int64, on int, place string) Fact {
		f := sampleFact(n, on)
		f.Place = place
		return f
	}
	corrected := total(4, 20, "TH")
	corrected.Revision = 2
	for name, c := range map[string]struct {
		hazard string
		rule   EndRule
		facts  []Fact
		want   string // empty: not known
	}{
		"no figures":              {"ebola", EndRule{}, nil, ""},
		"no incubation":           {"unknown", EndRule{LastCase: Date{"2020-01-10", Day}}, nil, ""},
		"entered":                 {"ebola", EndRule{LastCase: Date{"2020-01-10", Day}}, nil, "2020-02-21"},
		"imprecise is never soon": {"ebola", EndRule{LastCase: Date{"2020-01-10", Month}}, nil, "2020-03-13"},
		"own period":              {"unknown", EndRule{Incubation: 10, Multiple: 3, LastCase: Date{"2020-01-10", Day}}, nil, "2020-02-09"},
		"last rise":               {"cholera", EndRule{}, []Fact{total(1, 10, "TH"), total(4, 12, "TH"), total(4, 20, "TH")}, "2020-01-22"},
		"a rise elsewhere":        {"cholera", EndRule{}, []Fact{total(9, 10, "TH"), total(1, 15, "TH-10")}, "2020-01-25"},
		"corrected away":          {"cholera", EndRule{}, []Fact{total(4, 12, "TH"), total(5, 20, "TH"), corrected}, "2020-01-22"},
		"zero is no case":         {"cholera", EndRule{}, []Fact{total(0, 10, "TH")}, ""},
	} {
		end, ok := ExpectedEnd(c.hazard, c.rule, c.facts)
		if got := end.On.Format(time.DateOnly); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s: %s, %v; want %s", name, got, ok, c.want)
		}
	}
	for key, i := range Incubations {
		if _, ok := HazardByKey(key); !ok || i.Min < 1 || i.Max < i.Min || i.Source == "" {
			t.Errorf("%s: %+v", key, i)
		}
	}
}

// What the search finds does not depend on how many notices came later, nor on
// whether its words were noted when it came.
func TestSearchOfOldNotices(t *testing.T) {
	each(t, "TH", func(b *bench) {
		ctx := b.Context()
		for i := range 60 {
			b.foreign("SG", func(v *NotificationView) {
				v.Title = "Notice " + strconv.Itoa(i)
				if i == 0 {
					v.Event.Summary = "The needle: โรคไข้เลือดออก"
				}
			})
			b.clock.Advance(time.Minute)
		}
		find := func(q string, want int) {
			b.Helper()
			ns, err := b.desk.SearchNotices(ctx, duty, q, 30)
			b.must(err)
			if len(ns) != want {
				b.Errorf("%q finds %d, want %d", q, len(ns), want)
			}
		}
		find("needle", 1)
		find("ไข้เลือด", 1)
		find("notice", 30)
		b.must(b.db.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE health_notice SET needle = ''`)
			return err
		}))
		find("needle", 1)
		b.must(b.desk.noteWords(ctx))
		find("needle", 1)
		b.must(b.db.Read(ctx, func(tx *db.Tx) error {
			var left int
			_, err := tx.Row(ctx, `SELECT COUNT(*) FROM health_notice WHERE needle = ''`, nil, &left)
			if left != 0 {
				b.Errorf("%d notices are without words", left)
			}
			return err
		}))
		local := access.Actor{Account: "local", Grants: []access.Grant{{Role: access.DutyOfficer, Place: "TH-10"}}}
		ns, err := b.desk.SearchNotices(ctx, local, "needle", 30)
		b.must(err)
		if len(ns) != 0 {
			b.Error("an officer of one place finds what others notified")
		}
	})
}
