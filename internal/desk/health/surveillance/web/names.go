package web

import (
	"net/http"
	"net/url"
	"strings"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// namesView asks which places the names of a file mean.
type namesView struct {
	words
	I      surveillance.ImportView
	Path   string
	Lines  []nameLine
	More   int // names beyond this page
	Errors parts.Errors
}

// nameLine is one name with its choices.
type nameLine struct {
	N       int
	T       surveillance.Term
	State   string
	Options []parts.Option
	Other   string // typed code
	Error   string
}

const namesOnPage = 100

// none is the choice that a name is no place of the list.
const noneOfThem = "-"

func (g *Pages) names(w http.ResponseWriter, r *shell.Request) error {
	return g.showNames(w, r, http.StatusOK, r.URL.Query().Get("suggest") == "1", nil, nil)
}

func (g *Pages) showNames(w http.ResponseWriter, r *shell.Request, status int, suggest bool, form url.Values, fail error) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	v := namesView{words: words{r.Printer}, Path: importPath(iid), Errors: parts.ErrorsOf(r.Printer, fail)}
	if v.I, err = g.desk.ImportPage(r.Context(), r.Actor, iid); err != nil {
		return err
	}
	m, err := g.desk.Matcher(r.Context())
	if err != nil {
		return err
	}
	terms := v.I.Result.Terms
	if len(terms) > namesOnPage {
		v.More = len(terms) - namesOnPage
		terms = terms[:namesOnPage]
	}
	for n, t := range terms {
		l := nameLine{N: n, T: t, State: v.stateName(t.State)}
		chosen := form.Get("means." + str(n))
		if suggest && form == nil && len(t.Candidates) > 0 && t.Candidates[0].Score >= .8 && t.How == place.Similar {
			chosen = t.Candidates[0].Code
		}
		l.Other = form.Get("other." + str(n))
		l.Options = v.choices(m, t, chosen)
		for _, e := range v.Errors.Items {
			if e.Row == n+1 {
				l.Error = e.Text
			}
		}
		v.Lines = append(v.Lines, l)
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.T("surveillance.confirm.title")}, namesPage(v))
}

// choices are what is like the name, then all units of its state.
func (v namesView) choices(m *place.Matcher, t surveillance.Term, chosen string) []parts.Option {
	var out []parts.Option
	seen := map[string]bool{}
	add := func(p place.Place, group, note string) {
		if seen[p.Code] {
			return
		}
		seen[p.Code] = true
		text := p.In(v.Lang()) + " (" + p.Code + ")"
		if p.From != "" || p.To != "" {
			text += " " + p.From + "–" + p.To
		}
		if note != "" {
			text += ", " + note
		}
		out = append(out, parts.Option{Value: p.Code, Text: text, Chosen: p.Code == chosen, Group: group})
	}
	for _, c := range t.Candidates {
		if p, ok := m.Lookup(c.Code); ok {
			add(p, v.T("surveillance.confirm.like"), v.Percent(c.Score, 0))
		}
	}
	if t.State != "" {
		for _, p := range append(place.Units(t.State, false), place.Later(t.State)...) {
			add(p, v.name(t.State), "")
		}
	}
	return append(out, parts.Option{Value: noneOfThem, Text: v.T("surveillance.confirm.none"), Chosen: chosen == noneOfThem, Group: v.T("surveillance.confirm.other")})
}

func (g *Pages) confirm(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	f := r.PostForm
	var list []surveillance.Decision
	for n := range namesOnPage {
		term := f.Get("term." + str(n))
		d := surveillance.Decision{Term: term, Shown: f.Get("shown." + str(n)), Means: f.Get("means." + str(n))}
		if other := strings.ToUpper(strings.TrimSpace(f.Get("other." + str(n)))); other != "" {
			d.Means = other
		}
		if d.Means == noneOfThem {
			d.Means, d.None = "", true
		}
		if term == "" {
			d = surveillance.Decision{}
		}
		list = append(list, d)
	}
	n, err := g.desk.Confirm(r.Context(), r.Actor, list)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return g.showNames(w, r, shell.Status(err), false, f, err)
	}
	if err != nil {
		return err
	}
	v, err := g.desk.ImportPage(r.Context(), r.Actor, iid)
	if err != nil {
		return err
	}
	if n > 0 { // what they change shows at once
		switch v.State {
		case surveillance.Previewed:
			_, err = g.desk.Preview(r.Context(), r.Actor, iid, v.Version)
		case surveillance.Waiting:
			_, err = g.desk.Resume(r.Context(), r.Actor, iid, v.Version)
		}
		if err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	r.Say(w, "surveillance.said.confirmed", fault.Args{"n": n})
	return r.Redirect(w, importPath(iid))
}

// decisionsView is all words for places.
type decisionsView struct {
	words
	Head  parts.PageHead
	Query string
	Rows  []decisionLine
}

type decisionLine struct {
	surveillance.AliasView
	Place    string
	When     string
	Withdraw bool
}

func (g *Pages) decisions(w http.ResponseWriter, r *shell.Request) error {
	v := decisionsView{words: words{r.Printer}, Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	list, err := g.desk.Decisions(r.Context(), r.Actor, v.Query)
	if err != nil {
		return err
	}
	for i, a := range list {
		if i == 300 {
			break
		}
		l := decisionLine{AliasView: a, Place: v.T("surveillance.confirm.none"), When: v.Stamp(a.At), Withdraw: a.State == surveillance.Confirmed}
		if a.Means != "" {
			l.Place = place.Full(a.Means, v.Lang()) + " (" + a.Means + ")"
		}
		v.Rows = append(v.Rows, l)
	}
	v.Head = parts.PageHead{Title: v.T("surveillance.names.title"), Lede: v.T("surveillance.names.lede"), Crumbs: []parts.Link{{Text: v.T("surveillance.title"), Href: "/surveillance"}}}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"aliases"}}, decisionsPage(v))
}

func (g *Pages) withdraw(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	if _, err := g.desk.WithdrawAlias(r.Context(), r.Actor, aid, version(r.PostForm)); err != nil {
		return err
	}
	r.Say(w, "surveillance.said.withdrawn", nil)
	return r.Redirect(w, "/surveillance/names")
}

func (w words) stateOf(s workflow.State) string { return w.T("surveillance.state." + string(s)) }
