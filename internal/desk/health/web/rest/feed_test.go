package rest_test

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"

	reader "github.com/mmcdole/gofeed/atom"

	"lintas/internal/desk/health/cap"
)

func feedOf(t *testing.T, r reply) *reader.Feed {
	t.Helper()
	f, err := (&reader.Parser{}).Parse(bytes.NewReader(r.want(200).Body))
	if err != nil {
		t.Fatalf("%v: %s", err, r.Body)
	}
	return f
}

func alertOf(t *testing.T, r reply) cap.Alert {
	t.Helper()
	a, err := cap.Decode(r.want(200).Body)
	if err != nil {
		t.Fatalf("%v: %s", err, r.Body)
	}
	if got := r.Header.Get("Content-Type"); got != cap.MediaType {
		t.Errorf("type %q", got)
	}
	return a
}

// What is marked clear and released is for everybody, and nothing else is.
func TestFeed(t *testing.T) {
	s := sites(t, "TH", "KH")
	th := s["TH"]
	if f := feedOf(t, th.call("", "GET", "!/health/feed.atom", "")); len(f.Entries) != 0 || f.ID != "urn:lintas:member:TH:health:feed" {
		t.Errorf("%+v", f)
	}
	clearEvent := strings.Replace(eventBody, "TLP:AMBER", "TLP:CLEAR", 1)
	e, open := th.notify(clearEvent, noteBody("TLP:CLEAR", "KH"))
	_, closed := th.notify(eventBody, noteBody("TLP:AMBER", "KH"))
	draft := th.call(duty, "POST", "/health/events/"+e.text("id")+"/notifications", noteBody("TLP:CLEAR", "KH")).want(201)
	first := th.call("", "GET", "!/health/feed.atom", "")
	f := feedOf(t, first)
	if len(f.Entries) != 1 || f.Entries[0].ID != "urn:uuid:"+open.text("id") || !strings.HasPrefix(f.Entries[0].Title, "EXERCISE: ") {
		t.Fatalf("%s", first.Body)
	}
	if cc := first.Header.Get("Cache-Control"); !strings.HasPrefix(cc, "public") || first.Header.Get("Set-Cookie") != "" {
		t.Errorf("caching %q, cookie %q", cc, first.Header.Get("Set-Cookie"))
	}
	th.call("", "GET", "!/health/feed.atom", "", "If-None-Match", first.tag()).want(304)
	link, err := url.Parse(f.Entries[0].Links[0].Href)
	if err != nil || f.Entries[0].Links[0].Type != "application/cap+xml" {
		t.Fatalf("%+v %v", f.Entries[0].Links[0], err)
	}
	a := alertOf(t, th.call("", "GET", "!"+link.Path, ""))
	if a.Scope != cap.Public || a.Status != cap.Exercise || a.MsgType != cap.New || len(a.Addresses) != 0 {
		t.Errorf("%+v", a)
	}
	for _, n := range []string{closed.text("id"), draft.text("id"), e.text("id"), "0190a000-0000-7000-8000-000000000000", "x"} {
		hidden := th.call("", "GET", "!/health/feed/"+n+".xml", "")
		if hidden.Status != 404 || string(hidden.Body) != "404 page not found\n" {
			t.Errorf("%s: %d %s", n, hidden.Status, hidden.Body)
		}
	}
	th.call("", "GET", "!/health/feed.atom?before=x", "").want(404)

	n := th.call(duty, "GET", "/health/notifications/"+open.text("id"), "").want(200)
	th.call(duty, "POST", "/health/notifications/"+open.text("id")+"/steps", `{"verb":"withdraw","reason":"Not cholera."}`, "If-Match", n.tag()).want(200)
	f = feedOf(t, th.call("", "GET", "!/health/feed.atom", "", "If-None-Match", first.tag()))
	if len(f.Entries) != 1 || !strings.HasPrefix(f.Entries[0].Title, "EXERCISE: Withdrawn: ") || f.Entries[0].Summary != "" {
		t.Errorf("%+v", f.Entries)
	}
	gone := alertOf(t, th.call("", "GET", "!"+link.Path, ""))
	if gone.MsgType != cap.Cancel || gone.References[0] != a.Reference() || len(gone.Infos) != 0 {
		t.Errorf("%+v", gone)
	}
}

// The alert of the owner and that of the recipient are one message, and only
// who may read the record gets it.
func TestAlertOfBothSides(t *testing.T) {
	s := sites(t, "TH", "KH")
	th, kh := s["TH"], s["KH"]
	_, n := th.notify(eventBody, noteBody("TLP:RED", "KH"))
	path := "!/health/notifications/" + n.text("id") + "/cap.xml"
	mine := alertOf(t, th.call(duty, "GET", path+"?to=KH", ""))
	notice := kh.notice()
	received := "!/health/notices/" + notice.text("items.0.id") + "/cap.xml"
	theirs := alertOf(t, kh.call(duty, "GET", received, ""))
	if fmt.Sprintf("%+v", mine) != fmt.Sprintf("%+v", theirs) {
		t.Errorf("owner %+v\nrecipient %+v", mine, theirs)
	}
	if mine.Restriction != "TLP:RED" || mine.Infos[0].Certainty != cap.Observed {
		t.Errorf("%+v", mine)
	}
	th.call("", "GET", path, "").want(401)
	th.call(duty, "GET", path+"?to=SG", "").want(404)
	kh.call(epi, "GET", received, "").want(404) // TLP:RED is not for every role
	update := th.call(duty, "POST", "/health/events/"+n.text("event")+"/notifications",
		strings.Replace(noteBody("TLP:RED", "KH"), "{", `{"supersedes":"`+n.text("id")+`",`, 1)).want(201)
	th.release(update)
	later := alertOf(t, th.call(duty, "GET", "!/health/notifications/"+update.text("id")+"/cap.xml", ""))
	if later.MsgType != cap.Update || later.References[0] != mine.Reference() {
		t.Errorf("%+v", later)
	}
}

// Many entries come in pages, each once.
func TestFeedPages(t *testing.T) {
	s := sites(t, "TH", "KH")
	th := s["TH"]
	clearEvent := strings.Replace(eventBody, "TLP:AMBER", "TLP:CLEAR", 1)
	e := th.call(duty, "POST", "/health/events", clearEvent).want(201)
	const all = 53
	th.releaseMany(t, e, all)
	seen := map[string]bool{}
	at := "/health/feed.atom"
	for range 3 {
		f := feedOf(t, th.call("", "GET", "!"+at, ""))
		for _, x := range f.Entries {
			if seen[x.ID] {
				t.Errorf("%s twice", x.ID)
			}
			seen[x.ID] = true
		}
		at = ""
		for _, l := range f.Links {
			if u, err := url.Parse(l.Href); err == nil && l.Rel == "next" {
				at = u.RequestURI()
			}
		}
		if at == "" {
			break
		}
	}
	if len(seen) != all || at != "" {
		t.Errorf("%d entries, want %d; next %q", len(seen), all, at)
	}
}
