package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"lintas/internal/access"
	"lintas/internal/desk/health/review"
	"lintas/internal/fault"
	"lintas/internal/trail"
	trailweb "lintas/internal/trail/web"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

func (g *Pages) askFinding(w http.ResponseWriter, r *shell.Request) error {
	return g.showFinding(w, r, http.StatusOK, nil)
}

func (g *Pages) showFinding(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	p, err := g.findable(r)
	if err != nil {
		return err
	}
	ws := g.words(r)
	v := trailweb.FormView{Words: ws.Words, Kind: "finding", Action: r.URL.Path, Cancel: review.Path(p.ID), Form: r.PostForm, Errors: parts.ErrorsOf(r.Printer, cause)}
	v.Title, v.Lede = v.T("trail.form.finding.new"), v.T("trail.form.finding.lede")
	if r.Method != http.MethodPost {
		if v.Form, err = g.blank(r, ws, &p); err != nil {
			return err
		}
	}
	for i := range p.Timeline {
		m := &p.Timeline[i]
		if m.Index < 0 {
			continue
		}
		n := strconv.FormatInt(m.Index, 10)
		hint := ws.Stamp(m.At)
		if m.Words != "" {
			hint += " · " + m.Words
		}
		v.Entries = append(v.Entries, parts.Option{Value: n, Text: ws.acted(m), Hint: hint, Chosen: slices.Contains(v.Form["entries"], n)})
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title, Marking: string(p.Closest)}, trailweb.FormPage(v))
}

// findable is a review whose findings the actor may write now.
func (g *Pages) findable(r *shell.Request) (review.Page, error) {
	p, err := g.find(r)
	switch {
	case err != nil:
		return p, err
	case !p.Own:
		return p, fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(p.Owner))
	case !p.MayFind(r.Actor) && p.State == review.Planned:
		return p, fault.New(fault.Conflict, "fault.review.not_locked")
	case !p.MayFind(r.Actor):
		return p, fault.New(fault.Forbidden, "fault.role").With("verb", "draft")
	}
	return p, nil
}

// blank is the form of a finding as it begins: empty, or from a bottleneck or an
// enabler that the timeliness of the event names.
func (g *Pages) blank(r *shell.Request, ws words, p *review.Page) (url.Values, error) {
	f := url.Values{"lang": {r.Printer.Lang()}, "marking": {string(marking(p))}, "sort": {trail.Gap}, "method": {trail.Whys}}
	n, err := strconv.Atoi(r.URL.Query().Get("factor"))
	if err != nil {
		return f, nil
	}
	_, factors, err := g.desk.Suggested(r.Context(), r.Actor, p.ID)
	if err != nil || n < 0 || n >= len(factors) {
		return f, err
	}
	x := factors[n]
	f.Set("title", x.Text)
	f.Set("clock", x.Clock)
	if slices.Contains(trail.Themes, x.Category) {
		f.Set("theme", x.Category)
	}
	f.Set("evidence", ws.T("review.from_timeliness"))
	if x.Enabler {
		f.Set("sort", trail.Practice)
		f.Set("well", x.Text)
	} else {
		f.Set("badly", x.Text)
	}
	if x.Text != "" {
		f.Set("happened", x.Text)
	}
	return f, nil
}

// marking is the first that is not more open than what is reviewed.
func marking(p *review.Page) access.Marking {
	if p.Closest.Stricter(p.Marking) {
		return p.Closest
	}
	return p.Marking
}

func (g *Pages) saveFinding(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.findable(r)
	if err != nil {
		return err
	}
	var entries []int64
	for _, s := range r.PostForm["entries"] {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			entries = append(entries, n)
		}
	}
	f, err := g.desk.Find(r.Context(), r.Actor, p.ID, trailweb.FindingInputOf(r.PostForm, entries))
	if status := trailweb.Again(err); status != 0 {
		return g.showFinding(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "review.said.find", nil)
	return r.Redirect(w, trail.Path(trail.KindFinding, f.ID))
}

// groupsView puts findings beside one another and asks what this member holds
// of those of others.
type groupsView struct {
	words
	Head    parts.PageHead
	P       *review.Page
	Action  string
	Errors  parts.Errors
	Titles  []parts.Input
	Choices []parts.Choices
	Others  []opinionField
}

type opinionField struct {
	F     trail.FindingView
	Plate parts.Plate
	Take  parts.Choices
	Words parts.Input
}

func (g *Pages) askGroups(w http.ResponseWriter, r *shell.Request) error {
	return g.showGroups(w, r, http.StatusOK, nil)
}

func (g *Pages) showGroups(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	v := groupsView{words: g.words(r), P: &p, Action: r.URL.Path, Errors: parts.ErrorsOf(r.Printer, cause)}
	v.Head = parts.PageHead{Title: v.T("review.arrange"), Lede: v.T("review.groups.lede"), Crumbs: []parts.Link{{Text: v.T("review.list.title"), Href: base}, {Text: p.Title, Href: review.Path(p.ID)},
		{Text: v.T("review.arrange")}}}
	f := r.PostForm
	if r.Method != http.MethodPost {
		f = groupsForm(&p)
	}
	rows, _ := strconv.Atoi(f.Get("groups"))
	for i := range min(max(rows, 1), review.MaxGroups) {
		v.group(f, i)
	}
	for i := range p.Chain.Findings {
		if x := &p.Chain.Findings[i]; x.Owner != v.Self && x.State != trail.Withdrawn {
			v.opinion(f, x)
		}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Marking: string(p.Marking)}, groupsPage(v))
}

// groupsForm is the form as the review fills it, with one empty group more.
func groupsForm(p *review.Page) url.Values {
	f := url.Values{"groups": {str(len(p.Groups) + 1)}}
	for i, x := range p.Groups {
		f.Set("title."+str(i), x.Title)
		for _, y := range x.Findings {
			f.Add("in."+str(i), string(y))
		}
	}
	for _, o := range p.Opinions {
		f.Set("stance."+string(o.Finding), o.Stance)
		f.Set("words."+string(o.Finding), o.Words)
	}
	return f
}

func (v *groupsView) group(f url.Values, i int) {
	n := str(i)
	v.Titles = append(v.Titles, parts.Input{Field: parts.Field{Name: "title." + n, Label: v.T("review.group", "n", i+1), Optional: true}, Value: f.Get("title." + n), MaxLength: review.MaxTitle})
	c := parts.Choices{Field: parts.Field{Name: "in." + n, Label: v.T("review.group.in", "n", i+1), Optional: true}, Many: true}
	for j := range v.P.Chain.Findings {
		if x := &v.P.Chain.Findings[j]; x.State != trail.Withdrawn {
			c.Options = append(c.Options, parts.Option{Value: string(x.ID), Text: x.Title, Hint: v.Name(x.Owner), Chosen: slices.Contains(f["in."+n], string(x.ID))})
		}
	}
	v.Choices = append(v.Choices, c)
}

func (v *groupsView) opinion(f url.Values, x *trail.FindingView) {
	key := string(x.ID)
	o := opinionField{F: *x, Plate: v.Plate(x.Owner)}
	o.Take = parts.Choices{Field: parts.Field{Name: "stance." + key, Label: v.T("review.stance"), Optional: true}, Inline: true,
		Options: []parts.Option{{Value: "", Text: v.T("review.stance.none"), Chosen: f.Get("stance."+key) == ""}}}
	for _, s := range review.Stances {
		o.Take.Options = append(o.Take.Options, parts.Option{Value: s, Text: v.T("review.stance." + s), Chosen: f.Get("stance."+key) == s})
	}
	o.Words = parts.Input{Field: parts.Field{Name: "words." + key, Label: v.T("review.stance.words"), Optional: true}, Value: f.Get("words." + key), MaxLength: review.MaxReason}
	v.Others = append(v.Others, o)
}

func (g *Pages) saveGroups(w http.ResponseWriter, r *shell.Request) error {
	f := r.PostForm
	if f.Get("do") == "more" {
		rows, _ := strconv.Atoi(f.Get("groups"))
		f.Set("groups", str(rows+1))
		return g.showGroups(w, r, http.StatusOK, nil)
	}
	p, err := g.find(r)
	if err != nil {
		return err
	}
	var groups []review.Group
	rows, _ := strconv.Atoi(f.Get("groups"))
	for i := range min(max(rows, 0), review.MaxGroups) {
		x := review.Group{Title: text(f.Get("title." + str(i)))}
		for j := range p.Chain.Findings {
			if fid := p.Chain.Findings[j].ID; slices.Contains(f["in."+str(i)], string(fid)) {
				x.Findings = append(x.Findings, fid)
			}
		}
		if x.Title != "" || len(x.Findings) > 0 {
			groups = append(groups, x)
		}
	}
	var opinions []review.Opinion
	for i := range p.Chain.Findings {
		x := &p.Chain.Findings[i]
		if s := f.Get("stance." + string(x.ID)); s != "" && x.Owner != g.desk.Member() {
			opinions = append(opinions, review.Opinion{Finding: x.ID, Stance: s, Words: text(f.Get("words." + string(x.ID)))})
		}
	}
	_, err = g.desk.Arrange(r.Context(), r.Actor, p.ID, version(f.Get("version")), groups, opinions)
	if status := trailweb.Again(err); status != 0 {
		return g.showGroups(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "review.said.arrange", nil)
	return r.Redirect(w, review.Path(p.ID))
}
