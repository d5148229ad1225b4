package verification

import (
	"context"
	"slices"
	"strings"
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
	"lintas/internal/workflow"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// wire joins two desks: it keeps what each queued until deliver carries it.
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
	ihr      = post("ihr", access.IHRFocalPoint)
	approver = post("approver", access.Approver)
	both     = post("both", access.DutyOfficer, access.Approver)
	auditor  = post("auditor", access.Auditor)
	admin    = post("admin", access.Administrator)
)

func each(t *testing.T, f func(w *wire)) {
	dbtest.Each(t, func(t *testing.T, first *db.DB) {
		w := &wire{T: t, clock: clock.NewManual(time.Date(2020, 1, 13, 6, 0, 0, 0, time.UTC)), desks: map[access.Member]*side{}}
		ids := &id.Maker{Clock: w.clock}
		for i, m := range []access.Member{"KH", "TH"} {
			d := first
			if i > 0 {
				d = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, Schema)
			}
			s := &side{member: m, db: d, sent: map[id.ID]exchange.Release{}}
			s.Desk = New(&desk.Env{Member: m, DB: d, Clock: w.clock, Wall: w.clock, IDs: ids, Send: s}, nil)
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

// deliver carries what waits from one side to the other, with the receipts.
func (w *wire) deliver(from access.Member) {
	w.Helper()
	s := w.desks[from]
	rs := s.releases
	s.releases = nil
	for _, r := range rs {
		to := w.desks[r.To[0]]
		w.must(w.apply(to, exchange.Inbound{Release: r, Received: w.clock.Now()}))
		w.receipt(s, r, exchange.Receipt{Release: r.ID, Member: to.member, Stage: exchange.Delivered, At: w.clock.Now(), Role: "node"})
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

func (w *wire) page(m access.Member, rid id.ID) Page {
	w.Helper()
	p, err := w.desks[m].Page(w.Context(), duty, rid)
	w.must(err)
	return p
}

var sample = Input{To: []access.Member{"TH"}, Title: "Cluster of watery diarrhoea (sample)", Context: "Reported by border traders.", Lang: "en", Hazard: "cholera",
	Where: "TH-27", Questions: []string{"Is there a cluster?", "Has Vibrio cholerae been isolated?"}, Marking: access.TLPAmber,
	FirstWithin: FirstDefault, AnswerWithin: AnswerDefault, Event: "0197f6a0-0000-7000-8000-000000000001"}

var sampleAnswer = AnswerInput{Answer: Answer{Outcome: Partly, Summary: "A cluster of 12; no isolate yet.", Marking: access.TLPAmber,
	Replies:  []Reply{{N: 1, Text: "Yes, 12 people."}, {N: 2, Unknown: true}},
	Evidence: []Evidence{{Kind: "epidemiological", Text: "Line list of the district.", Source: "District health office", AsOf: "2020-01-13"}}}}

func (w *wire) sent() Request {
	w.Helper()
	rs, err := w.desks["KH"].Compose(w.Context(), duty, sample)
	w.must(err)
	r, err := w.desks["KH"].Send(w.Context(), duty, rs[0].ID, rs[0].Version)
	w.must(err)
	return r
}

// The life of an exchange on both sides, refusals included.
func TestStory(t *testing.T) {
	each(t, func(w *wire) {
		ctx, kh, th := w.Context(), w.desks["KH"], w.desks["TH"]
		rid := storyOfAsking(w)
		p := w.page("TH", rid)
		if p.State != Received || p.Event != "" || p.Signal != "" || len(p.Messages) != 1 || p.Messages[0].Say != SayAsk {
			t.Fatalf("%+v", p)
		}
		_, err := th.OpenRequest(ctx, auditor, rid)
		w.must(err)
		if w.page("TH", rid).State != Received {
			t.Fatal("who only reads opens nothing")
		}
		_, err = th.OpenRequest(ctx, duty, rid)
		w.must(err)
		w.deliver("TH")
		if p := w.page("KH", rid); p.Opened.IsZero() || p.OpenedAs != duty.Name || p.State != Delivered {
			t.Fatalf("opened %v by %q, %s", p.Opened, p.OpenedAs, p.State)
		}
		w.clock.Advance(20 * time.Hour)
		_, err = th.FirstReply(ctx, epi, rid, 0, "Team on its way.")
		w.refused(fault.Forbidden, err)
		_, err = th.FirstReply(ctx, duty, rid, 0, " ")
		w.refused(fault.Invalid, err)
		_, err = th.FirstReply(ctx, duty, rid, 0, "Team on its way.")
		w.must(err)
		w.deliver("TH")
		p = w.page("KH", rid)
		if p.Clocks[0].Mark != Met || p.Clocks[0].Passed != 20*time.Hour || p.Clocks[1].Mark != Running || !p.Due.Equal(p.AnswerBy) {
			t.Fatalf("%+v due %v", p.Clocks, p.Due)
		}
		storyOfAnswering(w, rid)
		_, err = kh.Close(ctx, epi, rid, 0, "")
		w.refused(fault.Forbidden, err)
		storyOfFollowUp(w, rid)
		_, err = kh.Close(ctx, duty, rid, 0, "Thank you.")
		w.must(err)
		w.deliver("KH")
		for _, m := range []access.Member{"KH", "TH"} {
			if p := w.page(m, rid); p.State != Closed || !p.Due.IsZero() {
				t.Errorf("%s: %s", m, p.State)
			}
		}
		sameExchange(w, rid)
		_, err = th.Write(ctx, duty, rid, 0, "More.")
		w.refused(fault.Conflict, err)
	})
}

func storyOfAsking(w *wire) id.ID {
	w.Helper()
	ctx, kh := w.Context(), w.desks["KH"]
	_, err := kh.Compose(ctx, auditor, sample)
	w.refused(fault.Forbidden, err)
	in := sample
	in.To = nil
	_, err = kh.Compose(ctx, duty, in)
	w.refused(fault.Invalid, err)
	in.To = []access.Member{"KH"}
	_, err = kh.Compose(ctx, duty, in)
	w.refused(fault.Invalid, err)
	in.To, in.Questions = []access.Member{"TH", "VN"}, nil
	rs, err := kh.Compose(ctx, epi, in)
	w.must(err)
	if len(rs) != 2 || rs[0].Group == "" || rs[0].Group != rs[1].Group {
		w.Fatal("one request for each member, known to belong together")
	}
	_, err = kh.Discard(ctx, epi, rs[1].ID, rs[1].Version)
	w.must(err)
	rid := rs[0].ID
	_, err = kh.Send(ctx, duty, rid, 0)
	w.refused(fault.Invalid, err) // no question
	r, err := kh.Edit(ctx, epi, rid, rs[0].Version, sample)
	w.must(err)
	_, err = kh.Edit(ctx, duty, rid, rs[0].Version, sample)
	w.refused(fault.Conflict, err) // somebody was faster
	_, err = kh.Send(ctx, epi, rid, r.Version)
	w.refused(fault.Forbidden, err)
	r, err = kh.Send(ctx, duty, rid, r.Version)
	w.must(err)
	if !r.Due.Equal(w.clock.Now().Add(24*time.Hour)) || r.Clock != "first_reply" || r.State != Sent {
		w.Fatalf("%s due %v by %s", r.State, r.Due, r.Clock)
	}
	if body := string(kh.releases[0].Body); strings.Contains(body, string(sample.Event)) || strings.Contains(body, "group") {
		w.Fatalf("what the asker refers to left its node: %s", body)
	}
	_, err = kh.Prepare(ctx, duty, rid, 0, sampleAnswer)
	w.refused(fault.Forbidden, err) // nobody answers its own question
	w.deliver("KH")
	if p := w.page("KH", rid); p.State != Delivered || p.Delivered.IsZero() || p.Messages[0].Delivered.IsZero() {
		w.Fatalf("%s, delivered %v", p.State, p.Delivered)
	}
	return rid
}

func storyOfAnswering(w *wire, rid id.ID) {
	w.Helper()
	ctx, th := w.Context(), w.desks["TH"]
	in := sampleAnswer
	in.Replies = in.Replies[:1]
	_, err := th.Prepare(ctx, epi, rid, 0, in)
	w.must(err)
	_, err = th.Submit(ctx, epi, rid, 0)
	w.refused(fault.Invalid, err) // a question has no reply
	in = sampleAnswer
	in.Marking = access.TLPClear
	_, err = th.Prepare(ctx, epi, rid, 0, in)
	w.must(err)
	_, err = th.Submit(ctx, epi, rid, 0)
	w.refused(fault.Invalid, err) // more open than the question
	_, err = th.Prepare(ctx, epi, rid, 0, sampleAnswer)
	w.must(err)
	_, err = th.Submit(ctx, both, rid, 0)
	w.must(err)
	_, err = th.Clear(ctx, both, rid, 0)
	w.refused(fault.Invalid, err) // the person who submitted it
	_, err = th.Return(ctx, approver, rid, 0, "Name the source.")
	w.must(err)
	_, err = th.Submit(ctx, epi, rid, 0)
	w.must(err)
	if w.page("KH", rid).Answer != nil || len(th.releases) != 0 {
		w.Fatal("something left before the clearance")
	}
	_, err = th.Clear(ctx, duty, rid, 0)
	w.refused(fault.Forbidden, err)
	_, err = th.Clear(ctx, approver, rid, 0)
	w.must(err)
	w.deliver("TH")
	p := w.page("KH", rid)
	if p.State != Answered || p.Answer.Outcome != Partly || !p.Answer.Reply(2).Unknown || p.Clocks[1].Mark != Met || !p.Due.IsZero() {
		w.Fatalf("%s %+v", p.State, p.Answer)
	}
	if last := p.Messages[len(p.Messages)-1]; last.ClearedAs != approver.Name {
		w.Fatalf("cleared as %q", last.ClearedAs)
	}
}

func storyOfFollowUp(w *wire, rid id.ID) {
	w.Helper()
	ctx, kh, th := w.Context(), w.desks["KH"], w.desks["TH"]
	_, err := kh.AskAgain(ctx, duty, rid, 0, nil, "")
	w.refused(fault.Invalid, err)
	_, err = kh.AskAgain(ctx, duty, rid, 0, []string{"Which serogroup?"}, "Thank you so far.")
	w.must(err)
	w.deliver("KH")
	p := w.page("TH", rid)
	if p.State != Received || p.Round != 2 || len(p.Questions) != 3 || p.Questions[2].Round != 2 || p.Clocks[0].Mark != Running {
		w.Fatalf("%s round %d, %d questions", p.State, p.Round, len(p.Questions))
	}
	_, err = th.AskExtension(ctx, duty, rid, 0, p.AnswerBy.Add(-time.Hour), "The laboratory needs longer.")
	w.refused(fault.Invalid, err) // no extension at all
	until := p.AnswerBy.Add(48 * time.Hour)
	_, err = th.AskExtension(ctx, duty, rid, 0, until, "The laboratory needs longer.")
	w.must(err)
	_, err = th.AskExtension(ctx, duty, rid, 0, until, "Please.")
	w.refused(fault.Invalid, err) // one at a time
	w.deliver("TH")
	_, err = kh.Decide(ctx, duty, rid, 0, true, "")
	w.must(err)
	_, err = kh.Decide(ctx, duty, rid, 0, false, "No.")
	w.refused(fault.Invalid, err) // decided already
	w.deliver("KH")
	for _, m := range []access.Member{"KH", "TH"} {
		if p := w.page(m, rid); !p.AnswerBy.Equal(until) || !p.Extension.Granted {
			w.Fatalf("%s: until %v", m, p.AnswerBy)
		}
	}
	_, err = th.FirstReply(ctx, duty, rid, 0, "In hand.")
	w.must(err)
	again := sampleAnswer
	again.Outcome, again.Replies = Confirmed, append(slices.Clone(again.Replies[:1]), Reply{N: 2, Text: "Yes."}, Reply{N: 3, Text: "O1."})
	_, err = th.Prepare(ctx, epi, rid, 0, again)
	w.must(err)
	_, err = th.Submit(ctx, epi, rid, 0)
	w.must(err)
	_, err = th.Clear(ctx, approver, rid, 0)
	w.must(err)
	w.deliver("TH")
	if p := w.page("KH", rid); p.State != Answered || p.Answer.Outcome != Confirmed {
		w.Fatalf("%s %+v", p.State, p.Answer)
	}
	_, err = th.Amend(ctx, epi, rid, 0)
	w.must(err)
	again.Summary = "Correction: 13 people."
	_, err = th.Prepare(ctx, epi, rid, 0, again)
	w.must(err)
	_, err = th.Submit(ctx, epi, rid, 0)
	w.must(err)
	_, err = th.Clear(ctx, approver, rid, 0)
	w.must(err)
	w.deliver("TH")
	p = w.page("KH", rid)
	if p.Answer.Summary != again.Summary || p.Messages[len(p.Messages)-1].Say != SayAmend {
		w.Fatalf("the correction did not arrive: %+v", p.Answer)
	}
}

// sameExchange: both sides hold the same lines, of the same sides and times,
// and the history of each agrees with its record.
func sameExchange(w *wire, rid id.ID) {
	w.Helper()
	a, b := w.page("KH", rid).Messages, w.page("TH", rid).Messages
	if len(a) != len(b) {
		w.Fatalf("%d lines at KH, %d at TH", len(a), len(b))
	}
	for i := range a {
		x, y := a[i], b[i]
		if x.ID != y.ID || x.Words != y.Words || x.From != y.From || !x.At.Equal(y.At) || x.Post != y.Post || x.Say != y.Say {
			w.Errorf("line %d: %+v\n%+v", i, x, y)
		}
	}
	for _, s := range w.desks {
		w.must(s.db.Read(w.Context(), func(tx *db.Tx) error {
			entries, err := history.Of(w.Context(), tx, rid)
			if err != nil {
				return err
			}
			state, err := history.Replay(entries, rid, "")
			if state != Closed {
				w.Errorf("the history of %s says %s", s.member, state)
			}
			return err
		}))
	}
}

// Overdue is seen on both sides from the same moment, reminded, and the late
// answer says that it was late.
func TestOverdueAndLateAnswer(t *testing.T) {
	each(t, func(w *wire) {
		ctx, kh, th := w.Context(), w.desks["KH"], w.desks["TH"]
		r := w.sent()
		w.deliver("KH")
		w.clock.Advance(25 * time.Hour)
		w.must(kh.Lapse(ctx))
		w.must(kh.Lapse(ctx)) // once
		for _, m := range []access.Member{"KH", "TH"} {
			if p := w.page(m, r.ID); !p.Late || p.Clocks[0].Mark != Missed {
				t.Errorf("%s does not see that it is overdue: %+v", m, p.Clocks)
			}
		}
		if p := w.page("KH", r.ID); p.State != Overdue {
			t.Fatalf("%s", p.State)
		}
		todos, err := kh.Todos(ctx, duty)
		w.must(err)
		if len(todos) != 1 || todos[0].Key != "todo.verification.overdue" || !todos[0].Late {
			t.Fatalf("%+v", todos)
		}
		if todos, err = th.Todos(ctx, duty); err != nil || len(todos) != 1 || todos[0].Key != "todo.verification.reply" || !todos[0].Late {
			t.Fatalf("%+v, %v", todos, err)
		}
		_, err = kh.Remind(ctx, duty, r.ID, 0, "Please reply.")
		w.must(err)
		w.deliver("KH")
		if p := w.page("TH", r.ID); p.Reminders != 1 || p.Reminded.IsZero() {
			t.Fatal("the reminder is not seen")
		}
		answered(w, r.ID)
		w.deliver("TH")
		p := w.page("KH", r.ID)
		if p.State != Answered || p.Clocks[0].Mark != TooLate || p.Clocks[1].Mark != Met {
			t.Fatalf("%s %+v", p.State, p.Clocks)
		}
	})
}

func answered(w *wire, rid id.ID) {
	w.Helper()
	ctx, th := w.Context(), w.desks["TH"]
	_, err := th.Prepare(ctx, epi, rid, 0, sampleAnswer)
	w.must(err)
	_, err = th.Submit(ctx, epi, rid, 0)
	w.must(err)
	_, err = th.Clear(ctx, approver, rid, 0)
	w.must(err)
}

// An answer and a withdrawal may cross; a withdrawal may overtake the question.
func TestWithdrawal(t *testing.T) {
	each(t, func(w *wire) {
		ctx, kh, th := w.Context(), w.desks["KH"], w.desks["TH"]
		r := w.sent()
		w.deliver("KH")
		answered(w, r.ID)
		_, err := kh.Withdraw(ctx, duty, r.ID, 0, "")
		w.refused(fault.Invalid, err)
		_, err = kh.Withdraw(ctx, duty, r.ID, 0, "Settled otherwise.")
		w.must(err)
		w.deliver("TH") // the answer, after the withdrawal
		w.deliver("KH") // the withdrawal, after the answer
		p := w.page("KH", r.ID)
		if p.State != Withdrawn || p.Answer == nil || p.Crossed.IsZero() || p.Clocks[1].Mark != Met {
			t.Fatalf("%s, answer %v", p.State, p.Answer)
		}
		if p := w.page("TH", r.ID); p.State != Withdrawn || p.Reason != "Settled otherwise." || p.Answer == nil {
			t.Fatalf("%s %q", p.State, p.Reason)
		}
		// Withdrawn while the answer is being written: it cannot leave any more.
		r = w.sent()
		w.deliver("KH")
		_, err = th.Prepare(ctx, epi, r.ID, 0, sampleAnswer)
		w.must(err)
		_, err = kh.Withdraw(ctx, approver, r.ID, 0, "Settled otherwise.")
		w.must(err)
		w.deliver("KH")
		_, err = th.Submit(ctx, epi, r.ID, 0)
		w.refused(fault.Conflict, err)
		// The withdrawal of a question that never came is no fault.
		r = w.sent()
		_, err = kh.Withdraw(ctx, duty, r.ID, 0, "Mistaken.")
		w.must(err)
		kh.releases = kh.releases[1:]
		w.deliver("KH")
		_, err = th.Page(ctx, duty, r.ID)
		w.refused(fault.NotFound, err)
	})
}

// Refusal, reconsidered; and words beside the procedure.
func TestRefusal(t *testing.T) {
	each(t, func(w *wire) {
		ctx, th := w.Context(), w.desks["TH"]
		r := w.sent()
		w.deliver("KH")
		_, err := th.Refuse(ctx, duty, r.ID, 0, "Outside our mandate.")
		w.refused(fault.Forbidden, err)
		_, err = th.Refuse(ctx, ihr, r.ID, 0, "")
		w.refused(fault.Invalid, err)
		_, err = th.Refuse(ctx, ihr, r.ID, 0, "Outside our mandate.")
		w.must(err)
		w.deliver("TH")
		if p := w.page("KH", r.ID); p.State != Refused || p.Reason != "Outside our mandate." || p.Clocks[0].Mark != Met {
			t.Fatalf("%s %q", p.State, p.Reason)
		}
		_, err = w.desks["KH"].Write(ctx, duty, r.ID, 0, "Whom should we ask?")
		w.must(err)
		w.deliver("KH")
		if p := w.page("TH", r.ID); p.Messages[len(p.Messages)-1].Words != "Whom should we ask?" {
			t.Fatal("the words did not arrive")
		}
		_, err = th.Amend(ctx, epi, r.ID, 0)
		w.must(err)
		answered(w, r.ID)
		w.deliver("TH")
		if p := w.page("KH", r.ID); p.State != Answered {
			t.Fatalf("%s", p.State)
		}
	})
}

// What another member sends is taken only from whom it concerns, and within
// the limits that every member keeps.
func TestForeignMessagesAreChecked(t *testing.T) {
	each(t, func(w *wire) {
		kh, th := w.desks["KH"], w.desks["TH"]
		r := w.sent()
		ask := kh.releases[0]
		w.deliver("KH")
		answered(w, r.ID)
		reply := th.releases[0]
		in := func(rel exchange.Release, edit func(*exchange.Release)) exchange.Inbound {
			edit(&rel)
			return exchange.Inbound{Release: rel, Received: w.clock.Now()}
		}
		ids := &id.Maker{}
		w.refused(fault.Invalid, w.apply(kh, in(reply, func(x *exchange.Release) { x.From = "SG" })))
		w.refused(fault.Invalid, w.apply(kh, in(reply, func(x *exchange.Release) { x.Ref.ID = ids.New() })))
		w.refused(fault.Invalid, w.apply(kh, in(reply, func(x *exchange.Release) { x.Body = []byte(`{"say":"grant"}`) })))
		w.refused(fault.Invalid, w.apply(kh, in(reply, func(x *exchange.Release) { x.Body = []byte(`[`) })))
		w.refused(fault.Forbidden, w.apply(th, in(ask, func(x *exchange.Release) { x.From = "SG" }))) // takes over KH's exchange
		w.refused(fault.Forbidden, w.apply(kh, in(ask, func(x *exchange.Release) { x.From = "TH" }))) // asks with KH's own identifier
		w.refused(fault.Forbidden, w.apply(th, in(ask, func(x *exchange.Release) {
			x.From, x.Withdraws, x.Reason = "SG", ask.ID, "x"
			x.Body = []byte(`{"id":"` + string(ids.New()) + `","request":"` + string(r.ID) + `","from":"SG","say":"withdraw","round":1,"at":"2020-01-13T00:00:00Z","post":""}`)
		})))
		w.must(w.apply(kh, in(reply, func(*exchange.Release) {})))
		if p := w.page("KH", r.ID); p.State != Answered || len(p.Messages) != 2 {
			t.Fatalf("%s, %d lines", p.State, len(p.Messages))
		}
	})
}

// The same rule for list, page, search and things to do.
func TestReach(t *testing.T) {
	each(t, func(w *wire) {
		ctx, kh := w.Context(), w.desks["KH"]
		r := w.sent()
		in := sample
		in.Marking, in.Title = access.TLPRed, "Named eyes (sample)"
		red, err := kh.Compose(ctx, duty, in)
		w.must(err)
		local := access.Actor{Account: "local", Grants: []access.Grant{{Role: access.DutyOfficer, Place: "KH-12"}}}
		for _, c := range []struct {
			a    access.Actor
			want int
		}{{duty, 2}, {auditor, 2}, {epi, 1}, {admin, 0}, {local, 0}, {access.Actor{}, 0}} {
			rows, _, err := kh.List(ctx, c.a, Filter{})
			w.must(err)
			n, err := kh.Count(ctx, c.a, Filter{})
			w.must(err)
			hits, err := kh.Search(ctx, c.a, "sample", 10)
			w.must(err)
			if len(rows) != c.want || n != c.want || len(hits) != c.want {
				t.Errorf("%s: list %d, count %d, search %d, want %d", c.a.Account, len(rows), n, len(hits), c.want)
			}
			_, err = kh.Page(ctx, c.a, red[0].ID)
			if (err == nil) != (c.want == 2) {
				t.Errorf("%s reads TLP:RED: %v", c.a.Account, err)
			}
		}
		if rows, _, _ := kh.List(ctx, duty, Filter{Query: "WATERY thailand", Side: SideAsked, Peer: "TH", Open: true}); len(rows) != 0 {
			t.Error("a word that is not there was found")
		}
		if rows, _, _ := kh.List(ctx, duty, Filter{Query: "WATERY vibrio", Event: sample.Event}); len(rows) != 1 || rows[0].ID != r.ID {
			t.Error("not found by its words")
		}
		first, next, err := kh.List(ctx, duty, Filter{Limit: 1})
		w.must(err)
		second, end, err := kh.List(ctx, duty, Filter{Limit: 1, After: next})
		w.must(err)
		if len(first) != 1 || len(second) != 1 || first[0].ID == second[0].ID || end.ID != "" {
			t.Error("paging loses or repeats")
		}
	})
}

func TestTablesAreSound(t *testing.T) {
	for _, tab := range []*tableOf{Requests, Answers} {
		reached, left := map[workflow.State]bool{"": true, tab.Initial: true}, map[workflow.State]bool{}
		seen := map[string]bool{}
		for _, s := range tab.Steps {
			reached[s.To] = true
			if !s.Other && len(s.By) == 0 {
				t.Errorf("%s: nobody may %s", tab.Record, s.Verb)
			}
			for _, f := range s.From {
				if key := string(f) + " " + string(s.Verb); seen[key] {
					t.Errorf("%s: two rows for %s from %s", tab.Record, s.Verb, f)
				} else {
					seen[key] = true
				}
				left[f] = left[f] || s.To != "" && s.To != f
			}
		}
		for _, s := range tab.Steps {
			for _, f := range s.From {
				if !reached[f] {
					t.Errorf("%s: %s starts from %s, which no row reaches", tab.Record, s.Verb, f)
				}
			}
		}
		for s := range reached {
			if s != "" && !left[s] && !slices.Contains(tab.Final, s) {
				t.Errorf("%s: %s has no way out and is not final", tab.Record, s)
			}
			if left[s] && slices.Contains(tab.Final, s) {
				t.Errorf("%s: final state %s is left", tab.Record, s)
			}
		}
	}
}

// A clock never says met for what came after its time, nor late before it.
func TestClocks(t *testing.T) {
	start := time.Date(2020, 1, 13, 6, 0, 0, 0, time.UTC)
	for due := -2; due <= 2; due++ {
		for stop := -2; stop <= 2; stop++ {
			for now := -2; now <= 2; now++ {
				r := Request{Asked: start.Add(-3 * time.Hour)}
				r.State = Delivered
				at := func(h int) time.Time { return start.Add(time.Duration(h) * time.Hour) }
				came := at(stop)
				if stop == 2 {
					came = time.Time{} // nothing has come
				}
				c := r.clock("first_reply", at(due), came, at(now))
				want := Running
				switch {
				case stop != 2 && stop > due:
					want = TooLate
				case stop != 2:
					want = Met
				case now > due:
					want = Missed
				}
				if c.Mark != want {
					t.Errorf("due %d, stop %d, now %d: %s, want %s", due, stop, now, c.Mark, want)
				}
			}
		}
	}
}

func FuzzReceive(f *testing.F) {
	f.Add(`{"id":"0197f6a0-0000-7000-8000-000000000001","round":1,"questions":[{"n":1,"round":1,"text":"x"}]}`)
	f.Add(`{"say":"answer","answer":{"replies":[{"n":99}]}}`)
	f.Fuzz(func(t *testing.T, body string) {
		d := New(&desk.Env{Member: "TH"}, nil)
		in := exchange.Inbound{Release: exchange.Release{ID: "0197f6a0-0000-7000-8000-000000000002", From: "KH",
			Ref: exchange.Ref{ID: "0197f6a0-0000-7000-8000-000000000001"}, Body: []byte(body)}}
		var v RequestView
		if decode(in, &v) == nil && checkView(&v, in) == nil {
			r := Request{}
			take(&r, &v, in)
			if len(r.Questions) == 0 || len(r.Questions) > MaxQuestions || r.Title == "" {
				t.Fatalf("taken: %+v", r)
			}
		}
		var m Message
		if d.decodeLine(in, &m, answererSays) == nil && (m.From != "KH" || !runes(m.Words, MaxWords)) {
			t.Fatalf("taken: %+v", m)
		}
	})
}
