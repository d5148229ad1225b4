package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lintas/internal/fault"
	"lintas/internal/locale"
	shell "lintas/internal/web"
	"lintas/internal/web/chart"
	"lintas/internal/web/chart/save"
	"lintas/internal/web/mapview"
)

// Figures as files: every chart and map of a page with its source, method and
// date, as SVG or PNG. The address is that of the page with /figure/<name>.

// figure names the address of a figure of this page as a file.
func (v regionView) figure(what string) func(string) string {
	return func(format string) string {
		q := url.Values{}
		for k, s := range v.Query {
			q[k] = s
		}
		return regionPath + "/figure/" + what + "." + format + "?" + q.Encode()
	}
}

func (v compareView) figure() func(string) string {
	return func(format string) string { return v.Path + "/figure/lines." + format + "?" + v.Query.Encode() }
}

func (v diseaseView) figure(what string) func(string) string {
	return func(format string) string { return v.Path + "/figure/" + what + "." + format + "?" + v.Query.Encode() }
}

func figureOf(share, what string) func(string) string {
	return func(format string) string { return share + "/figure/" + what + "." + format }
}

// asked splits the name of the file, and gives the request whose words can be
// written in its format.
func asked(r *shell.Request) (what, format string, out *shell.Request, err error) {
	what, format, ok := strings.Cut(r.PathValue("file"), ".")
	if !ok || format != "svg" && format != "png" {
		return "", "", nil, fault.New(fault.NotFound, "fault.not_found")
	}
	c := *r
	if format == "png" && !save.Writes(r.Printer.Lang()) {
		c.Printer = locale.New(locale.Source, nil, "")
	}
	return what, format, &c, nil
}

func send(w http.ResponseWriter, name, format string, s save.Sheet) error {
	h := w.Header()
	h.Set("Content-Disposition", `attachment; filename="`+name+"."+format+`"`)
	if format == "png" {
		h.Set("Content-Type", "image/png")
		return save.PNG(w, s)
	}
	h.Set("Content-Type", "image/svg+xml")
	return save.SVG(w, s)
}

func nothing() error { return fault.New(fault.NotFound, "fault.not_found") }

func (g *Pages) regionFigure(w http.ResponseWriter, r *shell.Request) error {
	what, format, r, err := asked(r)
	if err != nil {
		return err
	}
	v, err := g.regionView(r)
	if err != nil {
		return err
	}
	s := save.Sheet{Title: v.Head.Title, Sub: v.Head.Note}
	for i := range v.P.Cells {
		if c := &v.P.Cells[i]; c.Why == "" {
			s.Foot = append(s.Foot, v.T("surveillance.region.source", "state", c.State.Code, "source", c.Source, "calendar", v.calendar(c.Calendar), "known", v.Stamp(c.KnownAt)))
		}
	}
	switch {
	case v.P.Disease == "":
		return nothing()
	case what == "grid":
		s.Drawing, s.Foot = v.grid().Draw(), append([]string{v.T("surveillance.region.grid.note")}, s.Foot...)
	case what == "map":
		v.words.mapSheet(&s, v.mapOf())
	default:
		return nothing()
	}
	return send(w, v.P.Disease+"-"+what, format, s)
}

func (g *Pages) compareFigure(w http.ResponseWriter, r *shell.Request) error {
	what, format, r, err := asked(r)
	if err != nil || what != "lines" {
		return nothing()
	}
	v, err := g.compareView(r)
	if err != nil {
		return err
	}
	l := v.lines()
	s := save.Sheet{Title: l.Title, Sub: v.P.Set.Title, Foot: []string{v.note()}, Drawing: l.Draw(v.Printer, 720, 300, "file")}
	for i, c := range v.P.Places {
		s.Legend = append(s.Legend, save.Key{Class: "ln l" + str(i%6), Line: true, Text: placeOption(v.words, c.Place)})
		if c.Owner != "" {
			s.Foot = append(s.Foot, c.Place.Code+": "+c.Source+", "+v.calendar(c.Calendar)+", "+v.Stamp(c.KnownAt))
		}
	}
	return send(w, v.P.Disease+"-compare", format, s)
}

func (g *Pages) diseaseFigure(w http.ResponseWriter, r *shell.Request) error {
	what, format, r, err := asked(r)
	if err != nil {
		return err
	}
	v, err := g.diseaseView(r)
	if err != nil {
		return err
	}
	if v.P.State.Rev == 0 {
		return nothing()
	}
	s := save.Sheet{Title: v.Head.Title, Sub: v.Head.Lede, Foot: []string{v.source()}}
	if v.P.Set.Terms != "" {
		s.Foot = append(s.Foot, v.P.Set.Terms)
	}
	switch {
	case what == "map":
		s.Foot = s.Foot[1:] // the note of the map says the source
		v.words.mapSheet(&s, v.mapOf())
	case what == "curve":
		curveSheet(&s, v.epi(), v.words)
	case what == "rt" || what == "nowcast":
		if !v.bandSheet(&s, what) {
			return nothing()
		}
	case what == "grid" && v.P.In == "":
		s.Drawing, s.Foot = v.grid().Draw(), append([]string{v.T("surveillance.grid.note")}, s.Foot...)
	default:
		return nothing()
	}
	return send(w, v.P.Disease+"-"+what, format, s)
}

func (g *Pages) releasedFigure(w http.ResponseWriter, r *shell.Request) error {
	what, format, r, err := asked(r)
	if err != nil {
		return err
	}
	v, err := g.releasedView(r)
	if err != nil {
		return err
	}
	s := save.Sheet{Title: v.Head.Title, Sub: v.Head.Note, Foot: []string{v.Counts.note()}}
	switch {
	case what == "map":
		s.Foot = nil
		v.words.mapSheet(&s, v.Counts.mapOf(string(v.R.Owner)))
	case what == "curve" && len(v.R.Rows) == 1:
		curveSheet(&s, v.Counts.curve(&v.R.Rows[0]), v.words)
	default:
		return nothing()
	}
	return send(w, v.R.Disease+"-"+string(v.R.Owner)+"-"+what, format, s)
}

func (g *Pages) placeFigure(w http.ResponseWriter, r *shell.Request) error {
	what, format, r, err := asked(r)
	if err != nil {
		return err
	}
	v, err := g.placeView(r)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(v.Curves, func(c placeCurve) bool { return c.ID == what })
	if i < 0 {
		return nothing()
	}
	s := save.Sheet{Title: v.Curves[i].Title + ", " + v.Head.Title, Sub: v.Curves[i].Aside, Foot: []string{v.Curves[i].Source}}
	curveSheet(&s, v.curve(i, v.P.Lines[i]), v.words)
	return send(w, v.P.Place.Code+"-"+v.P.Lines[i].Disease, format, s)
}

// mapSheet adds the map, what its shades mean, what it does not show, and the
// sentence on boundaries.
func (w words) mapSheet(s *save.Sheet, m mapview.Map) {
	s.Drawing = m.Draw(w.Printer)
	has := func(c mapview.Class) bool {
		return slices.ContainsFunc(m.Areas, func(a mapview.Area) bool { return a.Class == c })
	}
	if m.Low != "" {
		low := m.Low
		if low == "0" && has(mapview.Ramp0) {
			s.Legend, low = append(s.Legend, save.Key{Class: string(mapview.Ramp0), Text: low}), ""
		}
		s.Legend = append(s.Legend, save.Key{Class: "q1", Text: low}, save.Key{Class: "q2"}, save.Key{Class: "q3"}, save.Key{Class: "q4"}, save.Key{Class: "q5", Text: m.High})
	}
	if has(mapview.NoReport) {
		text := m.Hatched
		if text == "" {
			text = w.T("map.noreport")
		}
		s.Legend = append(s.Legend, save.Key{Pattern: m.ID + "-hatch", Text: text})
	}
	if has(mapview.Withheld) {
		s.Legend = append(s.Legend, save.Key{Pattern: m.ID + "-hatch-kept", Text: w.T("map.withheld")})
	}
	s.Foot = append([]string{m.Note}, s.Foot...)
	if names := m.Undrawn(w.Printer); names != "" {
		s.Foot = append(s.Foot, w.T("map.nopolygon")+": "+names+".")
	}
	s.Foot = append(s.Foot, w.T("map.disclaimer")+" "+m.Attribution(w.Printer))
}

// bandSheet adds the figure of a layer; false: there is none.
func (v diseaseView) bandSheet(s *save.Sheet, what string) bool {
	for _, m := range v.Marks {
		b, ok := m.Bands[what]
		if !ok {
			continue
		}
		s.Title, s.Drawing = b.Title+", "+s.Title, b.Draw(v.Printer, 720, 240, "file")
		if b.Bars != "" {
			s.Legend = append(s.Legend, save.Key{Class: "s0", Text: b.Bars}, save.Key{Class: "mid", Line: true, Text: b.Line + ", " + b.Range})
		} else {
			s.Legend = append(s.Legend, save.Key{Class: "ln l0", Line: true, Text: b.Line}, save.Key{Class: "band", Text: b.Range})
		}
		if b.At != "" {
			s.Legend = append(s.Legend, save.Key{Class: "thr", Line: true, Text: b.At})
		}
		s.Foot = append([]string{b.Desc}, s.Foot...)
		return true
	}
	return false
}

func curveSheet(s *save.Sheet, e chart.Epi, w words) {
	s.Drawing = e.Draw(w.Printer, 720, 280, "file")
	for i, name := range e.Series {
		s.Legend = append(s.Legend, save.Key{Class: "s" + str(i%4), Text: name})
	}
	if e.Limit != "" {
		s.Legend = append(s.Legend, save.Key{Class: "thr", Line: true, Text: e.Limit})
	}
	if e.Desc != "" {
		s.Foot = append([]string{e.Desc}, s.Foot...)
	}
	for _, gap := range []string{markOf("×", e.Gap), markOf("∗", e.Kept), markOf("▼", e.Alarm)} {
		if gap != "" {
			s.Foot = append(s.Foot, gap)
		}
	}
}

func markOf(mark, text string) string {
	if text == "" {
		return ""
	}
	return mark + " " + text
}
