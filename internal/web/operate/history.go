package operate

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/people"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

// Names of the capabilities that history declares.
const (
	listHistory   = "history.list"
	verifyHistory = "history.verify"
)

// historyView is what the pages about the history share.
type historyView struct {
	words
	Path    string
	Head    parts.PageHead
	Tabs    []parts.Tab
	Figures []parts.Figure
	Notices []parts.Notice
	Reads   bool // may see the entries
	Checks  bool // may have the whole verified
}

type historyState struct {
	head          history.Head
	last          history.Signed
	countersigned map[access.Member]history.Point
	evidence      []history.Evidence
}

func (p *Pages) historyState(ctx context.Context, tx *db.Tx) (historyState, error) {
	var s historyState
	var err error
	if s.head, err = history.Now(ctx, tx); err != nil {
		return s, err
	}
	if s.last, err = history.Last(ctx, tx); err != nil {
		return s, err
	}
	if s.countersigned, err = history.Countersigned(ctx, tx); err != nil {
		return s, err
	}
	s.evidence, err = history.Evidences(ctx, tx)
	return s, err
}

// historyTop begins a page about the history, or refuses it. The history tells
// what was done with records, so that its entries are for the auditor; who
// runs the node sees that it is whole, and no more.
func (p *Pages) historyTop(r *web.Request, tab string) (historyView, historyState, error) {
	v := historyView{words: p.words(r), Path: r.URL.RequestURI(), Reads: may(r.Actor, listHistory), Checks: may(r.Actor, verifyHistory)}
	if err := need(r.Actor, people.ReadAudit, listHistory); err != nil {
		return v, historyState{}, err
	}
	var s historyState
	err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		var err error
		s, err = p.historyState(r.Context(), tx)
		return err
	})
	if err != nil {
		return v, s, err
	}
	v.Head = parts.PageHead{Title: v.T("operate.history"), Note: v.T("operate.history.note")}
	for _, t := range []struct{ name, text string }{{"", v.T("operate.entries")}, {"/checkpoints", v.T("operate.checkpoints")}, {"/verification", v.T("operate.verification")}} {
		v.Tabs = append(v.Tabs, parts.Tab{Text: t.text, Href: "/node/history" + t.name, Count: -1, Current: t.name == tab})
	}
	v.figures(s)
	if s.head.Suspended {
		v.Notices = append(v.Notices, suspended(v.words))
	}
	if forks := forks(s.evidence); forks > 0 {
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Emergency, Title: v.T("operate.forks", "n", forks), Text: v.T("operate.forks.text"),
			Actions: []parts.Button{{Text: v.T("operate.forks.see"), Href: "/node/history/checkpoints#evidence", Small: true}}})
	}
	return v, s, nil
}

// forks counts what a member cannot explain by a declared restore.
func forks(list []history.Evidence) int {
	n := 0
	for _, e := range list {
		if !e.Outcome.Accepted() {
			n++
		}
	}
	return n
}

func (v *historyView) figures(s historyState) {
	last := v.T("operate.checkpoint.none")
	if s.last.Size > 0 {
		last = v.Ago(s.last.At, v.now)
	}
	reach := int64(0)
	for _, c := range s.countersigned {
		if c.Epoch == s.head.Epoch {
			reach = max(reach, c.Size)
		}
	}
	v.Figures = []parts.Figure{
		{Label: v.T("operate.entries"), Value: v.Number(s.head.Size), Note: v.T("operate.epoch.n", "n", s.head.Epoch)},
		{Label: v.T("operate.signed"), Value: v.Number(s.last.Size), Note: last},
		{Label: v.T("operate.countersigned"), Value: v.Number(int64(len(s.last.Countersigned))), Note: v.T("operate.countersigned.note")},
		{Label: v.T("operate.reach"), Value: v.Number(reach), Note: v.T("operate.reach.note")},
		{Label: v.T("operate.evidence"), Value: v.Number(int64(len(s.evidence))), Note: v.T("operate.evidence.note")},
	}
}

// filterView is the form above the entries.
type filterView struct {
	Record, Account, Action, Exercise, From, To string
	Errors                                      parts.Errors
	Set                                         bool
}

type entriesView struct {
	historyView
	Filter filterView
	Rows   []line
	Heads  heads
	Pager  parts.Pager
}

// entries lists the log, newest first.
func (p *Pages) entries(w http.ResponseWriter, r *web.Request) error {
	top, _, err := p.historyTop(r, "")
	if err != nil {
		return err
	}
	v := entriesView{historyView: top, Heads: heads{top.T("operate.entries"), top.T("operate.act"), top.T("operate.state"), top.T("operate.record"), top.T("operate.at")}}
	if !v.Reads {
		return r.Show(w, web.Page{Title: v.Head.Title}, entriesPage(v))
	}
	q := r.URL.Query()
	f, err := filterOf(q)
	v.Filter = filterView{Record: q.Get("record"), Account: q.Get("account"), Action: q.Get("action"), Exercise: q.Get("exercise"), From: q.Get("from"), To: q.Get("to")}
	q.Del("before")
	v.Filter.Set = v.Filter.Record+v.Filter.Account+v.Filter.Action+v.Filter.Exercise+v.Filter.From+v.Filter.To != ""
	if err != nil {
		v.Filter.Errors = parts.ErrorsOf(r.Printer, err)
		return r.ShowStatus(w, http.StatusBadRequest, web.Page{Title: v.Head.Title}, entriesPage(v))
	}
	var page history.Page
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		page, err = history.List(r.Context(), tx, r.Actor, f)
		return err
	})
	if err != nil {
		return err
	}
	for _, e := range page.Entries {
		v.Rows = append(v.Rows, v.line(e))
	}
	if f.Before > 0 {
		v.Pager.Previous = "/node/history?" + q.Encode()
	}
	if page.Next > 0 {
		q.Set("before", number(page.Next))
		v.Pager.Next = "/node/history?" + q.Encode()
	}
	v.Pager.Text = v.T("operate.shown", "n", len(v.Rows))
	return r.Show(w, web.Page{Title: v.Head.Title}, entriesPage(v))
}

// filterOf reads the filters of the address. What cannot be read is said:
// an auditor must not take a list for what it is not.
func filterOf(q url.Values) (history.Filter, error) {
	f := history.Filter{Action: strings.TrimSpace(q.Get("action")), Exercise: strings.TrimSpace(q.Get("exercise")), Limit: perPage}
	var c fault.Check
	for _, i := range []struct {
		name string
		into *id.ID
	}{{"record", &f.Record}, {"account", &f.Account}} {
		if s := strings.TrimSpace(q.Get(i.name)); s != "" {
			v, err := id.Parse(s)
			c.That(err == nil, i.name, "fault.operate.id")
			*i.into = v
		}
	}
	for _, d := range []struct {
		name string
		into *time.Time
		days int
	}{{"from", &f.From, 0}, {"to", &f.To, 1}} { // To is the whole day
		if s := q.Get(d.name); s != "" {
			t, err := time.Parse(time.DateOnly, s)
			c.That(err == nil, d.name, "fault.operate.day")
			*d.into = t.AddDate(0, 0, d.days)
		}
	}
	if s := q.Get("before"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		c.That(err == nil && n > 0, "before", "fault.history.page")
		f.Before = n
	}
	if q.Get("exercise") == "-" {
		f.Exercise, f.Real = "", true
	}
	return f, c.Err()
}

func (v historyView) line(e history.Entry) line {
	l := line{Title: v.act(e), Href: "/node/history/entries/" + number(e.Index), Mark: code(number(e.Index)), Sub: e.Actor, At: e.Recorded}
	if e.Role != "" {
		l.Sub = strings.TrimPrefix(l.Sub+" · "+v.say(e.Role, "role."+e.Role), " · ")
	}
	if e.To != "" {
		l.Tags = append(l.Tags, tag{parts.Ungraded, v.state(e.Record.Desk+"."+kindOf(e.Record), string(e.To))})
	}
	if e.Record.ID != "" {
		l.Texts = append(l.Texts, v.T("operate.record.version", "kind", v.kind(e.Record.Desk+"."+kindOf(e.Record)), "version", e.Record.Version))
	}
	if e.Exercise != "" {
		l.Texts = append(l.Texts, v.T("operate.exercise", "exercise", e.Exercise))
	}
	return l
}

// kindOf is the kind without the desk before it, where it stands there.
func kindOf(r history.Record) string { return strings.TrimPrefix(r.Kind, r.Desk+".") }

// act is what was done, in words: the sentence of the event, or the verb of
// the desk's table.
func (v historyView) act(e history.Entry) string {
	if key := "history.action." + e.Action; v.Has(key) {
		return v.T(key)
	}
	if key := "event." + e.Action; v.Has(key) {
		args := map[string]any{}
		_ = json.Unmarshal(e.Detail, &args) // without arguments the sentence still says what was done
		return v.With(key, args)
	}
	record, verb := cutLast(e.Action)
	if word := v.verb(record, verb); word != verb {
		return v.T("operate.act.of", "kind", v.kind(record), "verb", word)
	}
	return e.Action
}

func cutLast(s string) (before, after string) {
	i := strings.LastIndexByte(s, '.')
	return s[:max(i, 0)], s[i+1:]
}
