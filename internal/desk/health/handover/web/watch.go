package web

import (
	"net/http"
	"time"

	"lintas/internal/desk/health/handover"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// watchView is the form that puts an event on the watch list.
type watchView struct {
	words
	Head   parts.PageHead
	Path   string
	Cancel string
	Errors parts.Errors
	Reason string
	Until  string
	On     bool
}

func (g *Pages) askWatch(w http.ResponseWriter, r *shell.Request) error {
	return g.showWatch(w, r, http.StatusOK, nil)
}

func (g *Pages) showWatch(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	eid, err := r.PathID("id")
	if err != nil {
		return err
	}
	e, err := g.desk.Event(r.Context(), r.Actor, eid)
	if err != nil {
		return err
	}
	now, on, may, err := g.desk.WatchOf(r.Context(), r.Actor, eid)
	if err != nil {
		return err
	}
	if !may {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "watch")
	}
	v := watchView{words: words{r.Printer, r.Now}, Path: watchPath(eid), Cancel: eventPath(eid), On: on,
		Errors: parts.ErrorsOf(r.Printer, cause), Reason: now.Reason}
	if !now.Until.IsZero() {
		v.Until = now.Until.AddDate(0, 0, -1).UTC().Format(time.DateOnly)
	}
	if cause != nil {
		v.Reason, v.Until = r.PostFormValue("reason"), r.PostFormValue("until")
	}
	v.Head = parts.PageHead{Title: v.T("handover.watch.form"), Lede: e.Name,
		Crumbs: []parts.Link{{Text: v.T("health.list.title"), Href: "/health/events"}, {Text: e.Name, Href: eventPath(eid)}, {Text: v.T("handover.watch.title")}}}
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Marking: string(e.Marking)}, watchPage(v))
}

func (g *Pages) watch(w http.ResponseWriter, r *shell.Request) error {
	eid, err := r.PathID("id")
	if err != nil {
		return err
	}
	if r.PostFormValue("do") == "unwatch" {
		if err := g.desk.Unwatch(r.Context(), r.Actor, eid); err != nil {
			return err
		}
		r.Say(w, "handover.said.unwatched", nil)
		return r.Redirect(w, eventPath(eid))
	}
	var until time.Time
	if s := r.PostFormValue("until"); s != "" {
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return g.showWatch(w, r, http.StatusBadRequest, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid",
				Fields: []fault.Field{{Name: "until", Key: "fault.handover.day"}}})
		}
		until = day.AddDate(0, 0, 1) // to the end of that day, UTC
	}
	_, err = g.desk.Watch(r.Context(), r.Actor, eid, r.PostFormValue("reason"), until)
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showWatch(w, r, http.StatusBadRequest, err)
	case err != nil:
		return err
	}
	r.Say(w, "handover.said.watched", nil)
	return r.Redirect(w, eventPath(eid))
}

func (v watchView) reason() parts.TextArea {
	return parts.TextArea{Field: parts.Field{Name: "reason", Label: v.T("handover.field.reason"), Hint: v.T("handover.hint.reason"),
		Required: true, Error: v.Errors.Of("reason")}, Value: v.Reason, Rows: 3, MaxLength: 500}
}

func (v watchView) until() parts.Input {
	return parts.Input{Field: parts.Field{Name: "until", Label: v.T("handover.field.until"), Hint: v.T("handover.hint.until"),
		Optional: true, Error: v.Errors.Of("until")}, Type: "date", Value: v.Until, Width: "short"}
}

// watchText is since when, by whom, until when.
func (w words) watchText(x handover.Watch) string {
	s := w.T("handover.watch.since", "day", w.Day(x.Created.At), "post", x.Created.Post)
	if !x.Until.IsZero() {
		s += " " + w.T("handover.watch.until", "day", w.Day(x.Until.AddDate(0, 0, -1)))
	}
	return s
}
