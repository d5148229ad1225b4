package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lintas/internal/desk/health/signal"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// mostAtOnce is how many signals one bulk step takes: a page of the inbox.
const mostAtOnce = 200

// bulk takes one step with all chosen signals, each for itself: what the table
// refuses for one does not hold up the others, and is named.
func (g *Pages) bulk(w http.ResponseWriter, r *shell.Request) error {
	form := r.PostForm
	verb := workflow.Verb(form.Get("verb"))
	if !isOutcome(verb) {
		return fault.New(fault.Invalid, "fault.invalid")
	}
	chosen := form["id"]
	if len(chosen) == 0 || len(chosen) > mostAtOnce {
		return g.showList(w, r, http.StatusBadRequest, backQuery(form.Get("back")),
			[]parts.Definition{{Term: r.Printer.T("signal.bulk.none"), Text: r.Printer.T("signal.bulk.none.text", "max", mostAtOnce)}})
	}
	var refused []parts.Definition
	done := 0
	for _, c := range chosen {
		err := g.bulkOne(r, c, verb, text(form.Get("reason")))
		if err == nil {
			done++
			continue
		}
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind == fault.Internal || f.Kind == fault.Unavailable {
			return err
		}
		e := parts.ErrorsOf(r.Printer, err)
		why := e.Title
		if len(e.Items) > 0 {
			why = e.Items[0].Text
		}
		refused = append(refused, parts.Definition{Term: g.titleOf(r, c), Text: why})
	}
	if len(refused) > 0 {
		if done > 0 {
			refused = append(refused, parts.Definition{Term: r.Printer.T("signal.bulk.others"), Text: r.Printer.T("signal.said.bulk", "n", done)})
		}
		return g.showList(w, r, http.StatusConflict, backQuery(form.Get("back")), refused)
	}
	r.Say(w, "signal.said.bulk", fault.Args{"n": done})
	return r.Redirect(w, address(inbox, clean(backQuery(form.Get("back")))))
}

func isOutcome(v workflow.Verb) bool {
	for _, o := range signal.TriageOutcomes {
		if o == v {
			return true
		}
	}
	return false
}

// bulkOne reads "<id>.<version>": the version that the person saw counts.
func (g *Pages) bulkOne(r *shell.Request, chosen string, verb workflow.Verb, reason string) error {
	sid, seen := pick(chosen)
	_, err := g.desk.Step(r.Context(), r.Actor, sid, seen, verb, signal.StepInput{Reason: reason})
	return err
}

func pick(chosen string) (id.ID, int) {
	s, v, _ := strings.Cut(chosen, ".")
	sid, err := id.Parse(s)
	if err != nil {
		return "", -1
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		n = -1
	}
	return sid, n
}

func (g *Pages) titleOf(r *shell.Request, chosen string) string {
	sid, _ := pick(chosen)
	p, err := g.desk.Page(r.Context(), r.Actor, sid)
	if err != nil {
		return sid.Short()
	}
	return p.Title
}

// backQuery are the filters of the list that a form came from.
func backQuery(back string) url.Values {
	u, err := url.Parse(shell.Local(back))
	if err != nil || u.Path != inbox {
		return url.Values{}
	}
	return u.Query()
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

type optionGroup struct {
	name    string
	options []parts.Option
}

func grouped(in []parts.Option) []optionGroup {
	var out []optionGroup
	for _, o := range in {
		if n := len(out); n == 0 || out[n-1].name != o.Group {
			out = append(out, optionGroup{name: o.Group})
		}
		last := &out[len(out)-1]
		last.options = append(last.options, o)
	}
	return out
}
