package sitrep

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/workflow"
)

func workflowVerb(s string) workflow.Verb { return workflow.Verb(s) }

func cases(n int64, at time.Time, more ...string) health.Fact {
	f := health.Fact{Indicator: "cases", Class: "confirmed", Value: n, AsOf: at}
	if len(more) > 0 {
		f.Source = more[0]
	}
	if len(more) > 1 {
		f.Place = more[1]
	}
	return f
}

// The life of a national report: drafted from the facts, cleared by a second
// person, issued, corrected with the change marked, and withdrawn.
func TestNationalStory(t *testing.T) {
	each(t, func(w *world) {
		ctx, kh, th := w.Context(), w.nodes["KH"], w.nodes["TH"]
		now := w.clock.Now()
		eid := kh.event(cases(40, now.AddDate(0, 0, -7)), cases(84, now), health.Fact{Indicator: "deaths", Class: "confirmed", Value: 3, AsOf: now})
		in := kh.input()
		_, err := th.desk.Draft(ctx, duty, eid, "", in)
		w.refused(fault.NotFound, err)
		_, err = kh.desk.Draft(ctx, auditor, eid, "", in)
		w.refused(fault.Forbidden, err)
		_, err = kh.desk.Draft(ctx, local, eid, "", in)
		w.refused(fault.NotFound, err)
		bad := in
		bad.Highlights = []string{"1", "2", "3", "4", "5", "6"}
		_, err = kh.desk.Draft(ctx, duty, eid, "", bad)
		w.refused(fault.Invalid, err)
		r, err := kh.desk.Draft(ctx, both, eid, "", in)
		w.must(err)
		f, ok := (&ReportView{Figures: r.Figures}).Figure("cases", "confirmed", "KH")
		if !ok || f.Values[0].Value != 84 || f.New == nil || *f.New != 44 || r.Number != 1 {
			t.Fatalf("figures %+v of issue %d", f, r.Number)
		}
		_, err = kh.desk.Draft(ctx, duty, eid, "", in)
		w.refused(fault.Conflict, err) // one draft at a time
		open := in
		open.Marking = access.TLPClear
		r, err = kh.desk.Edit(ctx, both, r.ID, r.Version, open)
		w.must(err)
		_, err = kh.desk.Step(ctx, both, r.ID, r.Version, "submit", "")
		w.refused(fault.Invalid, err) // more open than its event
		r, err = kh.desk.Edit(ctx, both, r.ID, r.Version, in)
		w.must(err)
		r, err = kh.desk.Step(ctx, both, r.ID, r.Version, "submit", "")
		w.must(err)
		_, err = kh.desk.Step(ctx, both, r.ID, r.Version, "clear", "")
		w.refused(fault.Invalid, err) // nobody clears what he or she wrote
		_, err = kh.desk.Step(ctx, duty, r.ID, r.Version, "issue", "")
		w.refused(fault.Conflict, err)
		r, err = kh.desk.Step(ctx, approver, r.ID, r.Version, "clear", "")
		w.must(err)
		_, err = kh.desk.Step(ctx, duty, r.ID, r.Version-1, "issue", "")
		w.refused(fault.Conflict, err)
		r, err = kh.desk.Step(ctx, duty, r.ID, r.Version, "issue", "")
		w.must(err)
		w.deliver()
		p, err := th.desk.Page(ctx, duty, r.ID)
		w.must(err)
		if p.Own || p.View.Figures[0].Values[0].Value != 84 || p.View.Facts[0].Source != "Ministry (sample)" || len(p.Offers) != 0 {
			t.Fatalf("at TH %+v", p)
		}
		correct(w, kh, th, r)
	})
}

func correct(w *world, kh, th *node, r Report) {
	ctx := w.Context()
	w.clock.Advance(time.Hour)
	_, err := th.desk.Correct(ctx, duty, r.ID, "x")
	w.refused(fault.Forbidden, err)
	_, err = kh.desk.Correct(ctx, duty, r.ID, " ")
	w.refused(fault.Invalid, err)
	_, err = kh.health.AddFacts(ctx, duty, r.Event, 0, []health.Fact{{Indicator: "cases", Class: "confirmed", Place: "KH", Value: 82, AsOf: w.clock.Now(), Source: "Ministry (sample)"}})
	w.must(err)
	c, err := kh.desk.Correct(ctx, duty, r.ID, "Two cases were counted twice.")
	w.must(err)
	c, err = kh.desk.Refresh(ctx, duty, c.ID, c.Version)
	w.must(err)
	c = kh.issue(c, duty, approver)
	if c.Number != r.Number || c.Corrected != 1 || !slices.Equal(c.Changes, []string{"figure:cases|confirmed|KH"}) {
		w.Fatalf("correction %d.%d changes %q", c.Number, c.Corrected, c.Changes)
	}
	for _, n := range []*node{kh, th} {
		p, err := n.desk.Page(ctx, duty, r.ID)
		w.must(err)
		if p.View.State != Corrected || p.Newer != c.ID {
			w.Fatalf("%s has the first issue as %s, newer %s", n.m, p.View.State, p.Newer)
		}
	}
	// The next issue tells the difference to the corrected one.
	w.clock.Advance(24 * time.Hour)
	_, err = kh.health.AddFacts(ctx, duty, r.Event, 0, []health.Fact{{Indicator: "cases", Class: "confirmed", Place: "KH", Value: 90, AsOf: w.clock.Now(), Source: "Ministry (sample)"}})
	w.must(err)
	todos, err := kh.desk.Todos(ctx, duty)
	w.must(err)
	if len(todos) != 1 || todos[0].Key != "todo.sitrep.next" {
		w.Fatalf("todos %+v", todos)
	}
	n := kh.issued(r.Event, "")
	if f, _ := (&ReportView{Figures: n.Figures}).Figure("cases", "confirmed", "KH"); n.Number != 2 || f.Was == nil || *f.Was != 82 || n.Last.ID != c.ID {
		w.Fatalf("issue %d was %v", n.Number, f.Was)
	}
	_, err = kh.desk.Step(ctx, approver, n.ID, n.Version, "withdraw", "")
	w.refused(fault.Invalid, err)
	_, err = kh.desk.Step(ctx, approver, n.ID, n.Version, "withdraw", "Sent in error.")
	w.must(err)
	w.deliver()
	p, err := th.desk.Page(ctx, duty, n.ID)
	w.must(err)
	if p.View.State != Withdrawn || len(p.View.Figures)+len(p.View.Facts)+len(p.View.Texts) != 0 || p.View.Reason != "Sent in error." {
		w.Fatalf("after the withdrawal %+v", p.View)
	}
}

// The life of a regional report with one silent member, one that has nothing
// to report, one that is late, and two sources that disagree.
func TestRegionalStory(t *testing.T) {
	each(t, func(w *world) {
		ctx, asec, kh, vn, th, sg := w.Context(), w.nodes["ASEC"], w.nodes["KH"], w.nodes["VN"], w.nodes["TH"], w.nodes["SG"]
		now := w.clock.Now()
		khEvent := kh.event(cases(114, now))
		vnEvent := vn.event(cases(98, now, "Provincial CDC (sample)"), cases(101, now.Add(-time.Hour), "National institute (sample)"), cases(60, now, "", "VN-44"))
		asked := []access.Member{"KH", "TH", "VN", "SG"}
		in := OpenInput{Title: "Cholera on the border", Lang: "en", From: "2026-11-14", Until: "2026-11-20", CutOff: now.Add(6 * time.Hour), Next: now.Add(30 * time.Hour),
			Authority: "Secretariat (sample)", Asked: asked, Marking: access.TLPAmber}
		_, err := asec.desk.Open(ctx, auditor, w.family.ID, in)
		w.refused(fault.Forbidden, err)
		past := in
		past.CutOff = now
		_, err = asec.desk.Open(ctx, sec, w.family.ID, past)
		w.refused(fault.Invalid, err)
		r, err := asec.desk.Open(ctx, sec, w.family.ID, in)
		w.must(err)
		w.deliver()
		todos, err := kh.desk.Todos(ctx, duty)
		w.must(err)
		if len(todos) != 1 || todos[0].Key != "todo.sitrep.input" || todos[0].Owner != "ASEC" {
			t.Fatalf("todos of KH %+v", todos)
		}
		kh.issued(khEvent, r.ID)
		vn.issued(vnEvent, r.ID)
		none, err := sg.desk.DraftNothing(ctx, duty, r.ID, sg.input())
		w.must(err)
		sg.issue(none, duty, approver)
		_, err = asec.desk.Compose(ctx, sec, r.ID, r.Version)
		w.refused(fault.Invalid, err) // Thailand has until the cut-off
		r, err = asec.desk.Remind(ctx, sec, r.ID, r.Version)
		w.must(err)
		_, err = asec.desk.Remind(ctx, sec, r.ID, r.Version)
		w.refused(fault.Conflict, err)
		w.deliver()
		if todos, err = th.desk.Todos(ctx, duty); err != nil || len(todos) != 1 || todos[0].Key != "todo.sitrep.reminded" {
			t.Fatalf("todos of TH %+v %v", todos, err)
		}
		if todos, err = sg.desk.Todos(ctx, duty); err != nil || len(todos) != 0 {
			t.Fatalf("SG is reminded of what it gave: %+v %v", todos, err)
		}
		w.clock.Advance(7 * time.Hour)
		r, err = asec.desk.Compose(ctx, sec, r.ID, r.Version)
		w.must(err)
		w.deliver()
		v := viewReport(&r)
		want := map[access.Member]Stands{"KH": In, "VN": In, "TH": Silent, "SG": Nothing}
		for _, x := range v.Inputs {
			if x.Stands != want[x.Member] {
				t.Errorf("%s stands %s", x.Member, x.Stands)
			}
		}
		disputed(t, w, &v)
		regionalIssue(w, asec, th, r)
	})
}

// disputed: both numbers of Viet Nam stand, each with its source and release.
func disputed(t *testing.T, w *world, v *ReportView) {
	t.Helper()
	f, ok := v.Figure("cases", "confirmed", "VN")
	if !ok || len(f.Values) != 2 || f.Values[0].Value != 98 || f.Values[1].Value != 101 || f.New != nil {
		t.Fatalf("VN %+v", f)
	}
	for _, x := range append(f.Values, v.Figures[0].Values...) {
		if x.Source == "" || x.Release == "" || x.Report == "" || x.AsOf.IsZero() || x.Member == "" ||
			!slices.ContainsFunc(w.all, func(r exchange.Release) bool { return r.ID == x.Release && r.From == x.Member }) {
			t.Errorf("without provenance: %+v", x)
		}
	}
	cols, lines := Overview(v)
	if len(cols) != 1 || len(lines) != 4 {
		t.Fatalf("%d columns, %d lines", len(cols), len(lines))
	}
	for _, l := range lines {
		if why := map[string]Why{"KH": Told, "VN": Differ, "TH": NoReport, "SG": NoneHere}[l.Place]; l.Cells[0].Why != why {
			t.Errorf("%s: %s", l.Place, l.Cells[0].Why)
		}
	}
}

func regionalIssue(w *world, asec, th *node, r Report) {
	ctx, t := w.Context(), w.TB
	in := ReportInput{Title: r.Title, Lang: "en", From: r.From, Until: r.Until, AsOf: r.AsOf, Next: r.Next, Authority: r.Authority, Highlights: []string{"Two states report cases."},
		Texts: []Text{{"risk", "en", "High."}, {Summary, "th", "พบผู้ป่วย"}}, Marking: r.Marking, To: others("ASEC")}
	open := in
	open.Marking = access.TLPClear
	r, err := asec.desk.Edit(ctx, sec, r.ID, r.Version, open)
	w.must(err)
	if len(r.Figures) != 0 {
		t.Fatal("a report more open than its inputs tells them")
	}
	_, err = asec.desk.Step(ctx, sec, r.ID, r.Version, "submit", "")
	w.refused(fault.Invalid, err)
	r, err = asec.desk.Edit(ctx, sec, r.ID, r.Version, in)
	w.must(err)
	if len(r.Figures) == 0 {
		t.Fatal("the inputs did not come back")
	}
	r, err = asec.desk.Step(ctx, sec, r.ID, r.Version, "submit", "")
	w.must(err)
	_, err = asec.desk.Step(ctx, sec, r.ID, r.Version, "clear", "")
	w.refused(fault.Invalid, err)
	r, err = asec.desk.Step(ctx, sec2, r.ID, r.Version, "clear", "")
	w.must(err)
	r, err = asec.desk.Step(ctx, sec2, r.ID, r.Version, "issue", "")
	w.must(err)
	w.deliver()
	p, err := th.desk.Page(ctx, duty, r.ID)
	w.must(err)
	if !slices.Equal(p.View.Missing(), []access.Member{"TH"}) || textOf(p.View.Texts, Summary, "th") == "" {
		t.Fatalf("at TH: missing %v", p.View.Missing())
	}
	// Thailand is late; a correction takes it in, and says so.
	thEvent := th.event(cases(5, w.clock.Now().Add(-7*time.Hour)))
	late := th.issued(thEvent, r.ID)
	c, err := asec.desk.Correct(ctx, sec, r.ID, "Thailand reported.")
	w.must(err)
	c, err = asec.desk.Refresh(ctx, sec, c.ID, c.Version)
	w.must(err)
	c = asec.issue(c, sec, sec2)
	for _, key := range []string{"input:TH", "figure:cases|confirmed|TH"} {
		if !slices.Contains(c.Changes, key) {
			t.Errorf("%s is not marked in %q", key, c.Changes)
		}
	}
	if f, ok := (&ReportView{Figures: c.Figures}).Figure("cases", "confirmed", "TH"); !ok || f.Values[0].Release != late.Release {
		t.Errorf("TH in the correction: %+v", f)
	}
	if todos, err := th.desk.Todos(ctx, duty); err != nil || len(todos) != 0 {
		t.Errorf("TH is still asked: %+v %v", todos, err)
	}
}

// What arrives out of order, twice or from somebody else.
func TestReceiving(t *testing.T) {
	each(t, func(w *world) {
		ctx, kh, th := w.Context(), w.nodes["KH"], w.nodes["TH"]
		r := kh.issued(kh.event(cases(84, w.clock.Now())), "")
		c, err := kh.desk.Correct(ctx, duty, r.ID, "A mistake.")
		w.must(err)
		c = kh.issue(c, duty, approver)
		_, err = kh.desk.Step(ctx, approver, c.ID, c.Version, "withdraw", "Both were wrong.")
		w.must(err)
		w.deliver()
		sg := w.nodes["SG"] // a fresh node gets all three in the worst order, twice
		w.must(sg.db.Write(ctx, func(tx *db.Tx) error {
			for _, q := range []string{`DELETE FROM sitrep_report`, `DELETE FROM sitrep_gone`} {
				if _, err := tx.Exec(ctx, q); err != nil {
					return err
				}
			}
			return nil
		}))
		for range 2 {
			for _, rel := range slices.Backward(w.all) {
				w.must(sg.receive(rel))
			}
		}
		for rid, want := range map[*Report]workflow.State{&r: Corrected, &c: Withdrawn} {
			for _, n := range []*node{th, sg} {
				if p, err := n.desk.Page(ctx, duty, rid.ID); err != nil || p.View.State != want {
					t.Errorf("%s: %s %v", n.m, p.View.State, err)
				}
			}
		}
		forged := w.all[0]
		forged.From = "VN"
		w.refused(fault.Forbidden, th.receive(forged))
		var v ReportView
		w.must(json.Unmarshal(w.all[0].Body, &v))
		v.Figures[0].Values[0].Member, v.Figures[0].Place = "TH", "TH"
		forged = w.all[0]
		forged.Body, err = json.Marshal(v)
		w.must(err)
		w.refused(fault.Invalid, th.receive(forged)) // nobody reports figures of another state
		if rows, _, err := th.desk.List(ctx, duty, Filter{Query: "cholera kh"}); err != nil || len(rows) != 2 {
			t.Errorf("found %d %v", len(rows), err)
		}
		if _, err := th.desk.Page(ctx, post("place", "TH-10", access.DutyOfficer), r.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a reader of one place sees another state's report: %v", err)
		}
		if strings.Contains(string(w.all[0].Body), "authors") {
			t.Error("accounts leave the node")
		}
	})
}
