package contact

import (
	"context"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// wire joins the desks of a few members.
type wire struct {
	*testing.T
	clock *clock.Manual
	desks map[access.Member]*side
}

type side struct {
	*Desk
	member   access.Member
	db       *db.DB
	releases []exchange.Release
	receipts []exchange.Receipt
	sent     map[id.ID]exchange.Release
}

func (s *side) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	s.releases = append(s.releases, r)
	s.sent[r.ID] = r
	return nil
}

func (s *side) SendReceipt(_ context.Context, _ *db.Tx, r exchange.Receipt) error {
	s.receipts = append(s.receipts, r)
	return nil
}

func (s *side) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) { return nil, nil }

func post(name string, roles ...access.Role) access.Actor {
	a := access.Actor{Account: id.ID(name), Name: "Post " + name}
	for _, r := range roles {
		a.Grants = append(a.Grants, access.Grant{Role: r})
	}
	return a
}

var (
	duty     = post("duty", access.DutyOfficer)
	epi      = post("epi", access.Epidemiologist)
	approver = post("approver", access.Approver)
	both     = post("both", access.DutyOfficer, access.Approver)
	auditor  = post("auditor", access.Auditor)
	admin    = post("admin", access.Administrator)
)

// each opens KH on the engine and the others on SQLite.
func each(t *testing.T, f func(w *wire)) {
	dbtest.Each(t, func(t *testing.T, first *db.DB) {
		w := &wire{T: t, clock: clock.NewManual(time.Date(2020, 1, 13, 6, 0, 0, 0, time.UTC)), desks: map[access.Member]*side{}}
		ids := &id.Maker{Clock: w.clock}
		for i, m := range []access.Member{"KH", "TH", "VN"} {
			d := first
			if i > 0 {
				d = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, Schema)
			}
			s := &side{member: m, db: d, sent: map[id.ID]exchange.Release{}}
			s.Desk = New(&desk.Env{Member: m, DB: d, Clock: w.clock, Wall: w.clock, IDs: ids, Send: s})
			w.desks[m] = s
		}
		f(w)
	}, history.Schema, Schema)
}

func (w *wire) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *wire) refused(kind fault.Kind, err error) {
	w.Helper()
	if !fault.Is(err, kind) {
		w.Fatalf("want %s, got %v", kind, err)
	}
}

// deliver carries what waits at a member; members in away are out of reach.
func (w *wire) deliver(from access.Member, away ...access.Member) {
	w.Helper()
	s := w.desks[from]
	rs := s.releases
	s.releases = nil
	for _, r := range rs {
		for _, m := range r.To {
			to := w.desks[m]
			if to == nil || slices.Contains(away, m) {
				continue
			}
			w.must(w.apply(to, exchange.Inbound{Release: r, Received: w.clock.Now()}))
			w.receipt(s, r, exchange.Receipt{Release: r.ID, Member: m, Stage: exchange.Delivered, At: w.clock.Now(), Role: "node"})
		}
	}
	receipts := s.receipts
	s.receipts = nil
	for _, rc := range receipts {
		for _, o := range w.desks {
			if of, ok := o.sent[rc.Release]; ok {
				w.receipt(o, of, rc)
			}
		}
	}
}

func (w *wire) apply(to *side, in exchange.Inbound) error {
	return to.db.Write(w.Context(), func(tx *db.Tx) error { return to.Handlers()[in.Kind](w.Context(), tx, in) })
}

func (w *wire) receipt(s *side, of exchange.Release, rc exchange.Receipt) {
	w.Helper()
	w.must(s.db.Write(w.Context(), func(tx *db.Tx) error { return s.ReceiveReceipt(w.Context(), tx, of, rc) }))
}

func (w *wire) section(at, of access.Member, f Filter) Section {
	w.Helper()
	f.Member = of
	ss, err := w.desks[at].Directory(w.Context(), duty, f)
	w.must(err)
	return ss[0]
}

func sample(role Role, order int, to ...access.Member) Input {
	return Input{To: to, Marking: access.TLPGreen, Contact: Contact{Role: role, Order: order, Organisation: "Ministry of Health (sample)", Post: "Duty officer (sample)",
		Channels:  []Channel{{Kind: "phone", Value: "+855 23 000 001", Night: true}, {Kind: "email", Value: "duty@example.org"}},
		Languages: []string{"km", "en"}, From: "2020-01-01"}}
}

func (w *wire) given(m access.Member, in Input) Own {
	w.Helper()
	ctx, d := w.Context(), w.desks[m]
	o, err := d.Add(ctx, duty, in)
	w.must(err)
	_, err = d.Submit(ctx, duty, o.ID, o.Version)
	w.must(err)
	o, err = d.Clear(ctx, approver, o.ID, 0)
	w.must(err)
	w.deliver(m)
	return o
}

// The life of a contact and its standing release, refusals included.
func TestContactStory(t *testing.T) {
	each(t, func(w *wire) {
		ctx, kh := w.Context(), w.desks["KH"]
		_, err := kh.Add(ctx, epi, sample(IHRNFP, 1, "TH"))
		w.refused(fault.Forbidden, err)
		in := sample(IHRNFP, 1, "TH", "VN")
		in.Contact.Channels[0].Night = false
		o, err := kh.Add(ctx, duty, in)
		w.must(err)
		_, err = kh.Submit(ctx, duty, o.ID, o.Version)
		w.refused(fault.Invalid, err) // nobody at night
		in.Contact.Channels = slices.Clone(sample(IHRNFP, 1).Contact.Channels)
		o, err = kh.Edit(ctx, duty, o.ID, o.Version, in)
		w.must(err)
		if o.Contact.Channels[0].Value != "+85523000001" {
			t.Errorf("the number is kept as %s", o.Contact.Channels[0].Value)
		}
		_, err = kh.Edit(ctx, duty, o.ID, o.Version-1, in)
		w.refused(fault.Conflict, err)
		_, err = kh.Submit(ctx, both, o.ID, o.Version)
		w.must(err)
		_, err = kh.Clear(ctx, both, o.ID, 0)
		w.refused(fault.Invalid, err) // the person who submitted it
		_, err = kh.Clear(ctx, duty, o.ID, 0)
		w.refused(fault.Forbidden, err)
		_, err = kh.Back(ctx, approver, o.ID, 0, "return", "")
		w.refused(fault.Invalid, err)
		_, err = kh.Clear(ctx, approver, o.ID, 0)
		w.must(err)
		w.deliver("KH")
		for _, m := range []access.Member{"KH", "TH", "VN"} {
			s := w.section(m, "KH", Filter{})
			if len(s.Rows) != 1 || s.Rows[0].Stands != Valid || slices.Contains(s.Gaps, IHRNFP) || !slices.Equal(s.Gaps, []Role{IHRAuthority, EOC}) {
				t.Fatalf("%s: %+v, gaps %v", m, s.Rows, s.Gaps)
			}
		}
		standingRelease(w, o.ID, in)
		removal(w, o.ID)
	})
}

// standingRelease: a change reaches the recipients after its clearance and not
// before; who is taken off loses it.
func standingRelease(w *wire, i id.ID, in Input) {
	w.Helper()
	ctx, kh := w.Context(), w.desks["KH"]
	w.clock.Advance(time.Hour)
	in.To, in.Contact.Post = []access.Member{"TH"}, "Night officer (sample)"
	_, err := kh.Edit(ctx, duty, i, 0, in)
	w.must(err)
	if len(kh.releases) != 0 || w.section("KH", "KH", Filter{}).Rows[0].Post != "Duty officer (sample)" {
		w.Fatal("a change shows before its clearance")
	}
	_, err = kh.Back(ctx, duty, i, 0, "keep", "")
	w.must(err)
	_, err = kh.Edit(ctx, duty, i, 0, in)
	w.must(err)
	_, err = kh.Submit(ctx, duty, i, 0)
	w.must(err)
	_, err = kh.Clear(ctx, approver, i, 0)
	w.must(err)
	if len(kh.releases) != 2 || kh.releases[0].Supersedes == "" || kh.releases[1].Withdraws == "" || kh.releases[1].To[0] != "VN" {
		w.Fatalf("%+v", kh.releases)
	}
	late := kh.releases[0]
	w.deliver("KH")
	if r := w.section("TH", "KH", Filter{}).Rows; len(r) != 1 || r[0].Post != "Night officer (sample)" {
		w.Fatalf("TH has %+v", r)
	}
	gone := w.section("VN", "KH", Filter{Past: true})
	if len(gone.Rows) != 1 || gone.Rows[0].Withdrawn.IsZero() || len(gone.Rows[0].Channels) != 0 || !slices.Contains(gone.Gaps, IHRNFP) {
		w.Fatalf("VN still has %+v", gone)
	}
	if r := w.section("VN", "KH", Filter{}).Rows; len(r) != 0 {
		w.Fatalf("withdrawn, and still listed: %+v", r)
	}
	// An older version that comes late changes nothing.
	w.clock.Advance(time.Hour)
	_, err = kh.Confirm(ctx, duty, i, 0)
	w.must(err)
	w.deliver("KH")
	w.must(w.apply(w.desks["TH"], exchange.Inbound{Release: late, Received: w.clock.Now()}))
	if r := w.section("TH", "KH", Filter{}).Rows[0]; !r.AsOf.Equal(w.clock.Now()) {
		w.Fatalf("as of %v: the older version came last and won", r.AsOf)
	}
}

func removal(w *wire, i id.ID) {
	w.Helper()
	ctx, kh := w.Context(), w.desks["KH"]
	_, err := kh.Remove(ctx, duty, i, 0, "")
	w.refused(fault.Invalid, err)
	_, err = kh.Remove(ctx, duty, i, 0, "The post was dissolved.")
	w.must(err)
	w.deliver("KH")
	for _, m := range []access.Member{"KH", "TH"} {
		s := w.section(m, "KH", Filter{Past: true})
		if len(s.Rows) != 1 || s.Rows[0].Withdrawn.IsZero() || len(s.Rows[0].Channels) != 0 {
			w.Errorf("%s: %+v", m, s.Rows)
		}
	}
	_, err = kh.Edit(ctx, duty, i, 0, sample(IHRNFP, 1, "TH"))
	w.refused(fault.Conflict, err)
	w.must(kh.db.Read(ctx, func(tx *db.Tx) error {
		entries, err := history.Of(ctx, tx, i)
		if err != nil {
			return err
		}
		state, err := history.Replay(entries, i, "")
		if state != Removed {
			w.Errorf("the history says %s", state)
		}
		return err
	}))
}

// Stale, expired and future contacts are named as such, and none of them fills
// a gap that it should not.
func TestStandings(t *testing.T) {
	each(t, func(w *wire) {
		in := sample(EOC, 1, "TH")
		in.Contact.To = "2020-01-31"
		w.given("KH", in)
		later := sample(EOC, 2, "TH")
		later.Contact.From = "2020-03-01"
		w.given("KH", later)
		for _, c := range []struct {
			at   string
			want []Standing
			gap  bool
		}{{"2020-01-31T16:00:00Z", []Standing{Valid, Future}, false}, {"2020-01-31T17:00:00Z", []Standing{Expired, Future}, true}, // midnight in Phnom Penh
			{"2020-03-01T00:00:00Z", []Standing{Expired, Valid}, false}, {"2020-09-01T00:00:00Z", []Standing{Expired, Stale}, false}} {
			at, err := time.Parse(time.RFC3339, c.at)
			w.must(err)
			w.clock.Set(at)
			s := w.section("TH", "KH", Filter{Past: true})
			if len(s.Rows) != 2 || s.Rows[0].Stands != c.want[0] || s.Rows[1].Stands != c.want[1] || slices.Contains(s.Gaps, EOC) != c.gap {
				t.Errorf("%s: %s %s, gaps %v", c.at, s.Rows[0].Stands, s.Rows[1].Stands, s.Gaps)
			}
		}
		todos, err := w.desks["KH"].Todos(w.Context(), duty)
		w.must(err)
		if len(todos) != 2 || todos[0].Key != "todo.contact.renew" || !todos[0].Late || todos[1].Key != "todo.contact.confirm" {
			t.Errorf("%+v", todos)
		}
	})
}

func TestEscalation(t *testing.T) {
	each(t, func(w *wire) {
		second := sample(EOC, 2, "TH")
		second.Contact.Post = "Second"
		w.given("KH", second)
		first := sample(EOC, 1, "TH")
		first.Contact.Post = "First"
		w.given("KH", first)
		nfp := sample(IHRNFP, 1, "TH")
		nfp.Contact.Post = "Focal point"
		w.given("KH", nfp)
		old := sample(EOC, 1, "TH")
		old.Contact.Post, old.Contact.To = "Former", "2020-01-12"
		w.given("KH", old)
		w.must(w.desks["TH"].db.Read(w.Context(), func(tx *db.Tx) error {
			for role, want := range map[Role][]string{EOC: {"First", "Second"}, "": {"First", "Second", "Focal point"}, RPHL: nil} {
				ks, err := w.desks["TH"].Escalation(w.Context(), tx, "KH", role)
				if err != nil {
					return err
				}
				var got []string
				for _, k := range ks {
					got = append(got, k.Post)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%q: %v, want %v", role, got, want)
				}
			}
			return nil
		}))
	})
}

// What others send is theirs alone, and within the limits of the form.
func TestForeignContactsAreChecked(t *testing.T) {
	each(t, func(w *wire) {
		kh, th := w.desks["KH"], w.desks["TH"]
		o := w.given("KH", sample(EOC, 1, "TH"))
		rel := kh.sent[o.Held[0].Release]
		try := func(kind fault.Kind, edit func(*exchange.Release)) {
			t.Helper()
			x := rel
			edit(&x)
			w.refused(kind, w.apply(th, exchange.Inbound{Release: x, Received: w.clock.Now()}))
		}
		try(fault.Forbidden, func(x *exchange.Release) { x.From = "VN" })
		try(fault.Forbidden, func(x *exchange.Release) { x.From, x.Withdraws, x.Reason = "VN", rel.ID, "x" })
		try(fault.Invalid, func(x *exchange.Release) { x.Ref.ID = "0197f6a0-0000-7000-8000-000000000001" })
		try(fault.Invalid, func(x *exchange.Release) { x.Ref.Version = 99 })
		try(fault.Invalid, func(x *exchange.Release) { x.Body = []byte(`{`) })
		if r := w.section("TH", "KH", Filter{}).Rows; len(r) != 1 || r[0].Post != o.Contact.Post {
			t.Fatalf("%+v", r)
		}
		_, err := th.Edit(w.Context(), duty, o.ID, 0, sample(EOC, 1))
		w.refused(fault.NotFound, err) // a copy is no record of ours
	})
}
