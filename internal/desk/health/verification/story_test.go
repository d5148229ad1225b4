package verification

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

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
