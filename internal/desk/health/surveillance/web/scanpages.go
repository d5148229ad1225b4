package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// scansView is what was scanned, and when scans begin.
type scansView struct {
	words
	Head     parts.PageHead
	Tabs     []parts.Link
	Runs     []surveillance.ScanRunView
	Sets     []parts.Option
	Schedule surveillance.Schedule
	Form     url.Values
	Errors   parts.Errors
	May      bool
}

func (g *Pages) scanList(w http.ResponseWriter, r *shell.Request) error {
	return g.showScans(w, r, http.StatusOK, url.Values{"set": {r.URL.Query().Get("set")}}, nil)
}

func (g *Pages) showScans(w http.ResponseWriter, r *shell.Request, status int, form url.Values, failed error) error {
	v := scansView{words: words{r.Printer}, Form: form, Errors: parts.ErrorsOf(r.Printer, failed), May: surveillance.MayImport(r.Actor)}
	var err error
	if v.Runs, err = g.desk.ScanList(r.Context(), r.Actor, "", 100); err != nil {
		return err
	}
	if v.Schedule, err = g.desk.ReadSchedule(r.Context(), r.Actor); err != nil {
		return err
	}
	sets, err := g.desk.Datasets(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	for _, s := range sets {
		if s.Measure != surveillance.Population && s.State == surveillance.Open && !s.Front.Empty() && s.Resolution != surveillance.Yearly {
			v.Sets = append(v.Sets, parts.Option{Value: string(s.ID), Text: s.Title + " (" + v.span(s) + ")", Chosen: form.Get("set") == string(s.ID)})
		}
	}
	v.Head = parts.PageHead{Title: v.T("surveillance.scans.title"), Lede: v.T("surveillance.scans.lede"), Crumbs: v.scanCrumbs(parts.Link{Text: v.T("surveillance.alarms.title"), Href: alarmsPath})}
	v.Tabs = v.scanTabs("scans")
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Topics: []string{"scans"}}, scansPage(v))
}

func (g *Pages) startScan(w http.ResponseWriter, r *shell.Request) error {
	run, err := g.desk.StartScan(r.Context(), r.Actor, id.ID(r.PostForm.Get("set")), r.PostForm.Get("period"))
	if fault.Is(err, fault.Invalid) {
		return g.showScans(w, r, http.StatusBadRequest, r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "surveillance.said.scan", nil)
	return r.Redirect(w, scanPath(run.ID))
}

func (g *Pages) setSchedule(w http.ResponseWriter, r *shell.Request) error {
	f := r.PostForm
	hour, err := strconv.Atoi(f.Get("hour"))
	if err != nil {
		hour = -1 // refused with its own words
	}
	seen, _ := strconv.Atoi(f.Get("version"))
	err = g.desk.SetSchedule(r.Context(), r.Actor, surveillance.Schedule{Version: seen, Import: f.Get("import") == "1", Daily: f.Get("daily") == "1", Hour: hour})
	if fault.Is(err, fault.Invalid) {
		return g.showScans(w, r, http.StatusBadRequest, f, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "surveillance.said.saved", nil)
	return r.Redirect(w, scansPath)
}

func (v scansView) table() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.scans.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.scan.dataset")}, {Text: v.T("surveillance.alarm.period")},
		{Text: v.T("surveillance.import.state")}, {Text: v.T("surveillance.scan.series"), Number: true}, {Text: v.T("surveillance.scan.judged"), Number: true},
		{Text: v.T("surveillance.scan.alarms"), Number: true}, {Text: v.T("surveillance.scan.took"), Number: true}, {Text: v.T("surveillance.scan.queued")}}}
	for _, s := range v.Runs {
		period := "–"
		if s.Period != 0 {
			period = s.Set.Label(s.Period)
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: s.Set.Title, Href: scanPath(s.ID), Note: v.T("surveillance.scan.because." + s.Because)}, {Text: period, Note: v.revision(s.Rev)},
			{Text: v.T("surveillance.state." + string(s.State))}, {Text: v.Number(int64(s.Series))}, {Text: v.Number(int64(s.Judged))}, {Text: v.Number(int64(s.Alarms))},
			{Text: v.took(s.Took)}, {Text: v.Stamp(s.Queued), Note: s.By}})
	}
	return t
}

func (w words) revision(rev int64) string {
	if rev == 0 {
		return ""
	}
	return w.T("surveillance.scan.rev", "rev", rev)
}

func (w words) took(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	if d < time.Second {
		return w.T("surveillance.scan.millis", "n", d.Milliseconds())
	}
	return w.T("surveillance.scan.seconds", "s", w.Decimal(d.Seconds(), 2))
}

// scanView is one scan.
type scanView struct {
	words
	Head   parts.PageHead
	S      surveillance.ScanRunView
	Path   string
	Topic  string
	Facts  []parts.Definition
	Alarms []surveillance.AlarmView
	Total  int
	Cancel bool
}

func (g *Pages) scanPage(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	v := scanView{words: words{r.Printer}, Path: scanPath(rid), Topic: "scan:" + string(rid)}
	if v.S, err = g.desk.ScanPage(r.Context(), r.Actor, rid); err != nil {
		return err
	}
	if v.Alarms, v.Total, err = g.desk.AlarmList(r.Context(), r.Actor, surveillance.AlarmFilter{Run: rid, Held: true, Limit: 100}); err != nil {
		return err
	}
	v.Cancel = slices.ContainsFunc(v.S.Offers, func(o workflow.Offer) bool { return o.Verb == "cancel" })
	title := v.T("surveillance.scan.of", "dataset", v.S.Set.Title)
	if v.S.Period != 0 {
		title = v.T("surveillance.scan.title", "dataset", v.S.Set.Title, "period", v.S.Set.Label(v.S.Period))
	}
	v.Head = parts.PageHead{Title: title, Crumbs: v.scanCrumbs(parts.Link{Text: v.T("surveillance.scans.title"), Href: scansPath}),
		Actions: []parts.Button{{Text: v.T("surveillance.print"), Icon: "printer", Print: true}}}
	v.facts()
	return r.Show(w, shell.Page{Title: title, Marking: string(v.S.Set.Marking), Topics: []string{v.Topic}}, scanPageOf(v))
}

func (v *scanView) facts() {
	s := v.S
	add := func(key, text string) {
		v.Facts = append(v.Facts, parts.Definition{Term: v.T("surveillance.scan." + key), Text: text})
	}
	add("state", v.T("surveillance.state."+string(s.State)))
	add("because", v.T("surveillance.scan.because."+s.Because))
	if s.Rev != 0 {
		known := v.revision(s.Rev)
		if !s.KnownAt.IsZero() {
			known = v.T("surveillance.revision.of", "rev", s.Rev, "date", v.Stamp(s.KnownAt))
		}
		add("revision", known)
	}
	if s.Failure != nil {
		add("failure", v.With(s.Failure.Key, s.Failure.Args))
	}
	if s.State != surveillance.Done {
		return
	}
	add("took", v.took(s.Took))
	add("series", v.Number(int64(s.Series)))
	add("judged", v.Number(int64(s.Judged)))
	add("above", v.Number(int64(s.Above)))
	add("alarms", v.Number(int64(s.Alarms)))
	add("tests", v.T("surveillance.scan.tests.of", "n", s.Tests, "cutoff", v.chance(s.Cutoff)))
}

// whys are how many series were not judged, and why, the most first.
func (v scanView) whys() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.scan.whys"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.scan.why")}, {Text: v.T("surveillance.field.series"), Number: true}}}
	var keys []string
	for k := range v.S.Whys {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if d := v.S.Whys[b] - v.S.Whys[a]; d != 0 {
			return d
		}
		return compareText(a, b)
	})
	for _, k := range keys {
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.why(k)}, {Text: v.Number(int64(v.S.Whys[k]))}})
	}
	for _, k := range []string{surveillance.HeldFDR, surveillance.HeldPersist} {
		if n := v.S.Held[k]; n > 0 {
			t.Rows = append(t.Rows, []parts.Cell{{Text: v.T("surveillance.held." + k)}, {Text: v.Number(int64(n))}})
		}
	}
	return t
}

func (v scanView) methods() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.scan.methods"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.field.disease")}, {Text: v.T("surveillance.method.number")}}}
	for _, m := range v.S.Methods {
		c := parts.Cell{Text: v.version(m)}
		if m.ID != "" {
			c.Href = methodPath(m.ID)
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.methodDisease(m.Disease)}, c})
	}
	return t
}

func (g *Pages) cancelScan(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	seen := version(r.PostForm)
	if _, err := g.desk.CancelScan(r.Context(), r.Actor, rid, seen); err != nil {
		return err
	}
	r.Say(w, "surveillance.said.scan_cancelled", nil)
	return r.Redirect(w, scanPath(rid))
}
