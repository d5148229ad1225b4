package trail

import (
	"encoding/json"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

// A finding and a recommendation: written, refused until they say enough,
// released by a second person, mended, withdrawn.
func TestPaperStory(t *testing.T) {
	each(t, func(w *world) {
		kh, th, ctx, s := w.nodes["KH"], w.nodes["TH"], w.Context(), w.source()
		bare := gap()
		bare.Cause, bare.Affected = "", nil
		_, err := kh.desk.DraftFinding(ctx, auditor, s, "", bare)
		w.refused(fault.Forbidden, err)
		f, err := kh.desk.DraftFinding(ctx, duty, s, "", bare)
		w.must(err)
		_, err = kh.desk.StepFinding(ctx, duty, f.ID, 1, "settle", StepInput{})
		w.refused(fault.Invalid, err)
		bad := gap()
		bad.Affected = []string{"women", NotExamined}
		_, err = kh.desk.EditFinding(ctx, duty, f.ID, 1, bad)
		w.refused(fault.Invalid, err)
		_, err = kh.desk.EditFinding(ctx, epi, f.ID, 1, gap())
		w.must(err)
		f, err = kh.desk.StepFinding(ctx, duty, f.ID, 2, "settle", StepInput{})
		w.must(err)
		for _, who := range []access.Actor{duty, epi} {
			who.Grants = append(who.Grants, access.Grant{Role: access.Approver})
			_, err = kh.desk.StepFinding(ctx, who, f.ID, 0, "release", StepInput{To: []access.Member{"TH"}})
			w.refused(fault.Invalid, err) // both wrote it
		}
		_, err = kh.desk.StepFinding(ctx, approver, f.ID, 0, "release", StepInput{})
		w.refused(fault.Invalid, err) // to nobody
		_, err = kh.desk.StepFinding(ctx, approver, f.ID, 0, "release", StepInput{To: []access.Member{"TH"}})
		w.must(err)
		w.deliver()
		x, err := th.desk.Finding(ctx, auditor, f.ID)
		w.must(err)
		if x.Own || x.Cause != gap().Cause || len(x.Offers) != 0 || x.From != "/health/reviews/"+string(s.ID) {
			t.Errorf("at TH: %+v", x)
		}
		_, err = th.desk.EditFinding(ctx, duty, f.ID, 0, gap())
		w.refused(fault.Forbidden, err) // nobody's half is edited by another
		_, err = th.desk.StepFinding(ctx, approver, f.ID, 0, "withdraw", StepInput{Reason: "Not ours."})
		w.refused(fault.Forbidden, err)
		_, err = th.desk.Finding(ctx, admin, f.ID)
		w.refused(fault.NotFound, err)

		w.recommended(th, f.ID)
		_, err = kh.desk.StepFinding(ctx, approver, f.ID, 0, "withdraw", StepInput{Reason: "The register was read wrongly."})
		w.must(err)
		w.deliver()
		if x, err = th.desk.Finding(ctx, auditor, f.ID); err != nil || x.State != Withdrawn || x.Cause != "" || x.Reason == "" {
			t.Errorf("after the withdrawal: %+v %v", x, err)
		}
	})
}

// recommended is what a member recommends on a finding of another.
func (w *world) recommended(n *node, fid id.ID) {
	w.Helper()
	ctx := w.Context()
	r, err := n.desk.DraftRecommendation(ctx, duty, RecommendationInput{Input: Input{Title: "Couriers (sample)", Lang: "en", Marking: access.TLPAmber},
		RecommendationText: RecommendationText{Text: "Contracts for weekends.", Findings: []id.ID{fid}, For: []access.Member{"TH", "KH"}, Way: "supplies", Priority: "high"}})
	w.must(err)
	_, err = n.desk.StepRecommendation(ctx, duty, r.ID, 0, "settle", StepInput{})
	w.must(err)
	rows, _, err := n.desk.Recommendations(ctx, auditor, Filter{Group: "women"})
	w.must(err)
	if len(rows) != 1 || len(rows[0].Awaited) != 2 || rows[0].Theme != "D1" {
		w.Errorf("recommendations: %+v", rows)
	}
	if x, _ := n.desk.Finding(ctx, auditor, fid); len(x.Recommendations) != 1 {
		w.Error("no way from the finding to the recommendation")
	}
}

// An action between two states: countered, agreed, worked on, reported by a
// second person, sent back, verified by the proposer.
func TestActionStory(t *testing.T) {
	each(t, func(w *world) {
		kh, th := w.nodes["KH"], w.nodes["TH"]
		p := kh.draftFor("TH", kh.found(w.source(), gap()))
		w.refused(fault.Forbidden, kh.proposal(duty, p.ID, "propose", StepInput{}))
		w.must(kh.proposal(approver, p.ID, "propose", StepInput{}))
		w.deliver()
		w.stages(p.ID, Offered)
		if list, _ := th.desk.Todos(w.Context(), approver); len(list) != 1 || list[0].Key != "todo.trail.answer" {
			t.Errorf("todos: %+v", list)
		}
		w.refused(fault.Invalid, th.action(approver, p.ID, "counter", StepInput{Terms: Terms{"By train.", "2027-02-28"}}))
		w.must(th.action(approver, p.ID, "counter", StepInput{Reason: "The tender takes longer.", Terms: Terms{"By train.", "2027-02-28"}}))
		w.deliver()
		w.stages(p.ID, Countered)
		w.must(kh.proposal(approver, p.ID, "revise", StepInput{}))
		w.deliver()
		w.stages(p.ID, Accepted)
		if got := kh.pair(p.ID); got.Terms() != (Terms{"By train.", "2027-02-28"}) {
			t.Errorf("agreed: %+v", got.Terms())
		}
		w.must(th.action(duty, p.ID, "start", StepInput{Post: "Logistics, TH"}))
		w.must(th.action(duty, p.ID, "note", StepInput{Words: "Tender is out."}))
		w.deliver()
		if n := len(th.pair(p.ID).Action.Notes); n != 1 || len(kh.pair(p.ID).Action.Notes) != 0 {
			t.Error("a line of progress left unshared")
		}
		w.must(th.action(approver, p.ID, "share", StepInput{}))
		w.refused(fault.Invalid, th.action(approver, p.ID, "share", StepInput{}))
		w.deliver()
		w.stages(p.ID, Working)
		if len(kh.pair(p.ID).Action.Notes) != 1 {
			t.Error("what was shared did not arrive")
		}
		w.clock.Advance(120 * 24 * time.Hour)
		late, _, err := kh.desk.Actions(w.Context(), auditor, Filter{Late: true})
		w.must(err)
		if len(late) != 1 || !late[0].Late {
			t.Error("an overdue action is not shown at the proposer")
		}
		w.checked(kh, th, p.ID)
	})
}

// checked is the end of an action: reported by a second person, sent back,
// verified by the proposer.
func (w *world) checked(kh, th *node, pid id.ID) {
	w.Helper()
	w.must(th.action(both, pid, "finish", StepInput{Words: "Contract 7 of March."}))
	w.refused(fault.Invalid, th.action(both, pid, "report", StepInput{}))
	w.refused(fault.Invalid, kh.proposal(approver, pid, "verify", StepInput{Words: "Seen."})) // nothing was reported
	w.must(th.action(approver, pid, "report", StepInput{}))
	w.deliver()
	w.stages(pid, Done)
	w.refused(fault.Invalid, kh.proposal(approver, pid, "send_back", StepInput{}))
	w.must(kh.proposal(approver, pid, "send_back", StepInput{Words: "Where is the signature?"}))
	w.deliver()
	w.stages(pid, Working)
	w.must(th.action(duty, pid, "finish", StepInput{Words: "Contract 7, signed."}))
	w.must(th.action(approver, pid, "report", StepInput{}))
	w.deliver()
	w.must(kh.proposal(approver, pid, "verify", StepInput{Words: "Two weekends in the register."}))
	w.deliver()
	w.stages(pid, Verified)
	if x := th.pair(pid); x.Action.State != Verified {
		w.Errorf("the half of TH: %s", x.Action.State)
	}
	w.must(kh.db.Read(w.Context(), func(tx *db.Tx) error {
		es, err := history.Of(w.Context(), tx, pid)
		state, e2 := history.Replay(es, pid, "")
		if err == nil && (e2 != nil || state != Verified) {
			w.Errorf("the history replays to %s: %v", state, e2)
		}
		return err
	}))
}

// Declined with a reason, asked again, declined, closed with a reason; and an
// own action, which another person verifies than who finished it.
func TestDeclinedAndOwn(t *testing.T) {
	each(t, func(w *world) {
		kh, th, ctx := w.nodes["KH"], w.nodes["TH"], w.Context()
		f := kh.found(w.source(), gap())
		p := kh.draftFor("TH", f)
		w.must(kh.proposal(approver, p.ID, "propose", StepInput{}))
		w.deliver()
		w.refused(fault.Invalid, th.action(approver, p.ID, "decline", StepInput{}))
		w.must(th.action(approver, p.ID, "decline", StepInput{Reason: "Not within our mandate."}))
		w.deliver()
		w.stages(p.ID, Declined)
		w.must(kh.proposal(approver, p.ID, "revise", StepInput{Terms: Terms{"Only at the border.", "2027-01-31"}}))
		w.deliver()
		w.stages(p.ID, Offered)
		w.must(th.action(approver, p.ID, "decline", StepInput{Reason: "Still not."}))
		w.deliver()
		w.refused(fault.Invalid, kh.proposal(approver, p.ID, "close", StepInput{}))
		w.must(kh.proposal(approver, p.ID, "close", StepInput{Reason: "Taken to the ministers."}))
		w.deliver()
		w.stages(p.ID, Closed)
		if x := th.pair(p.ID).Action; x.State != Ended || x.Reason != "Still not." {
			t.Errorf("the half of TH: %s %q", x.State, x.Reason)
		}

		own := kh.draftFor("KH", f)
		w.must(kh.proposal(approver, own.ID, "propose", StepInput{}))
		w.must(kh.action(approver, own.ID, "accept", StepInput{}))
		w.must(kh.action(both, own.ID, "finish", StepInput{Words: "Done."}))
		w.must(kh.action(approver, own.ID, "report", StepInput{}))
		w.deliver()
		w.refused(fault.Invalid, kh.proposal(both, own.ID, "verify", StepInput{Words: "I did it."}))
		w.must(kh.proposal(approver, own.ID, "verify", StepInput{Words: "Seen."}))
		w.deliver()
		w.stages2(own.ID, Verified, "KH", access.ASEC)
		c, err := kh.desk.Of(ctx, auditor, f.Source.ID)
		w.must(err)
		if len(c.Findings) != 1 || len(c.Actions) != 2 {
			t.Errorf("the chain: %d findings, %d actions", len(c.Findings), len(c.Actions))
		}
		if hits, err := kh.desk.Search(ctx, auditor, "courier weekend", 10); err != nil || len(hits) == 0 {
			t.Errorf("search: %v %v", hits, err)
		}
	})
}

func (w *world) stages2(p id.ID, want any, list ...access.Member) {
	w.Helper()
	for _, m := range list {
		if got := w.nodes[m].pair(p).Stage; any(got) != want {
			w.Fatalf("%s shows %s, want %v", m, got, want)
		}
	}
}

// What does not come from its owner, or claims what it may not, changes nothing.
func TestForgeries(t *testing.T) {
	w := newWorld(t)
	each(t, func(x *world) { w = x; w.forgeries() })
}

func (w *world) forgeries() {
	w.Helper()
	kh, th := w.nodes["KH"], w.nodes["TH"]
	p := kh.draftFor("TH", kh.found(w.source(), gap()))
	w.must(kh.proposal(approver, p.ID, "propose", StepInput{}))
	good := w.sent[len(w.sent)-1]
	w.deliver()
	w.must(th.action(approver, p.ID, "accept", StepInput{}))
	w.deliver()
	change := func(f func(r *exchange.Release, v *ProposalView)) exchange.Release {
		r := good
		var v ProposalView
		w.must(json.Unmarshal(good.Body, &v))
		v.Version, r.Ref.Version = 9, 9
		f(&r, &v)
		var err error
		r.Body, err = json.Marshal(v)
		w.must(err)
		return r
	}
	for what, r := range map[string]exchange.Release{
		"another owner":     change(func(r *exchange.Release, v *ProposalView) { r.From = "VN" }),
		"own name":          change(func(r *exchange.Release, v *ProposalView) { r.From, v.Owner = "VN", "VN" }),
		"no verdict":        change(func(_ *exchange.Release, v *ProposalView) { v.State = Verified }),
		"close, no reason":  change(func(_ *exchange.Release, v *ProposalView) { v.State = Closed }),
		"asks a third":      change(func(_ *exchange.Release, v *ProposalView) { v.For, v.Inform = "VN", nil }),
		"another version":   change(func(r *exchange.Release, _ *ProposalView) { r.Ref.Version = 8 }),
		"a draft":           change(func(_ *exchange.Release, v *ProposalView) { v.State = Draft }),
		"marked less close": change(func(_ *exchange.Release, v *ProposalView) { v.Marking = access.TLPClear }),
	} {
		if err := th.receive(r); err == nil {
			w.Errorf("%s was taken", what)
		}
	}
	if s := th.pair(p.ID).Stage; s != Accepted {
		w.Errorf("after forgeries: %s", s)
	}
	// A verdict on what was not reported changes nothing.
	r := change(func(_ *exchange.Release, v *ProposalView) {
		v.State, v.Verdicts = Verified, []Verdict{{Shown: true, Of: 2, Words: "Seen.", As: "x", At: w.clock.Now()}}
	})
	w.must(th.receive(r))
	if s := th.pair(p.ID).Action.State; s != Accepted {
		w.Errorf("an action that was not reported is %s", s)
	}
}

// An old version that comes late, or again, changes nothing.
func TestLateAndAgain(t *testing.T) {
	each(t, func(w *world) {
		kh, th := w.nodes["KH"], w.nodes["TH"]
		p := kh.draftFor("TH", kh.found(w.source(), gap()))
		w.must(kh.proposal(approver, p.ID, "propose", StepInput{}))
		first := w.sent[len(w.sent)-1]
		w.deliver()
		w.must(th.action(approver, p.ID, "decline", StepInput{Reason: "No."}))
		w.deliver()
		w.must(kh.proposal(approver, p.ID, "revise", StepInput{Terms: Terms{"Less.", "2027-01-31"}}))
		w.deliver()
		w.must(th.receive(first))
		if x := th.pair(p.ID); x.Stage != Offered || x.Action.Deliverable != "Less." {
			t.Errorf("an old version changed it: %s %q", x.Stage, x.Action.Deliverable)
		}
	})
}
