package web

import (
	"net/http"
	"strconv"

	"lintas/internal/desk/health/surveillance"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// qualityView is what became of past alarms.
type qualityView struct {
	words
	Head   parts.PageHead
	Tabs   []parts.Link
	Months int
	Rows   []surveillance.QualityRow
}

// monthsBack are the choices of the page.
var monthsBack = []int{3, 12, 24, 60}

func months(r *shell.Request) int {
	if n, err := strconv.Atoi(r.URL.Query().Get("months")); err == nil && n > 0 && n <= 120 {
		return n
	}
	return 24
}

func (g *Pages) quality(w http.ResponseWriter, r *shell.Request) error {
	v := qualityView{words: words{r.Printer}, Months: months(r)}
	var err error
	if v.Rows, err = g.desk.Quality(r.Context(), r.Actor, r.Now.AddDate(0, -v.Months, 0)); err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.T("surveillance.quality.title"), Lede: v.T("surveillance.quality.lede"), Crumbs: v.scanCrumbs(parts.Link{Text: v.T("surveillance.alarms.title"), Href: alarmsPath}),
		Actions: []parts.Button{{Text: v.T("surveillance.print"), Icon: "printer", Print: true}}}
	v.Tabs = v.scanTabs("quality")
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"alarms"}}, qualityPage(v))
}

func (v qualityView) options() []parts.Option {
	var out []parts.Option
	for _, n := range monthsBack {
		out = append(out, parts.Option{Value: str(n), Text: v.T("surveillance.quality.months", "n", n), Chosen: n == v.Months})
	}
	return out
}

func (v qualityView) table() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.quality.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.field.disease")}, {Text: v.T("surveillance.alarm.method")},
		{Text: v.T("surveillance.quality.alarms"), Number: true}, {Text: v.T("surveillance.quality.signals"), Number: true}}}
	for _, o := range surveillance.Outcomes {
		t.Columns = append(t.Columns, parts.Column{Text: v.T("surveillance.outcome." + o), Number: true})
	}
	t.Columns = append(t.Columns, parts.Column{Text: v.T("surveillance.quality.share"), Number: true})
	for _, q := range v.Rows {
		row := []parts.Cell{{Text: v.diseaseName(q.Disease)}, {Text: v.algorithm(q.Algorithm), Note: v.version(q.Method)}, {Text: str(q.Alarms)}, {Text: str(q.Signals)}}
		if q.Hidden > 0 {
			row[3].Note = v.T("surveillance.quality.hidden", "n", q.Hidden)
		}
		for _, o := range surveillance.Outcomes {
			row = append(row, parts.Cell{Text: str(q.Outcomes[o])})
		}
		share := parts.Cell{Text: "–", Note: v.T("surveillance.quality.undecided")}
		if x, n, ok := q.Verified(); ok {
			share = parts.Cell{Text: v.Percent(x, 0), Note: v.T("surveillance.quality.of", "n", n)}
		}
		t.Rows = append(t.Rows, append(row, share))
	}
	return t
}

func (v qualityView) download(format string) string {
	return qualityPath + "/table?format=" + format + "&months=" + str(v.Months)
}

// qualityTable downloads what became of past alarms.
func (g *Pages) qualityTable(w http.ResponseWriter, r *shell.Request) error {
	rows, err := g.desk.Quality(r.Context(), r.Actor, r.Now.AddDate(0, -months(r), 0))
	if err != nil {
		return err
	}
	t, err := openSheet(w, r, "alarm-quality")
	if err != nil {
		return err
	}
	head := append([]string{"disease", "algorithm", "method_version", "alarms", "signals"}, surveillance.Outcomes...)
	if err := t.Head(append(head, "not_visible", "verified_share_of_decided", "decided")...); err != nil {
		return err
	}
	for _, q := range rows {
		cells := []any{q.Disease, string(q.Algorithm), q.Method.Number, q.Alarms, q.Signals}
		for _, o := range surveillance.Outcomes {
			cells = append(cells, q.Outcomes[o])
		}
		var share any
		x, n, ok := q.Verified()
		if ok {
			share = x
		}
		if err := t.Row(append(cells, q.Hidden, share, n)...); err != nil {
			return err
		}
	}
	return t.Close()
}
