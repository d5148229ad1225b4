package timeliness

import (
	"context"
	"os"
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

// node is one member with its desks; what it queues is kept for the test to
// carry.
type node struct {
	t      *testing.T
	db     *db.DB
	health *health.Desk
	desk   *Desk
	clock  *clock.Manual
	out    []exchange.Release
}

func (n *node) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	n.out = append(n.out, r)
	return nil
}
func (n *node) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (n *node) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

func newNode(t *testing.T, d *db.DB, m access.Member, c *clock.Manual) *node {
	n := &node{t: t, db: d, clock: c}
	env := &desk.Env{Member: m, DB: d, Clock: c, Wall: c, IDs: &id.Maker{}, Send: n}
	n.health = health.New(env)
	n.desk = New(env, n.health)
	return n
}

func (n *node) receive(r exchange.Release) error {
	return n.db.Write(n.t.Context(), func(tx *db.Tx) error {
		return n.desk.Handlers()[r.Kind](n.t.Context(), tx, exchange.Inbound{Release: r, Received: n.clock.Now()})
	})
}

var (
	epi      = access.Actor{Account: "epi", Name: "Epidemiologist", Grants: []access.Grant{{Role: access.Epidemiologist}}}
	approver = access.Actor{Account: "approver", Name: "Approver", Grants: []access.Grant{{Role: access.Approver}}}
	both     = access.Actor{Account: "both", Name: "Both", Grants: []access.Grant{{Role: access.Epidemiologist}, {Role: access.Approver}}}
	auditor  = access.Actor{Account: "auditor", Name: "Auditor", Grants: []access.Grant{{Role: access.Auditor}}}
	local    = access.Actor{Account: "local", Name: "Local", Grants: []access.Grant{{Role: access.DutyOfficer, Place: "TH-50"}}}
)

var schemas = []db.Schema{history.Schema, health.Schema, files.Schema, Schema}

func sample() health.EventInput {
	d := func(on string) health.Date { return health.Date{On: on, Precision: health.Day} }
	return health.EventInput{Name: "Cholera (sample)", Lang: "en", Hazard: "cholera", Grade: health.Watch, Marking: access.TLPAmber, Places: []string{"TH-10"},
		Emergence: d("2020-01-01"), Detection: d("2020-01-08"), Notified: d("2020-01-10")}
}

func allDone(last string) Input {
	var in Input
	for i, key := range ActionKeys {
		a := Action{Key: key, Answer: Done, On: health.Date{On: "2020-01-11", Precision: health.Day}, Evidence: "Log of the day."}
		if i == len(ActionKeys)-1 {
			a.On.On = last
		}
		in.Actions = append(in.Actions, a)
	}
	in.Factors = []Factor{{Clock: Notify, Category: "D2", Text: "The report waited for a signature.", Action: "Report by telephone.", Horizon: "immediate"}}
	return in
}

// must and refused end a story that took another turn.
func (n *node) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) refused(kind fault.Kind, err error) {
	n.t.Helper()
	if !fault.Is(err, kind) {
		n.t.Fatalf("want %s, got %v", kind, err)
	}
}

func TestRecordStory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, c := t.Context(), clock.NewManual(time.Date(2020, 1, 20, 6, 0, 0, 0, time.UTC))
		th := newNode(t, d, "TH", c)
		e, err := th.health.RecordEvent(ctx, epi, sample(), nil)
		th.must(err)
		p, err := th.desk.EventPage(ctx, auditor, e.ID)
		th.must(err)
		if p.Result(Detect).Outcome != Met || p.Result(Notify).Outcome != Missed || p.Result(Respond).Outcome != NoDate || p.MayBegin {
			t.Fatalf("computed without a record: %+v", p.Results)
		}
		th.entered(e.ID)
		version := th.confirmed(e.ID)
		_, err = th.desk.Save(ctx, epi, e.ID, version, allDone("2020-01-15"))
		th.refused(fault.Conflict, err) // what is confirmed stays
		later := sample()
		later.Notified.On = "2020-01-09"
		_, err = th.health.EditEvent(ctx, epi, e.ID, 0, later)
		th.must(err)
		p, err = th.desk.EventPage(ctx, epi, e.ID)
		th.must(err)
		if !p.Changed || p.Result(Notify).Outcome != Missed || p.Result(Respond).Outcome != Met || p.Result(Respond).Lag.Min != 5 {
			t.Fatalf("the confirmed dates moved: %+v", p)
		}
		th.released(e.ID)
	}, schemas...)
}

// entered is what a record takes and what it refuses.
func (n *node) entered(eid id.ID) {
	n.t.Helper()
	ctx := n.t.Context()
	_, err := n.desk.Save(ctx, auditor, eid, 0, allDone("2020-01-15"))
	n.refused(fault.Forbidden, err)
	_, err = n.desk.Save(ctx, local, eid, 0, allDone("2020-01-15"))
	n.refused(fault.NotFound, err)
	for _, bad := range []func(*Input){
		func(in *Input) { in.Actions[0].Key = "other" },
		func(in *Input) { in.Actions[1].Answer = "maybe" },
		func(in *Input) {
			in.Actions[0].Answer, in.Actions[0].Evidence, in.Actions[0].On = NotApplicable, "", health.Date{} // no reason
		},
		func(in *Input) { in.Actions[0].Answer = NotDone },     // but dated
		func(in *Input) { in.Actions[0].On.On = "2020-03-01" }, // in the future
		func(in *Input) { in.Pauses = []Pause{{Respond, "2020-01-12", "2020-01-13", ""}} },
		func(in *Input) { in.Pauses = []Pause{{Respond, "2020-01-13", "2020-01-12", "Flood."}} },
		func(in *Input) { in.Factors[0].Category = "X9" },
		func(in *Input) { in.Factors[0].Text = " " },
	} {
		x := allDone("2020-01-15")
		bad(&x)
		_, err = n.desk.Save(ctx, epi, eid, 0, x)
		n.refused(fault.Invalid, err)
	}
}

// confirmed takes a record to its confirmation by a second person.
func (n *node) confirmed(eid id.ID) int {
	n.t.Helper()
	ctx, in := n.t.Context(), allDone("2020-01-15")
	partly := in
	partly.Actions = in.Actions[:6]
	r, err := n.desk.Save(ctx, epi, eid, 0, partly)
	n.must(err)
	_, err = n.desk.Save(ctx, epi, eid, 0, in)
	n.refused(fault.Conflict, err) // somebody began meanwhile
	_, err = n.desk.Confirm(ctx, approver, eid, r.Version)
	n.refused(fault.Invalid, err) // of one action nobody has said anything
	r, err = n.desk.Save(ctx, both, eid, r.Version, in)
	n.must(err)
	_, err = n.desk.Confirm(ctx, both, eid, r.Version)
	n.refused(fault.Invalid, err) // the person who wrote it
	_, err = n.desk.Release(ctx, approver, eid, 0, []access.Member{"VN"}, access.TLPAmber)
	n.refused(fault.Conflict, err) // not confirmed
	r, err = n.desk.Confirm(ctx, approver, eid, r.Version)
	n.must(err)
	return r.Version
}

// released is how the results leave, and are taken back.
func (n *node) released(eid id.ID) {
	n.t.Helper()
	ctx := n.t.Context()
	for _, bad := range []struct {
		to      []access.Member
		marking access.Marking
	}{{nil, access.TLPAmber}, {[]access.Member{"TH"}, access.TLPAmber}, {[]access.Member{"VN"}, access.TLPClear}} {
		_, err := n.desk.Release(ctx, approver, eid, 0, bad.to, bad.marking)
		n.refused(fault.Invalid, err)
	}
	_, err := n.desk.Release(ctx, epi, eid, 0, []access.Member{"VN"}, access.TLPAmber)
	n.refused(fault.Forbidden, err)
	if len(n.out) != 0 {
		n.t.Fatal("something left before the release")
	}
	r, err := n.desk.Release(ctx, approver, eid, 0, []access.Member{"VN", "KH"}, access.TLPAmber)
	n.must(err)
	_, err = n.desk.Back(ctx, approver, eid, r.Version, "withdraw", "")
	n.refused(fault.Invalid, err)
	_, err = n.desk.Back(ctx, approver, eid, r.Version, "withdraw", "The date was wrong.")
	n.must(err)
	if len(n.out) != 2 || n.out[1].Withdraws != n.out[0].ID {
		n.t.Fatalf("%+v", n.out)
	}
}

// What another member receives, in any order, and what it refuses.
func TestReceived(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, c := t.Context(), clock.NewManual(time.Date(2020, 1, 20, 6, 0, 0, 0, time.UTC))
		th := newNode(t, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...), "TH", c)
		vn := newNode(t, d, "VN", c)
		e, err := th.health.RecordEvent(ctx, epi, sample(), nil)
		th.must(err)
		release := func() exchange.Release {
			t.Helper()
			_, err := th.desk.Release(ctx, approver, e.ID, 0, []access.Member{"VN"}, access.TLPAmber)
			th.must(err)
			return th.out[len(th.out)-1]
		}
		_, err = th.desk.Save(ctx, epi, e.ID, 0, allDone("2020-01-15"))
		th.must(err)
		_, err = th.desk.Confirm(ctx, approver, e.ID, 0)
		th.must(err)
		first := release()
		sent, err := th.desk.EventPage(ctx, approver, e.ID)
		th.must(err)

		vn.refusesForged(first)
		if _, err := vn.desk.EventPage(ctx, epi, e.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("there is something before anything came: %v", err)
		}
		th.must(vn.receive(first))
		p, err := vn.desk.EventPage(ctx, epi, e.ID)
		th.must(err)
		if p.Own || p.Copy == nil || len(p.Factors) != 1 || p.Result(Notify) != sent.Result(Notify) || len(p.Offers) != 0 {
			t.Fatalf("%+v", p)
		}
		_, err = th.desk.Back(ctx, approver, e.ID, 0, "withdraw", "A date was wrong.")
		th.must(err)
		gone := th.out[len(th.out)-1]
		_, err = th.desk.Save(ctx, epi, e.ID, sent.Version+1, allDone("2020-01-19"))
		th.must(err)
		_, err = th.desk.Confirm(ctx, approver, e.ID, 0)
		th.must(err)
		second := release()
		th.must(vn.receive(second)) // overtakes the withdrawal of the first
		th.must(vn.receive(gone))
		th.must(vn.receive(first))
		p, err = vn.desk.EventPage(ctx, epi, e.ID)
		th.must(err)
		if p.Copy.Withdrawn || p.Result(Respond).Outcome != Missed {
			t.Errorf("the newest does not stand: %+v", p.Copy)
		}
		rows, err := vn.desk.Region(ctx, epi)
		th.must(err)
		if len(rows) != 1 || rows[0].Own || rows[0].Owner != "TH" {
			t.Errorf("%+v", rows)
		}
		if rows, err := vn.desk.Region(ctx, local); err != nil || len(rows) != 0 {
			t.Errorf("an officer of one place sees %d, %v", len(rows), err)
		}
	}, schemas...)
}

// refusesForged is what nobody takes of another.
func (n *node) refusesForged(r exchange.Release) {
	n.t.Helper()
	forged := r
	forged.From = "SG"
	n.refused(fault.Invalid, n.receive(forged)) // not the owner
	forged = r
	forged.Body = []byte(strings.Replace(string(r.Body), `"missed"`, `"met"`, 1))
	n.refused(fault.Invalid, n.receive(forged)) // results that the dates do not give
}

func TestR1(t *testing.T) {
	at := time.Date(2020, 1, 20, 6, 0, 0, 0, time.UTC)
	acks := func(n, acted int, last time.Duration) health.ReleaseAcks {
		r := health.ReleaseAcks{Released: at}
		for i, m := range access.States[1:] { // of BN
			if i >= n {
				break
			}
			a := health.AckCell{Member: m, State: health.AckSilent, At: at}
			if i < acted {
				a.State, a.At = health.AckActed, at.Add(last)
			}
			r.Acks = append(r.Acks, a)
		}
		return r
	}
	for name, c := range map[string]struct {
		r    health.ReleaseAcks
		now  time.Duration
		want Outcome
	}{
		"all in time":               {acks(10, 10, 24*time.Hour), 90 * time.Hour, Met},
		"the last is late":          {acks(10, 10, 25*time.Hour), 90 * time.Hour, Missed},
		"one is silent, still time": {acks(10, 9, time.Hour), 20 * time.Hour, Running},
		"one is silent, no time":    {acks(10, 9, time.Hour), 25 * time.Hour, Missed},
		"not everybody was asked":   {acks(4, 4, time.Hour), 25 * time.Hour, NoDate},
	} {
		if got := r1(c.r, "BN", at.Add(c.now)); got.Outcome != c.want {
			t.Errorf("%s: %s, want %s", name, got.Outcome, c.want)
		}
	}
}

func TestWorkflowIsCurrent(t *testing.T) {
	text := "# The procedure of the timeliness of an event\n\nGenerated from `workflow.go`; a test keeps it current (`make generate` writes it).\n"
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
