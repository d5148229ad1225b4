package review

import (
	"context"
	"encoding/json"
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
	"lintas/internal/trail"
	"lintas/internal/workflow"
)

type world struct {
	*testing.T
	clock *clock.Manual
	nodes map[access.Member]*node
	sent  []exchange.Release
}

type node struct {
	w      *world
	m      access.Member
	db     *db.DB
	health *health.Desk
	trail  *trail.Desk
	desk   *Desk
}

func (n *node) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	n.w.sent = append(n.w.sent, r)
	return nil
}
func (n *node) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (n *node) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

var schemas = []db.Schema{history.Schema, health.Schema, files.Schema, trail.Schema, Schema}

// clocks are those of any event here: 12 days to respond where 7 are allowed.
func clocks(_ context.Context, _ access.Actor, event id.ID) ([]Clock, []Factor, error) {
	return []Clock{{Event: event, Name: "Cholera (sample)", Clock: "respond", Limit: 7, Outcome: "missed", Min: 12, Max: 12, Known: true}},
		[]Factor{{Clock: "respond", Category: "D1", Text: "Samples waited for a courier."}}, nil
}

func (w *world) join(m access.Member, d *db.DB, ids *id.Maker) {
	n := &node{w: w, m: m, db: d}
	env := &desk.Env{Member: m, DB: d, Clock: w.clock, Wall: w.clock, IDs: ids, Send: n}
	n.health, n.trail = health.New(env), trail.New(env, trail.Door{Kind: KindReview, Path: Path})
	n.desk = New(env, n.health, n.trail, Sources{Clocks: clocks})
	w.nodes[m] = n
}

func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{T: t, clock: clock.NewManual(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)), nodes: map[access.Member]*node{}}
		ids := &id.Maker{Clock: w.clock}
		w.join("KH", d, ids)
		w.join("TH", dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...), ids)
		f(w)
	}, schemas...)
}

func (n *node) receive(r exchange.Release) error {
	return n.db.Write(n.w.Context(), func(tx *db.Tx) error {
		h := n.desk.Handlers()[r.Kind]
		if h == nil {
			h = n.trail.Handlers()[r.Kind]
		}
		return h(n.w.Context(), tx, exchange.Inbound{Release: r, Received: n.w.clock.Now()})
	})
}

func (w *world) deliver() {
	w.Helper()
	for len(w.sent) > 0 {
		r := w.sent[0]
		w.sent = w.sent[1:]
		for _, to := range r.To {
			if n := w.nodes[to]; n != nil {
				w.must(n.receive(r))
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
	auditor  = post("auditor", access.Auditor)
	admin    = post("admin", access.Administrator)
)

func (n *node) event() id.ID {
	n.w.Helper()
	at := n.w.clock.Now()
	e, err := n.health.RecordEvent(n.w.Context(), duty, health.EventInput{Name: "Cholera (sample)", Hazard: "cholera", Grade: health.Warning, Lang: "en", Places: []string{string(n.m)},
		Marking: access.TLPAmber}, []health.Fact{{Indicator: "cases", Class: "confirmed", Place: string(n.m), Value: 40, AsOf: at, Source: "Province (sample)"}})
	n.w.must(err)
	return e.ID
}

func input(events ...id.ID) Input {
	return Input{Text: Text{Title: "Review of the response (sample)", Lang: "en", Sort: "after", Format: "debrief", From: "2026-11-01", Until: "2026-11-30"}, Events: events, Marking: access.TLPAmber}
}

func gap(title string) trail.FindingInput {
	return trail.FindingInput{Input: trail.Input{Title: title, Lang: "en", Marking: access.TLPAmber}, FindingText: trail.FindingText{Sort: trail.Gap,
		Planned: "Samples reach the laboratory within a day.", Happened: "They took four days.", Method: trail.Whys, Whys: []string{"No courier.", "No contract for weekends."},
		Cause: "The contract covers workdays only.", Theme: "D1", Affected: []string{"women", "children"}, Evidence: "Laboratory register."}}
}

func (n *node) step(a access.Actor, rid id.ID, verb workflow.Verb, in StepInput) error {
	_, err := n.desk.Step(n.w.Context(), a, rid, 0, verb, in)
	return err
}

func (n *node) page(rid id.ID) Page {
	n.w.Helper()
	p, err := n.desk.Page(n.w.Context(), auditor, rid)
	n.w.must(err)
	return p
}

// found is a settled finding of a review.
func (n *node) found(rid id.ID, title string) trail.Finding {
	n.w.Helper()
	f, err := n.desk.Find(n.w.Context(), duty, rid, gap(title))
	n.w.must(err)
	f, err = n.trail.StepFinding(n.w.Context(), duty, f.ID, 0, "settle", trail.StepInput{})
	n.w.must(err)
	return f
}

// released takes a review with findings from the lock to its release.
func (n *node) released(rid id.ID, to ...access.Member) {
	n.w.Helper()
	w, ctx := n.w, n.w.Context()
	p := n.page(rid)
	t := p.Text
	t.Summary = "Samples waited (sample)."
	_, err := n.desk.Describe(ctx, duty, rid, 0, t)
	w.must(err)
	w.must(n.step(duty, rid, "draft", StepInput{}))
	w.refused(fault.Invalid, n.step(duty, rid, "validate", StepInput{Words: "Agreed."})) // an author
	w.refused(fault.Invalid, n.step(approver, rid, "validate", StepInput{}))             // without words
	w.must(n.step(approver, rid, "validate", StepInput{Words: "In the meeting of 18 November."}))
	w.must(n.step(approver, rid, "clear", StepInput{}))
	w.must(n.step(approver, rid, "release", StepInput{To: to}))
	w.deliver()
}

// The evidence: locked once, with figures and clocks; what comes later is beside
// it; what is changed under it is found.
func TestLockedEvidence(t *testing.T) {
	each(t, func(w *world) {
		kh, ctx := w.nodes["KH"], w.Context()
		e := kh.event()
		_, err := kh.desk.Plan(ctx, auditor, input(e))
		w.refused(fault.Forbidden, err)
		r, err := kh.desk.Plan(ctx, duty, input(e))
		w.must(err)
		_, err = kh.desk.Find(ctx, duty, r.ID, gap("Too early (sample)"))
		w.refused(fault.Conflict, err)
		_, err = kh.desk.Add(ctx, duty, r.ID, 0, w.clock.Now().Add(-6*24*time.Hour), "Decision by telephone (sample).", "")
		w.refused(fault.Invalid, err) // no source
		_, err = kh.desk.Add(ctx, duty, r.ID, 0, w.clock.Now().Add(-6*24*time.Hour), "Decision by telephone (sample).", "Log of the duty officer")
		w.must(err)
		w.must(kh.step(duty, r.ID, "lock", StepInput{}))
		w.refused(fault.Conflict, kh.step(duty, r.ID, "lock", StepInput{}))
		p := kh.page(r.ID)
		if p.Lock == nil || p.Lock.Entries == 0 || p.Lock.Figures != 1 || len(p.Clocks) != 1 {
			t.Fatalf("the seal: %+v, clocks %d", p.Lock, len(p.Clocks))
		}
		line, err := kh.desk.Timeline(ctx, duty, r.ID)
		w.must(err)
		if len(line.Silences) != 1 || len(line.Lines) != p.Lock.Entries+1 {
			t.Errorf("%d lines, silences %+v", len(line.Lines), line.Silences)
		}
		bad := gap("Outside (sample)")
		bad.Entries = []int64{9999}
		_, err = kh.desk.Find(ctx, duty, r.ID, bad)
		w.refused(fault.Invalid, err)

		w.clock.Advance(time.Hour)
		ev, err := kh.health.EventPage(ctx, duty, e)
		w.must(err)
		w.must(kh.db.Write(ctx, func(tx *db.Tx) error {
			_, err := history.Append(ctx, tx, history.Entry{At: w.clock.Now(), Recorded: w.clock.Now(), Member: "KH", Actor: "Duty", Role: "duty_officer", Action: "health.event.note",
				Record: history.Record{Desk: "health", Kind: "health.event", ID: e, Version: ev.View.Version}, Digest: history.Digest([]byte("x"))})
			return err
		}))
		proof, err := kh.desk.Check(ctx, auditor, r.ID)
		w.must(err)
		if !proof.OK() || proof.AfterLock != 1 || proof.Included != p.Lock.Entries {
			t.Errorf("a sound history: %+v", proof)
		}
		if again := kh.page(r.ID); *again.Lock != *p.Lock {
			t.Error("the seal changed with the history")
		}
		w.must(kh.db.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE review_lock SET doc = REPLACE(doc, 'Cholera', 'Nothing')`)
			return err
		}))
		proof, err = kh.desk.Check(ctx, auditor, r.ID)
		w.must(err)
		if proof.OK() || proof.Same {
			t.Errorf("a changed set passes: %+v", proof)
		}
	})
}

// A joint review: each member's own half, findings side by side with a dissent,
// two actions, closed only when both are over.
func TestJointReview(t *testing.T) {
	each(t, func(w *world) {
		kh, th, ctx := w.nodes["KH"], w.nodes["TH"], w.Context()
		in := input(kh.event())
		in.Joint, in.Members = true, []access.Member{"TH"}
		r, err := kh.desk.Plan(ctx, duty, in)
		w.must(err)
		w.must(kh.step(approver, r.ID, "invite", StepInput{}))
		w.deliver()
		if list, _ := th.desk.Todos(ctx, duty); len(list) != 1 || list[0].Key != "todo.review.join" {
			t.Errorf("todos of TH: %+v", list)
		}
		w.refused(fault.Forbidden, th.step(duty, r.ID, "lock", StepInput{})) // it is KH's
		half, err := th.desk.Join(ctx, duty, r.ID, []id.ID{th.event()})
		w.must(err)
		_, err = th.desk.Join(ctx, duty, r.ID, nil)
		w.refused(fault.Conflict, err)
		w.must(kh.step(duty, r.ID, "lock", StepInput{}))
		w.must(th.step(duty, half.ID, "lock", StepInput{}))
		f1, f2 := kh.found(r.ID, "Samples waited (sample)"), th.found(half.ID, "Samples came in time (sample)")
		th.released(half.ID, "KH")
		if p := kh.page(r.ID); len(p.Chain.Findings) != 2 || p.Halves[0].View == nil {
			t.Fatalf("KH holds %d findings, half %+v", len(p.Chain.Findings), p.Halves)
		}
		_, err = kh.trail.EditFinding(ctx, duty, f2.ID, 0, gap("Ours (sample)"))
		w.refused(fault.Forbidden, err)
		_, err = kh.desk.Arrange(ctx, duty, r.ID, 0, nil, []Opinion{{Finding: f2.ID, Stance: "differ"}})
		w.refused(fault.Invalid, err) // without words
		_, err = kh.desk.Arrange(ctx, duty, r.ID, 0, []Group{{Title: "Samples", Findings: []id.ID{f1.ID, f2.ID}}}, []Opinion{{Finding: f2.ID, Stance: "differ", Words: "Not at the border."}})
		w.must(err)
		kh.released(r.ID, "TH")
		if p := th.page(r.ID); len(p.Opinions) != 1 || p.Opinions[0].Words == "" || len(p.Chain.Findings) != 2 || len(p.Groups) != 1 {
			t.Errorf("at TH: %+v, %d findings", p.Opinions, len(p.Chain.Findings))
		}
		w.followed(kh, th, r.ID, f1.ID, f2.ID)
	})
}

func (w *world) followed(kh, th *node, rid, f1, f2 id.ID) {
	w.Helper()
	w.refused(fault.Invalid, kh.step(duty, rid, "follow", StepInput{})) // nothing follows from the gaps
	propose := func(title string) id.ID {
		p, err := kh.trail.DraftProposal(w.Context(), duty, trail.ProposalInput{Input: trail.Input{Title: title, Lang: "en", Marking: access.TLPAmber}, For: "TH", Findings: []id.ID{f1, f2},
			Terms: trail.Terms{Deliverable: "A contract.", By: "2027-01-31"}, Measure: "Median below a day."})
		w.must(err)
		_, err = kh.trail.StepProposal(w.Context(), approver, p.ID, 0, "propose", trail.StepInput{})
		w.must(err)
		w.deliver()
		return p.ID
	}
	answer := func(p id.ID, a access.Actor, verb workflow.Verb, in trail.StepInput) {
		w.Helper()
		x, err := th.trail.Action(w.Context(), a, p)
		w.must(err)
		_, err = th.trail.StepAction(w.Context(), a, x.Action.ID, 0, verb, in)
		w.must(err)
		w.deliver()
	}
	p1, p2 := propose("Weekend courier (sample)"), propose("Shared laboratory (sample)")
	w.must(kh.step(duty, rid, "follow", StepInput{}))
	answer(p1, approver, "accept", trail.StepInput{})
	answer(p2, approver, "decline", trail.StepInput{Reason: "Not within our mandate."})
	w.refused(fault.Invalid, kh.step(approver, rid, "close", StepInput{}))
	answer(p1, duty, "finish", trail.StepInput{Words: "Contract 7."})
	answer(p1, approver, "report", trail.StepInput{})
	_, err := kh.trail.StepProposal(w.Context(), approver, p1, 0, "verify", trail.StepInput{Words: "Two weekends in the register."})
	w.must(err)
	w.refused(fault.Invalid, kh.step(approver, rid, "close", StepInput{})) // a decline is not the end
	_, err = kh.trail.StepProposal(w.Context(), approver, p2, 0, "close", trail.StepInput{Reason: "Taken to the ministers."})
	w.must(err)
	w.must(kh.step(approver, rid, "close", StepInput{}))
	w.deliver()
	if p := th.page(rid); p.State != Closed {
		w.Errorf("TH reads %s", p.State)
	}
}

// What the participants agreed on is what leaves.
func TestChangedAfterValidation(t *testing.T) {
	each(t, func(w *world) {
		kh, ctx := w.nodes["KH"], w.Context()
		in := input(kh.event())
		r, err := kh.desk.Plan(ctx, duty, in)
		w.must(err)
		w.must(kh.step(duty, r.ID, "lock", StepInput{}))
		f := kh.found(r.ID, "Samples waited (sample)")
		text := in.Text
		text.Summary = "Short (sample)."
		_, err = kh.desk.Describe(ctx, duty, r.ID, 0, text)
		w.must(err)
		w.must(kh.step(duty, r.ID, "draft", StepInput{}))
		w.must(kh.step(approver, r.ID, "validate", StepInput{Words: "All agreed."}))
		for _, verb := range []workflow.Verb{"return", "settle"} {
			_, err = kh.trail.StepFinding(ctx, epi, f.ID, 0, verb, trail.StepInput{Reason: "A word."})
			w.must(err)
		}
		w.refused(fault.Invalid, kh.step(approver, r.ID, "clear", StepInput{}))
		_, err = kh.desk.Page(ctx, admin, r.ID)
		w.refused(fault.NotFound, err)
	})
}

// Another member cannot speak for the owner of a review, nor show a review as
// released without its evidence.
func TestForgedReviews(t *testing.T) {
	each(t, func(w *world) {
		kh, th, ctx := w.nodes["KH"], w.nodes["TH"], w.Context()
		in := input(kh.event())
		in.Joint, in.Members = true, []access.Member{"TH"}
		r, err := kh.desk.Plan(ctx, duty, in)
		w.must(err)
		w.must(kh.step(approver, r.ID, "invite", StepInput{}))
		good := w.sent[0]
		w.deliver()
		for what, change := range map[string]func(x *exchange.Release, v *View){
			"another sender":    func(x *exchange.Release, _ *View) { x.From = "VN" },
			"released, no lock": func(_ *exchange.Release, v *View) { v.State = Released },
			"another marking":   func(_ *exchange.Release, v *View) { v.Marking = access.TLPClear },
			"becomes a half":    func(_ *exchange.Release, v *View) { v.Of, v.Joint, v.Members, v.Lead = r.ID, false, nil, "TH" },
			"a state of ours":   func(_ *exchange.Release, v *View) { v.State = Validated },
		} {
			x := good
			var v View
			w.must(json.Unmarshal(good.Body, &v))
			v.Version, x.Ref.Version = 9, 9
			change(&x, &v)
			x.Body, err = json.Marshal(v)
			w.must(err)
			if th.receive(x) == nil {
				t.Errorf("%s was taken", what)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id":"0190a000-0000-7000-8000-000000000001","owner":"KH","version":1,"state":"planned","title":"x","lang":"en","sort":"after","format":"debrief","from":"2026-01-01",
		"until":"2026-02-01","marking":"TLP:AMBER","joint":true,"members":["TH"]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, body []byte) {
		in := exchange.Inbound{Release: exchange.Release{ID: "0190a000-0000-7000-8000-000000000009", Kind: KindReview, From: "KH", Marking: access.TLPAmber, Body: body,
			Ref: exchange.Ref{Desk: Name, Kind: KindReview, ID: "0190a000-0000-7000-8000-000000000001", Version: 1}}}
		if r, err := Decode(&in); err == nil && (r.Title == "" || r.Own() || r.Owner != "KH") {
			t.Errorf("taken: %+v", r)
		}
	})
}
