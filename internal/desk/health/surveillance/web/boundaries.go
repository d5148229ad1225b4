package web

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/mapview"
	"lintas/internal/web/parts"
)

const boundariesPath = "/surveillance/boundaries"

// grounds keeps what was made of the editions in use.
type grounds struct {
	mu     sync.Mutex
	stamp  string
	ground *mapview.Ground
}

// ground is the node's own boundaries for its maps; nil: the built-in ones.
func (g *Pages) ground(ctx context.Context, a access.Actor) (*mapview.Ground, error) {
	stamp, err := g.desk.EditionStamp(ctx)
	if err != nil || stamp == "" {
		return nil, err
	}
	g.own.mu.Lock()
	defer g.own.mu.Unlock()
	if g.own.stamp == stamp {
		return g.own.ground, nil
	}
	list, err := g.desk.Editions(ctx, a)
	if err != nil {
		return nil, err
	}
	g.own.ground, g.own.stamp = groundOf(list, false), stamp
	return g.own.ground, nil
}

// groundOf is what the maps look like with the editions in use, or with those
// that wait.
func groundOf(list []surveillance.EditionView, waiting bool) *mapview.Ground {
	var editions []*place.Edition
	var names []string
	for i := range list {
		if list[i].Pending == waiting {
			editions = append(editions, &list[i].Edition)
			names = append(names, list[i].State+": "+list[i].Source)
		}
	}
	return mapview.NewGround(editions, strings.Join(names, "; "))
}

// boundariesView is which outlines the maps of the node draw.
type boundariesView struct {
	words
	Head     parts.PageHead
	Built    parts.Table
	Editions []editionView
	MayAdd   bool
	State    string
	Source   string
	Errors   parts.Errors
}

type editionView struct {
	surveillance.EditionView
	Map  templ.Component
	Gaps string
}

func (g *Pages) boundaries(w http.ResponseWriter, r *shell.Request) error {
	return g.showBoundaries(w, r, http.StatusOK, nil, "", "")
}

func (g *Pages) showBoundaries(w http.ResponseWriter, r *shell.Request, status int, fail error, state, source string) error {
	v := boundariesView{words: words{r.Printer}, MayAdd: surveillance.MayBound(r.Actor), Errors: parts.ErrorsOf(r.Printer, fail), State: state, Source: source}
	list, err := g.desk.Editions(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.T("surveillance.bound.title"), Lede: v.T("surveillance.bound.lede"),
		Crumbs: []parts.Link{{Text: v.T("surveillance.title"), Href: "/surveillance"}, {Text: v.T("surveillance.places.title"), Href: "/surveillance/places"}}}
	for _, e := range list {
		x := editionView{EditionView: e}
		m := mapview.Map{ID: "edition-" + strings.ToLower(e.State), Title: v.name(e.State), Desc: e.Source, Zoom: []string{e.State}, Ground: groundOf(list, e.Pending)}
		if e.Pending {
			m.ID += "-waiting"
		}
		for _, u := range e.Units {
			m.Areas = append(m.Areas, mapview.Area{Code: u.Code, Class: mapview.Ramp2, Label: true})
		}
		var gaps []string
		for _, p := range e.Gaps() {
			gaps = append(gaps, p.In(v.Lang())+" ("+p.Code+")")
		}
		x.Map, x.Gaps = m.Figure(r.Printer), strings.Join(gaps, ", ")
		v.Editions = append(v.Editions, x)
	}
	v.Built = v.built(list)
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Map: true, Topics: []string{"boundaries"}}, boundariesPage(v))
}

// built is a line for each state: which edition is drawn, and its gaps.
func (v boundariesView) built(list []surveillance.EditionView) parts.Table {
	t := parts.Table{Caption: v.T("surveillance.bound.which"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.table.place")}, {Text: v.T("surveillance.bound.edition")}, {Text: v.T("surveillance.bound.units"), Number: true}, {Text: v.T("surveillance.place.gaps")}}}
	for _, s := range place.States() {
		edition, drawn, gaps := v.T("surveillance.bound.built"), 0, place.Gaps(s.Code)
		for _, u := range place.Units(s.Code, false) {
			if u.Drawn {
				drawn++
			}
		}
		if i := slices.IndexFunc(list, func(e surveillance.EditionView) bool { return e.State == s.Code && !e.Pending }); i >= 0 {
			edition, drawn, gaps = list[i].Source, len(list[i].Units), list[i].Gaps()
		}
		var names []string
		for _, p := range gaps {
			names = append(names, p.In(v.Lang()))
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: s.In(v.Lang()), Note: s.Code}, {Text: edition}, {Text: str(drawn)}, {Text: strings.Join(names, ", ")}})
	}
	return t
}

func (v boundariesView) states() parts.Select {
	s := parts.Select{Field: v.field("state")}
	for _, p := range place.States() {
		s.Options = append(s.Options, parts.Option{Value: p.Code, Text: p.In(v.Lang()), Chosen: p.Code == v.State})
	}
	return s
}

func (v boundariesView) field(name string) parts.Field {
	return parts.Field{Name: name, Label: v.T("surveillance.bound." + name), Hint: v.T("surveillance.bound." + name + ".hint"), Error: v.Errors.Of(name), Required: true}
}

// uploadBoundaries reads the fields before the file, as browsers send them in
// the order of the form.
func (g *Pages) uploadBoundaries(w http.ResponseWriter, r *shell.Request) error {
	state, source, err := g.readBoundaries(r)
	if err == nil {
		r.Say(w, "surveillance.bound.said.upload", nil)
		return r.Redirect(w, boundariesPath)
	}
	_, _ = io.Copy(io.Discard, r.Body) // a browser that is still sending would not read the answer
	if fault.Is(err, fault.Invalid) {
		return g.showBoundaries(w, r, shell.Status(err), err, state, source)
	}
	return err
}

func (g *Pages) readBoundaries(r *shell.Request) (state, source string, err error) {
	mr, err := r.MultipartReader()
	if err != nil {
		return "", "", fault.Wrap(fault.Invalid, "fault.surveillance.no_file", err)
	}
	for {
		var part *multipart.Part
		part, err = mr.NextPart()
		if errors.Is(err, io.EOF) {
			var c fault.Check
			c.That(false, "file", "fault.surveillance.no_file")
			return state, source, c.Err()
		}
		if err != nil {
			return state, source, fault.Wrap(fault.Invalid, "fault.surveillance.no_file", err)
		}
		if part.FormName() == "file" && part.FileName() != "" {
			return state, source, g.desk.UploadOutline(r.Context(), r.Actor, state, part.FileName(), source, part)
		}
		b, err := io.ReadAll(io.LimitReader(part, 4000))
		if err != nil {
			return state, source, err
		}
		switch part.FormName() {
		case "state":
			state = string(b)
		case "source":
			source = string(b)
		}
	}
}

func (g *Pages) stepBoundaries(w http.ResponseWriter, r *shell.Request) error {
	state := r.PathValue("state")
	var err error
	switch verb := r.PathValue("verb"); verb {
	case "use":
		err = g.desk.UseOutline(r.Context(), r.Actor, state)
	case "drop", "discard":
		err = g.desk.DropOutline(r.Context(), r.Actor, state, verb == "discard")
	default:
		return nothing()
	}
	if err != nil {
		return err
	}
	r.Say(w, "surveillance.bound.said."+r.PathValue("verb"), nil)
	return r.Redirect(w, boundariesPath)
}

// suffix tells the keys of what waits from those of what is in use.
func (e editionView) suffix() string {
	if e.Pending {
		return ".waiting"
	}
	return ""
}
