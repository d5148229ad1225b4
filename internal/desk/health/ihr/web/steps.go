package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"lintas/internal/desk/health/ihr"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// stepView is the page that asks before a step is taken, with the inputs that
// the step takes along.
type stepView struct {
	words
	Confirm parts.Confirm
	Errors  parts.Errors
	Asks    []ask
}

// ask is one input of a step.
type ask struct {
	Field   parts.Field
	Type    string // text, date, datetime-local, select
	Value   string
	Options []parts.Option
}

// asked says which inputs a step of a record has, and whether they must be
// filled in. The words of a need stand with the input that fulfils it.
var asked = map[string][]struct {
	name, kind string
	must       bool
	needs      []string
}{
	"annex2.decide":         {{"outcome", "select", true, []string{"ihr.outcome"}}, {"reason", "text", true, []string{"health.reason"}}},
	"annex2.told":           {{"at", "datetime-local", true, nil}, {"told_how", "text", true, []string{"ihr.told", "ihr.told_needed"}}},
	"annex2.reset":          {{"reason", "text", true, []string{"health.reason"}}},
	"annex2.cancel":         {{"reason", "text", true, []string{"health.reason"}}},
	"determination.end":     {{"ended", "date", true, []string{"ihr.ended"}}},
	"determination.release": {},
	"determination.strike":  {{"reason", "text", true, []string{"health.reason"}}},
	"measure.start":         {{"at", "datetime-local", true, []string{"ihr.start"}}},
	"measure.report":        {{"at", "datetime-local", true, []string{"ihr.reported", "reported"}}, {"report_ref", "line", false, nil}},
	"measure.review":        {{"words", "text", true, []string{"ihr.words"}}, {"review", "date", true, nil}},
	"measure.renew":         {{"words", "text", true, []string{"ihr.words"}}, {"expires", "date", true, []string{"ihr.not_over", "ihr.renewed_later"}}, {"review", "date", true, nil}},
	"measure.lift":          {{"reason", "text", true, []string{"health.reason"}}},
	"measure.cancel":        {{"reason", "text", true, []string{"health.reason"}}},
	"measure.withdraw":      {{"reason", "text", true, []string{"health.reason"}}},
	"measure.release":       {},
}

// record is what the page of a step must know of its record.
type record struct {
	kind, title, back string
	version           int
	offer             workflow.Offer
	values            url.Values // what the inputs begin with
	points            []string
}

func (g *Pages) showStep(w http.ResponseWriter, r *shell.Request, status int, x record, cause error) error {
	key := x.kind + "." + string(x.offer.Verb)
	inputs, ok := asked[key]
	if !ok {
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	v := stepView{words: g.words(r), Errors: parts.ErrorsOf(r.Printer, cause)}
	for _, in := range inputs {
		a := ask{Field: v.field(v.Errors, in.name, in.must), Type: in.kind, Value: r.PostFormValue(in.name)}
		if r.Method != http.MethodPost {
			a.Value = x.values.Get(in.name)
		}
		for _, n := range in.needs {
			if a.Field.Error == "" {
				a.Field.Error = v.Errors.Of(n)
			}
		}
		if in.kind == "select" {
			a.Options = options(ihr.Outcomes, ihr.Outcome(a.Value), func(o ihr.Outcome) string { return v.T("ihr.outcome." + string(o)) })
		}
		v.Asks = append(v.Asks, a)
	}
	verb := string(x.offer.Verb)
	v.Confirm = parts.Confirm{Title: v.T("ihr.step.title", "verb", v.T("ihr.verb."+verb), "title", x.title), Text: v.T("ihr.step." + key),
		Points: x.points, Action: x.back + "/step/" + verb, Hidden: [][2]string{{"version", str(x.version)}},
		Submit: parts.Button{Text: v.T("ihr.verb." + verb), Kind: parts.Primary, Unmet: v.unmet(x.offer)}, Cancel: parts.Link{Text: v.T("health.form.cancel"), Href: x.back}}
	if slices.Contains(dangers, x.offer.Verb) {
		v.Confirm.Submit.Kind = parts.Danger
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title}, stepPage(v))
}

func local(t time.Time) string { return t.UTC().Format("2006-01-02T15:04") }

// annexRecord loads what the page of a step of Annex 2 needs.
func (g *Pages) annexRecord(r *shell.Request) (record, error) {
	aid, err := r.PathID("id")
	if err != nil {
		return record{}, err
	}
	p, err := g.desk.Annex2Page(r.Context(), r.Actor, aid)
	if err != nil {
		return record{}, err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	if err := refuse(p.Offers, true, p.View.Owner, verb); err != nil {
		return record{}, err
	}
	x := record{kind: "annex2", title: p.View.EventName, back: ihr.Annex2Path(aid), version: p.View.Version, values: url.Values{"at": {local(r.Now)}}}
	x.offer, _ = offered(p.Offers, verb)
	if verb == "decide" && p.View.First != nil && p.View.Second != nil {
		ws := g.words(r)
		x.points = []string{ws.T("ihr.point.first", "outcome", ws.T("ihr.outcome."+string(p.View.First.Result.Outcome))),
			ws.T("ihr.point.second", "outcome", ws.T("ihr.outcome."+string(p.View.Second.Result.Outcome)))}
		if p.View.First.Result.Outcome == p.View.Second.Result.Outcome {
			x.values.Set("outcome", string(p.View.First.Result.Outcome))
		}
	}
	return x, nil
}

func (g *Pages) askAnnex2(w http.ResponseWriter, r *shell.Request) error {
	x, err := g.annexRecord(r)
	if err != nil {
		return err
	}
	return g.showStep(w, r, http.StatusOK, x, nil)
}

func (g *Pages) stepAnnex2(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	ctx, f, seen, reason := r.Context(), r.PostForm, version(r.PostForm), text(r.PostFormValue("reason"))
	verb := r.PathValue("verb")
	switch verb {
	case "decide":
		_, err = g.desk.Decide(ctx, r.Actor, aid, seen, ihr.Outcome(f.Get("outcome")), reason)
	case "told":
		_, err = g.desk.Told(ctx, r.Actor, aid, seen, moment(f.Get("at")), f.Get("told_how"))
	case "reset":
		_, err = g.desk.Reset(ctx, r.Actor, aid, seen, reason)
	case "cancel":
		_, err = g.desk.Cancel(ctx, r.Actor, aid, seen, reason)
	default:
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	return g.stepped(w, r, err, g.annexRecord, verb, ihr.Annex2Path(aid))
}

// stepped answers a step: the form once more, or the record.
func (g *Pages) stepped(w http.ResponseWriter, r *shell.Request, err error, load func(*shell.Request) (record, error), verb, to string) error {
	if status := again(err); status != 0 {
		x, e := load(r)
		if e != nil {
			return err
		}
		return g.showStep(w, r, status, x, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "ihr.said."+verb, nil)
	return r.Redirect(w, to)
}

func (g *Pages) determinationRecord(r *shell.Request) (record, error) {
	xid, err := r.PathID("id")
	if err != nil {
		return record{}, err
	}
	p, err := g.desk.Determination(r.Context(), r.Actor, xid)
	if err != nil {
		return record{}, err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	if err := refuse(p.Offers, p.Own, p.View.Owner, verb); err != nil {
		return record{}, err
	}
	x := record{kind: "determination", title: p.View.Title, back: ihr.DeterminationPath(xid), version: p.View.Version,
		values: url.Values{"ended": {r.Now.UTC().Format(time.DateOnly)}}}
	x.offer, _ = offered(p.Offers, verb)
	if verb == "release" {
		ws := g.words(r)
		x.points = []string{ws.T("ihr.point.to", "members", ws.names(p.View.Members)), ws.T("ihr.point.marking", "marking", string(p.View.Marking)), ws.T("ihr.determination.follow")}
	}
	return x, nil
}

func (g *Pages) askDetermination(w http.ResponseWriter, r *shell.Request) error {
	x, err := g.determinationRecord(r)
	if err != nil {
		return err
	}
	return g.showStep(w, r, http.StatusOK, x, nil)
}

func (g *Pages) stepDetermination(w http.ResponseWriter, r *shell.Request) error {
	xid, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	switch verb {
	case "end":
		_, err = g.desk.EndDetermination(r.Context(), r.Actor, xid, version(r.PostForm), r.PostFormValue("ended"))
	case "release":
		_, err = g.desk.ReleaseDetermination(r.Context(), r.Actor, xid, version(r.PostForm))
	case "strike":
		_, err = g.desk.Strike(r.Context(), r.Actor, xid, version(r.PostForm), text(r.PostFormValue("reason")))
	default:
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	return g.stepped(w, r, err, g.determinationRecord, verb, ihr.DeterminationPath(xid))
}

func (g *Pages) measureRecord(r *shell.Request) (record, error) {
	mid, err := r.PathID("id")
	if err != nil {
		return record{}, err
	}
	p, err := g.desk.Measure(r.Context(), r.Actor, mid)
	if err != nil {
		return record{}, err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	if err := refuse(p.Offers, p.Own, p.View.Owner, verb); err != nil {
		return record{}, err
	}
	ws := g.words(r)
	x := record{kind: "measure", title: p.View.Content.Title, back: ihr.MeasurePath(mid), version: p.View.Version,
		values: url.Values{"at": {local(r.Now)}, "review": {p.View.Review}, "expires": {p.View.Expires}}}
	x.offer, _ = offered(p.Offers, verb)
	if verb == "release" {
		x.points = []string{ws.T("ihr.point.to", "members", ws.names(p.View.Members)), ws.T("ihr.point.marking", "marking", string(p.View.Marking)), ws.T("ihr.point.follow")}
	}
	return x, nil
}

func (g *Pages) askMeasure(w http.ResponseWriter, r *shell.Request) error {
	x, err := g.measureRecord(r)
	if err != nil {
		return err
	}
	return g.showStep(w, r, http.StatusOK, x, nil)
}

func (g *Pages) stepMeasure(w http.ResponseWriter, r *shell.Request) error {
	mid, err := r.PathID("id")
	if err != nil {
		return err
	}
	f, verb := r.PostForm, r.PathValue("verb")
	in := ihr.StepInput{At: moment(f.Get("at")), Review: f.Get("review"), Expires: f.Get("expires"), Words: text(f.Get("words"))}
	if in.Words == "" {
		in.Words = text(f.Get("reason") + f.Get("report_ref"))
	}
	if strings.TrimSpace(f.Get("at")) != "" && in.At.IsZero() {
		in.At = r.Now.AddDate(1, 0, 0) // what cannot be read is refused as a time to come
	}
	_, err = g.desk.StepMeasure(r.Context(), r.Actor, mid, version(f), workflow.Verb(verb), in)
	return g.stepped(w, r, err, g.measureRecord, verb, ihr.MeasurePath(mid))
}

// eventID reads the event of a form or address; empty: none.
func eventID(s string) id.ID {
	e, err := id.Parse(s)
	if err != nil {
		return ""
	}
	return e
}
