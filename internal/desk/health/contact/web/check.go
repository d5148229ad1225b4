package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/contact"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/chart"
	"lintas/internal/web/parts"
)

// checksView is the past checks and the form of a new one.
type checksView struct {
	words
	Head    parts.PageHead
	Path    string
	May     bool
	Form    url.Values
	Errors  parts.Errors
	Members []parts.Option
	Rows    parts.Table
	Calls   parts.Table
	Pager   parts.Pager
}

const listed = 30

func (g *Pages) checks(w http.ResponseWriter, r *shell.Request) error {
	form := url.Values{"within": {strconv.Itoa(int(contact.DefaultWithin / time.Minute))}, "urgent": {"1"}}
	for _, m := range access.All() {
		if m != g.self {
			form.Add("member", string(m))
		}
	}
	return g.showChecks(w, r, http.StatusOK, form, nil)
}

func (g *Pages) showChecks(w http.ResponseWriter, r *shell.Request, status int, form url.Values, cause error) error {
	v := checksView{words: g.words(r), Path: checks, May: contact.MayCall(r.Actor), Form: form, Errors: parts.ErrorsOf(r.Printer, cause)}
	v.Head = parts.PageHead{Title: v.T("contact.checks.title"), Lede: v.T("contact.checks.lede"),
		Crumbs: []parts.Link{{Text: v.T("contact.title"), Href: base}, {Text: v.T("contact.checks.title")}}}
	for _, m := range access.All() {
		if m != g.self {
			v.Members = append(v.Members, parts.Option{Value: string(m), Text: v.name(string(m)), Chosen: slices.Contains(form["member"], string(m))})
		}
	}
	var before time.Time
	if n, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64); err == nil && n > 0 {
		before = time.UnixMicro(n).UTC()
	}
	list, next, err := g.desk.CheckList(r.Context(), r.Actor, before, listed)
	if err != nil {
		return err
	}
	v.Rows = v.checkTable(list)
	if !before.IsZero() {
		v.Pager.Previous = checks
	}
	if !next.IsZero() {
		v.Pager.Next = checks + "?before=" + strconv.FormatInt(next.UnixMicro(), 10)
	}
	calls, err := g.desk.Received(r.Context(), r.Actor, listed)
	if err != nil {
		return err
	}
	v.Calls = v.callTable(calls)
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, checksPage(v))
}

// checksDownload is the list of the checks that this node called.
func (g *Pages) checksDownload(w http.ResponseWriter, r *shell.Request) error {
	if !health.Capabilities.May(r.Actor, "health.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	var rows [][]any
	for before, n := (time.Time{}), 0; n < 100; n++ {
		list, next, err := g.desk.CheckList(r.Context(), r.Actor, before, listed)
		if err != nil {
			return err
		}
		for _, s := range list {
			var median any
			if s.HasMedian {
				median = s.Median
			}
			rows = append(rows, []any{string(s.ID), s.Issued, s.By, s.Post, string(s.Role), string(s.State), s.Asked, s.Replied, s.InTime, median, s.Words, s.Exercise})
		}
		if next.IsZero() {
			break
		}
		before = next
	}
	return r.Sheet(w, "checks", []string{"id", "called", "due", "by", "role", "state", "asked", "answered", "in_time", "median_minutes", "words", "exercise"}, rows)
}

func (w words) checkTable(list []contact.Summary) parts.Table {
	t := parts.Table{Caption: w.T("contact.checks.past"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("contact.col.called")}, {Text: w.T("contact.field.role")},
		{Text: w.T("contact.col.state")}, {Text: w.T("contact.col.answered"), Number: true}, {Text: w.T("contact.col.in_time"), Number: true}, {Text: w.T("contact.col.median"), Number: true}}}
	for _, s := range list {
		median := w.T("contact.nobody")
		if s.HasMedian {
			median = w.minutes(s.Median)
		}
		note := s.Post
		if s.Exercise != "" {
			note += " · " + w.T("contact.exercise")
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: w.Stamp(s.Issued), Href: contact.CheckPath(s.ID), Note: note}, {Text: w.role(s.Role)},
			{Text: w.T("contact.state." + string(s.State))}, {Text: w.T("contact.of", "n", s.Replied, "all", s.Asked)}, {Text: str(s.InTime)}, {Text: median}})
	}
	return t
}

func (w words) callTable(calls []contact.Call) parts.Table {
	t := parts.Table{Caption: w.T("contact.calls.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("contact.col.called")}, {Text: w.T("contact.col.by")},
		{Text: w.T("contact.field.role")}, {Text: w.T("contact.col.ours")}}}
	for _, k := range calls {
		ours := w.T("contact.state." + string(k.State))
		if !k.Answered.IsZero() {
			ours = w.T("contact.answered_in", "took", w.took(max(0, k.Answered.Sub(k.Body.Issued).Minutes())), "post", k.AnswerAs)
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: w.Stamp(k.Body.Issued), Href: contact.CallPath(k.ID)}, {Text: w.name(string(k.From))}, {Text: w.role(k.Body.Role)}, {Text: ours}})
	}
	return t
}

func (w words) minutes(m float64) string {
	return w.T("contact.minutes", "n", w.Decimal(m, 1))
}

func (g *Pages) call(w http.ResponseWriter, r *shell.Request) error {
	f := r.PostForm
	in := contact.CheckInput{Role: contact.Role(f.Get("role")), Words: text(f.Get("words")), Urgent: f.Get("urgent") == "1", Exercise: f.Get("exercise") == "1"}
	if n, err := strconv.Atoi(strings.TrimSpace(f.Get("within"))); err == nil && n > 0 && n <= 100000 {
		in.Within = time.Duration(n) * time.Minute
	}
	for _, m := range f["member"] {
		if in.Role != "" && m == string(access.ASEC) && len(f["member"]) > 1 && statesOnly(in.Role) {
			continue // "all" means all that have the role
		}
		in.To = append(in.To, access.Member(m))
	}
	k, err := g.desk.Call(r.Context(), r.Actor, in)
	if fault.Is(err, fault.Invalid) {
		return g.showChecks(w, r, http.StatusBadRequest, f, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "contact.said.called", nil)
	return r.Redirect(w, contact.CheckPath(k.ID))
}

func statesOnly(role contact.Role) bool {
	i := slices.IndexFunc(contact.RoleList, func(x contact.RoleRow) bool { return x.Role == role })
	return i >= 0 && contact.RoleList[i].States
}

// checkView is one check with its results.
type checkView struct {
	words
	P       contact.CheckPage
	Path    string
	Topic   string
	Head    parts.PageHead
	Figures []parts.Figure
	Acks    []parts.Ack
	Silent  []silentRow
	Chart   chart.Bars
	Off     bool
	Errors  parts.Errors
	Reason  string
	Names   string // of the silent ones
	Table   parts.Table
}

// silentRow is whom to call at a member that is silent.
type silentRow struct {
	Plate     parts.Plate
	Name      string
	Step      string
	Post      string
	Channels  []channelView
	Delivered string
}

func (g *Pages) check(w http.ResponseWriter, r *shell.Request) error {
	return g.showCheck(w, r, http.StatusOK, nil)
}

func (g *Pages) showCheck(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	i, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.CheckPage(r.Context(), r.Actor, i)
	if err != nil {
		return err
	}
	v := g.words(r).check(p)
	v.Errors, v.Reason = parts.ErrorsOf(r.Printer, cause), r.PostFormValue("reason")
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Topics: []string{v.Topic}, Marking: string(p.Marking)}, checkPage(v))
}

func (w words) check(p contact.CheckPage) checkView {
	v := checkView{words: w, P: p, Path: contact.CheckPath(p.ID), Topic: "check:" + string(p.ID)}
	title := w.T("contact.check.title", "time", w.Stamp(p.Issued))
	v.Head = parts.PageHead{Title: title, Meta: checkMeta(w, p), Lede: p.Words, Note: w.T("contact.check.note", "role", w.role(p.Role), "post", p.Post, "due", w.Stamp(p.By)),
		Crumbs: []parts.Link{{Text: w.T("contact.title"), Href: base}, {Text: w.T("contact.checks.title"), Href: checks}, {Text: title}}}
	_, v.Off = offered(p.Offers, "call_off")
	median := w.T("contact.nobody")
	if p.HasMedian {
		median = w.minutes(p.Median)
	}
	v.Figures = []parts.Figure{{Label: w.T("contact.col.answered"), Value: w.T("contact.of", "n", p.Replied, "all", p.Asked)},
		{Label: w.T("contact.col.in_time"), Value: str(p.InTime)}, {Label: w.T("contact.col.median"), Value: median}}
	if p.State == contact.Running {
		v.Figures = append(v.Figures, parts.Figure{Label: w.T("contact.left"), Value: w.Left(p.By, w.now)})
	}
	var names []access.Member
	v.Chart = chart.Bars{ID: "minutes", Title: w.T("contact.chart.title"), Desc: w.T("contact.chart.text"), Name: w.T("contact.col.member"), Value: w.T("contact.col.minutes")}
	v.Table = parts.Table{Caption: w.T("contact.check.results"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("contact.col.member")}, {Text: w.T("contact.col.state")},
		{Text: w.T("contact.col.minutes"), Number: true}, {Text: w.T("contact.col.delivered")}, {Text: w.T("contact.col.opened")}}}
	for i := range p.Results {
		r := &p.Results[i]
		v.Acks = append(v.Acks, w.ack(&p, r))
		v.Table.Rows = append(v.Table.Rows, w.resultRow(r))
		bar := chart.BarRow{Label: w.name(string(r.Member)), Value: r.Took}
		if r.Silent() {
			bar.Missing = w.T("contact.silent")
			names = append(names, r.Member)
			if p.State != contact.CalledOff {
				v.Silent = append(v.Silent, w.silent(r))
			}
		}
		v.Chart.Rows = append(v.Chart.Rows, bar)
	}
	v.Names = w.members(names)
	return v
}

func (w words) resultRow(r *contact.Result) []parts.Cell {
	state, took := w.T("contact.silent"), ""
	if !r.Silent() {
		state, took = w.T("contact.here_by", "post", r.Post), w.Decimal(r.Took, 1)
		if r.Words != "" {
			state += " · " + r.Words
		}
		if r.Late {
			state += " · " + w.T("contact.late")
		}
	}
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return w.T("contact.not_yet")
		}
		return w.ShortStamp(t)
	}
	opened := stamp(r.Opened)
	if r.Opened.IsZero() && !r.Silent() {
		opened = w.T("contact.from_desk") // pressed without opening the page
	}
	late := ""
	if !r.Silent() && r.Arrived.Sub(r.Answered) > 5*time.Minute {
		late = w.T("contact.arrived", "time", w.ShortStamp(r.Arrived))
	}
	return []parts.Cell{{Text: w.name(string(r.Member))}, {Text: state, Note: late}, {Text: took}, {Text: stamp(r.Delivered)}, {Text: opened}}
}

func (w words) ack(p *contact.CheckPage, r *contact.Result) parts.Ack {
	a := parts.Ack{Code: string(r.Member), Name: w.name(string(r.Member)), State: parts.Waiting, Late: r.Late && r.Silent()}
	switch {
	case !r.Silent():
		a.State = parts.Acted
	case !r.Opened.IsZero():
		a.State = parts.Read
	}
	return a
}

func (w words) silent(r *contact.Result) silentRow {
	out := silentRow{Plate: w.plate(r.Member, parts.Missing), Name: w.name(string(r.Member)), Delivered: w.T("contact.unreached")}
	if !r.Delivered.IsZero() {
		out.Delivered = w.T("contact.reached", "time", w.ShortStamp(r.Delivered))
	}
	switch {
	case r.Quiet:
		out.Step = w.T("contact.in_quiet")
	case r.Next == nil:
		out.Step = w.T("contact.no_contact")
	default:
		out.Step = w.T("contact.call_first")
		if r.Step > 0 {
			out.Step = w.T("contact.call_alternate", "n", r.Step)
		}
		out.Post = r.Next.Post
		for _, c := range r.Next.Channels {
			out.Channels = append(out.Channels, channelView{Kind: w.T("contact.channel." + c.Kind), Text: spaced(c), Href: href(c), Night: c.Night})
		}
	}
	return out
}

func (g *Pages) callOff(w http.ResponseWriter, r *shell.Request) error {
	i, err := r.PathID("id")
	if err != nil {
		return err
	}
	_, err = g.desk.CallOff(r.Context(), r.Actor, i, 0, text(r.PostFormValue("reason")))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showCheck(w, r, http.StatusBadRequest, err)
	case fault.Is(err, fault.Conflict):
		return g.showCheck(w, r, http.StatusConflict, err)
	case err != nil:
		return err
	}
	r.Say(w, "contact.said.off", nil)
	return r.Redirect(w, contact.CheckPath(i))
}

// callView is a check at the member that was called.
type callView struct {
	words
	P      contact.CallPage
	Path   string
	Topic  string
	Head   parts.PageHead
	Here   bool
	Banner *parts.Notice
	Track  []parts.Definition
}

// ringing shows a received check. Opening it sends the receipt "opened", as
// with a notification.
func (g *Pages) ringing(w http.ResponseWriter, r *shell.Request) error {
	i, err := r.PathID("id")
	if err != nil {
		return err
	}
	if r.Method == http.MethodGet {
		if _, err := g.desk.OpenCall(r.Context(), r.Actor, i); err != nil {
			return err
		}
	}
	return g.showCall(w, r, http.StatusOK, i)
}

func (g *Pages) showCall(w http.ResponseWriter, r *shell.Request, status int, i id.ID) error {
	p, err := g.desk.CallPage(r.Context(), r.Actor, i)
	if err != nil {
		return err
	}
	v := callView{words: g.words(r), P: p, Path: contact.CallPath(i), Topic: "call:" + string(i)}
	from := v.name(string(p.From))
	v.Head = parts.PageHead{Title: v.T("contact.call.title", "member", from), Lede: p.Body.Words, Meta: callMeta(v.words, p),
		Note: v.T("contact.call.note", "post", p.Body.Post, "time", v.Stamp(p.Body.Issued), "due", v.Stamp(p.Body.By))}
	_, v.Here = offered(p.Offers, "here")
	switch {
	case p.State == contact.CalledOff:
		v.Banner = &parts.Notice{Grade: parts.Information, Title: v.T("contact.call.off"), Text: p.Reason}
	case !p.Answered.IsZero():
		v.Banner = &parts.Notice{Grade: parts.Good, Title: v.T("contact.call.answered"), Text: v.T("contact.answered_in",
			"took", v.took(max(0, p.Answered.Sub(p.Body.Issued).Minutes())), "post", p.AnswerAs)}
	case p.Late:
		v.Banner = &parts.Notice{Grade: parts.Warning, Title: v.T("contact.call.late")}
	}
	v.Track = []parts.Definition{{Term: v.T("contact.field.role"), Text: v.role(p.Body.Role)}, {Term: v.T("contact.field.received"), Text: v.Stamp(p.Received)}}
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Topics: []string{v.Topic}, Marking: string(p.Marking)}, callPage(v))
}

func (g *Pages) here(w http.ResponseWriter, r *shell.Request) error {
	i, err := r.PathID("id")
	if err != nil {
		return err
	}
	_, err = g.desk.Here(r.Context(), r.Actor, i, text(r.PostFormValue("words")))
	if fault.Is(err, fault.Conflict) {
		return g.showCall(w, r, http.StatusConflict, i)
	}
	if err != nil {
		return err
	}
	r.Say(w, "contact.said.here", nil)
	if r.URL.Query().Get("back") == "desk" {
		return r.Redirect(w, "/")
	}
	return r.Redirect(w, contact.CallPath(i))
}
