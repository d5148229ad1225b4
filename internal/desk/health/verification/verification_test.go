package verification

import (
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

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
