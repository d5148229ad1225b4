package layout

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"lintas/internal/locale"
)

func page(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func props() Props {
	return Props{P: locale.New("en", nil, ""), Title: "T", Now: time.Date(2020, 1, 13, 8, 0, 0, 0, time.UTC), Node: Node{Name: "Thailand"}, Languages: locale.Offered()}
}

func TestBottomBarHasFourAndMore(t *testing.T) {
	v := props()
	for i := range 7 {
		v.Nav = append(v.Nav, NavGroup{Items: []NavItem{{Text: "x", Href: "/x", Bar: i != 1, Current: i == 0}}})
	}
	doc := page(t, Page(v))
	if n := doc.Find(".bottom a").Length(); n != 5 {
		t.Errorf("%d in the bar", n)
	}
	if n := doc.Find(".rail a[aria-current=page]").Length(); n != 1 {
		t.Errorf("%d are current", n)
	}
}

func TestExerciseAndMapAreSaid(t *testing.T) {
	v := props()
	if doc := page(t, Page(v)); doc.Find(".exer,.boundary").Length() != 0 {
		t.Error("said without reason")
	}
	v.Exercise, v.Map = &Exercise{Name: "Sample"}, true
	doc := page(t, Page(v))
	if !strings.Contains(doc.Find(".exer").Text(), "Nothing on this page is real") || doc.Find(".boundary").Length() != 1 {
		t.Error("the exercise strip or the disclaimer is missing")
	}
}

func TestThemeAndStream(t *testing.T) {
	v := props()
	if _, set := page(t, Page(v)).Find("html").Attr("data-theme"); set {
		t.Error("without a choice the device decides")
	}
	v.Theme, v.Stream = "night", "/live?topics=desk"
	doc := page(t, Page(v))
	if doc.Find("html").AttrOr("data-theme", "") != "night" || doc.Find("#live").AttrOr("hx-sse:connect", "") != "/live?topics=desk" {
		t.Error("theme or stream")
	}
	if doc.Find(`button[name=theme][value=night]`).AttrOr("aria-pressed", "") != "true" {
		t.Error("the switch does not show the theme")
	}
}

func TestErrorPageKeepsCausesInside(t *testing.T) {
	doc := page(t, ErrorPage(props(), Fault{Status: 503, Title: "Later", Text: "Try again.", Request: "r-1"}))
	if doc.Find(".fault .code").Text() != "503" || !strings.Contains(doc.Text(), "r-1") || doc.Find(".rail").Length() != 0 {
		t.Error("error page")
	}
}
