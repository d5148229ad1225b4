package rest_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/db"
	"lintas/internal/history"
	"lintas/internal/id"
)

// The ways to a record: each returns the identifiers that it gives away.

func (w *desks) ask(who, path string, person bool) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if person {
		r.AddCookie(&http.Cookie{Name: "lintas-th", Value: who})
	} else {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	rec := httptest.NewRecorder()
	w.shell.ServeHTTP(rec, r)
	return rec
}

var (
	linked   = regexp.MustCompile(`href="/health/events/([0-9a-f-]{36})"`)
	nextPage = regexp.MustCompile(`href="(/health/events\?[^"]*after=[^"]*)"`)
	anyID    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// listed are the events that the pages of the list link to.
func (w *desks) listed(who, path string) map[id.ID]bool {
	out := map[id.ID]bool{}
	for range 20 {
		rec := w.ask(who, path, true)
		for _, m := range linked.FindAllStringSubmatch(rec.Body.String(), -1) {
			out[id.ID(m[1])] = true
		}
		next := nextPage.FindStringSubmatch(rec.Body.String())
		if next == nil {
			return out
		}
		path = strings.ReplaceAll(next[1], "&amp;", "&")
	}
	w.t.Errorf("the list has no end at %s", path)
	return out
}

// items are the records of a list of the interface, page by page.
func (w *desks) items(who, path string) map[id.ID]bool {
	out := map[id.ID]bool{}
	for next := ""; ; {
		rec := w.ask(who, api.Prefix+path+next, false)
		var page struct {
			Items []struct{ ID id.ID }
			Next  string
		}
		if rec.Code != 200 {
			return out
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &page); err != nil {
			w.t.Fatal(err)
		}
		for _, i := range page.Items {
			if out[i.ID] {
				w.t.Errorf("%s: %s twice", path, i.ID)
			}
			out[i.ID] = true
		}
		if page.Next == "" {
			return out
		}
		next = "&cursor=" + page.Next
	}
}

func (w *desks) exported(who string) map[id.ID]bool {
	out := map[id.ID]bool{}
	rec := w.ask(who, "/health/events.csv", true)
	if rec.Code != 200 {
		return out
	}
	rows, err := csv.NewReader(rec.Body).ReadAll()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, row := range rows[1:] {
		out[id.ID(row[0])] = true
	}
	return out
}

// opened are the records that answer when asked for one by one. What does not
// answer must look like what is not there.
func (w *desks) opened(who, prefix string, person bool, of map[id.ID]known, suffix string) map[id.ID]bool {
	out := map[id.ID]bool{}
	nowhere := anyID.ReplaceAllString(w.ask(who, prefix+"0190a000-0000-7000-8000-000000000000"+suffix, person).Body.String(), "")
	for i := range of {
		rec := w.ask(who, prefix+string(i)+suffix, person)
		switch rec.Code {
		case 200:
			out[i] = true
		case 404:
			if got := anyID.ReplaceAllString(rec.Body.String(), ""); got != nowhere {
				w.t.Errorf("%s%s: forbidden differs from missing:\n%s\n%s", prefix, i, got, nowhere)
			}
		default:
			w.t.Errorf("%s%s: status %d", prefix, i, rec.Code)
		}
	}
	return out
}

// told are the events that a stream tells of.
func (w *desks) told(a access.Actor, kind string) map[id.ID]bool {
	out := map[id.ID]bool{}
	err := w.db.Read(w.t.Context(), func(tx *db.Tx) error {
		head, err := history.Now(w.t.Context(), tx)
		for i := int64(0); err == nil && i < head.Size; i++ {
			var e history.Entry
			if e, err = history.At(w.t.Context(), tx, i); err != nil {
				break
			}
			var ev api.StreamEvent
			var ok bool
			if ev, ok, err = w.rest.Describe(w.t.Context(), tx, a, e); ok && ev.Kind == kind {
				out[ev.ID] = true
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}
