package web

import (
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/verification"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

type listView struct {
	words
	Head   parts.PageHead
	Path   string
	Query  string
	Tabs   []parts.Link
	Side   string
	Peers  parts.Select
	Open   bool
	Late   bool
	Rows   []row
	Total  int
	Narrow bool
	Pager  parts.Pager
	CSV    string
	XLSX   string
}

// row is one exchange in the list.
type row struct {
	Href, Title, About, State, Left, Due, Changed string
	Ours                                          string
	Grade                                         parts.Grade
	Peer                                          parts.Plate
	Late                                          bool
}

func filterOf(q url.Values) verification.Filter {
	f := verification.Filter{Query: q.Get("q"), Side: q.Get("side"), Peer: access.Member(q.Get("peer")), Open: q.Get("open") == "1", Late: q.Get("late") == "1"}
	changed, last, ok := strings.Cut(q.Get("after"), ".")
	at, err := strconv.ParseInt(changed, 10, 64)
	if i, e := id.Parse(last); ok && err == nil && e == nil {
		f.After = verification.Cursor{Changed: at, ID: i}
	}
	return f
}

func (g *Pages) list(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	f := filterOf(q)
	rs, next, err := g.desk.List(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	all := f
	all.After = verification.Cursor{}
	total, err := g.desk.Count(r.Context(), r.Actor, all)
	if err != nil {
		return err
	}
	v := listView{words: g.words(r), Path: r.URL.RequestURI(), Query: f.Query, Open: f.Open, Late: f.Late, Side: f.Side, Total: total}
	v.Head = parts.PageHead{Title: v.T("verification.title"), Lede: v.T("verification.lede")}
	if verification.MayCompose(r.Actor) {
		v.Head.Actions = []parts.Button{{Text: v.T("verification.new"), Icon: "message-circle-question", Kind: parts.Primary, Href: base + "/new"}}
	}
	for i := range rs {
		v.Rows = append(v.Rows, v.row(&rs[i]))
	}
	v.Narrow = f.Query != "" || f.Peer != "" || f.Open || f.Late
	for _, s := range []string{"", verification.SideAsked, verification.SideAnswering} {
		t := url.Values{}
		for k := range q {
			if k != "after" && k != "side" {
				t.Set(k, q.Get(k))
			}
		}
		key := s
		if s == "" {
			key = "both"
		} else {
			t.Set("side", s)
		}
		v.Tabs = append(v.Tabs, parts.Link{Text: v.T("verification.side." + key), Href: base + "?" + t.Encode(), Current: s == f.Side})
	}
	v.Peers = parts.Select{Field: parts.Field{Name: "peer", Label: v.T("verification.peer")}, Blank: v.T("verification.any")}
	for _, m := range access.All() {
		if m != g.self {
			v.Peers.Options = append(v.Peers.Options, parts.Option{Value: string(m), Text: v.name(string(m)), Chosen: m == f.Peer})
		}
	}
	after := q.Get("after")
	q.Del("after")
	v.CSV, v.XLSX = base+".csv?"+q.Encode(), base+".xlsx?"+q.Encode()
	if after != "" {
		v.Pager.Previous = base + "?" + q.Encode()
	}
	if next.ID != "" {
		q.Set("after", strconv.FormatInt(next.Changed, 10)+"."+string(next.ID))
		v.Pager.Next = base + "?" + q.Encode()
	}
	v.Pager.Text = v.T("verification.shown", "shown", len(rs), "total", total)
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

func (w words) row(r *verification.Request) row {
	out := row{Href: verification.Path(r), Title: r.Title, About: w.about(r), State: w.state(r), Grade: w.grade(r), Peer: w.plate(r.Peer(), parts.Plain),
		Changed: w.Ago(r.Changed.At, w.now), Ours: w.T("verification.of_us"), Late: verification.Late(r.Due, w.now)}
	if r.Title == "" {
		out.Title = w.T("verification.untitled")
	}
	if r.Asking() {
		out.Ours = w.T("verification.by_us")
	}
	if !r.Due.IsZero() {
		out.Left, out.Due = w.Left(r.Due, w.now), w.T("clock."+r.Clock)
	}
	return out
}

// mostRows is where a download ends.
const mostRows = 10000

func (g *Pages) download(w http.ResponseWriter, r *shell.Request) error {
	if !health.Capabilities.May(r.Actor, "health.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	format := sheet.Format(strings.TrimPrefix(path.Ext(r.URL.Path), "."))
	w.Header().Set("Content-Type", format.MIME())
	w.Header().Set("Content-Disposition", `attachment; filename="verification-`+r.Now.UTC().Format("2006-01-02")+`.`+string(format)+`"`)
	out, err := sheet.Create(w, format, "verification")
	if err != nil {
		return err
	}
	if err := out.Head("id", "from", "to", "title", "state", "outcome", "hazard", "place", "questions", "round", "asked", "first_reply_due", "first_reply",
		"answer_due", "answered", "marking", "exercise", "changed"); err != nil {
		return err
	}
	f := filterOf(r.URL.Query())
	f.Limit, f.After = 200, verification.Cursor{}
	for n := 0; n < mostRows; {
		rs, next, err := g.desk.List(r.Context(), r.Actor, f)
		if err != nil {
			return err
		}
		for i := range rs {
			n++
			if err := out.Row(cells(&rs[i])...); err != nil {
				return err
			}
		}
		if next.ID == "" {
			break
		}
		f.After = next
	}
	return out.Close()
}

func cells(r *verification.Request) []any {
	outcome := ""
	if r.Answer != nil {
		outcome = string(r.Answer.Outcome)
	}
	return []any{string(r.ID), string(r.From), string(r.To), r.Title, string(r.State), outcome, r.Hazard, r.Where, len(r.Questions), r.Round, r.Asked, r.FirstBy,
		r.First, r.AnswerBy, r.Answered, string(r.Marking), r.Exercise, r.Changed.At}
}
