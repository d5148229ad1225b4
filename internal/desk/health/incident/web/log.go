package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/incident"
	"lintas/internal/id"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// quickForm writes a line into the log: one field is enough.
type quickForm struct {
	form
	Of         []string
	Objectives []incident.ObjectiveView
	Corrects   *incident.EntryView
}

func (v quickForm) objectives() parts.Select {
	var o []parts.Option
	for _, x := range v.Objectives {
		o = append(o, parts.Option{Value: string(x.ID), Text: x.Text})
	}
	return v.pick("objective", false, v.T("incident.no_objective"), o)
}

func (v quickForm) statuses() parts.Select {
	var o []parts.Option
	for _, s := range incident.Statuses {
		o = append(o, parts.Option{Value: s, Text: v.T("incident.status." + s)})
	}
	return v.pick("status", false, v.T("incident.no_status"), o)
}

// more reports whether what was typed stands in the folded part of the form.
func (v quickForm) more() bool {
	for _, k := range []string{"at", "function", "objective", "notable"} {
		if v.Form.Get(k) != "" {
			return true
		}
	}
	return false
}

func (f *frame) quick(posted url.Values, cause error) quickForm {
	if posted == nil {
		posted = url.Values{}
	}
	return quickForm{form: form{words: f.words, Action: f.path() + "/log", Form: posted, Errors: errorsOf(f.Printer, cause), Save: f.T("incident.log.save")}, Of: f.B.Functions, Objectives: f.B.Objectives}
}

// logView is the activity log.
type logView struct {
	frame
	Quick    quickForm
	Entries  []incident.EntryView
	Found    int
	Filter   url.Values
	Pager    parts.Pager
	Files    []parts.Link
	Writable bool
}

func (v logView) option(name, value string) bool { return v.Filter.Get(name) == value }

const perPage = 60

// filtered are the lines that a filter of the log keeps.
func filtered(list []incident.EntryView, q url.Values) []incident.EntryView {
	words := strings.Fields(health.Fold(q.Get("q")))
	return slices.DeleteFunc(slices.Clone(list), func(e incident.EntryView) bool {
		text := health.Fold(e.Text + " " + strings.Join(values(e.Args), " "))
		for _, w := range words {
			if !strings.Contains(text, w) {
				return true
			}
		}
		f, k := q.Get("function"), q.Get("kind")
		return f != "" && e.Function != f || k == "notable" && !e.Notable || k == "people" && e.Kind == incident.StepKind
	})
}

func values(m map[string]string) []string {
	var out []string
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

func (g *Pages) log(w http.ResponseWriter, r *shell.Request) error {
	return g.showLog(w, r, http.StatusOK, nil, nil)
}

func (g *Pages) showLog(w http.ResponseWriter, r *shell.Request, status int, posted url.Values, cause error) error {
	f, err := g.book(r, "log")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if cause != nil && !f.B.Works {
		return cause // there is no form any more that could show it
	}
	v := logView{frame: f, Quick: f.quick(posted, cause), Filter: q, Writable: f.B.Works}
	corrects := q.Get("corrects")
	if posted != nil {
		corrects = posted.Get("corrects")
	}
	for i := range f.B.Entries {
		if e := &f.B.Entries[i]; string(e.ID) == corrects && e.Kind != incident.StepKind && e.Corrected == "" {
			v.Quick.Corrects = e
			if posted == nil {
				v.Quick.Form = url.Values{"text": {e.Text}, "at": {stamp(e.At)}, "function": {e.Function}, "status": {e.Status}}
				if e.Notable {
					v.Quick.Form.Set("notable", "yes")
				}
			}
		}
	}
	all := filtered(f.B.Entries, q)
	page, _ := strconv.Atoi(q.Get("page"))
	page = min(max(page, 1), max((len(all)+perPage-1)/perPage, 1))
	v.Found = len(all)
	v.Entries = all[(page-1)*perPage : min(page*perPage, len(all))]
	at := func(n int) string {
		u := url.Values{"page": {str(n)}}
		for _, k := range []string{"q", "function", "kind"} {
			if x := q.Get(k); x != "" {
				u.Set(k, x)
			}
		}
		return f.path() + "/log?" + u.Encode()
	}
	if page > 1 {
		v.Pager.Previous = at(page - 1)
	}
	if page*perPage < len(all) {
		v.Pager.Next = at(page + 1)
	}
	if len(all) > perPage {
		v.Pager.Text = f.T("incident.log.page", "from", (page-1)*perPage+1, "to", min(page*perPage, len(all)), "of", len(all))
	}
	v.Files = parts.Files(f.path()+"/log", q.Encode())
	return r.ShowStatus(w, status, f.page(), logPage(v))
}

// saying is what a line of the log says.
func (w words) saying(e *incident.Entry) string {
	s := e.Text
	if e.Key != "" {
		s = w.say(e.Key, e.Args)
	}
	if e.Status != "" {
		s = strings.TrimSpace(w.T("incident.status."+e.Status) + ". " + s)
	}
	return s
}

// objective is the text of the objective that a line speaks of.
func (f *frame) objective(e *incident.Entry) string {
	for _, o := range f.B.Objectives {
		if o.ID == e.Objective {
			return o.Text
		}
	}
	return ""
}

func (g *Pages) write(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p := r.PostForm
	in := incident.EntryInput{Text: text(p.Get("text")), Function: p.Get("function"), Notable: p.Get("notable") != "", Corrects: id.ID(p.Get("corrects")), Objective: id.ID(p.Get("objective")), Status: p.Get("status")}
	if s := p.Get("at"); s != "" {
		if in.At = moment(s); in.At.IsZero() {
			return g.showLog(w, r, http.StatusBadRequest, p, refusedField("at", "fault.incident.time"))
		}
	}
	err = g.desk.Write(r.Context(), r.Actor, iid, in)
	if status := again(err); status != 0 {
		return g.showLog(w, r, status, p, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.write", nil)
	return r.Redirect(w, incident.Path(iid)+"/log")
}

func (g *Pages) downloadLog(w http.ResponseWriter, r *shell.Request) error {
	f, err := g.book(r, "log")
	if err != nil {
		return err
	}
	out, err := table(w, r, "activity-log", "entry", "at", "written", "later", "kind", "function", "post", "text", "notable", "objective", "status", "period", "corrects", "corrected_by", "exercise")
	if err != nil {
		return err
	}
	return f.sheet(out, filtered(f.B.Entries, r.URL.Query()))
}

func (f *frame) sheet(out *sheet.Writer, list []incident.EntryView) error {
	for i := range slices.Backward(list) { // as it happened
		e := &list[i]
		said := e.Text
		if e.Key != "" {
			said = f.say(e.Key, e.Args)
		}
		if err := out.Row(string(e.ID), e.At, e.Created.At, e.Later(), e.Entry.Kind, e.Function, e.Created.Post, said, e.Notable, f.objective(&e.Entry), e.Status, e.Period,
			string(e.Corrects), string(e.Corrected), e.Exercise); err != nil {
			return err
		}
	}
	return out.Close()
}
