package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/handover"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// stamp is how a time stands in an input.
const stamp = "2006-01-02T15:04"

// listView is the handover notes and the watch list.
type listView struct {
	words
	Head    parts.PageHead
	Path    string
	Notes   parts.Table
	Watched []handover.WatchView
	Next    string
}

const perPage = 50

func (g *Pages) list(w http.ResponseWriter, r *shell.Request) error {
	var before time.Time
	if s := r.URL.Query().Get("before"); s != "" {
		us, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		before = time.UnixMicro(us)
	}
	notes, err := g.desk.List(r.Context(), r.Actor, before, perPage)
	if err != nil {
		return err
	}
	v := listView{words: words{r.Printer, r.Now}, Path: r.URL.RequestURI()}
	if v.Watched, err = g.desk.Watching(r.Context(), r.Actor); err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.T("handover.list.title"), Note: v.T("handover.list.note")}
	if handover.MayBegin(r.Actor) {
		v.Head.Actions = []parts.Button{{Text: v.T("handover.begin"), Icon: "plus", Kind: parts.Primary, Post: base + "/new"}}
	}
	v.Notes = parts.Table{Caption: v.T("handover.list.notes"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("handover.col.shift")},
		{Text: v.T("handover.col.from")}, {Text: v.T("handover.col.to")}, {Text: v.T("handover.col.state")}}}
	for _, n := range notes {
		to := n.Accepted.Post
		if to == "" {
			to = n.To
		}
		v.Notes.Rows = append(v.Notes.Rows, []parts.Cell{{Text: v.T("handover.shift", "from", v.ShortStamp(n.Since), "to", v.ShortStamp(n.Until)), Href: path(n.ID)},
			{Text: n.Created.Post}, {Text: to}, {Text: v.T("handover.state." + string(n.State))}})
	}
	if len(notes) == perPage {
		v.Next = base + "?before=" + strconv.FormatInt(notes[perPage-1].Until.UnixMicro(), 10)
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

func (g *Pages) begin(w http.ResponseWriter, r *shell.Request) error {
	n, err := g.desk.Begin(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	return r.Redirect(w, path(n.ID))
}

// noteView is one note.
type noteView struct {
	words
	N      handover.NoteView
	Head   parts.PageHead
	Path   string
	Topic  string
	State  []parts.Definition
	Errors parts.Errors
	Words  string
	To     string
	Since  string
	Remark string
	May    map[workflow.Verb]bool
}

func (g *Pages) note(w http.ResponseWriter, r *shell.Request) error {
	return g.showNote(w, r, http.StatusOK, nil)
}

func (g *Pages) showNote(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	nid, err := r.PathID("id")
	if err != nil {
		return err
	}
	n, err := g.desk.Page(r.Context(), r.Actor, nid)
	if err != nil {
		return err
	}
	v := noteView{words: words{r.Printer, r.Now}, N: n, Path: path(nid), Topic: "handover:" + string(nid), Errors: parts.ErrorsOf(r.Printer, cause),
		Words: n.Words, To: n.To, Since: n.Since.UTC().Format(stamp), May: map[workflow.Verb]bool{}}
	if cause != nil {
		v.Words, v.To, v.Since, v.Remark = r.PostFormValue("words"), r.PostFormValue("to"), r.PostFormValue("since"), r.PostFormValue("remark")
	}
	for _, o := range n.Offers {
		v.May[o.Verb] = !slices.Contains(o.Unmet, "handover.other_person")
	}
	shift := v.T("handover.shift", "from", v.ShortStamp(n.Since), "to", v.ShortStamp(n.Until))
	v.Head = parts.PageHead{Title: v.T("handover.note.title"), Lede: shift, Crumbs: []parts.Link{{Text: v.T("handover.list.title"), Href: base}, {Text: shift}}}
	v.State = v.state()
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Topics: []string{v.Topic}, Marking: string(n.Marking)}, notePage(v))
}

// state is who gave the watch and who took it.
func (v noteView) state() []parts.Definition {
	n := v.N
	out := []parts.Definition{{Term: v.T("handover.col.state"), Text: v.T("handover.state." + string(n.State))}, {Term: v.T("handover.col.from"), Text: n.Created.Post}}
	add := func(key, text string) {
		if text != "" {
			out = append(out, parts.Definition{Term: v.T(key), Text: text})
		}
	}
	add("handover.col.to", n.To)
	if !n.Handed.At.IsZero() {
		add("handover.handed", v.T("handover.by", "time", v.Stamp(n.Handed.At), "post", n.Handed.Post))
	}
	if !n.Accepted.At.IsZero() {
		add("handover.accepted", v.T("handover.by", "time", v.Stamp(n.Accepted.At), "post", n.Accepted.Post))
	}
	add("handover.remark", n.Remark)
	return out
}

func (g *Pages) step(w http.ResponseWriter, r *shell.Request) error {
	nid, err := r.PathID("id")
	if err != nil {
		return err
	}
	seen, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil || seen < 1 {
		return fault.New(fault.Invalid, "fault.invalid")
	}
	do := r.PostFormValue("do")
	if err = g.take(r, nid, seen, do); err != nil {
		switch {
		case fault.Is(err, fault.Invalid):
			return g.showNote(w, r, http.StatusBadRequest, err)
		case fault.Is(err, fault.Conflict):
			return g.showNote(w, r, http.StatusConflict, err)
		}
		return err
	}
	r.Say(w, "handover.said."+do, nil)
	if do == "discard" {
		return r.Redirect(w, base)
	}
	return r.Redirect(w, path(nid))
}

func (g *Pages) take(r *shell.Request, nid id.ID, seen int, do string) (err error) {
	written := handover.Written{Words: r.PostFormValue("words"), To: r.PostFormValue("to")}
	if s := r.PostFormValue("since"); s != "" {
		if written.Since, err = time.Parse(stamp, s); err != nil {
			return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "since", Key: "fault.handover.time"}}}
		}
	}
	switch do {
	case "edit":
		_, err = g.desk.Save(r.Context(), r.Actor, nid, seen, written)
	case "hand_over":
		_, err = g.desk.HandOver(r.Context(), r.Actor, nid, seen, written)
	case "accept":
		_, err = g.desk.Accept(r.Context(), r.Actor, nid, seen, r.PostFormValue("remark"))
	case "return":
		_, err = g.desk.Return(r.Context(), r.Actor, nid, seen, r.PostFormValue("remark"))
	case "discard":
		_, err = g.desk.Discard(r.Context(), r.Actor, nid, seen)
	default:
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return err
}

// section is the items of one section.
func (v noteView) section(s handover.Section) []handover.Item {
	var out []handover.Item
	for _, i := range v.N.Items {
		if i.Section == s {
			out = append(out, i)
		}
	}
	return out
}

// due are the items of "needs action" as the duty desk draws them.
func (v noteView) due() []parts.Due {
	var out []parts.Due
	for _, i := range v.section(handover.Waiting) {
		d := parts.Due{Grade: parts.Grade(i.Grade), At: i.Due, Title: v.title(i), Href: i.Href}
		if i.Owner != "" && i.Owner != v.N.Owner {
			d.Plates = []parts.Plate{v.plate(i.Owner)}
		}
		out = append(out, d)
	}
	return out
}

func (v noteView) sinceField() parts.Input {
	return parts.Input{Field: parts.Field{Name: "since", Label: v.T("handover.field.since"), Hint: v.T("handover.hint.since"), Error: v.Errors.Of("since"), Required: true},
		Type: "datetime-local", Value: v.Since, Width: "medium"}
}

func (v noteView) toField() parts.Input {
	return parts.Input{Field: parts.Field{Name: "to", Label: v.T("handover.field.to"), Error: v.Errors.Of("to"), Optional: true}, Value: v.To, MaxLength: handover.MaxPost, Width: "medium"}
}

func (v noteView) wordsField() parts.TextArea {
	return parts.TextArea{Field: parts.Field{Name: "words", Label: v.T("handover.field.words"), Hint: v.T("handover.hint.words"), Error: v.Errors.Of("words"), Optional: true},
		Value: v.Words, Rows: 6, MaxLength: handover.MaxWords}
}

func (v noteView) remarkField() parts.TextArea {
	return parts.TextArea{Field: parts.Field{Name: "remark", Label: v.T("handover.field.remark"), Hint: v.T("handover.hint.remark"),
		Error: v.Errors.Of("remark") + v.Errors.Of("handover.words"), Optional: true}, Value: v.Remark, Rows: 3, MaxLength: handover.MaxWords}
}

// download is the list of the notes as a file.
func (g *Pages) download(w http.ResponseWriter, r *shell.Request) error {
	if !health.Capabilities.May(r.Actor, "health.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	var rows [][]any
	for before, n := (time.Time{}), 0; n < 50; n++ {
		notes, err := g.desk.List(r.Context(), r.Actor, before, 200)
		if err != nil {
			return err
		}
		for _, x := range notes {
			rows = append(rows, []any{string(x.ID), x.Since, x.Until, x.Created.Post, x.To, x.Accepted.Post, x.Accepted.At, string(x.State), x.Words, x.Remark, len(x.Items) + x.More, x.Exercise})
			before = x.Until
		}
		if len(notes) < 200 {
			break
		}
	}
	return r.Sheet(w, "handover", []string{"id", "since", "until", "from", "to", "taken_over_by", "taken_over", "state", "words", "remark", "lines", "exercise"}, rows)
}
