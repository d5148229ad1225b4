package web_test

import (
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"lintas/internal/desk/health/signal"
	"lintas/internal/locale"
	"lintas/internal/workflow"
)

// missing finds a key that has no sentence, or an argument that nobody gave.
var missing = regexp.MustCompile(`\b(signal|repair|fault|need|action|todo|hazard|hazardclass|clock|precision|parts|grade|web)\.[a-z0-9_]+(\.[a-z0-9_]+)*\b|\{[a-z_]+(:[a-z]+)?\}`)

// gallery is every page of the part in the states that it can have.
func gallery(s *site) map[string]string {
	open := s.record("duty", oneText, "place", "KH-7", "hazard", "cholera", "cases", ">10", "population", "wedding guests", "source_name", "District hospital (sample)")
	s.record("duty", "3 adults with watery diarrhoea after wedding in Chhouk district", "place", "KH-7", "hazard", "cholera")
	busy := s.record("duty", "Dead ducks along a canal")
	s.post("epi", busy+"/step/claim", url.Values{"version": {"1"}}).want(303)
	s.post("epi", busy+"/step/triage", s.get("epi", busy+"/step/triage").values("main form")).want(303)
	s.post("epi", busy+"/step/begin", s.get("epi", busy+"/step/begin").values("main form")).want(303)
	table := s.uploadTable("duty", table, "source", "facility", "lang", "en", "marking", "TLP:GREEN").want(303).Location
	s.post("duty", table+"/check", s.get("duty", table).values("#check")).want(303)
	for more := true; more; {
		var err error
		if more, err = s.desk.Work(s.Context()); err != nil {
			s.Fatal(err)
		}
	}
	fresh := s.uploadTable("duty", "Title,Date\nx,2025-01-01\n", "source", "media", "lang", "en", "marking", "TLP:GREEN").want(303).Location
	row := s.get("duty", table).Find("#broken a.mend").AttrOr("href", "")
	return map[string]string{"list": "/health/signals", "list-none": "/health/signals?hazard=ebola", "list-empty": "/health/signals?state=discarded", "new": "/health/signals/new",
		"signal": open, "signal-busy": busy, "edit": open + "/edit", "triage": open + "/step/triage", "discard": open + "/step/discard", "merge": open + "/step/merge",
		"verify": busy + "/verify", "take-over": "", "imports": "/health/signal-imports", "import-new": "/health/signal-imports/new", "import-columns": fresh, "import-checked": table, "row": row}
}

func TestEveryPageInBothLanguages(t *testing.T) {
	s := newSite(t)
	for name, path := range gallery(s) {
		if path == "" {
			continue
		}
		who := "duty"
		if name == "verify" {
			who = "epi"
		}
		for _, lang := range []string{"en", "id"} {
			t.Run(name+"/"+lang, func(t *testing.T) { check(t, s.get(who, path, "Accept-Language", lang).want(200), lang) })
		}
	}
}

func check(t *testing.T, a answer, lang string) {
	if a.Find("html").AttrOr("lang", "") != lang {
		t.Errorf("lang is %q", a.Find("html").AttrOr("lang", ""))
	}
	a.Find("code.ref, .said").Remove() // what others wrote
	text := a.Find("body").Text()
	a.Find("[aria-label], [title]").Each(func(_ int, s *goquery.Selection) {
		text += "\n" + s.AttrOr("aria-label", "") + "\n" + s.AttrOr("title", "")
	})
	if m := missing.FindString(text); m != "" {
		t.Errorf("a key or an argument is missing: %s", m)
	}
	if n := a.Find("h1").Length(); n != 1 {
		t.Errorf("%d main headings", n)
	}
	twice := map[string]bool{}
	a.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		i := s.AttrOr("id", "")
		if twice[i] {
			t.Errorf("the id %q is there twice", i)
		}
		twice[i] = true
	})
	if strings.Contains(a.Body, " style=") || a.Find("script:not([src])").Length() > 0 || strings.Contains(a.Body, "onclick") {
		t.Error("inline style or script")
	}
	a.Find("main input:not([type=hidden]), main select, main textarea").Each(func(_ int, s *goquery.Selection) {
		if i := s.AttrOr("id", ""); s.AttrOr("aria-label", "") == "" && s.Closest("label").Length() == 0 && a.Find(`label[for="`+i+`"]`).Length() == 0 {
			t.Errorf("no label for %s", s.AttrOr("name", ""))
		}
	})
}

// Every word that the tables and lists can put on a page has a sentence.
func TestWordsOfTheTables(t *testing.T) {
	for _, lang := range []string{"en", "id"} {
		p := locale.New(lang, nil, "")
		want := map[string]bool{}
		addTable(want, "signal.signal", "signal.state.", signal.Signals)
		addTable(want, "signal.import", "signal.import.state.", signal.Imports)
		for _, s := range signal.Sources {
			want["signal.source."+string(s)] = true
		}
		for _, x := range signal.Targets {
			if !strings.Contains(string(x), ".") {
				want["signal.target."+string(x)] = true
			}
		}
		for _, m := range signal.Milestones {
			want["signal.milestone."+m] = true
		}
		for _, c := range signal.Concerns {
			want["signal.concern."+c] = true
		}
		for _, x := range signal.Reliabilities {
			want["signal.reliability."+strings.ToLower(x)] = true
		}
		for _, x := range signal.Credibilities {
			want["signal.credibility."+x] = true
		}
		for _, x := range []string{"number", "code", "extension", "hazard_unlisted", "hazard_wide", "link", "lang", "source", "cut", "serial"} {
			want["repair."+x] = true
		}
		for key := range want {
			if !p.Has(key) {
				t.Errorf("%s: no sentence for %s", lang, key)
			}
		}
	}
}

func addTable[R any](want map[string]bool, kind, states string, table *workflow.Table[R]) {
	for _, s := range table.Steps {
		want["action."+kind+"."+string(s.Verb)] = true
		for _, n := range s.Needs {
			want["need."+n.Name] = true
		}
		if s.To != "" {
			want[states+string(s.To)] = true
		}
		if s.Within != nil && s.Within.Name != "" {
			want["clock."+s.Within.Name] = true
		}
		if len(s.By) > 0 && kind == "signal.signal" && s.From[0] != "" {
			want["signal.verb."+string(s.Verb)] = true
		}
	}
}

func TestWorkflowIsCurrent(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The procedure of the inbox of signals\n\nGenerated from `workflow.go`; a test keeps it current (`make generate` writes it).\n")
	for _, table := range signal.Manifest().Tables {
		b.WriteString("\n" + strings.TrimRight(table.Markdown, "\n") + "\n\nDigest `" + table.Digest + "`\n")
	}
	const path = "../WORKFLOW.md"
	if os.Getenv("LINTAS_WRITE") == "1" {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Error("WORKFLOW.md is not what workflow.go says; run make generate and have the change approved")
	}
}
