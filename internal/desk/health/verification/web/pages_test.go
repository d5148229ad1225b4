package web_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/locale"
	"lintas/internal/sheet"
	"lintas/internal/workflow"

	"lintas/internal/desk/health/verification"
)

// drafted composes a request as a person does, with faults on the way.
func drafted(w *world) string {
	w.Helper()
	kh := w.nodes["KH"]
	e, err := kh.health.RecordEvent(w.Context(), kh.actor("duty"), health.EventInput{Name: "Diarrhoea at the border (sample)", Lang: "en", Hazard: "cholera",
		Grade: health.Watch, Marking: access.TLPAmber, Places: []string{"KH-1"}}, nil)
	if err != nil {
		w.Fatal(err)
	}
	form := kh.get("duty", "/health/verification/new?event="+string(e.ID)).want(200).values("#request")
	if form.Get("title") != "Diarrhoea at the border (sample)" || form.Get("hazard") != "cholera" || form.Get("event") != string(e.ID) || form.Get("first_within") != "24" {
		w.Fatalf("not begun from the event: %v", form)
	}
	form["question"] = []string{"", "Is there a cluster?", ""}
	form.Set("context", "Reported by border traders.")
	bad := kh.post("duty", "/health/verification/new", form).want(400)
	bad.has("#errors", "at least one member")
	if bad.values("#request").Get("context") != "Reported by border traders." {
		w.Fatal("what was typed is lost")
	}
	form = bad.values("#request")
	form.Add("to", "TH")
	form["question"] = []string{"", strings.Repeat("x", verification.MaxQuestion+1)}
	kh.post("duty", "/health/verification/new", form).want(400).has("#f-question-1-error", "600")
	form["question"] = []string{"", "Is there a cluster?"}
	form.Set("do", "row")
	more := kh.post("duty", "/health/verification/new", form).want(200)
	if n := more.Find("[name=question]").Length(); n != 3 {
		w.Errorf("%d questions, want one more", n)
	}
	form = more.values("#request")
	form.Set("do", "save")
	return kh.post("duty", "/health/verification/new", form).want(303).Location
}

// TestStory is an exchange as two states have it in the browser.
func TestStory(t *testing.T) {
	w := newWorld(t)
	kh, th := w.nodes["KH"], w.nodes["TH"]
	at := drafted(w)
	page := kh.get("duty", at).want(200)
	page.has("#preview", "Is there a cluster?")
	page.has("#act-send button", "Send")
	if kh.get("epi", at).want(200).Find("#act-send").Length() != 0 {
		t.Error("an epidemiologist may send")
	}
	kh.post("duty", at+"/send", page.values("#act-send")).want(303)
	kh.post("duty", at+"/send", page.values("#act-send")).want(409)
	w.deliver()
	th.get("auditor", at).want(200).lacks("#act form")
	got := th.get("duty", at).want(200)
	got.has("#dialogue .dia li", "Is there a cluster?")
	got.has("#clocks li", "24 h")
	if strings.Contains(got.Body, "Our event") {
		t.Error("the asker's event shows at the other side")
	}
	w.deliver()
	kh.get("duty", at).want(200).has("#track", "Duty post duty")
	refused := th.post("duty", at+"/first_reply", url.Values{"words": {" "}}).want(400)
	refused.has("#errors", "Write some words")
	w.clock.Advance(25 * time.Hour)
	for _, s := range w.nodes {
		s.get("duty", at).want(200).has("#top .notice", "Both sides see this, and nobody else")
		s.get("duty", "/health/verification?late=1").want(200).has(".vlist .when", "late by")
	}
	th.post("duty", at+"/first_reply", url.Values{"words": {"A team is on its way."}}).want(303)
	w.deliver()
	kh.get("duty", at).want(200).has("#clocks li:first-child", "came late")
	answerIt(w, at)
	read := kh.get("duty", at).want(200)
	read.has("#answer", "Confirmed")
	read.has("#answer .replies dd", "Yes, 12 people.")
	read.has("#answer table", "District health office")
	read.has("#dialogue li:last-child footer", "cleared by Duty post approver")
	kh.post("duty", at+"/close", url.Values{"words": {"Thank you."}}).want(303)
	w.deliver()
	for _, s := range w.nodes {
		s.get("duty", at).want(200).has("#top .notice", "closed")
		s.get("duty", at).lacks("#act form")
	}
}

// answerIt fills in the form, with a fault on the way, and has it cleared.
func answerIt(w *world, at string) {
	w.Helper()
	th := w.nodes["TH"]
	form := th.get("epi", at+"/answer").want(200).values("#answer-form")
	form.Set("outcome", "confirmed")
	form.Set("summary", "A cluster of 12.")
	form.Set("reply.1", "Yes, 12 people.")
	form.Set("do", "submit")
	bad := th.post("epi", at+"/answer", form).want(400)
	bad.has("#errors", "evidence")
	form = bad.values("#answer-form")
	form.Set("outcome", "confirmed") // a radio button
	form.Set("evidence_text", "Line list")
	form.Set("evidence_as_of", "2026-11-23")
	form.Set("do", "save")
	bad = th.post("epi", at+"/answer", form).want(400)
	bad.has(".factrow .err", "Name the source")
	form = bad.values("#answer-form")
	form.Set("outcome", "confirmed")
	form.Set("evidence_source", "District health office")
	form.Set("do", "submit")
	th.post("epi", at+"/answer", form).want(303)
	page := th.get("approver", at).want(200)
	page.has("#draft", "Yes, 12 people.")
	th.get("duty", at).want(200).lacks("#act-clear")
	th.post("approver", at+"/return", url.Values{"version": page.values("#act-return")["version"]}).want(400).has("#act .err", "reason")
	th.post("approver", at+"/clear", page.values("#act-clear")).want(303)
	w.deliver()
}

// Two people who save the same draft: the second sees both versions.
func TestConflict(t *testing.T) {
	w := newWorld(t)
	kh, at := w.nodes["KH"], drafted(w)
	first := kh.get("duty", at+"/edit").want(200).values("#request")
	second := kh.get("epi", at+"/edit").want(200).values("#request")
	first.Set("title", "One")
	kh.post("duty", at+"/edit", first).want(303)
	second.Set("title", "Two")
	both := kh.post("epi", at+"/edit", second).want(409)
	if text := both.Find("main").Text(); !strings.Contains(text, "One") {
		t.Errorf("the page shows one version only: %s", text)
	}
}

func TestWhoSeesIt(t *testing.T) {
	w := newWorld(t)
	kh, at := w.nodes["KH"], drafted(w)
	for _, path := range []string{"/health/verification", at, "/health/verification.csv"} {
		kh.get("admin", path).want(404)
		kh.get("auditor", path).want(200)
	}
	kh.get("auditor", "/health/verification/new").want(403)
	kh.get("auditor", at+"/edit").want(403)
	kh.get("duty", "/health/verification/0190a000-0000-7000-8000-000000000000").want(404)
	kh.get("duty", at+"/answer").want(409)  // its table has no such step
	w.nodes["TH"].get("duty", at).want(404) // not sent
	form := kh.get("duty", "/health/verification/new?signal=0190a000-0000-7000-8000-000000000001&title=Rumour&place=KH-12").want(200).values("#request")
	if form.Get("title") != "Rumour" || form.Get("where") != "KH-12" || form.Get("signal") == "" {
		t.Errorf("not begun from the signal: %v", form)
	}
}

func TestDownloads(t *testing.T) {
	w := newWorld(t)
	kh := w.nodes["KH"]
	drafted(w)
	for _, ext := range []string{"csv", "xlsx"} {
		a := kh.get("duty", "/health/verification."+ext).want(200)
		in, err := sheet.Open(bytes.NewReader([]byte(a.Body)), sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		head, err := in.Next()
		if err != nil {
			t.Fatal(err)
		}
		row, err := in.Next()
		if err != nil || head[3] != "title" || row[3] != "Diarrhoea at the border (sample)" || row[2] != "TH" {
			t.Errorf("%s: %v %v", ext, row, err)
		}
		_ = in.Close()
	}
}

func TestEveryPageInBothLanguages(t *testing.T) {
	w := newWorld(t)
	kh, th, at := w.nodes["KH"], w.nodes["TH"], drafted(w)
	look := func(s *site, who, path string) {
		t.Helper()
		for _, lang := range []string{"en", "id"} {
			s.do(who, "GET", path, nil, lang).want(200).sound(lang)
		}
	}
	look(kh, "duty", "/health/verification")
	look(kh, "duty", "/health/verification?q=nothing")
	look(kh, "duty", "/health/verification/new")
	look(kh, "duty", at)
	look(kh, "duty", at+"/edit")
	kh.post("duty", at+"/send", kh.get("duty", at).values("#act-send")).want(303)
	w.deliver()
	look(th, "duty", at)
	look(th, "duty", at+"/answer")
	until := w.clock.Now().Add(200 * time.Hour).Format("2006-01-02T15:04")
	th.post("duty", at+"/ask_extension", url.Values{"until": {until}, "words": {"More time."}}).want(303)
	w.deliver()
	look(kh, "duty", at)
	kh.post("duty", at+"/grant", url.Values{}).want(303)
	w.deliver()
	look(th, "ihr", at)
	answerIt(w, at)
	look(kh, "duty", at)
	look(kh, "duty", "/health/verification?side=asked&open=1")
	kh.post("duty", at+"/ask_again", url.Values{"question": {"", ""}}).want(400).sound("en")
	kh.post("duty", at+"/ask_again", url.Values{"question": {"Which serogroup?", ""}}).want(303)
	kh.post("duty", at+"/withdraw", url.Values{}).want(400).sound("en")
	kh.post("duty", at+"/withdraw", url.Values{"reason": {"Settled."}}).want(303)
	w.deliver()
	look(kh, "duty", at)
	look(th, "duty", at)
}

// Every word that the tables and lists can put on a page has a sentence.
func TestWordsOfTheTables(t *testing.T) {
	for _, lang := range []string{"en", "id"} {
		p := locale.New(lang, nil, "")
		want := map[string]bool{}
		add := func(kind, states string, tab *workflow.Table[verification.Request]) {
			for _, s := range tab.Steps {
				want["action."+kind+"."+string(s.Verb)] = true
				if s.To != "" {
					want[states+string(s.To)] = true
				}
				if !s.Other && s.From[0] != "" && s.Verb != "open" {
					want["verification.verb."+string(s.Verb)] = true
				}
				for _, n := range s.Needs {
					want["need."+n.Name] = true
				}
				if s.Within != nil && s.Within.Name != "" {
					want["clock."+s.Within.Name] = true
				}
			}
		}
		add("verification.request", "verification.state.", verification.Requests)
		add("verification.answer", "verification.state.answerer.", verification.Answers)
		for _, o := range verification.Outcomes {
			want["verification.outcome."+string(o)] = true
		}
		for _, k := range verification.EvidenceKinds {
			want["verification.evidence."+k] = true
		}
		for key := range want {
			if !p.Has(key) {
				t.Errorf("%s: no sentence for %s", lang, key)
			}
		}
	}
}
