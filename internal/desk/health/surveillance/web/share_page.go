package web

import (
	"net/http"
	"slices"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/chart"
	"lintas/internal/web/mapview"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// shareView is one standing release: its rule, and exactly what leaves.
type shareView struct {
	words
	P      surveillance.SharePage
	Head   parts.PageHead
	Banner *parts.Notice
	Counts countsView
	Acts   []shareAct
	Errors parts.Errors
	Verb   string
	Reason string
}

type shareAct struct {
	Verb   string
	Reason bool
	Button parts.Button
}

func (g *Pages) share(w http.ResponseWriter, r *shell.Request) error {
	return g.showSharePage(w, r, http.StatusOK, "", nil)
}

func (g *Pages) showSharePage(w http.ResponseWriter, r *shell.Request, status int, verb string, cause error) error {
	p, err := g.shareOf(r)
	if err != nil {
		return err
	}
	v := shareView{words: words{r.Printer}, P: p, Verb: verb, Reason: r.PostFormValue("reason"), Errors: parts.ErrorsOf(r.Printer, cause)}
	v.Head = parts.PageHead{Title: v.diseaseName(p.Disease) + ", " + v.level(p.Level), Lede: v.T("surveillance.share.lede.to", "to", v.members(p.To)), Note: p.Dataset.Title + " · " + p.Dataset.Source,
		Crumbs: []parts.Link{{Text: v.T("surveillance.title"), Href: "/surveillance"}, {Text: v.T("surveillance.share.title"), Href: sharesPath}}}
	v.banner()
	for _, verb := range shareVerbs {
		i := slices.IndexFunc(p.Offers, func(o offer) bool { return o.Verb == verb })
		if i < 0 {
			continue
		}
		a := shareAct{Verb: string(verb), Reason: verb == "return" || verb == "withdraw", Button: parts.Button{Text: v.T("surveillance.share.verb." + string(verb))}}
		if verb == "submit" || verb == "clear" {
			a.Button.Kind = parts.Primary
		}
		for _, n := range p.Offers[i].Unmet {
			if !a.Reason {
				a.Button.Unmet = append(a.Button.Unmet, v.T("need."+n))
			}
		}
		v.Acts = append(v.Acts, a)
	}
	if slices.ContainsFunc(p.Offers, func(o offer) bool { return o.Verb == "edit" }) {
		v.Head.Actions = []parts.Button{{Text: v.T("surveillance.share.edit"), Icon: "pencil", Href: surveillance.SharePath(p.ID) + "/edit"}}
	}
	v.Counts = countsView{words: v.words, ID: "leaves", B: p.Body, At: p.Body.Last()}
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Map: true, Marking: string(p.Marking), Topics: []string{"share:" + string(p.ID)}}, sharePage(v))
}

func (v *shareView) banner() {
	p := &v.P
	switch {
	case p.Failure != nil:
		v.Banner = &parts.Notice{Grade: parts.Warning, Title: v.T("surveillance.share.failure"), Text: v.With(p.Failure.Key, p.Failure.Args)}
	case p.State == surveillance.Withdrawn:
		v.Banner = &parts.Notice{Grade: parts.Information, Title: v.T("surveillance.share.withdrawn"), Text: p.Reason}
	case p.State == surveillance.Drafted && p.Reason != "":
		v.Banner = &parts.Notice{Grade: parts.Warning, Title: v.T("surveillance.share.returned"), Text: p.Reason}
	}
}

func (v shareView) facts() []parts.Definition {
	p := v.P
	out := []parts.Definition{
		{Term: v.T("surveillance.import.state"), Text: v.T("surveillance.state." + string(p.State))},
		{Term: v.T("surveillance.share.to"), Text: v.members(p.To)},
		{Term: v.T("surveillance.share.level"), Text: v.level(p.Level)},
		{Term: v.T("surveillance.share.floor"), Text: v.floor(p.Floor)},
		{Term: v.T("surveillance.share.back"), Text: v.spanOf(p.Dataset.Resolution, p.Back)},
		{Term: v.T("surveillance.share.basis"), Text: v.T("basis." + p.Basis)},
		{Term: v.T("surveillance.field.marking"), Text: string(p.Marking)},
	}
	if p.ClearedAs != "" {
		out = append(out, parts.Definition{Term: v.T("surveillance.share.cleared"), Text: p.ClearedAs})
	}
	if p.Sent.Release != "" {
		out = append(out, parts.Definition{Term: v.T("surveillance.share.sent"), Text: v.Stamp(p.Sent.At) + " · " + v.T("surveillance.share.cells", "told", p.Sent.Cells, "withheld", p.Sent.Withheld)})
	}
	return out
}

// countsView is a body of counts, as it leaves or as it came.
type countsView struct {
	words
	ID string
	B  surveillance.CountsBody
	At int32

	Ground *mapview.Ground
}

func (v countsView) said(n int32) string {
	switch {
	case n == surveillance.Withheld:
		return v.T("map.withheld")
	case n < 0:
		return v.T("map.noreport")
	}
	return v.Number(int64(n))
}

// lastShown is how many of the newest periods a table of counts shows.
const lastShown = 12

func (v countsView) table() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.share.counts"), RowHead: true, Columns: []parts.Column{{Text: v.T("surveillance.table.place")}}}
	from := max(v.At-lastShown+1, v.B.First)
	for p := from; p <= v.At; p++ {
		t.Columns = append(t.Columns, parts.Column{Text: v.B.Calendar.Label(p), Number: true})
	}
	for i := range v.B.Rows {
		r := &v.B.Rows[i]
		name := parts.Cell{Text: place.Name(r.Place, v.Lang()), Note: r.Place}
		if r.SumOf > 0 {
			name.Note = v.T("surveillance.share.sum", "n", r.SumOf)
		}
		row := []parts.Cell{name}
		for p := from; p <= v.At; p++ {
			row = append(row, parts.Cell{Text: v.said(v.B.At(r, p))})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// note says whose figures these are, by which rule, and as of when.
func (v countsView) note() string {
	told, withheld := v.B.Cells()
	return v.T("surveillance.share.note", "source", v.B.Source, "calendar", v.calendar(v.B.Calendar), "rev", v.B.Rev, "known", v.Stamp(v.B.KnownAt), "rule", v.floor(v.B.Floor), "told", told, "withheld", withheld)
}

func (v countsView) mapOf(state string) mapview.Map {
	period := v.B.Calendar.Label(v.At)
	m := mapview.Map{ID: v.ID + "-map", Title: v.T("surveillance.map_of.title", "disease", v.diseaseName(v.B.Disease)), Desc: period, Value: v.T("surveillance.measure." + string(v.B.Measure)),
		Note: v.T("surveillance.map_of.count", "period", period) + " " + v.note(), Zoom: []string{state}, Ground: v.Ground}
	most := int32(0)
	for i := range v.B.Rows {
		most = max(most, v.B.At(&v.B.Rows[i], v.At))
	}
	add := func(code string, n int32) {
		a := mapview.Area{Code: code, Class: mapview.NoReport}
		switch {
		case n == surveillance.Withheld:
			a.Class = mapview.Withheld
		case n >= 0:
			f := float64(most)
			a.Value, a.Class = v.Number(int64(n)), mapview.Ramp(float64(n), [4]float64{f * .2, f * .4, f * .6, f * .8})
		}
		m.Areas = append(m.Areas, a)
	}
	for i := range v.B.Rows {
		add(v.B.Rows[i].Place, v.B.At(&v.B.Rows[i], v.At))
	}
	if v.B.Level == place.Unit {
		for _, u := range place.Units(state, true) {
			if !slices.ContainsFunc(v.B.Rows, func(r surveillance.CountsRow) bool { return r.Place == u.Code }) {
				add(u.Code, surveillance.NoReport)
			}
		}
	}
	if most > 0 {
		m.Low, m.High = "0", v.Number(int64(most))
	}
	return m
}

// curve is one row as bars.
func (v countsView) curve(r *surveillance.CountsRow) chart.Epi {
	c := v.B.Calendar
	e := chart.Epi{ID: v.ID + "-curve", Title: v.curveTitle(c.Resolution, v.B.Disease), Desc: v.T("surveillance.curve.of", "place", v.name(r.Place), "classes", v.classes(r.Classes)),
		Unit: v.T("surveillance.resolution." + string(c.Resolution)), Series: []string{v.T("surveillance.measure." + string(v.B.Measure))}}
	for p := max(v.At-103, v.B.First); p <= v.At; p++ {
		b := chart.Bar{Label: c.Label(p), Partial: v.B.Late > 0 && p > v.B.Last()-int32(v.B.Late)}
		if y, n := c.InYear(p); n == 1 {
			b.Tick = str(y)
		}
		switch n := v.B.At(r, p); {
		case n == surveillance.Withheld:
			b.Kept, e.Kept = true, v.T("map.withheld")
		case n < 0:
			b.Missing, e.Gap = true, v.T("map.noreport")
		default:
			b.Values = []float64{float64(n)}
		}
		if b.Partial {
			e.Partial = v.T("surveillance.partial")
		}
		e.Bars = append(e.Bars, b)
	}
	return e
}

// releasedView is what another member released.
type releasedView struct {
	words
	Head   parts.PageHead
	R      surveillance.Released
	Counts countsView
}

func (g *Pages) released(w http.ResponseWriter, r *shell.Request) error {
	v, err := g.releasedView(r)
	if err != nil {
		return err
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Map: true, Marking: string(v.R.Marking), Topics: []string{"released"}}, releasedPage(v))
}

func (g *Pages) releasedView(r *shell.Request) (releasedView, error) {
	v := releasedView{words: words{r.Printer}}
	sid, err := r.PathID("id")
	if err != nil {
		return v, err
	}
	if v.R, err = g.desk.ReleasedOne(r.Context(), r.Actor, sid); err != nil {
		return v, err
	}
	if v.R.Reason != "" {
		return v, fault.New(fault.NotFound, "fault.surveillance.taken_back").With("owner", v.name(string(v.R.Owner)))
	}
	v.Head = parts.PageHead{Title: v.diseaseName(v.R.Disease) + ", " + v.name(string(v.R.Owner)), Lede: v.T("surveillance.share.from", "owner", v.name(string(v.R.Owner)), "level", v.level(v.R.Level)),
		Note:   v.T("surveillance.share.as_of", "release", string(v.R.Release), "received", v.Stamp(v.R.Received)),
		Crumbs: []parts.Link{{Text: v.T("surveillance.title"), Href: "/surveillance"}, {Text: v.T("surveillance.share.title"), Href: sharesPath}}}
	v.Counts = countsView{words: v.words, ID: "came", B: v.R.CountsBody, At: newest(&v.R.CountsBody)}
	v.Counts.Ground, err = g.ground(r.Context(), r.Actor)
	return v, err
}

// newest is the newest period in which any place has a count.
func newest(b *surveillance.CountsBody) int32 {
	for p := b.Last(); p > b.First; p-- {
		for i := range b.Rows {
			if b.At(&b.Rows[i], p) >= 0 {
				return p
			}
		}
	}
	return b.Last()
}

type offer = workflow.Offer

func releasedPath(share id.ID) string { return "/surveillance/released/" + string(share) }
