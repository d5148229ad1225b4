package family

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
)

// world is a few nodes whose releases deliver carries, sealed to each other as
// the exchange would: a node gets only what is addressed to it.
type world struct {
	*testing.T
	clock *clock.Manual
	nodes map[access.Member]*node
}

type node struct {
	w      *world
	m      access.Member
	db     *db.DB
	health *health.Desk
	desk   *Desk
	out    []exchange.Release
	got    []exchange.Release
}

func (n *node) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	n.out = append(n.out, r)
	return nil
}
func (n *node) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (n *node) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

var schemas = []db.Schema{history.Schema, health.Schema, files.Schema, Schema}

// each plays a story whose family is owned by Thailand, on either engine.
func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{T: t, clock: clock.NewManual(time.Date(2020, 1, 20, 6, 0, 0, 0, time.UTC)), nodes: map[access.Member]*node{}}
		for _, m := range []access.Member{"TH", "VN", "SG"} {
			n := &node{w: w, m: m, db: d}
			if m != "TH" {
				n.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...)
			}
			env := &desk.Env{Member: m, DB: n.db, Clock: w.clock, Wall: w.clock, IDs: &id.Maker{Clock: w.clock}, Send: n}
			n.health = health.New(env)
			n.desk = New(env, n.health)
			w.nodes[m] = n
		}
		f(w)
	}, schemas...)
}

// receive gives a release to a node.
func (n *node) receive(r exchange.Release) error {
	h := n.desk.Handlers()[r.Kind]
	if h == nil {
		h = n.health.Handlers()[r.Kind]
	}
	n.got = append(n.got, r)
	return n.db.Write(n.w.Context(), func(tx *db.Tx) error {
		return h(n.w.Context(), tx, exchange.Inbound{Release: r, Received: n.w.clock.Now()})
	})
}

func (w *world) deliver() {
	w.Helper()
	for range 3 {
		for _, m := range access.States {
			n := w.nodes[m]
			if n == nil {
				continue
			}
			rs := n.out
			n.out = nil
			for _, r := range rs {
				for _, to := range r.To {
					if x := w.nodes[to]; x != nil {
						w.must(x.receive(r))
					}
				}
			}
		}
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) refused(kind fault.Kind, err error) {
	w.Helper()
	if !fault.Is(err, kind) {
		w.Fatalf("want %s, got %v", kind, err)
	}
}

var (
	duty     = access.Actor{Account: "duty", Name: "Duty", Grants: []access.Grant{{Role: access.DutyOfficer}}}
	approver = access.Actor{Account: "approver", Name: "Approver", Grants: []access.Grant{{Role: access.Approver}}}
	both     = access.Actor{Account: "both", Name: "Both", Grants: []access.Grant{{Role: access.DutyOfficer}, {Role: access.Approver}}}
	auditor  = access.Actor{Account: "auditor", Name: "Auditor", Grants: []access.Grant{{Role: access.Auditor}}}
	local    = access.Actor{Account: "local", Name: "Local", Grants: []access.Grant{{Role: access.DutyOfficer, Place: "TH-10"}}}
)

// event records an event and, where there are recipients, notifies them.
func (n *node) event(name string, cases int64, to ...access.Member) id.ID {
	n.w.Helper()
	ctx := n.w.Context()
	e, err := n.health.RecordEvent(ctx, duty, health.EventInput{Name: name, Lang: "en", Hazard: "cholera", Grade: health.Watch, Marking: access.TLPAmber, Places: []string{string(n.m)}},
		[]health.Fact{{Indicator: "cases", Class: "confirmed", Place: string(n.m), Value: cases, Source: "sample", AsOf: n.w.clock.Now()}})
	n.w.must(err)
	if len(to) == 0 {
		return e.ID
	}
	in := health.NotificationInput{Title: name, Message: "x", Lang: "en", Purpose: "early_warning", Basis: "aphecs", Marking: access.TLPAmber, AckWithin: time.Hour}
	for _, m := range to {
		in.Recipients = append(in.Recipients, health.Recipient{Member: m, Blocks: health.Blocks})
	}
	x, err := n.health.Compose(ctx, duty, e.ID, "", in)
	n.w.must(err)
	_, err = n.health.Submit(ctx, duty, x.ID, 0)
	n.w.must(err)
	_, err = n.health.Clear(ctx, approver, x.ID, 0)
	n.w.must(err)
	_, err = n.health.Release(ctx, duty, x.ID, 0)
	n.w.must(err)
	return e.ID
}

func sample() Input {
	return Input{Name: "Cholera along the border (sample)", Lang: "en", Hazard: "cholera", Marking: access.TLPAmber}
}

// The life of a family: made by one state, answered by the others, nobody's
// event is touched, and nobody learns of a third state's event before that
// state has said so.
func TestFamilyStory(t *testing.T) {
	each(t, func(w *world) {
		ctx, th, vn, sg := w.Context(), w.nodes["TH"], w.nodes["VN"], w.nodes["SG"]
		own := th.event("Thai cluster", 5, "VN", "SG")
		theirs := vn.event("Vietnamese cluster", 7, "TH") // Singapore was not told
		w.deliver()
		f := w.makes(own, theirs)
		w.shares(f.ID, theirs)
		w.answers(f.ID, own, theirs)
		mine := sg.event("Singaporean cluster", 2)
		_, err := sg.desk.Say(ctx, duty, f.ID, mine, 0, true, "") // unasked, its own
		w.must(err)
		w.deliver()
		page, err := th.desk.Page(ctx, duty, f.ID)
		w.must(err)
		if !page.Stale || len(page.Events) != 3 || page.Events[0].Standing != Joined || page.Events[0].Event != nil {
			w.Fatalf("Singapore's comes first, nothing of it was released: %+v", page.Events)
		}
		if e := page.Events[2]; e.Owner != "VN" || e.Standing != Joined || e.Words != "The same strain." || e.Event.Facts[0].Value != 7 {
			w.Errorf("%+v", e)
		}
		_, err = th.desk.Share(ctx, approver, f.ID, 0, []access.Member{"VN", "SG"})
		w.must(err)
		w.deliver()
		p, err := sg.desk.Page(ctx, duty, f.ID)
		w.must(err)
		if len(p.Events) != 3 || p.Events[2].Owner != "VN" || p.Events[2].Event != nil || p.Events[2].Words != "" {
			w.Errorf("Singapore sees %+v", p.Events)
		}
		_, err = vn.desk.Say(ctx, duty, f.ID, theirs, 0, false, "Another strain after all.")
		w.must(err)
		w.deliver()
		page, err = th.desk.Page(ctx, duty, f.ID)
		w.must(err)
		if page.Events[2].Standing != Declined {
			w.Errorf("%+v", page.Events[2].Entry)
		}
		e, err := vn.health.EventPage(ctx, duty, theirs)
		w.must(err)
		if e.View.Version != 1 {
			w.Error("somebody touched Viet Nam's event")
		}
	})
}

// makes is how Thailand makes the family, refusals included.
func (w *world) makes(own, theirs id.ID) Family {
	w.Helper()
	ctx, th := w.Context(), w.nodes["TH"]
	_, err := th.desk.Make(ctx, auditor, sample(), nil)
	w.refused(fault.Forbidden, err)
	_, err = th.desk.Make(ctx, duty, sample(), []id.ID{"019b0000-0000-7000-8000-000000000000"})
	w.refused(fault.NotFound, err)
	blank := sample()
	blank.Name = " "
	_, err = th.desk.Make(ctx, duty, blank, nil)
	w.refused(fault.Invalid, err)
	f, err := th.desk.Make(ctx, duty, sample(), []id.ID{own, theirs})
	w.must(err)
	_, err = th.desk.Share(ctx, duty, f.ID, f.Version, []access.Member{"VN"})
	w.refused(fault.Forbidden, err) // the national clearance
	_, err = th.desk.Share(ctx, approver, f.ID, f.Version, nil)
	w.refused(fault.Invalid, err)
	_, err = th.desk.Edit(ctx, both, f.ID, f.Version, sample())
	w.must(err)
	_, err = th.desk.Share(ctx, both, f.ID, 0, []access.Member{"VN"})
	w.refused(fault.Invalid, err) // who edited it
	weak := sample()
	weak.Marking = access.TLPClear
	_, err = th.desk.Edit(ctx, duty, f.ID, 0, weak)
	w.must(err)
	_, err = th.desk.Share(ctx, approver, f.ID, 0, []access.Member{"VN"})
	w.refused(fault.Invalid, err) // more open than the event
	_, err = th.desk.Edit(ctx, duty, f.ID, 0, sample())
	w.must(err)
	return f
}

// shares is how it reaches the others: each gets what was shown, and nobody
// what a third state has not agreed to.
func (w *world) shares(f, theirs id.ID) {
	w.Helper()
	ctx, th := w.Context(), w.nodes["TH"]
	before, err := th.desk.Page(ctx, approver, f)
	w.must(err)
	if _, err := th.desk.Page(ctx, local, f); !fault.Is(err, fault.NotFound) {
		w.Errorf("an officer of one place: %v", err)
	}
	_, err = th.desk.Share(ctx, approver, f, before.Version, []access.Member{"VN", "SG"})
	w.must(err)
	if len(th.out) != 2 {
		w.Fatalf("%d releases: the two get different things", len(th.out))
	}
	shown, err := th.desk.Page(ctx, approver, f)
	w.must(err)
	for i, r := range th.out {
		var v View
		w.must(json.Unmarshal(r.Body, &v))
		if !slices.Equal(v.Entries, shown.Previews[i].View.Entries) || !slices.Equal(r.To, shown.Previews[i].To) {
			w.Errorf("to %v went %+v, shown %+v", r.To, v.Entries, shown.Previews[i])
		}
	}
	w.deliver()
	for _, r := range w.nodes["SG"].got {
		if r.Kind == KindFamily && strings.Contains(string(r.Body), string(theirs)) {
			w.Error("Singapore learnt of an event that Viet Nam had not told it of")
		}
	}
}

// answers is how Viet Nam answers for its own event, and for no other.
func (w *world) answers(f, own, theirs id.ID) {
	w.Helper()
	ctx, vn := w.Context(), w.nodes["VN"]
	todos, err := vn.desk.Todos(ctx, duty)
	w.must(err)
	if len(todos) != 1 {
		w.Fatalf("%+v", todos)
	}
	p, err := vn.desk.Page(ctx, duty, f)
	w.must(err)
	a := p.Answers[0]
	_, err = vn.desk.Say(ctx, auditor, f, theirs, a.Version, true, "")
	w.refused(fault.Forbidden, err)
	_, err = vn.desk.Say(ctx, duty, f, theirs, a.Version, false, "")
	w.refused(fault.Invalid, err) // no words
	_, err = vn.desk.Say(ctx, duty, f, own, 0, true, "")
	w.refused(fault.Forbidden, err) // not Viet Nam's event
	_, err = vn.desk.Edit(ctx, duty, f, 0, sample())
	w.refused(fault.Forbidden, err) // not Viet Nam's family
	_, err = vn.desk.Say(ctx, duty, f, theirs, a.Version, true, "The same strain.")
	w.must(err)
}

// Merge and split of families, and what a message cannot do.
func TestMergeSplitAndRefusals(t *testing.T) {
	each(t, func(w *world) {
		ctx, th := w.Context(), w.nodes["TH"]
		a, b, c := th.event("A", 1), th.event("B", 2), th.event("C", 3)
		f, err := th.desk.Make(ctx, duty, sample(), []id.ID{a, b})
		w.must(err)
		g, err := th.desk.Make(ctx, duty, sample(), []id.ID{b, c})
		w.must(err)
		_, err = th.desk.Merge(ctx, approver, f.ID, f.Version, f.ID, "Same.")
		w.refused(fault.Invalid, err)
		_, err = th.desk.Merge(ctx, approver, f.ID, f.Version, g.ID, "")
		w.refused(fault.Invalid, err)
		_, err = th.desk.Merge(ctx, duty, f.ID, f.Version, g.ID, "Same.")
		w.refused(fault.Forbidden, err)
		_, err = th.desk.Merge(ctx, approver, f.ID, f.Version, g.ID, "Same.")
		w.must(err)
		p, err := th.desk.Page(ctx, duty, g.ID)
		w.must(err)
		if len(p.Entries) != 3 {
			w.Fatalf("%+v", p.Entries)
		}
		_, err = th.desk.Add(ctx, duty, f.ID, 0, []id.ID{c})
		w.refused(fault.Conflict, err)
		_, err = th.desk.Move(ctx, approver, f.ID, 0, "reopen", "Two after all.")
		w.must(err)
		p, err = th.desk.Page(ctx, duty, g.ID)
		w.must(err)
		if len(p.Entries) != 2 || p.Entries[0].Event != b {
			w.Fatalf("after the merge was taken back: %+v", p.Entries)
		}
		_, err = th.desk.Split(ctx, duty, g.ID, 0, "Apart", []id.ID{b, c}, "All.")
		w.refused(fault.Invalid, err) // nothing would be left
		made, err := th.desk.Split(ctx, duty, g.ID, 0, "Apart", []id.ID{c}, "Another strain.")
		w.must(err)
		if len(made.Entries) != 1 || made.Entries[0].Event != c {
			w.Errorf("%+v", made.Entries)
		}
		_, err = th.desk.Drop(ctx, duty, f.ID, 0, c)
		w.refused(fault.NotFound, err)
		_, err = th.desk.Drop(ctx, duty, f.ID, 0, b)
		w.must(err)
		w.withdrawn(f.ID, a)
	})
}

// withdrawn is a family that is taken back, in the wrong order, and what a
// message cannot do.
func (w *world) withdrawn(f, a id.ID) {
	w.Helper()
	ctx, th, vn := w.Context(), w.nodes["TH"], w.nodes["VN"]
	_, err := th.desk.Share(ctx, approver, f, 0, []access.Member{"VN"})
	w.must(err)
	first := th.out[len(th.out)-1]
	forged := first
	forged.From = "SG"
	w.refused(fault.Invalid, vn.receive(forged))
	_, err = th.desk.Move(ctx, approver, f, 0, "withdraw", "Too early.")
	w.must(err)
	gone := th.out[len(th.out)-1]
	th.out = nil
	w.must(vn.receive(gone)) // overtakes what it withdraws
	w.must(vn.receive(first))
	p, err := vn.desk.Page(ctx, duty, f)
	w.must(err)
	if !p.Withdrawn || len(p.Events) != 0 {
		w.Errorf("%+v", p)
	}
	body, _ := json.Marshal(AnswerBody{Family: f, Event: a, Standing: Declined})
	from := func(m access.Member) exchange.Release {
		return exchange.Release{ID: "019b0000-0000-7000-8000-00000000000a", Kind: KindAnswer, From: m, To: []access.Member{"TH"}, Marking: access.TLPAmber, Issued: w.clock.Now(), Body: body}
	}
	w.refused(fault.Forbidden, th.receive(from("SG"))) // never got the family
	w.refused(fault.Forbidden, th.receive(from("VN"))) // answers for Thailand's event
	_, err = th.desk.Move(ctx, approver, f, 0, "close", "")
	w.refused(fault.Invalid, err)
	_, err = th.desk.Move(ctx, approver, f, 0, "close", "Over.")
	w.must(err)
}

func TestWorkflowIsCurrent(t *testing.T) {
	text := "# The procedure of a regional family\n\nGenerated from `workflow.go`; a test keeps it current (`make generate` writes it).\n"
	for _, table := range Manifest().Tables {
		text += "\n" + strings.TrimRight(table.Markdown, "\n") + "\n\nDigest `" + table.Digest + "`\n"
	}
	if os.Getenv("LINTAS_WRITE") == "1" {
		if err := os.WriteFile("WORKFLOW.md", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("WORKFLOW.md")
	if err != nil || string(have) != text {
		t.Errorf("WORKFLOW.md is not what workflow.go says: %v", err)
	}
}
