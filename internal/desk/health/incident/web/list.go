package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/incident"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// listView is the incidents, and the activations for which none was opened.
type listView struct {
	words
	Head     parts.PageHead
	Path     string
	Query    string
	States   []parts.Link
	State    string
	Table    parts.Table
	Proposed []proposal
	Files    []parts.Link
	Pager    parts.Pager
	May      bool
}

type proposal struct {
	A      incident.Activation
	Button parts.Button
}

func filterOf(q url.Values) incident.Filter {
	f := incident.Filter{Query: q.Get("q"), State: q.Get("state"), Event: id.ID(q.Get("event"))}
	if at, rid, ok := strings.Cut(q.Get("after"), "."); ok {
		f.After.Changed, _ = strconv.ParseInt(at, 10, 64)
		f.After.ID = id.ID(rid)
	}
	return f
}

func (g *Pages) list(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	f := filterOf(q)
	rows, next, err := g.desk.Incidents(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	proposed, err := g.desk.Proposed(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v := listView{words: g.words(r), Path: r.URL.RequestURI(), Query: f.Query, State: f.State, May: incident.MayWork(r.Actor)}
	v.Head = parts.PageHead{Title: v.T("incident.list.title"), Lede: v.T("incident.list.lede"), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}}
	if v.May {
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("incident.new"), Icon: "plus", Kind: parts.Primary, Href: base + "/new"})
	}
	for _, a := range proposed {
		v.Proposed = append(v.Proposed, proposal{a, parts.Button{Text: v.T("incident.adopt"), Kind: parts.Primary, Post: "/health/incident-activations/" + string(a.ID)}})
	}
	v.Table = v.rows(rows)
	with := func(key, value string) string {
		u := url.Values{}
		for _, k := range []string{"q", "state", "event"} {
			if x := q.Get(k); x != "" {
				u.Set(k, x)
			}
		}
		u.Set(key, value)
		return u.Encode()
	}
	for _, s := range []string{"", "running", "closed"} {
		v.States = append(v.States, parts.Link{Text: v.T("incident.list." + map[string]string{"": "all"}[s] + s), Href: base + "?" + with("state", s), Current: s == f.State})
	}
	if next.ID != "" {
		v.Pager.Next = base + "?" + with("after", strconv.FormatInt(next.Changed, 10)+"."+string(next.ID))
	}
	if f.After.ID != "" {
		v.Pager.Previous = base + "?" + with("q", f.Query)
	}
	v.Files = parts.Files(base, with("q", f.Query))
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

func (w words) rows(rows []incident.Row) parts.Table {
	t := parts.Table{Caption: w.T("incident.list.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("incident.col.incident")}, {Text: w.T("incident.col.mode")},
		{Text: w.T("incident.col.state")}, {Text: w.T("incident.col.period")}, {Text: w.T("incident.col.vacant"), Number: true}, {Text: w.T("incident.col.rings"), Number: true}, {Text: w.T("incident.col.since")}}}
	for i := range rows {
		x := &rows[i]
		c := []parts.Cell{{Text: x.Name, Href: incident.Path(x.ID), Note: events(x.Events)}, {Body: w.modeTag(x.Mode)}, {Text: w.state(x.State)}, {Text: "–"}, {Text: str(x.Vacant)}, {Text: str(x.Rings)}, {At: x.Since}}
		if x.Period > 0 {
			c[3] = parts.Cell{Text: str(x.Period), Note: w.T("incident.until", "time", w.Stamp(x.PeriodTo))}
		}
		if x.State == incident.Closed {
			c[4].Text, c[5].Text = "–", "–"
		}
		t.Rows = append(t.Rows, c)
	}
	return t
}

func events(list []incident.Subject) string {
	var out []string
	for _, e := range list {
		out = append(out, string(e.Owner)+" "+e.Name)
	}
	return strings.Join(out, "; ")
}

// table begins a download in the format that the address names.
func table(w http.ResponseWriter, r *shell.Request, name string, columns ...string) (*sheet.Writer, error) {
	if !incident.Capabilities.May(r.Actor, "incident.export") {
		return nil, fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	f := sheet.CSV
	if strings.HasSuffix(r.URL.Path, ".xlsx") {
		f = sheet.XLSX
	}
	h := w.Header()
	h.Set("Content-Type", f.MIME())
	h.Set("Content-Disposition", `attachment; filename="`+name+`-`+r.Now.UTC().Format(time.DateOnly)+`.`+string(f)+`"`)
	out, err := sheet.Create(w, f, name)
	if err == nil {
		err = out.Head(columns...)
	}
	return out, err
}

// cellTime is a time of a table, or nothing.
func cellTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func (g *Pages) download(w http.ResponseWriter, r *shell.Request) error {
	f := filterOf(r.URL.Query())
	f.Limit = 200
	rows, next, err := g.desk.Incidents(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	out, err := table(w, r, "incidents", "incident", "name", "mode", "state", "level", "trigger", "decided_by", "cost_code", "since", "ended", "events", "period", "period_ends", "vacant", "ringing", "marking", "exercise")
	for err == nil {
		for i := range rows {
			x := &rows[i]
			if err == nil {
				err = out.Row(string(x.ID), x.Name, x.Mode, string(x.State), x.Level, x.Trigger, x.DecidedBy, x.Cost, x.Since, cellTime(x.Ended), events(x.Events), x.Period, cellTime(x.PeriodTo), x.Vacant, x.Rings,
					string(x.Marking), x.Exercise)
			}
		}
		if next.ID == "" || err != nil {
			break
		}
		f.After = next
		rows, next, err = g.desk.Incidents(r.Context(), r.Actor, f)
	}
	if err != nil {
		return err
	}
	return out.Close()
}

// Panel stands on the page of an event: the incidents that it belongs to.
func (g *Pages) Panel() healthweb.EventPanel {
	return healthweb.EventPanel{ID: "incidents", Title: "incident.panel", Side: true, Body: func(r *shell.Request, e health.EventView) (templ.Component, error) {
		rows, _, err := g.desk.Incidents(r.Context(), r.Actor, incident.Filter{Event: e.ID})
		if err != nil {
			return nil, err
		}
		v := panelView{words: g.words(r), Rows: rows}
		if incident.MayWork(r.Actor) {
			v.New = base + "/new?event=" + string(e.ID)
		}
		if len(rows) == 0 && v.New == "" {
			return nil, nil
		}
		return panelBody(v), nil
	}}
}

type panelView struct {
	words
	Rows []incident.Row
	New  string
}

// HomePanel stands on the duty desk: what rings, and who is on duty.
func (g *Pages) HomePanel() healthweb.HomePanel {
	return healthweb.HomePanel{ID: "incidents", Title: "incident.home", Body: func(r *shell.Request) (templ.Component, error) {
		list, err := g.desk.Stands(r.Context(), r.Actor)
		if err != nil || len(list) == 0 {
			return nil, err
		}
		return homeBody(homeView{g.words(r), list}), nil
	}}
}

type homeView struct {
	words
	List []incident.Stand
}

func (v homeView) vacant(s incident.Stand) string {
	var out []string
	for _, f := range s.Vacant {
		out = append(out, v.function(f))
	}
	return strings.Join(out, ", ")
}

// duty says what the reader is in an incident, now or next.
func (w words) duty(d incident.Duty) string {
	switch {
	case d.State == incident.OnDuty && d.To.Before(w.now):
		return w.T("incident.duty.overdue", "function", w.function(d.Function), "time", w.Ago(d.To, w.now))
	case d.State == incident.OnDuty:
		return w.T("incident.duty.now", "function", w.function(d.Function), "time", w.Stamp(d.To))
	case d.State == incident.HandedOver:
		return w.T("incident.duty.handed", "function", w.function(d.Function))
	case !d.From.After(w.now):
		return w.T("incident.duty.take", "function", w.function(d.Function), "time", w.Ago(d.From, w.now))
	}
	return w.T("incident.duty.next", "function", w.function(d.Function), "time", w.Stamp(d.From))
}
