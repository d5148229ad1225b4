package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

const sharesPath = "/surveillance/releases"

// sharesView is what this node releases of its counts, and what it got.
type sharesView struct {
	words
	Head   parts.PageHead
	Own    parts.Table
	Others parts.Table
}

func (g *Pages) shares(w http.ResponseWriter, r *shell.Request) error {
	v := sharesView{words: words{r.Printer}}
	own, err := g.desk.ShareList(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	others, err := g.desk.Released(r.Context(), r.Actor, surveillance.ReleasedFilter{})
	if err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.T("surveillance.share.title"), Lede: v.T("surveillance.share.lede"), Crumbs: []parts.Link{{Text: v.T("surveillance.title"), Href: "/surveillance"}}}
	if surveillance.MayImport(r.Actor) && place.Known(string(g.deps.Member)) {
		v.Head.Actions = []parts.Button{{Text: v.T("surveillance.share.new"), Icon: "plus", Kind: parts.Primary, Href: sharesPath + "/new"}}
	}
	v.Own, v.Others = v.ownShares(own), v.received(others)
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk", "released"}}, sharesPage(v))
}

func (w words) level(l place.Level) string {
	if l == place.State {
		return w.T("surveillance.share.level.state")
	}
	return w.T("surveillance.share.level.unit")
}

func (w words) members(list []access.Member) string {
	var out []string
	for _, m := range list {
		out = append(out, w.name(string(m)))
	}
	return strings.Join(out, ", ")
}

func (v sharesView) ownShares(list []surveillance.ShareView) parts.Table {
	t := parts.Table{Caption: v.T("surveillance.share.own"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.field.disease")}, {Text: v.T("surveillance.share.to")},
		{Text: v.T("surveillance.share.floor")}, {Text: v.T("surveillance.import.state")}, {Text: v.T("surveillance.share.sent")}}}
	for _, s := range list {
		sent := parts.Cell{Text: "–"}
		if s.Sent.Release != "" {
			sent = parts.Cell{Text: v.Stamp(s.Sent.At), Note: v.T("surveillance.share.cells", "told", s.Sent.Cells, "withheld", s.Sent.Withheld)}
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.diseaseName(s.Disease), Href: surveillance.SharePath(s.ID), Note: s.Dataset.Title + " · " + v.level(s.Level)},
			{Text: v.members(s.To)}, {Text: v.floor(s.Floor)}, {Text: v.T("surveillance.state." + string(s.State))}, sent})
	}
	return t
}

func (v sharesView) received(list []surveillance.Released) parts.Table {
	t := parts.Table{Caption: v.T("surveillance.share.received"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.share.owner")}, {Text: v.T("surveillance.field.disease")},
		{Text: v.T("surveillance.field.upto")}, {Text: v.T("surveillance.field.known")}, {Text: v.T("surveillance.share.got")}}}
	for _, r := range list {
		if r.Reason != "" {
			t.Rows = append(t.Rows, []parts.Cell{{Text: v.name(string(r.Owner))}, {Text: v.diseaseName(r.Disease), Note: v.level(r.Level)},
				{Text: v.T("surveillance.why.taken_back"), Note: r.Reason}, {Text: "–"}, {At: r.Received}})
			continue
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.name(string(r.Owner))}, {Text: v.diseaseName(r.Disease), Href: releasedPath(r.Share), Note: v.level(r.Level) + " · " + v.calendar(r.Calendar)},
			{Text: r.Calendar.Label(r.Last())}, {At: r.KnownAt}, {At: r.Received}})
	}
	return t
}

// floor is the owner's rule in words.
func (w words) floor(n int) string {
	if n <= 1 {
		return w.T("surveillance.share.floor.none")
	}
	return w.T("surveillance.share.floor.rule", "n", n-1)
}

// shareForm composes or changes a standing release.
type shareForm struct {
	words
	Title  string
	Action string
	Form   url.Values
	Sets   []surveillance.DatasetPage
	Member access.Member
	Errors parts.Errors
}

func (g *Pages) newShare(w http.ResponseWriter, r *shell.Request) error {
	f := url.Values{"floor": {"5"}, "back": {"104"}, "level": {"0"}, "basis": {"aphecs"}}
	if q := r.URL.Query(); q.Get("of") != "" {
		f.Set("of", q.Get("of"))
	}
	return g.showShare(w, r, http.StatusOK, shareForm{Title: "surveillance.share.new", Action: sharesPath + "/new", Form: f}, nil)
}

func (g *Pages) showShare(w http.ResponseWriter, r *shell.Request, status int, v shareForm, fail error) error {
	v.words, v.Member, v.Errors = words{r.Printer}, g.deps.Member, parts.ErrorsOf(r.Printer, fail)
	v.Title = v.T(v.Title)
	sets, err := g.desk.Datasets(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	for _, s := range sets {
		p, err := g.desk.Dataset(r.Context(), r.Actor, s.ID)
		if err != nil {
			return err
		}
		v.Sets = append(v.Sets, p)
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, shareFormPage(v))
}

func shareInput(f url.Values) surveillance.ShareInput {
	set, disease, _ := strings.Cut(f.Get("of"), "|")
	in := surveillance.ShareInput{Dataset: id.ID(set), Disease: disease, Basis: f.Get("basis"), Level: place.Below}
	if n, err := strconv.Atoi(f.Get("level")); err == nil {
		in.Level = place.Level(n)
	}
	in.Floor, _ = strconv.Atoi(strings.TrimSpace(f.Get("floor"))) // 0 is refused by name
	in.Back, _ = strconv.Atoi(strings.TrimSpace(f.Get("back")))
	for _, m := range f["to"] {
		in.To = append(in.To, access.Member(m))
	}
	return in
}

func (g *Pages) composeShare(w http.ResponseWriter, r *shell.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	s, err := g.desk.ComposeShare(r.Context(), r.Actor, shareInput(r.PostForm))
	if fault.Is(err, fault.Invalid) {
		return g.showShare(w, r, shell.Status(err), shareForm{Title: "surveillance.share.new", Action: sharesPath + "/new", Form: r.PostForm}, err)
	}
	if err != nil {
		return err
	}
	return r.Redirect(w, surveillance.SharePath(s.ID))
}

func (g *Pages) editShare(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.shareOf(r)
	if err != nil {
		return err
	}
	f := url.Values{"of": {string(p.Dataset.ID) + "|" + p.Disease}, "level": {str(int(p.Level))}, "floor": {str(p.Floor)}, "back": {str(p.Back)}, "basis": {p.Basis}, "version": {str(p.Version)}}
	for _, m := range p.To {
		f.Add("to", string(m))
	}
	return g.showShare(w, r, http.StatusOK, shareForm{Title: "surveillance.share.edit", Action: surveillance.SharePath(p.ID) + "/edit", Form: f}, nil)
}

func (g *Pages) saveShare(w http.ResponseWriter, r *shell.Request) error {
	sid, err := r.PathID("id")
	if err == nil {
		err = r.ParseForm()
	}
	if err != nil {
		return err
	}
	_, err = g.desk.EditShare(r.Context(), r.Actor, sid, version(r.PostForm), shareInput(r.PostForm))
	if fault.Is(err, fault.Invalid) {
		return g.showShare(w, r, shell.Status(err), shareForm{Title: "surveillance.share.edit", Action: surveillance.SharePath(sid) + "/edit", Form: r.PostForm}, err)
	}
	if err != nil {
		return err
	}
	return r.Redirect(w, surveillance.SharePath(sid))
}

func (v shareForm) field(name string, required bool) parts.Field {
	return parts.Field{Name: name, Label: v.T("surveillance.share." + name), Hint: v.T("surveillance.share." + name + ".hint"), Error: v.Errors.Of(name), Required: required}
}

// subjects are every dataset with each of its diseases.
func (v shareForm) subjects() parts.Select {
	f := v.field("of", true)
	f.Error = strings.TrimSpace(v.Errors.Of("dataset") + " " + v.Errors.Of("disease"))
	s := parts.Select{Field: f, Blank: v.T("surveillance.share.of.blank")}
	for _, set := range v.Sets {
		for _, d := range set.Diseases {
			value := string(set.ID) + "|" + d.Disease
			s.Options = append(s.Options, parts.Option{Value: value, Text: v.diseaseName(d.Disease), Group: set.Title, Chosen: v.Form.Get("of") == value})
		}
	}
	return s
}

func (v shareForm) levels() parts.Choices {
	c := parts.Choices{Field: v.field("level", true)}
	for _, l := range surveillance.ShareLevels {
		c.Options = append(c.Options, parts.Option{Value: str(int(l)), Text: v.level(l), Chosen: v.Form.Get("level") == str(int(l))})
	}
	return c
}

func (v shareForm) recipients() parts.Choices {
	c := parts.Choices{Field: v.field("to", true), Many: true, Inline: true}
	for _, m := range access.All() {
		if m != v.Member {
			c.Options = append(c.Options, parts.Option{Value: string(m), Text: v.name(string(m)), Chosen: slices.Contains(v.Form["to"], string(m))})
		}
	}
	return c
}

func (v shareForm) bases() parts.Select {
	s := parts.Select{Field: v.field("basis", true)}
	for _, b := range health.Bases {
		s.Options = append(s.Options, parts.Option{Value: b, Text: v.T("basis." + b), Chosen: v.Form.Get("basis") == b})
	}
	return s
}

func (g *Pages) shareOf(r *shell.Request) (surveillance.SharePage, error) {
	sid, err := r.PathID("id")
	if err != nil {
		return surveillance.SharePage{}, err
	}
	return g.desk.SharePage(r.Context(), r.Actor, sid)
}

// shareVerbs are the steps of a person, in the order of the page.
var shareVerbs = []workflow.Verb{"submit", "clear", "return", "recall", "discard", "withdraw"}

func (g *Pages) stepShare(w http.ResponseWriter, r *shell.Request) error {
	sid, err := r.PathID("id")
	if err == nil {
		err = r.ParseForm()
	}
	if err != nil {
		return err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	if !slices.Contains(shareVerbs, verb) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	_, err = g.desk.StepShare(r.Context(), r.Actor, sid, version(r.PostForm), verb, strings.TrimSpace(r.PostForm.Get("reason")))
	if fault.Is(err, fault.Invalid) {
		return g.showSharePage(w, r, shell.Status(err), string(verb), err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "surveillance.share.said."+string(verb), nil)
	return r.Redirect(w, surveillance.SharePath(sid))
}
