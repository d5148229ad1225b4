package web_test

import (
	"net/http"
	"testing"

	"lintas/internal/web"
)

func TestConflictShowsBothVersionsAndKeepsWhatWasTyped(t *testing.T) {
	s := newShell(t, nil, func(m *web.Mux) {
		m.Page("POST /event", func(w http.ResponseWriter, r *web.Request) error {
			return r.Conflict(w, web.Conflict{Title: "Event", By: "Epidemiologist", Action: "/event", Record: "/event/1", Version: "8",
				Form: r.PostForm, Fields: []web.ConflictField{
					{Name: "summary", Label: "Summary", Mine: r.PostFormValue("summary"), Theirs: "their words", Long: true},
					{Name: "place", Label: "Place", Mine: "TH-10", Theirs: "TH-10"},
				}})
		})
	})
	a := post(t, s.signedIn(t), s.url+"/event", "summary=my+<b>words</b>&place=TH-10&version=7&source=a&source=b")
	if a.StatusCode != 409 {
		t.Fatalf("status %d", a.StatusCode)
	}
	rows := a.doc.Find("table.conflict tbody tr")
	if rows.Length() != 1 || rows.Find("td").First().Text() != "their words" || rows.Find("td").Last().Text() != "my <b>words</b>" {
		t.Errorf("rows: %s", rows.Text())
	}
	form := a.doc.Find("form#conflict")
	if got := form.Find("textarea[name=summary]").Text(); got != "my <b>words</b>" {
		t.Errorf("typed words are now %q", got)
	}
	if v, _ := form.Find("input[name=version]").Attr("value"); v != "8" || form.Find("input[name=version]").Length() != 1 {
		t.Errorf("version %q", v)
	}
	if n := form.Find("input[type=hidden][name=source]").Length(); n != 2 {
		t.Errorf("%d of 2 unseen values kept", n)
	}
}
