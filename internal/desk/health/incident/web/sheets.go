package web

import (
	"net/http"
	"strings"

	"lintas/internal/desk/health/incident"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// list is one list of an incident as a file of rows. The headings and the
// values stay in the code of the record, so that a file reads the same whatever
// the language of who took it.
type list struct {
	name string
	head []string
	rows func(f *frame) [][]any
}

var lists = []list{
	{"roster", []string{"function", "post", "from", "to", "state", "taken", "handed_over", "brief", "pending", "relieved_by", "ended", "reason"}, (*frame).rosterRows},
	{"plans", []string{"period", "version", "from", "to", "state", "objectives", "assignments", "written_by", "approved_by", "approved", "began", "ended", "why", "reason"}, (*frame).planRows},
	{"objectives", []string{"objective", "measure", "function", "due", "set_in_period", "newest_period", "status", "status_as_of", "history"}, (*frame).objectiveRows},
	{"requirements", []string{"requirement", "threshold", "tell", "within_minutes", "watched", "hazard", "least", "state", "from", "reason"}, (*frame).requirementRows},
	{"rings", []string{"requirement", "what_happened", "tell", "within_minutes", "state", "rung", "rung_by", "escalated", "times", "acknowledged", "acknowledged_by", "acknowledged_for", "waited_minutes", "answer"}, (*frame).ringRows},
	{"demobilisation", []string{"function", "resource", "state", "item", "done", "taken_on_by", "remarks", "released", "released_by", "reason"}, (*frame).checkoutRows},
}

// sheetRoutes are the files of the lists of an incident.
func (g *Pages) sheetRoutes(m *shell.Mux) {
	for _, l := range lists {
		m.Files(base+"/{id}/"+l.name, g.reader(func(w http.ResponseWriter, r *shell.Request) error {
			if !incident.Capabilities.May(r.Actor, "incident.export") {
				return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
			}
			f, err := g.book(r, "overview")
			if err != nil {
				return err
			}
			return r.Sheet(w, l.name, l.head, l.rows(&f))
		}))
	}
}

// files are the links to the file of a list.
func (f *frame) files(name string) []parts.Link { return parts.Files(f.path()+"/"+name, "") }

func (f *frame) rosterRows() (out [][]any) {
	for _, d := range f.B.Duties {
		out = append(out, []any{d.Function, d.Post, d.From, d.To, string(d.State), cellTime(d.Taken), cellTime(d.Handed), d.Brief, d.Pending, d.Relief, cellTime(d.Ended), d.Reason})
	}
	return out
}

func (f *frame) planRows() (out [][]any) {
	for _, p := range f.B.Plans {
		out = append(out, []any{p.Number, p.Edition, p.From, p.To, string(p.State), len(p.Objectives), len(p.Assignments), p.WrittenAs, p.ApprovedAs, cellTime(p.Approved), cellTime(p.Began), cellTime(p.Ended), p.Why, p.Reason})
	}
	return out
}

func (f *frame) objectiveRows() (out [][]any) {
	for _, o := range f.B.Objectives {
		out = append(out, []any{o.Text, o.Measure, o.Function, cellTime(o.Due), o.Since, o.Period, o.Status, cellTime(o.Last), f.past(o)})
	}
	return out
}

func (f *frame) requirementRows() (out [][]any) {
	for i := range f.B.Requirements {
		r := &f.B.Requirements[i]
		out = append(out, []any{r.Text, r.Threshold, r.Tell, r.Minutes, r.Watch, r.Hazard, r.Least, string(r.State), r.From, r.Reason})
	}
	return out
}

func (f *frame) ringRows() (out [][]any) {
	for i := range f.B.Rings {
		r := &f.B.Rings[i].Ring
		out = append(out, []any{r.Text, f.rung(r), r.Tell, r.Minutes, string(r.State), r.Rung, r.RungAs, cellTime(r.Escalated), r.Times, cellTime(r.Acked), r.AckedAs, r.AckedFor, f.minutes(r.Waited(f.now)), r.Answer})
	}
	return out
}

// checkoutRows has a row for each outstanding item, or one for a release that
// has none.
func (f *frame) checkoutRows() (out [][]any) {
	for i := range f.B.Checkouts {
		x := &f.B.Checkouts[i]
		row := func(it incident.Item) []any {
			return []any{x.Function, x.Resource, string(x.State), it.Text, it.Done, it.To, strings.TrimSpace(x.Words), cellTime(x.Cleared), x.ClearedAs, x.Reason}
		}
		for _, it := range x.Items {
			out = append(out, row(it))
		}
		if len(x.Items) == 0 {
			out = append(out, row(incident.Item{}))
		}
	}
	return out
}
