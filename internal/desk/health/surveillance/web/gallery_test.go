package web_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/locale"
	"lintas/internal/workflow"
)

// missing finds a key that has no sentence, or an argument that nobody gave.
var missing = regexp.MustCompile(`\b(surveillance|fault|need|action|verb|todo|hazard|map|parts|web)\.[a-z0-9_]+(\.[a-z0-9_]+)*\b|\{[a-z_]+(:[a-z]+)?\}`)

func TestEveryPageInBothLanguages(t *testing.T) {
	s := newSite(t)
	set := s.dataset("Dengue, weekly", "week.sunday", "cases")
	people := s.dataset("Census", "year", "population")
	s.bring(people, "population.csv")
	first := s.bring(set, "weekly.csv")
	a := s.upload("epi", set+"/import", "dhis2.json", readSample(t, "dhis2.json"))
	s.foreign("TH", shareTH, "0190a000-0000-7000-8000-000000000001", bodyTH)
	second := strings.TrimSuffix(a.Location, "/map")
	for _, path := range []string{"/surveillance", "/surveillance/datasets/new", "/surveillance/names", "/surveillance/places", set, set + "/edit", set + "/import", people, first, first + "/names", first + "/map",
		second, second + "/map", set + "/diseases/dengue", set + "/diseases/dengue?in=KH&rate=1&span=4", set + "/diseases/dengue?then=1", set + "/diseases/dengue/compare", set + "/diseases/dengue/compare?p=KH-17&p=TH", "/surveillance/region", "/surveillance/region?then=1", "/surveillance/releases", "/surveillance/releases/new",
		"/surveillance/boundaries", "/surveillance/released/" + string(shareTH), "/surveillance/places/KH", "/surveillance/places/KH-17",
		"/surveillance/places/VN", "/surveillance/places/VN-44", "/surveillance/places/ID-PE"} {
		for _, lang := range []string{"en", "id"} {
			t.Run(strings.ReplaceAll(path, "/", "_")+"/"+lang, func(t *testing.T) { checkPage(t, s.get("epi", path, "Accept-Language", lang), lang) })
		}
	}
}

func checkPage(t *testing.T, a answer, lang string) {
	t.Helper()
	if a.Status != 200 {
		t.Fatalf("status %d", a.Status)
	}
	if a.Find("html").AttrOr("lang", "") != lang {
		t.Errorf("lang is %q", a.Find("html").AttrOr("lang", ""))
	}
	text := a.Find("body").Text()
	a.Find("[aria-label], [title]").Each(func(_ int, e *goquery.Selection) {
		text += "\n" + e.AttrOr("aria-label", "") + "\n" + e.AttrOr("title", "")
	})
	if m := missing.FindString(text); m != "" {
		t.Errorf("a key or an argument is missing: %s", m)
	}
	if n := a.Find("h1").Length(); n != 1 {
		t.Errorf("%d main headings", n)
	}
	twice := map[string]bool{}
	a.Find("[id]").Each(func(_ int, e *goquery.Selection) {
		i := e.AttrOr("id", "")
		if twice[i] {
			t.Errorf("the id %q is there twice", i)
		}
		twice[i] = true
	})
	if strings.Contains(a.Body, " style=") || a.Find("script:not([src])").Length() > 0 || strings.Contains(a.Body, "onclick") {
		t.Error("inline style or script")
	}
	a.Find("main input:not([type=hidden]), main select, main textarea").Each(func(_ int, e *goquery.Selection) {
		if i := e.AttrOr("id", ""); e.AttrOr("aria-label", "") == "" && e.Closest("label").Length() == 0 && a.Find(`label[for="`+i+`"]`).Length() == 0 {
			t.Errorf("no label for %s", e.AttrOr("name", ""))
		}
	})
}

// TestWordsOfTheTables: every word that the tables and lists of the part can
// put on a page has a sentence.
func TestWordsOfTheTables(t *testing.T) {
	p := locale.New("en", nil, "")
	want := map[string]bool{}
	addTable(want, "surveillance.dataset", surveillance.Datasets)
	addTable(want, "surveillance.import", surveillance.Imports)
	addTable(want, "surveillance.alias", surveillance.Aliases)
	addTable(want, "surveillance.share", surveillance.Shares)
	for _, y := range []surveillance.Why{surveillance.NotReleased, surveillance.TakenBack, surveillance.UnitsOnly, surveillance.NoCounts} {
		want["surveillance.why."+string(y)] = true
	}
	for _, f := range surveillance.Fields {
		want["surveillance.map."+string(f)] = true
	}
	for _, m := range surveillance.Measures {
		want["surveillance.measure."+string(m)] = true
	}
	for _, r := range surveillance.Resolutions {
		want["surveillance.resolution."+string(r)] = true
	}
	for _, r := range surveillance.WeekRules {
		want["surveillance.weeks."+string(r)] = true
	}
	for _, c := range surveillance.Classes {
		want["surveillance.class."+string(c)] = true
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
		want["verb."+kind+"."+string(s.Verb)] = true
		for _, n := range s.Needs {
			want["need."+n.Name] = true
		}
		if s.To != "" {
			want["surveillance.state."+string(s.To)] = true
		}
	}
}

func TestCatalogueIsComplete(t *testing.T) {
	read := func(lang string) map[string]string {
		b, err := os.ReadFile("../../../../locale/catalogue/surveillance." + lang + ".json")
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
	b.WriteString("# The procedure of surveillance\n\nGenerated from `workflow.go`; a test keeps it current (`make generate` writes it).\n")
	for _, table := range surveillance.Manifest().Tables {
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
