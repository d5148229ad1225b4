package sop

import (
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

func verbOf(s string) workflow.Verb { return workflow.Verb(s) }

// The life of a playbook: drafted, reviewed by a second person, published,
// released, adopted word for word by one member, changed in a next version,
// retired where it began.
func TestPlaybookStory(t *testing.T) {
	each(t, func(w *world) {
		ctx, kh, th := w.Context(), w.nodes["KH"], w.nodes["TH"]
		in := PlaybookInput{Text: short, Marking: access.TLPGreen}
		_, err := kh.desk.DraftPlaybook(ctx, auditor, in)
		w.refused(fault.Forbidden, err)
		_, err = kh.desk.DraftPlaybook(ctx, both, PlaybookInput{Text: strings.Replace(short, "after A1", "after A7", 1), Marking: access.TLPGreen})
		w.refused(fault.Invalid, err, "fault.sop.after")
		p, err := kh.desk.DraftPlaybook(ctx, both, in)
		w.must(err)
		_, err = kh.desk.StepPlaybook(ctx, approver, p.ID, p.Version, "publish", "")
		w.refused(fault.Conflict, err)
		p, err = kh.desk.EditPlaybook(ctx, duty, p.ID, p.Version, in)
		w.must(err)
		p, err = kh.desk.StepPlaybook(ctx, both, p.ID, p.Version, "submit", "")
		w.must(err)
		_, err = kh.desk.StepPlaybook(ctx, both, p.ID, p.Version, "publish", "")
		w.refused(fault.Invalid, err, "sop.second_reader") // an author
		_, err = kh.desk.EditPlaybook(ctx, duty, p.ID, p.Version, in)
		w.refused(fault.Conflict, err)
		if todos, err := kh.desk.Todos(ctx, approver); err != nil || len(todos) != 1 || todos[0].Key != "todo.sop.review" {
			t.Fatalf("todos %+v %v", todos, err)
		}
		p, err = kh.desk.StepPlaybook(ctx, approver, p.ID, p.Version, "return", "Say who counts.")
		w.must(err)
		p, err = kh.desk.StepPlaybook(ctx, duty, p.ID, p.Version, "submit", "")
		w.must(err)
		p, err = kh.desk.StepPlaybook(ctx, approver, p.ID, p.Version, "publish", "")
		w.must(err)
		if p.Number != 1 || p.Digest != Digest(short) || p.State != Published {
			t.Fatalf("%+v", p)
		}
		_, err = kh.desk.EditPlaybook(ctx, duty, p.ID, p.Version, in)
		w.refused(fault.Conflict, err) // a published text never changes
		_, err = kh.desk.ReleasePlaybook(ctx, approver, p.ID, p.Version, []access.Member{"KH"})
		w.refused(fault.Invalid, err, "sop.recipients")
		p, err = kh.desk.ReleasePlaybook(ctx, approver, p.ID, p.Version, []access.Member{"TH", "ASEC"})
		w.must(err)
		forged := kh.out[0]
		w.deliver()
		forged.From = "VN"
		w.refused(fault.Forbidden, th.receive(forged))
		adopted(w, p)
		again := kh.nextVersion(p)
		w.deliver()
		got, err := th.desk.PlaybookPage(ctx, duty, p.ID)
		w.must(err)
		if got.State != Retired || again.Number != 2 {
			t.Errorf("the old version is %s at TH, the new one has number %d", got.State, again.Number)
		}
	})
}

// adopted: the member takes the text over; a second person there publishes it;
// an adaptation shows what it changed.
func adopted(w *world, p Playbook) {
	ctx, th := w.Context(), w.nodes["TH"]
	got, err := th.desk.PlaybookPage(ctx, duty, p.ID)
	w.must(err)
	if got.Own || got.Text != p.Text || len(got.Offers) != 0 {
		w.Fatalf("%+v", got.PlaybookView)
	}
	_, err = th.desk.StepPlaybook(ctx, approver, p.ID, 0, "retire", "Not ours.")
	w.refused(fault.Forbidden, err)
	_, err = th.desk.Start(ctx, duty, p.ID, th.event().ID)
	w.refused(fault.NotFound, err) // what was received starts nothing
	th.levels = []Decision{th.level(3, "0190a000-0000-7000-8000-00000000000f", "d-1", 5)}
	th.sweep()
	if len(th.runs()) != 0 {
		w.Fatal("a playbook of another member started here")
	}
	_, err = th.desk.DraftPlaybook(ctx, duty, PlaybookInput{Text: got.Text, Marking: access.TLPClear, From: p.ID})
	w.refused(fault.Invalid, err, "fault.sop.marking")
	own := th.published(strings.Replace(got.Text, "within 24h of start", "within 48h of start", 1), p.ID)
	pg, err := th.desk.PlaybookPage(ctx, duty, own.ID)
	w.must(err)
	if !pg.Adapted() || pg.Origin == nil || pg.Origin.Member != "KH" || pg.Origin.Text != p.Text {
		w.Fatalf("where it comes from is not kept: %+v", pg.From)
	}
	changed := 0
	for _, l := range Compare(pg.Origin.Text, pg.Text) {
		if l.Mark != "" {
			changed++
		}
	}
	if changed != 2 {
		w.Errorf("%d lines differ, want one taken away and one added", changed)
	}
	th.sweep()
	if len(th.runs()) != 1 {
		w.Error("the own version does not start")
	}
}

// nextVersion publishes the next version: the one before is retired in the same
// moment, and a version that was begun from the old one cannot be published.
func (n *node) nextVersion(p Playbook) Playbook {
	w, ctx := n.w, n.w.Context()
	text := strings.Replace(short, "within 1h", "within 2h", 1)
	_, err := n.desk.DraftPlaybook(ctx, duty, PlaybookInput{Text: strings.Replace(text, "playbook border", "playbook other", 1), Marking: access.TLPGreen, From: p.ID})
	w.refused(fault.Invalid, err, "fault.sop.other_code")
	rival, err := n.desk.DraftPlaybook(ctx, duty, PlaybookInput{Text: text + "  optional\n", Marking: access.TLPGreen, From: p.ID})
	w.must(err)
	again := n.published(text, p.ID)
	old, err := n.desk.PlaybookPage(ctx, duty, p.ID)
	w.must(err)
	if old.State != Retired || old.Text != p.Text {
		w.Errorf("the version before is %s", old.State)
	}
	rival, err = n.desk.StepPlaybook(ctx, duty, rival.ID, rival.Version, "submit", "")
	w.must(err)
	_, err = n.desk.StepPlaybook(ctx, approver, rival.ID, rival.Version, "publish", "")
	w.refused(fault.Invalid, err, "sop.free_code")
	return again
}

// The life of the steps: accepted, blocked, done with evidence and verified by
// a second person; not executable here is an answer; nothing is skipped
// silently.
func TestTaskStory(t *testing.T) {
	each(t, func(w *world) {
		ctx, kh := w.Context(), w.nodes["KH"]
		p, e := kh.published(short, ""), kh.event()
		_, err := kh.desk.Start(ctx, auditor, p.ID, e.ID)
		w.refused(fault.Forbidden, err)
		r, err := kh.desk.Start(ctx, duty, p.ID, e.ID)
		w.must(err)
		_, err = kh.desk.Start(ctx, duty, p.ID, e.ID)
		w.refused(fault.Conflict, err, "fault.sop.running")
		if r.Marking != access.TLPAmber || len(kh.runs()) != 1 || kh.runs()[0].Counts.All() != 4 {
			t.Fatalf("%+v", kh.runs())
		}
		if a2 := kh.task(r.ID, "A2"); !a2.Due.IsZero() {
			t.Error("the clock of A2 began before A1 was done")
		}
		w.refused(fault.Invalid, kh.try(epi, r.ID, "A1", "accept", TaskInput{}), "sop.role")
		w.refused(fault.Forbidden, kh.try(auditor, r.ID, "A1", "accept", TaskInput{}))
		if todos, err := kh.desk.Todos(ctx, duty); err != nil || len(todos) != 3 { // A2 is not the duty officer's
			t.Fatalf("todos %+v %v", todos, err)
		}
		kh.do(duty, r.ID, "A1", "accept", TaskInput{})
		w.refused(fault.Invalid, kh.try(second, r.ID, "A1", "start", TaskInput{}), "sop.doer")
		kh.do(second, r.ID, "A1", "take_over", TaskInput{})
		kh.do(second, r.ID, "A1", "start", TaskInput{})
		kh.do(epi, r.ID, "A2", "accept", TaskInput{})
		w.refused(fault.Invalid, kh.try(epi, r.ID, "A2", "start", TaskInput{}), "sop.not_waiting")
		w.clock.Advance(2 * time.Hour)
		if !kh.task(r.ID, "A1").Late {
			t.Error("A1 is late")
		}
		kh.do(second, r.ID, "A1", "finish", TaskInput{Evidence: "Log no. 1"})
		if a2 := kh.task(r.ID, "A2"); !a2.Due.Equal(w.clock.Now().Add(4 * time.Hour)) {
			t.Errorf("A2 is due %s", a2.Due)
		}
		kh.counted(r.ID)
		kh.answered(r.ID)
	})
}

// counted: A2 needs evidence, is blocked for three hours, finished, given back,
// finished again and verified by somebody else.
func (n *node) counted(run id.ID) {
	w := n.w
	n.do(epi, run, "A2", "start", TaskInput{})
	w.refused(fault.Invalid, n.try(epi, run, "A2", "block", TaskInput{}), "health.reason")
	n.do(epi, run, "A2", "block", TaskInput{Reason: "The road is under water."})
	w.refused(fault.Conflict, n.try(epi, run, "A2", "finish", TaskInput{Evidence: "12"}))
	w.clock.Advance(3 * time.Hour)
	n.do(epi, run, "A2", "unblock", TaskInput{})
	if b := n.task(run, "A2").Blocks; len(b) != 1 || b[0].To.Sub(b[0].From) != 3*time.Hour {
		w.Errorf("blocks %+v", b)
	}
	w.refused(fault.Invalid, n.try(epi, run, "A2", "finish", TaskInput{}), "sop.evidence")
	w.refused(fault.Invalid, n.try(epi, run, "A2", "finish", TaskInput{Evidence: "12", Link: "javascript:alert(1)"}), "fault.sop.link")
	n.do(epi, run, "A2", "finish", TaskInput{Evidence: "12 cases"})
	w.refused(fault.Invalid, n.try(epi, run, "A2", "verify", TaskInput{}), "sop.not_doer")
	n.do(approver, run, "A2", "return", TaskInput{Reason: "As of when?"})
	n.do(epi, run, "A2", "finish", TaskInput{Evidence: "12 cases as of 20 November", Link: "https://example.org/list"})
	n.do(approver, run, "A2", "verify", TaskInput{})
	if v := n.task(run, "A2"); v.State != Verified || v.VerifiedAs != "Post approver" {
		w.Errorf("%+v", v.TaskView)
	}
}

// answered: a required step cannot be skipped, but it can be said that it is
// not executable; the run closes when every step is answered.
func (n *node) answered(run id.ID) {
	w, ctx := n.w, n.w.Context()
	_, err := n.desk.StepRun(ctx, duty, run, 0, "close", "")
	w.refused(fault.Invalid, err, "sop.settled")
	w.refused(fault.Invalid, n.try(duty, run, "A4", "skip", TaskInput{Reason: "No."}), "sop.optional")
	w.refused(fault.Invalid, n.try(duty, run, "A4", "not_executable", TaskInput{}), "health.reason")
	n.do(duty, run, "A4", "not_executable", TaskInput{Reason: "No laboratory can be flown in."})
	w.refused(fault.Invalid, n.try(duty, run, "A3", "skip", TaskInput{}), "health.reason")
	n.do(duty, run, "A3", "skip", TaskInput{Reason: "The utility does it."})
	n.do(duty, run, "A3", "resume", TaskInput{Reason: "The utility stopped."})
	n.do(duty, run, "A3", "accept", TaskInput{})
	n.do(duty, run, "A3", "finish", TaskInput{})
	r, err := n.desk.StepRun(ctx, duty, run, 0, "close", "")
	w.must(err)
	w.refused(fault.Invalid, n.try(duty, run, "A4", "resume", TaskInput{Reason: "It can."}), "sop.run_open")
	d, err := n.desk.Drift(ctx, duty, r.Playbook)
	w.must(err)
	a1, a2, a4 := d.Steps[0], d.Steps[1], d.Steps[3]
	if d.Runs != 1 || a1.Median != 2*time.Hour || a1.Late != 1 || a2.Median != 3*time.Hour || a2.Blocked != 1 || a2.Waited != 3*time.Hour || a2.Late != 0 || a2.Shown != 1 {
		w.Errorf("drift of A1 %+v\nof A2 %+v", a1, a2)
	}
	if len(a4.Not) != 1 || a4.Not[0].Reason != "No laboratory can be flown in." {
		w.Errorf("drift of A4 %+v", a4)
	}
}

// A level starts a playbook once at each node by itself, however often and by
// how many processes it looks; the run follows a renewal, gets the steps of a
// higher level, and is shown as over, with its tasks, when the level is.
func TestLevelStory(t *testing.T) {
	each(t, func(w *world) {
		kh := w.nodes["KH"]
		kh.published(short, "")
		const family = id.ID("0190a000-0000-7000-8000-00000000000f")
		kh.levels = []Decision{kh.level(1, family, "d-1", 10)}
		kh.sweep()
		other := kh.level(4, "0190a000-0000-7000-8000-00000000000e", "d-2", 10)
		other.Hazard = "dengue"
		kh.levels = []Decision{other}
		kh.sweep()
		if n := len(kh.runs()); n != 0 {
			t.Fatalf("%d runs below its level or for another hazard", n)
		}
		kh.levels = []Decision{kh.level(2, family, "d-3", 10)}
		for range 3 {
			kh.sweep()
		}
		list := kh.runs()
		if len(list) != 1 || list[0].Counts.All() != 3 || list[0].Why != ByLevel || list[0].Level != 2 {
			t.Fatalf("%+v", list)
		}
		run := list[0].ID
		w.clock.Advance(8 * 24 * time.Hour)
		kh.levels = []Decision{kh.level(3, family, "d-4", 10)} // raised, by a later decision
		kh.levels[0].From = 2
		kh.sweep()
		kh.sweep()
		if list = kh.runs(); len(list) != 1 || list[0].Counts.All() != 4 || list[0].Level != 3 {
			t.Fatalf("after the raise %+v", list)
		}
		w.clock.Advance(10 * 24 * time.Hour)
		if list = kh.runs(); !list[0].Over || list[0].State != Open || list[0].Counts.Planned != 4 {
			t.Fatalf("over without a sweep, and nothing closed: %+v", list[0])
		}
		kh.sweep()
		kh.do(duty, run, "A1", "accept", TaskInput{}) // an open step stays a step
		kh.levels = []Decision{kh.level(2, family, "d-5", 10)}
		kh.sweep()
		if list = kh.runs(); len(list) != 1 || list[0].Over {
			t.Fatalf("adopted again: %+v", list)
		}
		kh.closedAndRenewed(run, family)
	})
}

// closedAndRenewed: what was run to its end does not begin again by a renewal,
// but by a level that was over in between.
func (n *node) closedAndRenewed(run, family id.ID) {
	w, ctx := n.w, n.w.Context()
	_, err := n.desk.StepRun(ctx, duty, run, 0, "abandon", "Merged with another response.")
	w.refused(fault.Forbidden, err)
	_, err = n.desk.StepRun(ctx, approver, run, 0, "abandon", "Merged with another response.")
	w.must(err)
	renewed := n.level(2, family, "d-6", 20)
	renewed.From = 2
	n.levels = []Decision{renewed}
	n.sweep()
	if len(n.runs()) != 1 {
		w.Fatal("a renewal began it again")
	}
	n.levels = []Decision{n.level(2, family, "d-7", 20)}
	n.sweep()
	n.sweep()
	if len(n.runs()) != 2 {
		w.Fatal("a level adopted anew did not begin it")
	}
}

// regional is a playbook with steps for the states and one for the Secretariat.
const regional = short + `step Z1 Call the members together
  function liaison
  role secretariat_desk
  within 12h of start
`

// The Secretariat publishes a playbook of the region: at its node only its own
// step starts, at a state that adopted it only the others; what goes wrong with
// one of them holds up no other.
func TestRegionalPlaybook(t *testing.T) {
	each(t, func(w *world) {
		const family = id.ID("0190a000-0000-7000-8000-00000000000f")
		for m, want := range map[access.Member]string{"KH": "A1 A2 A3", access.ASEC: "Z1"} {
			n := w.nodes[m]
			n.published(regional, "")
			n.levels = []Decision{n.level(2, family, "d-1", 10)}
			n.sweep()
			list := n.runs()
			if len(list) != 1 {
				t.Fatalf("%s: %d runs", m, len(list))
			}
			r, err := n.desk.RunPage(w.Context(), duty, list[0].ID)
			w.must(err)
			var codes []string
			for _, x := range r.Tasks {
				codes = append(codes, x.Code)
			}
			if strings.Join(codes, " ") != want {
				t.Errorf("%s has the steps %v, want %s", m, codes, want)
			}
		}
		asec := w.nodes[access.ASEC]
		asec.published(strings.Replace(short, "playbook border", "playbook states-only", 1), "")
		asec.sweep()
		if len(asec.runs()) != 1 {
			t.Error("a playbook without a step for the Secretariat started there")
		}
	})
}
