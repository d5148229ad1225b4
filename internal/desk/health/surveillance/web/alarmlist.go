package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/id"
	"lintas/internal/place"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// alarmsView is the ranked list of alarms.
type alarmsView struct {
	words
	Head    parts.PageHead
	Tabs    []parts.Link
	Query   url.Values
	Alarms  []surveillance.AlarmView
	Total   int
	Offset  int
	Pager   parts.Pager
	Sets    []parts.Option
	Choices map[string][]parts.Option
	Runs    []surveillance.ScanRunView // the newest of each dataset
}

// alarmsOnPage is how many alarms a page of the list shows.
const alarmsOnPage = 50

func alarmFilter(q url.Values) surveillance.AlarmFilter {
	f := surveillance.AlarmFilter{Set: id.ID(q.Get("set")), Run: id.ID(q.Get("run")), Disease: q.Get("disease"), Country: q.Get("in"), Algorithm: surveillance.Algorithm(q.Get("algorithm")),
		Held: q.Get("held") == "1", Past: q.Get("past") == "1", Limit: alarmsOnPage}
	if n, err := strconv.Atoi(q.Get("from")); err == nil && n > 0 {
		f.Offset = n
	}
	return f
}

func (g *Pages) alarms(w http.ResponseWriter, r *shell.Request) error {
	v := alarmsView{words: words{r.Printer}, Query: r.URL.Query()}
	f := alarmFilter(v.Query)
	var err error
	if v.Alarms, v.Total, err = g.desk.AlarmList(r.Context(), r.Actor, f); err != nil {
		return err
	}
	v.Offset = f.Offset
	sets, err := g.desk.Datasets(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	runs, err := g.desk.ScanList(r.Context(), r.Actor, "", 200)
	if err != nil {
		return err
	}
	for _, run := range runs {
		newer := slices.ContainsFunc(v.Runs, func(x surveillance.ScanRunView) bool { return x.Set.ID == run.Set.ID })
		if run.State == surveillance.Done && run.Newest && !newer && (f.Set == "" || f.Set == run.Set.ID) {
			v.Runs = append(v.Runs, run)
		}
	}
	if err := v.choices(g, r, sets); err != nil {
		return err
	}
	v.pager()
	v.Head = parts.PageHead{Title: v.T("surveillance.alarms.title"), Lede: v.T("surveillance.alarms.lede"), Crumbs: v.scanCrumbs(), Actions: []parts.Button{{Text: v.T("surveillance.print"), Icon: "printer", Print: true}}}
	v.Tabs = v.scanTabs("alarms")
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"alarms"}}, alarmsPage(v))
}

func (v *alarmsView) choices(g *Pages, r *shell.Request, sets []surveillance.DatasetView) error {
	v.Choices = map[string][]parts.Option{}
	add := func(name, value, text string) {
		v.Choices[name] = append(v.Choices[name], parts.Option{Value: value, Text: text, Chosen: v.Query.Get(name) == value})
	}
	for _, s := range sets {
		if s.Measure != surveillance.Population {
			add("set", string(s.ID), s.Title)
		}
	}
	found, _, err := g.desk.AlarmList(r.Context(), r.Actor, surveillance.AlarmFilter{Past: v.Query.Get("past") == "1", Held: true, Limit: surveillance.MostAlarms})
	if err != nil {
		return err
	}
	diseases := map[string]bool{}
	for i := range found {
		if d := found[i].Disease; !diseases[d] {
			diseases[d] = true
			add("disease", d, v.diseaseName(d))
		}
	}
	slices.SortFunc(v.Choices["disease"], func(a, b parts.Option) int { return compareText(a.Text, b.Text) })
	for _, s := range place.States() {
		add("in", s.Code, s.In(v.Lang()))
	}
	for _, a := range surveillance.Algorithms {
		add("algorithm", string(a), v.algorithm(a))
	}
	return nil
}

func (v *alarmsView) pager() {
	at := func(from int) string {
		q := url.Values{}
		for k, s := range v.Query {
			q[k] = s
		}
		q.Set("from", str(from))
		return alarmsPath + "?" + q.Encode()
	}
	if v.Offset > 0 {
		v.Pager.Previous = at(max(v.Offset-alarmsOnPage, 0))
	}
	if v.Offset+alarmsOnPage < v.Total {
		v.Pager.Next = at(v.Offset + alarmsOnPage)
	}
	if v.Total > 0 {
		v.Pager.Text = v.T("surveillance.alarms.shown", "from", v.Offset+1, "to", min(v.Offset+alarmsOnPage, v.Total), "of", v.Total)
	}
}

func (v alarmsView) download(format string) string {
	q := url.Values{}
	for k, s := range v.Query {
		q[k] = s
	}
	q.Set("format", format)
	return alarmsPath + "/table?" + q.Encode()
}

// summary says of each newest scan what it judged and what not.
func (v alarmsView) summary(r surveillance.ScanRunView) string {
	text := v.T("surveillance.alarms.run", "dataset", r.Set.Title, "period", r.Set.Label(r.Period), "judged", r.Judged, "series", r.Series, "alarms", r.Alarms,
		"held", r.Above-r.Alarms, "rev", r.Rev, "at", v.Stamp(r.Begun))
	if r.Old {
		text += " " + v.T("surveillance.scan.old")
	}
	return text
}

func (w words) alarmColumns() []parts.Column {
	return []parts.Column{{Text: w.T("surveillance.field.disease")}, {Text: w.T("surveillance.alarm.rank"), Number: true}, {Text: w.T("surveillance.table.place")},
		{Text: w.T("surveillance.alarm.period")}, {Text: w.T("surveillance.alarm.observed"), Number: true}, {Text: w.T("surveillance.alarm.expected"), Number: true},
		{Text: w.T("surveillance.alarm.threshold"), Number: true}, {Text: w.T("surveillance.alarm.p"), Number: true}, {Text: w.T("surveillance.alarm.method")}, {Text: w.T("surveillance.alarm.became")}}
}

// alarmTable is the list as a table: the disease leads to the alarm.
func (w words) alarmTable(list []surveillance.AlarmView) parts.Table {
	t := parts.Table{Caption: w.T("surveillance.alarms.title"), RowHead: true, Cards: true, Columns: w.alarmColumns()}
	for i := range list {
		t.Rows = append(t.Rows, w.alarmRow(&list[i]))
	}
	return t
}

func (w words) alarmRow(a *surveillance.AlarmView) []parts.Cell {
	pl := parts.Cell{Text: w.placeName(a.Place), Note: a.Place}
	disease := parts.Cell{Text: w.diseaseName(a.Disease), Href: alarmPath(a.ID)}
	if a.Class != surveillance.All {
		disease.Note = w.class(a.Class)
	}
	period := parts.Cell{Text: a.Dataset.Label(a.Period), Note: a.Dataset.Title}
	return []parts.Cell{disease, {Text: str(a.Rank)}, pl, period, {Text: w.value(a.Observed, 0)}, {Text: w.value(a.Expected, 1)}, {Text: w.value(a.Threshold, 1)},
		{Text: w.chance(a.P)}, {Text: w.algorithm(a.Settings.Algorithm), Note: w.version(a.Method)}, w.became(a)}
}

func (w words) version(m surveillance.MethodRef) string {
	if m.Number == 0 {
		return w.T("surveillance.method.default")
	}
	return w.T("surveillance.method.version", "number", m.Number)
}

// became is the signal that an alarm became, or why it is none.
func (w words) became(a *surveillance.AlarmView) parts.Cell {
	switch {
	case a.Held != "":
		return parts.Cell{Text: w.T("surveillance.held." + a.Held)}
	case len(a.Because) > 0:
		return parts.Cell{Text: w.T("surveillance.alarm.accounted")}
	case a.Fate != nil:
		return parts.Cell{Text: w.T("surveillance.outcome." + a.Fate.Outcome), Href: "/health/signals/" + string(a.Signal)}
	case a.Signal != "":
		return parts.Cell{Text: w.T("surveillance.alarm.hidden")}
	}
	return parts.Cell{Text: w.T("surveillance.alarm.nosignal")}
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// alarmTable downloads the list.
func (g *Pages) alarmTable(w http.ResponseWriter, r *shell.Request) error {
	f := alarmFilter(r.URL.Query())
	f.Offset, f.Limit = 0, surveillance.MostAlarms
	list, _, err := g.desk.AlarmList(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	t, err := openSheet(w, r, "alarms")
	if err != nil {
		return err
	}
	if err := t.Head("rank", "alarm", "disease", "place_code", "place", "class", "period", "period_start", "period_end", "observed", "expected", "threshold", "score", "p_value", "fdr_adjusted_p",
		"held", "algorithm", "method_version", "dataset", "revision", "known_at", "scan", "signal", "outcome"); err != nil {
		return err
	}
	for i := range list {
		a := &list[i]
		outcome := ""
		if a.Fate != nil {
			outcome = a.Fate.Outcome
		}
		if err := t.Row(a.Rank, string(a.ID), a.Disease, a.Place, words{r.Printer}.placeName(a.Place), string(a.Class), a.Dataset.Label(a.Period), sheet.Day(a.Dataset.Start(a.Period)), sheet.Day(a.Dataset.End(a.Period)),
			defined(a.Observed), defined(a.Expected), defined(a.Threshold), defined(a.Score), defined(a.P), defined(a.Adjusted), a.Held, string(a.Settings.Algorithm), a.Method.Number, a.Dataset.Title,
			a.Rev, a.KnownAt, string(a.Run), string(a.Signal), outcome); err != nil {
			return err
		}
	}
	return t.Close()
}

// openSheet begins a download in the format that the address asks for.
func openSheet(w http.ResponseWriter, r *shell.Request, name string) (*sheet.Writer, error) {
	format := sheet.CSV
	if r.URL.Query().Get("format") == "xlsx" {
		format = sheet.XLSX
	}
	h := w.Header()
	h.Set("Content-Type", format.MIME())
	h.Set("Content-Disposition", `attachment; filename="`+name+"-"+r.Now.UTC().Format(time.DateOnly)+"."+string(format)+`"`)
	return sheet.Create(w, format, name)
}

// defined is a cell: a number, or nothing where it does not exist.
func defined(v interface{ Get() (float64, bool) }) any {
	if x, ok := v.Get(); ok {
		return x
	}
	return nil
}
