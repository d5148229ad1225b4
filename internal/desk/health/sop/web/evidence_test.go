package web_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"lintas/internal/clock"
	"lintas/internal/desk/health/sop"
	"lintas/internal/id"
	"lintas/internal/web/webtest"
)

// upload sends a file as a browser does.
func (s *stage) upload(who, path, name, text string) webtest.Answer {
	s.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write([]byte(text))
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return s.Send(who, path, m.FormDataContentType(), &body)
}

// begun is a run of a sample, with the page of its first step.
func (s *stage) begun() (run, task string) {
	s.t.Helper()
	sample, _ := sop.SampleBy("ill-traveller")
	p, err := s.desk.DraftPlaybook(s.t.Context(), s.who("duty"), sop.PlaybookInput{Text: sample.Text, Marking: "TLP:GREEN", FromSample: sample.Code})
	if err == nil {
		_, err = s.desk.StepPlaybook(s.t.Context(), s.who("duty"), p.ID, 0, "submit", "")
	}
	if err != nil {
		s.t.Fatal(err)
	}
	book := sop.PlaybookPath(p.ID)
	s.Get("duty", book).Want(200).Has("#top", "You wrote or edited it")
	s.Get("duty", book).Has("#top", "Duty post approver")
	s.step("approver", book, "publish").Want(303)
	r, err := s.desk.Start(s.t.Context(), s.who("duty"), p.ID, s.event())
	if err != nil {
		s.t.Fatal(err)
	}
	x, err := s.desk.RunPage(s.t.Context(), s.who("duty"), r.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return sop.RunPath(r.ID), sop.TaskPath(x.Tasks[0].ID)
}

// A step is asked of a colleague, declined, done with a file, told with the
// file, and taken back, as people see it.
func TestAskAndProve(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC))
	ids := &id.Maker{Clock: now}
	kh, th := open(t, "KH", now, ids), open(t, "TH", now, ids)
	run, task := kh.begun()
	kh.Get("approver", task).Want(200).Has("#next", "This step is for the role Duty officer. Here that is: Duty post duty; Duty post second.")
	kh.step("duty", task, "assign").Want(400).Has("#f-who-error", "Choose a person")
	ask := kh.Get("duty", task+"/step/assign").Want(200)
	ask.Has("#f-who", "Duty post second (The second)")
	if strings.Contains(ask.Find("#f-who").Text(), "The first") {
		t.Error("who asks can ask himself")
	}
	kh.step("duty", task, "assign", "who", "second", "words", "Before noon.").Want(303)
	kh.Get("second", task).Want(200).Has(".notice", "Before noon.")
	kh.Get("second", "/").Want(200).Has("#todo", "You are asked")
	kh.Get("duty", run).Want(200).Has("#steps", "asked: Duty post second")
	kh.step("second", task, "decline").Want(400).Has("#f-reason-error", "reason")
	kh.step("second", task, "decline", "reason", "At the border.").Want(303)
	kh.Get("duty", task).Want(200).Has(".notice", "At the border.")
	kh.Get("duty", "/").Want(200).Has("#todo", "Declined")
	kh.press("duty", task, "accept")
	if n := kh.Get("duty", task).Find(`#next form[action$="/step/take_over"], #next .unmet`).Length(); n > 1 {
		t.Errorf("%d useless buttons for who has the step", n)
	}
	kh.upload("second", task+"/files", "call.csv", "a,b\n").Want(400)
	kh.upload("duty", task+"/files", "empty.csv", "").Want(400).Has("#f-file-error", "empty")
	kh.upload("duty", task+"/files", "call.csv", "time,what\n").Want(303)
	p := kh.Get("duty", task).Want(200)
	p.Sound()
	p.Has("#files", "call.csv")
	p.Has("#files code", fmt.Sprintf("%x", sha256.Sum256([]byte("time,what\n"))))
	href := p.Find("#files li a").AttrOr("href", "")
	f := kh.Get("approver", href).Want(200)
	if f.Body != "time,what\n" || f.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(f.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%q %v", f.Body, f.Header)
	}
	kh.Get("admin", href).Want(404)
	kh.step("duty", task, "finish").Want(303) // the file is the evidence
	kh.step("approver", run, "release", "to", "TH", "file", href[strings.LastIndex(href, "/")+1:]).Want(303)
	kh.Get("duty", task).Want(200).Has("#files", "Thailand")
	kh.give(th)
	th.Get("duty", "/health/sop-progress").Want(200).Has("#board-1", "call.csv")
	kh.Get("approver", run+"/step/take_back").Want(200).Has("#step", "Thailand")
	kh.step("approver", run, "take_back").Want(400).Has("#f-reason-error", "reason")
	kh.step("approver", run, "take_back", "reason", "The wrong list.").Want(303)
	kh.Get("duty", run).Want(200).Has(".notice", "The wrong list.")
	kh.give(th)
	b := th.Get("duty", "/health/sop-progress").Want(200)
	b.Sound()
	b.Has("#board-1", "Cambodia took back what it had told")
	if strings.Contains(b.Find("#board-1").Text(), "call.csv") {
		t.Error("what was taken back is shown")
	}
}
