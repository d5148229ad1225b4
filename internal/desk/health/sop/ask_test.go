package sop

import (
	"io"
	"slices"
	"strings"
	"testing"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

func (n *node) todos(of access.Actor, key string) int {
	n.w.Helper()
	list, err := n.desk.Todos(n.w.Context(), of)
	n.w.must(err)
	found := 0
	for _, x := range list {
		if x.Key == "todo.sop."+key {
			found++
		}
	}
	return found
}

// A step is asked of another person: nothing changes hands before that person
// accepts; a refusal goes back to who asked; who has the step keeps it.
func TestAskStory(t *testing.T) {
	each(t, func(w *world) {
		ctx, kh := w.Context(), w.nodes["KH"]
		r, err := kh.desk.Start(ctx, duty, kh.published(short, "").ID, kh.event().ID)
		w.must(err)
		a1 := kh.task(r.ID, "A1")
		list, err := kh.desk.Candidates(ctx, approver, a1.ID)
		w.must(err)
		var who []string
		for _, p := range list {
			who = append(who, string(p.Account))
		}
		if strings.Join(who, " ") != "both duty second" {
			t.Errorf("who can be asked: %v", who)
		}
		w.refused(fault.Forbidden, kh.try(auditor, r.ID, "A1", "assign", TaskInput{Who: "second"}))
		w.refused(fault.Invalid, kh.try(epi, r.ID, "A1", "assign", TaskInput{Who: "second"}), "sop.may_ask")
		w.refused(fault.Invalid, kh.try(approver, r.ID, "A1", "assign", TaskInput{Who: "epi"}), "fault.sop.who") // another role
		w.refused(fault.Invalid, kh.try(duty, r.ID, "A1", "assign", TaskInput{Who: "duty"}), "fault.sop.who")    // oneself
		w.refused(fault.Invalid, kh.try(duty, r.ID, "A1", "assign", TaskInput{Who: "nobody"}), "fault.sop.who")  // no account
		w.refused(fault.Invalid, kh.try(second, r.ID, "A1", "decline", TaskInput{Reason: "x"}), "sop.was_asked") // nobody asked

		kh.do(duty, r.ID, "A1", "assign", TaskInput{Who: "second", Words: "Before noon, please."})
		if x := kh.task(r.ID, "A1"); x.State != Planned || x.Asked == nil || x.Asked.Post != "Post second" || x.Asked.Words != "Before noon, please." || x.Doer != "" {
			t.Fatalf("%+v", x.TaskView)
		}
		if kh.todos(second, "asked") != 1 || kh.todos(duty, "asked") != 0 {
			t.Error("who is asked is not told, or somebody else is")
		}
		if mine, err := kh.desk.ListTasks(ctx, second, TaskFilter{Mine: true}); err != nil || len(mine) != 1 {
			t.Errorf("the own steps lack what is asked: %d %v", len(mine), err)
		}
		w.refused(fault.Invalid, kh.try(second, r.ID, "A1", "decline", TaskInput{}), "health.reason")
		w.refused(fault.Invalid, kh.try(both, r.ID, "A1", "decline", TaskInput{Reason: "Not me."}), "sop.was_asked")
		kh.do(second, r.ID, "A1", "decline", TaskInput{Reason: "I am at the border."})
		if x := kh.task(r.ID, "A1"); x.Asked != nil || len(x.Declined) != 1 || x.Declined[0].Reason != "I am at the border." || x.State != Planned {
			t.Fatalf("%+v", x.TaskView)
		}
		if kh.todos(duty, "declined") != 1 || kh.todos(second, "asked") != 0 {
			t.Error("who asked is not told of the answer")
		}
		kh.handedOn(r.ID)
	})
}

// handedOn: a step that somebody has is asked of another, who takes it over.
func (n *node) handedOn(run id.ID) {
	w := n.w
	n.do(duty, run, "A1", "accept", TaskInput{})
	n.do(duty, run, "A1", "block", TaskInput{Reason: "No log book."})
	n.do(duty, run, "A1", "assign", TaskInput{Who: "second"})
	if x := n.task(run, "A1"); x.State != Blocked || x.Doer != "Post duty" || x.Reason != "No log book." {
		w.Fatalf("asking changed the step: %+v", x.TaskView)
	}
	n.do(second, run, "A1", "decline", TaskInput{Reason: "Still at the border."})
	if x := n.task(run, "A1"); x.State != Blocked || x.Doer != "Post duty" || x.Reason != "No log book." {
		w.Fatalf("declining changed the step: %+v", x.TaskView)
	}
	n.do(approver, run, "A1", "assign", TaskInput{Who: "second"})
	n.do(approver, run, "A1", "assign", TaskInput{Who: "both"}) // instead
	w.refused(fault.Invalid, n.try(second, run, "A1", "decline", TaskInput{Reason: "x"}), "sop.was_asked")
	n.do(both, run, "A1", "take_over", TaskInput{})
	if x := n.task(run, "A1"); x.Asked != nil || x.Doer != "Post both" || x.Reason != "No log book." {
		w.Fatalf("%+v", x.TaskView)
	}
	n.do(both, run, "A1", "unblock", TaskInput{})
	w.refused(fault.Invalid, n.try(duty, run, "A1", "finish", TaskInput{}), "sop.doer")
}

func (n *node) prove(by access.Actor, task id.ID, name, text string) (File, error) {
	return n.desk.Attach(n.w.Context(), by, task, name, strings.NewReader(text))
}

// A file is evidence: attached by who does the step, read by who may see the
// run, gone with its bytes when it is removed. None leaves unless a release
// names it; then it cannot be removed until the progress is taken back.
func TestEvidenceStory(t *testing.T) {
	each(t, func(w *world) {
		ctx, kh := w.Context(), w.nodes["KH"]
		r, err := kh.desk.Start(ctx, duty, kh.published(short, "").ID, kh.event().ID)
		w.must(err)
		a2 := kh.task(r.ID, "A2").ID
		_, err = kh.prove(epi, a2, "list.csv", "day,cases\n1,12\n")
		w.refused(fault.Conflict, err) // nobody has accepted it
		kh.do(duty, r.ID, "A1", "accept", TaskInput{})
		kh.do(duty, r.ID, "A1", "finish", TaskInput{})
		kh.do(epi, r.ID, "A2", "accept", TaskInput{})
		_, err = kh.prove(duty, a2, "list.csv", "day,cases\n1,12\n")
		w.refused(fault.Invalid, err, "sop.doer")
		_, err = kh.prove(epi, a2, "empty.csv", "")
		w.refused(fault.Invalid, err, "fault.files.empty")
		f, err := kh.prove(epi, a2, "../list.csv", "day,cases\n1,12\n")
		w.must(err)
		if f.Name != "list.csv" || f.Type != "text/csv" || len(f.SHA256) != 64 || f.Size != 15 {
			t.Errorf("%+v", f)
		}
		_, err = kh.prove(epi, a2, "again.csv", "day,cases\n1,12\n")
		w.refused(fault.Conflict, err, "fault.sop.file_twice")
		fake, err := kh.prove(epi, a2, "photo.png", "<script>")
		w.must(err)
		if fake.Type != "application/octet-stream" {
			t.Errorf("a script is called %s", fake.Type)
		}
		w.must(kh.desk.Detach(ctx, epi, a2, fake.ID))
		_, _, err = kh.desk.TaskFile(ctx, duty, a2, fake.ID)
		w.refused(fault.NotFound, err)
		kh.do(epi, r.ID, "A2", "finish", TaskInput{}) // the file is the evidence that the step asks for
		_, body, err := kh.desk.TaskFile(ctx, duty, a2, f.ID)
		w.must(err)
		if b, err := io.ReadAll(body); err != nil || string(b) != "day,cases\n1,12\n" {
			t.Errorf("%q %v", b, err)
		}
		kh.given(r.ID, a2, f.ID)
	})
}

// given: the file goes with one release, not with another, and not to anybody
// after the progress was taken back.
func (n *node) given(run, task, file id.ID) {
	w, ctx, asec := n.w, n.w.Context(), n.w.nodes[access.ASEC]
	_, err := n.desk.TakeBack(ctx, approver, run, 0, "Too early.")
	w.refused(fault.Invalid, err, "sop.told")
	_, err = n.desk.ReleaseRun(ctx, approver, run, 0, []access.Member{"TH"})
	w.must(err)
	if strings.Contains(string(n.out[0].Body), "list.csv") || len(n.out[0].Files) != 0 {
		w.Errorf("a file left that nobody named: %s", n.out[0].Body)
	}
	_, err = n.desk.ReleaseRun(ctx, approver, run, 0, []access.Member{access.ASEC}, "0190a000-0000-7000-8000-0000000000ff")
	w.refused(fault.NotFound, err)
	_, err = n.desk.ReleaseRun(ctx, approver, run, 0, []access.Member{access.ASEC}, file)
	w.must(err)
	sent := n.out[len(n.out)-1]
	if len(sent.Files) != 1 || sent.Files[0].Name != "list.csv" || sent.Files[0].ID == file || n.waiting() != 1 {
		w.Fatalf("%+v, %d wait", sent.Files, n.waiting())
	}
	w.refused(fault.Conflict, n.desk.Detach(ctx, epi, task, file), "fault.sop.file_released")
	forged := sent
	forged.Files = nil
	w.refused(fault.Forbidden, asec.receive(forged)) // names a file that it does not carry
	w.deliver()
	b, err := asec.desk.Boards(ctx, duty, "")
	w.must(err)
	if s, _ := b[0].Members[0].Cell("A2"); len(s.Files) != 1 || b[0].Members[0].States[s.Files[0].ID] != FileArriving {
		w.Errorf("%+v", s)
	}
	n.takenBack(run, sent)
	w.must(n.desk.Detach(ctx, epi, task, file))
	_, err = n.desk.ReleaseRun(ctx, approver, run, 0, []access.Member{access.ASEC})
	w.must(err)
	w.deliver()
	if b, err := asec.desk.Boards(ctx, duty, ""); err != nil || !b[0].Members[0].Reported {
		w.Errorf("what is told anew is not there: %+v %v", b, err)
	}
	if slices.Contains(n.runs()[0].To, "TH") {
		w.Error("who was taken back from still counts as told")
	}
}

// takenBack: each release that stands is withdrawn at who got it, once, and
// nothing of it comes again.
func (n *node) takenBack(run id.ID, sent exchange.Release) {
	w, ctx, asec := n.w, n.w.Context(), n.w.nodes[access.ASEC]
	_, err := n.desk.TakeBack(ctx, approver, run, 0, "")
	w.refused(fault.Invalid, err, "health.reason")
	_, err = n.desk.TakeBack(ctx, duty, run, 0, "Wrong list.")
	w.refused(fault.Forbidden, err)
	_, err = n.desk.TakeBack(ctx, approver, run, 0, "Wrong list.")
	w.must(err)
	if len(n.out) != 2 || n.waiting() != 0 {
		w.Fatalf("%d messages, %d files wait", len(n.out), n.waiting())
	}
	for _, r := range n.out {
		if r.Withdraws == "" || r.Reason != "Wrong list." {
			w.Errorf("%+v", r)
		}
	}
	back := n.out[1]
	back.From = "VN"
	w.refused(fault.Forbidden, asec.receive(back))
	w.deliver()
	for _, m := range []access.Member{"TH", access.ASEC} {
		b, err := w.nodes[m].desk.Boards(ctx, duty, "")
		w.must(err)
		if x := &b[0].Members[0]; len(b) != 1 || x.Reported || x.Back.IsZero() || x.BackWhy != "Wrong list." || len(x.Progress.Steps) != 0 {
			w.Errorf("%s still has %+v", m, x)
		}
	}
	w.must(asec.receive(sent)) // what comes late brings nothing back
	b, err := asec.desk.Boards(ctx, duty, "")
	w.must(err)
	if b[0].Members[0].Reported {
		w.Error("a release that was taken back is there again")
	}
}

// waiting is how many files are still to be sent.
func (n *node) waiting() int {
	n.w.Helper()
	count := 0
	n.w.must(n.db.Read(n.w.Context(), func(tx *db.Tx) error {
		_, err := tx.Row(n.w.Context(), `SELECT COUNT(*) FROM sop_sending`, nil, &count)
		return err
	}))
	return count
}
