package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/sop"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// bookView is a playbook.
type bookView struct {
	words
	P       *sop.PlaybookPage
	Head    parts.PageHead
	Notices []parts.Notice
	Path    string
	Topic   string
	About   []parts.Definition
	Steps   []stepRow
	Moves   []parts.Button
	Diffs   []diffView
	Links   []parts.Link
	To      []parts.Plate
}

// stepRow is one step of the file in words.
type stepRow struct {
	sop.Step
	Who, Clock, After, Level string
	Elsewhere                string // for whom it is, where not for this node
}

// diffView is a comparison with another text.
type diffView struct {
	ID, Title, Same string
	Lines           []sop.Line
}

func (g *Pages) find(r *shell.Request) (sop.PlaybookPage, error) {
	pid, err := r.PathID("id")
	if err != nil {
		return sop.PlaybookPage{}, err
	}
	return g.desk.PlaybookPage(r.Context(), r.Actor, pid)
}

func (g *Pages) book(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	v := bookView{words: g.words(r), P: &p, Path: r.URL.RequestURI(), Topic: "playbook:" + string(p.ID)}
	v.Head = parts.PageHead{Title: p.Title, Lede: p.Plan.Summary, Meta: bookMeta(v), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}},
		Crumbs: []parts.Link{{Text: v.T("sop.list.title"), Href: books}, {Text: p.Title}}}
	v.Steps = v.rows(&p.Plan)
	var readers []sop.Person
	if p.Own && p.State == sop.Review {
		if readers, err = g.desk.Readers(r.Context(), r.Actor, p.ID); err != nil {
			return err
		}
	}
	v.notices(readers)
	v.about()
	v.moves(r.Actor)
	v.diffs()
	v.To = v.plates(p.To)
	return r.Show(w, shell.Page{Title: p.Title, Topics: []string{v.Topic}, Marking: string(p.Marking)}, bookPage(v))
}

// rows are the steps of a plan in words.
func (w words) rows(p *sop.Plan) []stepRow {
	out := make([]stepRow, len(p.Steps))
	for i := range p.Steps {
		s := &p.Steps[i]
		out[i] = stepRow{Step: *s, Who: w.T("sop.function."+s.Function) + ", " + w.T("role."+string(s.Role)), Clock: w.clock(s.Within, s.Of), After: strings.Join(s.After, ", ")}
		if s.Level > 0 {
			out[i].Level = w.T("sop.from_level", "level", w.T("level.name."+str(s.Level)))
		}
		switch {
		case s.For(w.self):
		case s.Role == access.SecretariatDsk:
			out[i].Elsewhere = w.T("sop.elsewhere.desk")
		default:
			out[i].Elsewhere = w.T("sop.elsewhere.states")
		}
	}
	return out
}

// clock says within which time a step should be done.
func (w words) clock(within time.Duration, of string) string {
	switch {
	case within == 0:
		return w.T("sop.clock.none")
	case of == "":
		return w.T("sop.clock.start", "time", w.Duration(within))
	}
	return w.T("sop.clock.step", "time", w.Duration(within), "step", of)
}

func (v *bookView) notices(readers []sop.Person) {
	p := v.P
	add := func(g parts.Grade, title, text string, b ...parts.Button) {
		v.Notices = append(v.Notices, parts.Notice{Grade: g, Title: title, Text: text, Actions: b})
	}
	if p.Sample {
		add(parts.Watch, v.T("sop.sample"), v.T("sop.say.sample"))
	}
	switch {
	case !p.Own && p.State == sop.Retired:
		add(parts.Watch, v.T("sop.say.retired", "owner", v.name(p.Owner)), p.Reason)
	case !p.Own && p.Adopted != nil:
		add(parts.Information, v.T("sop.say.taken"), "", parts.Button{Text: v.T("sop.open"), Small: true, Href: sop.PlaybookPath(p.Adopted.ID)})
	case !p.Own:
		add(parts.Information, v.T("sop.say.received", "owner", v.name(p.Owner)), v.T("sop.say.received.text"))
	case p.State == sop.Draft && p.Reason != "":
		add(parts.Watch, v.T("sop.say.returned"), p.Reason)
	case p.State == sop.Review:
		add(parts.Information, v.T("sop.say.review"), v.waits(readers))
	case p.State == sop.Retired:
		add(parts.Watch, v.T("sop.playbook.state.retired"), p.Reason)
	}
}

// waits says who can publish a playbook that waits, and why its author cannot.
func (v *bookView) waits(readers []sop.Person) string {
	key := "sop.say.review.who"
	if v.P.Author {
		key = "sop.say.review.you"
	}
	who := posts(readers)
	if who == "" {
		who = v.T("sop.say.review.nobody")
	}
	return v.T(key) + " " + who
}

func (v *bookView) about() {
	p := v.P
	def := func(key, text string) {
		if text != "" {
			v.About = append(v.About, parts.Definition{Term: v.T(key), Text: text})
		}
	}
	def("sop.col.starts", strings.Join(v.starts(&p.Plan), "; "))
	var hazards []string
	for _, h := range p.Plan.Hazards {
		hazards = append(hazards, v.T("hazard."+h))
	}
	if hazards == nil {
		hazards = []string{v.T("sop.hazard.any")}
	}
	def("sop.col.hazard", strings.Join(hazards, ", "))
	def("sop.col.version", v.version(p.Number)+", "+sop.Short(p.Digest))
	if p.From != nil {
		key := "sop.from.member"
		if p.From.Member == "" {
			key = "sop.from.sample"
		}
		owner := ""
		if p.From.Member != "" {
			owner = v.name(p.From.Member)
		}
		def("sop.col.from", v.T(key, "owner", owner, "code", p.From.Code, "digest", sop.Short(p.From.Digest)))
	}
	if !p.Published.IsZero() {
		def("sop.col.published", v.Stamp(p.Published)+", "+p.By)
	}
	def("sop.col.note", p.Note)
	def("sop.col.source", p.Plan.Source)
	def("health.field.marking", string(p.Marking))
}

func (v *bookView) moves(actor access.Actor) {
	p, path := v.P, sop.PlaybookPath(v.P.ID)
	add := func(b parts.Button) { v.Moves = append(v.Moves, b) }
	if p.Own && p.State == sop.Published && sop.MayStart(actor) {
		add(parts.Button{Text: v.T("sop.start.this"), Kind: parts.Primary, Icon: "play", Href: runs + "/new?playbook=" + string(p.ID)})
	}
	if p.Own && p.State == sop.Published && p.Next == "" && sop.MayWrite(actor) {
		add(parts.Button{Text: v.T("sop.next"), Icon: "pencil", Href: books + "/new?from=" + string(p.ID)})
	}
	if !p.Own && p.State == sop.Published && sop.MayWrite(actor) && p.Adopted == nil {
		add(parts.Button{Text: v.T("sop.adopt"), Kind: parts.Primary, Post: path + "/adopt", Name: "digest", Value: p.Digest})
		add(parts.Button{Text: v.T("sop.adapt"), Icon: "pencil", Href: books + "/new?from=" + string(p.ID)})
	}
	for _, o := range p.Offers {
		verb := string(o.Verb)
		b := parts.Button{Text: v.T("sop.playbook.verb." + verb), Href: path + "/step/" + verb, Unmet: v.unmet(o)}
		switch verb {
		case "edit":
			b.Href = path + "/edit"
		case "submit", "publish":
			b.Kind = parts.Primary
		}
		add(b)
	}
	link := func(key, href string) { v.Links = append(v.Links, parts.Link{Text: v.T(key), Href: href}) }
	link("sop.file", path+"/playbook.txt")
	if p.Next != "" {
		link("sop.next.open", sop.PlaybookPath(p.Next))
	}
	if p.Own && p.Number > 0 {
		link("sop.drift", path+"/drift")
		link("sop.runs.of", runs+"?code="+url.QueryEscape(p.Code))
		link("sop.versions", books+"?code="+url.QueryEscape(p.Code))
	}
	link("sop.board.of", progress+"?code="+url.QueryEscape(p.Code))
}

// diffs shows what was changed against the version before and against what the
// playbook was taken from.
func (v *bookView) diffs() {
	p := v.P
	if p.Before != nil {
		d := diffView{ID: "before", Title: v.T("sop.diff.before", "version", v.version(p.Before.Number))}
		d.against(v.words, p.Before.Text, p.Text)
		v.Diffs = append(v.Diffs, d)
	}
	if p.Origin != nil && p.Origin.Text != "" {
		d := diffView{ID: "origin", Title: v.T("sop.diff.sample")}
		if p.Origin.Member != "" {
			d.Title = v.T("sop.diff.origin", "owner", v.name(p.Origin.Member))
		}
		d.against(v.words, p.Origin.Text, p.Text)
		v.Diffs = append(v.Diffs, d)
	}
}

func (d *diffView) against(w words, was, is string) {
	if was == is {
		d.Same = w.T("sop.diff.same")
		return
	}
	d.Lines = sop.Around(sop.Compare(was, is), 2)
}

// text gives the file itself.
func (g *Pages) text(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+p.Code+"-"+sop.Short(p.Digest)+`.txt"`)
	_, err = w.Write([]byte(p.Text))
	return err
}

// adopt takes a received playbook as it is and puts it to a second person.
func (g *Pages) adopt(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	made, err := g.desk.DraftPlaybook(r.Context(), r.Actor, sop.PlaybookInput{Text: p.Text, Marking: p.Marking, From: p.ID})
	if err == nil {
		made, err = g.desk.StepPlaybook(r.Context(), r.Actor, made.ID, made.Version, workflow.Verb("submit"), "")
	}
	if err != nil {
		return err
	}
	r.Say(w, "sop.said.adopt", nil)
	return r.Redirect(w, sop.PlaybookPath(made.ID))
}
