package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestIntervalJourney proposes, corrects and confirms a serial interval through
// the pages, and finds it under the curve.
func TestIntervalJourney(t *testing.T) {
	s, set, _ := scanned(t)
	if a := s.get("duty", "/surveillance/intervals/new"); a.Status != http.StatusForbidden {
		t.Fatalf("a duty officer may propose: %d", a.Status)
	}
	if got := flat(s.get("duty", "/surveillance/intervals").Find("#builtin tbody").Text()); !strings.Contains(got, "Measles") || !strings.Contains(got, "14.9") {
		t.Fatal(got)
	}
	form := s.get("epi", "/surveillance/intervals/new?disease=dengue")
	if form.Find("input[name=mean]").AttrOr("value", "") != "16" {
		t.Fatal("the form does not begin with the built-in one")
	}
	bad := s.post("epi", "/surveillance/intervals/new", form.fields("interval", "mean", "many", "source", ""))
	if bad.Status != http.StatusBadRequest || bad.Find(".summary li").Length() != 2 || bad.Find("input[name=mean]").AttrOr("value", "") != "many" {
		t.Fatalf("%d %s", bad.Status, flat(bad.Find(".summary").Text()))
	}
	a := s.post("epi", "/surveillance/intervals/new", form.fields("interval", "mean", "28,5", "source", "Sample: households"))
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, flat(a.Find(".summary").Text()))
	}
	path := a.Location
	if got := flat(s.get("epi", path).Find("#interval").Text()); !strings.Contains(got, "28.5 days") || !strings.Contains(got, "Somebody other than who proposed it") {
		t.Fatal(got)
	}
	if got := s.post("epi", path+"/step/confirm", url.Values{"version": {"1"}}); got.Status == http.StatusSeeOther {
		t.Fatal("who proposed it confirmed it")
	}
	edit := s.get("epi", path+"/edit").fields("interval", "mean", "29")
	if a := s.post("epi", path+"/edit", edit); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, flat(a.Find(".summary").Text()))
	}
	if a := s.post("approver", path+"/step/confirm", url.Values{"version": {"2"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, flat(a.Find("main").Text()))
	}
	if got := flat(s.get("duty", set+"/diseases/dengue?in=KH&of=KH-7").Find("#rt-panel").Text()); !strings.Contains(got, "Serial interval (version 1): mean 29 days") || !strings.Contains(got, "Sample: households") {
		t.Fatal(got)
	}
	picture := s.get("duty", set+"/diseases/dengue/figure/rt.svg?in=KH&of=KH-7")
	if picture.Status != 200 || !strings.Contains(picture.Body, "Reproduction number") {
		t.Fatalf("%d", picture.Status)
	}
}
