package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"lintas/internal/desk/health/review"
	"lintas/internal/fault"
	trailweb "lintas/internal/trail/web"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// lineRow is one entry of the whole timeline, or a silence between two.
type lineRow struct {
	Silence string
	At      string
	What    string
	Who     string
	Index   string // empty: it was added by hand
	Chosen  bool
	Note    string
	Source  string
	Late    bool // it came after the lock
}

// timelineView chooses from the history what stands in the report.
type timelineView struct {
	words
	Head           parts.PageHead
	P              *review.Page
	Rows           []lineRow
	More           int
	May            bool
	Action, Moment string
	Form           map[string]string
	Errors         parts.Errors
	Files          []parts.Link
}

func (g *Pages) timeline(w http.ResponseWriter, r *shell.Request) error {
	return g.showTimeline(w, r, http.StatusOK, nil)
}

func (g *Pages) showTimeline(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	t, err := g.desk.Timeline(r.Context(), r.Actor, p.ID)
	if err != nil {
		return err
	}
	path := review.Path(p.ID)
	v := timelineView{words: g.words(r), P: &p, More: t.More, Action: path + "/timeline", Moment: path + "/moments", Errors: parts.ErrorsOf(r.Printer, cause), Form: map[string]string{}}
	v.Head = parts.PageHead{Title: v.T("review.timeline.title"), Lede: v.T("review.timeline.lede"), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}},
		Crumbs: []parts.Link{{Text: v.T("review.list.title"), Href: base}, {Text: p.Title, Href: path}, {Text: v.T("review.timeline.title")}}}
	for _, o := range p.Offers {
		v.May = v.May || o.Verb == "note"
	}
	for _, name := range []string{"at", "words", "source"} {
		v.Form[name] = r.PostForm.Get(name)
	}
	v.Rows = v.rows(&t)
	v.Files = parts.Files(v.Action, "")
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Marking: string(p.Marking)}, timelinePage(v))
}

func (w words) rows(t *review.Timeline) []lineRow {
	var out []lineRow
	next := 0
	for i := range t.Lines {
		l := &t.Lines[i]
		for next < len(t.Silences) && !t.Silences[next].Until.After(l.At) {
			out = append(out, lineRow{Silence: w.silence(t.Silences[next])})
			next++
		}
		row := lineRow{At: w.Stamp(l.At), What: w.acted(&l.Moment), Who: l.Actor, Chosen: l.Chosen, Note: l.Note, Source: l.Source, Late: l.Late}
		if l.Index >= 0 {
			row.Index = strconv.FormatInt(l.Index, 10)
			if l.Member != "" && l.Member != w.Self {
				row.Who = w.Name(l.Member) + ", " + l.Actor
			}
		} else if l.Member != "" {
			row.Who = w.Name(l.Member)
		}
		out = append(out, row)
	}
	return out
}

// choose keeps what was ticked, with the words to each.
func (g *Pages) choose(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	var marks []review.Mark
	for _, s := range r.PostForm["pick"] {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			marks = append(marks, review.Mark{Index: n, Words: text(r.PostForm.Get("words." + s))})
		}
	}
	_, err = g.desk.Choose(r.Context(), r.Actor, rid, version(r.PostForm.Get("version")), marks)
	if status := trailweb.Again(err); status != 0 {
		return g.showTimeline(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "review.said.choose", nil)
	return r.Redirect(w, review.Path(rid)+"/timeline")
}

// add puts in a moment that the history does not have.
func (g *Pages) add(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	at, err := time.Parse(stampForm, r.PostForm.Get("at"))
	if err != nil {
		err = &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "moment.at", Key: "fault.review.moment_at"}}}
		return g.showTimeline(w, r, http.StatusBadRequest, err)
	}
	_, err = g.desk.Add(r.Context(), r.Actor, rid, version(r.PostForm.Get("version")), at, text(r.PostForm.Get("words")), text(r.PostForm.Get("source")))
	if status := trailweb.Again(err); status != 0 {
		return g.showTimeline(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "review.said.moment", nil)
	return r.Redirect(w, review.Path(rid)+"/timeline")
}

func (v timelineView) moment(name, kind string, most int) parts.Input {
	f := parts.Field{Name: name, Label: v.T("review.field.moment_" + name), Required: true, Error: v.Errors.Of("moment." + name)}
	if k := "review.hint.moment_" + name; v.Has(k) {
		f.Hint = v.T(k)
	}
	x := parts.Input{Field: f, Type: kind, Value: v.Form[name], MaxLength: most}
	if kind == "datetime-local" {
		x.Width, x.MaxLength = "medium", 0
	}
	return x
}

func (g *Pages) timelineFile(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	t, err := g.desk.Timeline(r.Context(), r.Actor, p.ID)
	if err != nil {
		return err
	}
	ws := g.words(r)
	var rows [][]any
	for i := range t.Lines {
		l := &t.Lines[i]
		var index any
		if l.Index >= 0 {
			index = l.Index
		}
		rows = append(rows, []any{l.At, ws.acted(&l.Moment), l.Action, l.Kind, string(l.Record), string(l.Member), l.Actor, index, l.Chosen, l.Note, l.Source, l.Locked, l.Late})
	}
	return r.Sheet(w, "timeline", []string{"at", "what", "action", "kind", "record", "member", "post", "entry", "in_report", "words", "source", "locked", "after_lock"}, rows)
}

// checkView is what the check of locked evidence found.
type checkView struct {
	words
	Head   parts.PageHead
	Result parts.Notice
	Rows   []parts.Definition
	Facts  []parts.Definition
}

func (g *Pages) check(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	proof, err := g.desk.Check(r.Context(), r.Actor, p.ID)
	if err != nil {
		return err
	}
	v := checkView{words: g.words(r), Facts: g.words(r).seal(p.Lock)}
	v.Head = parts.PageHead{Title: v.T("review.check.title"), Lede: v.T("review.check.lede"), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}},
		Crumbs: []parts.Link{{Text: v.T("review.list.title"), Href: base}, {Text: p.Title, Href: review.Path(p.ID)}, {Text: v.T("review.check.title")}}}
	v.Result = parts.Notice{Grade: parts.Good, Title: v.T("review.check.holds"), Text: v.T("review.check.holds.text", "time", v.Stamp(v.Now))}
	if !proof.OK() {
		v.Result = parts.Notice{Grade: parts.Emergency, Title: v.T("review.check.broken"), Text: v.T("review.check.broken.text")}
	}
	v.proof(&proof)
	return r.Show(w, shell.Page{Title: v.Head.Title, Marking: string(p.Marking)}, checkPage(v))
}

func (v *checkView) proof(p *review.Proof) {
	yes := func(key string, ok bool, text string) {
		g, word := parts.Good, v.T("review.check.yes")
		if !ok {
			g, word = parts.Emergency, v.T("review.check.no")
		}
		v.Rows = append(v.Rows, parts.Definition{Term: v.T(key), Body: parts.Tag(g, word), Text: text})
	}
	yes("review.check.same", p.Same, "")
	yes("review.check.included", p.Included == p.Seal.Entries, v.T("review.check.of", "n", p.Included, "all", p.Seal.Entries))
	var changed []string
	for _, i := range p.Changed {
		changed = append(changed, strconv.FormatInt(i, 10))
	}
	yes("review.check.unchanged", len(p.Changed) == 0, strings.Join(changed, ", "))
	yes("review.check.root", p.Root, "")
	yes("review.check.continues", p.Continues, v.T("review.check.size", "n", p.Size))
	witnesses := v.Names(p.Witnesses)
	if len(p.Witnesses) == 0 {
		witnesses = v.T("review.check.witnesses.none")
	}
	v.Rows = append(v.Rows, parts.Definition{Term: v.T("review.check.witnesses"), Text: witnesses}, parts.Definition{Term: v.T("review.check.after"), Text: v.Number(int64(p.AfterLock))})
}
