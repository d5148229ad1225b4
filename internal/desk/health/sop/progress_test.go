package sop

import (
	"encoding/json"
	"strings"
	"testing"

	"lintas/internal/access"
	"lintas/internal/fault"
)

// What leaves of a run are states and reasons of "not executable here"; no
// post, no evidence, no reason of a block. Silence is a column that says so.
func TestProgressStory(t *testing.T) {
	each(t, func(w *world) {
		ctx, kh, asec := w.Context(), w.nodes["KH"], w.nodes[access.ASEC]
		p, e := kh.published(short, ""), kh.event()
		r, err := kh.desk.Start(ctx, duty, p.ID, e.ID)
		w.must(err)
		kh.do(duty, r.ID, "A1", "accept", TaskInput{})
		kh.do(duty, r.ID, "A1", "finish", TaskInput{Evidence: "SECRET-EVIDENCE"})
		kh.do(duty, r.ID, "A3", "accept", TaskInput{})
		kh.do(duty, r.ID, "A3", "block", TaskInput{Reason: "SECRET-BLOCK"})
		kh.do(duty, r.ID, "A4", "not_executable", TaskInput{Reason: "No laboratory here."})
		_, err = kh.desk.ReleaseRun(ctx, duty, r.ID, 0, []access.Member{access.ASEC})
		w.refused(fault.Forbidden, err)
		pg, err := kh.desk.RunPage(ctx, approver, r.ID)
		w.must(err)
		_, err = kh.desk.ReleaseRun(ctx, approver, r.ID, pg.Version, []access.Member{access.ASEC})
		w.must(err)
		body := string(kh.out[0].Body)
		if strings.Contains(body, "SECRET") || strings.Contains(body, "Post ") || !strings.Contains(body, "No laboratory here.") {
			t.Errorf("what leaves: %s", body)
		}
		var sent ProgressView
		w.must(json.Unmarshal(kh.out[0].Body, &sent))
		pg.Preview.Version++ // the release itself
		if a, b := mustJSON(t, pg.Preview), mustJSON(t, sent); a != b {
			t.Errorf("the preview was\n%s\nand what left\n%s", a, b)
		}
		older := kh.out[0]
		kh.do(duty, r.ID, "A3", "unblock", TaskInput{})
		_, err = kh.desk.ReleaseRun(ctx, approver, r.ID, 0, []access.Member{access.ASEC})
		w.must(err)
		w.must(asec.receive(kh.out[1]))
		w.must(asec.receive(older)) // it comes late, and changes nothing
		kh.out = nil
		list, err := asec.desk.Boards(ctx, duty, "")
		w.must(err)
		if len(list) != 1 || len(list[0].Members) != 1 { // a playbook on one event asks nobody else
			t.Fatalf("%+v", list)
		}
		col := list[0].Members[0]
		if s, _ := col.Cell("A3"); col.Member != "KH" || s.State != Working {
			t.Errorf("%s: A3 is %s", col.Member, s.State)
		}
		if s, _ := col.Cell("A4"); s.State != Not || s.Because != "No laboratory here." {
			t.Errorf("A4 %+v", s)
		}
		older.Body = json.RawMessage(strings.Replace(string(older.Body), `"done":1`, `"done":2`, 1))
		w.refused(fault.Invalid, asec.receive(older), "fault.sop.counts")
	})
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func FuzzReceive(f *testing.F) {
	p := Playbook{Number: 1, Published: at0}
	p.ID, p.Owner, p.Version, p.State, p.Marking = "0190a000-0000-7000-8000-000000000001", "KH", 3, Published, access.TLPGreen
	if err := p.set(short); err != nil {
		f.Fatal(err)
	}
	b, _ := json.Marshal(viewPlaybook(&p))
	f.Add(b)
	r := Run{Code: "border", Number: 1, Digest: p.Digest, Title: "T", Lang: "en", Why: ByHand, Event: p.ID, Subject: "S", Started: at0}
	r.ID, r.Owner, r.Version, r.State, r.Marking = p.ID, "KH", 2, Open, access.TLPGreen
	plan, _ := p.Plan()
	b, _ = json.Marshal(viewProgress(&r, []Task{r.stepOf(1, &plan.Steps[0], at0)}, at0))
	f.Add(b)
	f.Fuzz(func(t *testing.T, body []byte) {
		if v, p, err := DecodePlaybook(body); err == nil && (v.Digest != Digest(p.Text) || p.Number < 1) {
			t.Fatalf("accepted %+v", v)
		}
		if v, err := DecodeProgress(body); err == nil && (v.Counts.All() != len(v.Steps) || v.Counts.Late > len(v.Steps)) {
			t.Fatalf("accepted %+v", v)
		}
	})
}
