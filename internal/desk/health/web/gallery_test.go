package web_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/locale"
	"lintas/internal/workflow"
)

// missing finds a key that has no sentence, or an argument that nobody gave.
var missing = regexp.MustCompile(`\b(health|fault|need|action|todo|hazard|hazardclass|indicator|class|block|basis|purpose|clock|marking|precision|parts|ack|grade|web|map)\.[a-z0-9_]+(\.[a-z0-9_]+)*\b|\{[a-z_]+(:[a-z]+)?\}`)

func TestEveryPageInBothLanguages(t *testing.T) {
	s := play(t)
	for _, p := range s.gallery() {
		for _, lang := range []string{"en", "id"} {
			t.Run(p.name+"/"+lang, func(t *testing.T) {
				method := "GET"
				if p.form != nil {
					method = "POST"
				}
				a := p.node.do(p.who, method, p.path, p.form, "Accept-Language", lang)
				if want := max(p.status, 200); a.Status != want {
					t.Fatalf("status %d, want %d", a.Status, want)
				}
				if a.Find("html").AttrOr("lang", "") != lang {
					t.Errorf("lang is %q", a.Find("html").AttrOr("lang", ""))
				}
				a.Find("pre.raw").Remove() // JSON has braces
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
			})
		}
	}
}

// TestWordsOfTheTables: every word that the desk's tables and lists can put on
// a page has a sentence.
func TestWordsOfTheTables(t *testing.T) {
	p := locale.New("en", nil, "")
	want := map[string]bool{}
	addTable(want, "health.event", health.Events)
	addTable(want, "health.notification", health.Notifications)
	addTable(want, "health.notice", health.Notices)
	addTable(want, "health.question", health.Questions)
	addTable(want, "health.answer", health.Answers)
	for _, h := range health.Hazards {
		want["hazard."+h.Key], want["hazardclass."+h.Class] = true, true
	}
	for _, x := range health.Indicators {
		want["indicator."+x] = true
	}
	for _, x := range health.Bases {
		want["basis."+x] = true
	}
	for _, x := range health.Purposes {
		want["purpose."+x] = true
	}
	for _, x := range health.Blocks {
		want["block."+string(x)] = true
	}
	for _, x := range []exchange.Stage{exchange.Queued, exchange.Sent, exchange.Delivered, exchange.Opened, exchange.Acknowledged, exchange.Question, exchange.Refused} {
		want["health.stage."+string(x)], want["health.stage."+string(x)+".nobody"] = true, true
	}
	for key := range want {
		if !p.Has(key) {
			t.Errorf("no sentence for %s", key)
		}
	}
}

func addTable[R any](want map[string]bool, kind string, table *workflow.Table[R]) {
	for _, s := range table.Steps {
		want["action."+kind+"."+string(s.Verb)] = true
		for _, n := range s.Needs {
			want["need."+n.Name] = true
		}
		if s.To != "" {
			want["health.state."+string(s.To)] = true
		}
		if s.Within != nil && s.Within.Name != "" {
			want["clock."+s.Within.Name] = true
		}
	}
}

func TestCatalogueIsComplete(t *testing.T) {
	read := func(lang string) map[string]string {
		b, err := os.ReadFile("../../../locale/catalogue/health." + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]string
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	en, id := read("en"), read("id")
	args := regexp.MustCompile(`\{[a-z_]+`)
	for key, text := range en {
		if strings.HasSuffix(key, ".one") {
			continue
		}
		if id[key] == "" {
			t.Errorf("id lacks %s", key)
		}
		have := map[string]bool{}
		for _, a := range args.FindAllString(id[key], -1) {
			have[a] = true
		}
		for _, a := range args.FindAllString(text, -1) {
			if !have[a] {
				t.Errorf("%s: id has no %s}", key, a)
			}
		}
	}
	for key := range id {
		if en[key] == "" {
			t.Errorf("en lacks %s", key)
		}
	}
}

func TestWorkflowIsCurrent(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The procedure of the health desk\n\nGenerated from `workflow.go`; a test keeps it current (`make generate` writes it).\n")
	for _, table := range health.Manifest().Tables {
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
