package parts

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"lintas/internal/fault"
	"lintas/internal/locale"
)

var english = locale.New("en", nil, "")

func html(t *testing.T, c templ.Component) *goquery.Document {
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

func TestCountsLeaveOutSenderAndOthers(t *testing.T) {
	acks := []Ack{{State: Own}, {State: NotAsked}, {State: Acted}, {State: Asked}, {State: Refused}, {State: Read}, {State: Waiting}}
	if a, n := Counts(acks); a != 3 || n != 5 {
		t.Errorf("%d of %d, want 3 of 5: who only read has not answered", a, n)
	}
}

func TestSilentAreNamedNotAveraged(t *testing.T) {
	acks := []Ack{{Code: "BN", Name: "Brunei Darussalam", State: Waiting}, {Code: "KH", Name: "Cambodia", State: Read},
		{Code: "TL", Name: "Timor-Leste", State: Waiting}, {Code: "VN", Name: "Viet Nam", State: Acted}}
	got := html(t, AckBar(english, acks)).Text()
	for _, want := range []string{"1 of 4", "Brunei Darussalam", "Cambodia", "Timor-Leste", "+1"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
	label := html(t, AckStrip(english, acks)).Find("[role=img]").AttrOr("aria-label", "")
	if label != "Acknowledged: Viet Nam. Read: Cambodia. Not yet: Brunei Darussalam, Timor-Leste." {
		t.Error(label)
	}
}

func TestErrorsLeadToTheirFields(t *testing.T) {
	var c fault.Check
	c.That(false, "name", "fault.too_long", fault.Args{"max": 160})
	c.Row(false, 2, "facts.value", "fault.too_long", fault.Args{"max": 9})
	e := ErrorsOf(english, errors.Join(c.Err()))
	if len(e.Items) != 2 || !strings.Contains(e.Of("name"), "160") || !strings.Contains(e.Items[1].Text, "2") {
		t.Fatalf("%+v", e)
	}
	doc := html(t, ErrorSummary(english, e))
	if got := doc.Find("a").Last().AttrOr("href", ""); got != "#f-facts-value" {
		t.Error(got)
	}
	if ErrorsOf(english, nil).Any() || ErrorsOf(english, errors.New("x")).Any() {
		t.Error("what is no fault has nothing to show")
	}
}

func TestButtons(t *testing.T) {
	if got := html(t, ButtonMark(english, Button{Text: "Go", Post: "/x", Name: "version", Value: "3"})).Find(`form[method=post][action="/x"] button[name=version]`); got.AttrOr("value", "") != "3" {
		t.Error("a button that posts carries its value")
	}
	unmet := html(t, ButtonMark(english, Button{Text: "Go", Href: "/x", Unmet: []string{"why not"}}))
	if unmet.Find("a").Length() != 0 || unmet.Find("button[disabled]").Length() != 1 || !strings.Contains(unmet.Text(), "why not") {
		t.Error("an unmet need disables and says why")
	}
	if got := html(t, ButtonMark(english, Button{Text: "x", Href: "javascript:alert(1)"})).Find("a").AttrOr("href", ""); strings.Contains(got, "javascript") {
		t.Error(got)
	}
}

func TestTimeCellOfAnotherDay(t *testing.T) {
	now := time.Date(2020, 1, 31, 22, 0, 0, 0, time.UTC)
	doc := html(t, DueList(english, now, []Due{{Title: "x", At: now.Add(3 * time.Hour)}, {Title: "y", At: now.Add(time.Hour)}}))
	if got := doc.Find(".due span").First().Text(); got != "due 1 Feb 01:00 UTC" {
		t.Error(got)
	}
	if got := doc.Find(".due span").Last().Text(); got != "due 23:00 UTC" {
		t.Error(got)
	}
}

func TestLiveTriggerNamesEachTopic(t *testing.T) {
	if got := liveTrigger("inbox, event:1"); got != "live-inbox from:body delay:200ms, live-event:1 from:body delay:200ms" {
		t.Error(got)
	}
}
