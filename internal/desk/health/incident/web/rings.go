package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/incident"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

func refusedField(field, key string) error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: field, Key: key}}}
}

// rung is what a ring says: the words of who rang, or what the node saw.
func (w words) rung(r *incident.Ring) string {
	if r.Key != "" {
		return w.say(r.Key, r.Args)
	}
	return r.Words
}

// minutes is how long a ring waited.
func (w words) minutes(d time.Duration) int { return int(max(d, 0) / time.Minute) }

// waits says since when a ring rings and who must answer.
func (w words) waits(r *incident.Ring) string {
	n := w.minutes(r.Waited(w.now))
	if !r.Open() {
		s := w.T("incident.ring.acked", "post", r.AckedAs, "n", n)
		if r.AckedFor == "" {
			s += " " + w.T("incident.ring.nobody")
		} else if r.AckedFor != r.Tell {
			s += " " + w.T("incident.ring.instead", "function", w.function(r.AckedFor))
		}
		return s
	}
	return w.T("incident.ring.waits", "function", w.function(r.Tell), "within", r.Minutes)
}

func (w words) tooLate(r *incident.Ring) string {
	over := w.minutes(r.Waited(w.now)) - r.Minutes
	if over <= 0 {
		return ""
	}
	return w.T("incident.ring.late", "n", over)
}

// requirementsView is the list of requirements and what rang.
type requirementsView struct {
	frame
	Add    requirementForm
	Active []incident.Requirement
	Gone   []incident.Requirement
	Past   []incident.RingView
}

// requirementForm adds a requirement.
type requirementForm struct {
	form
	Of []string
}

func (v requirementForm) watch() parts.Choices {
	c := parts.Choices{Field: v.field("watch", true)}
	for _, k := range incident.Watched {
		key := k
		if k == "" {
			key = "people"
		}
		c.Options = append(c.Options, parts.Option{Value: k, Text: v.T("incident.watch." + key), Chosen: v.Form.Get("watch") == k})
	}
	return c
}

func (v requirementForm) hazards() parts.Select {
	var o []parts.Option
	for _, h := range health.Hazards {
		o = append(o, parts.Option{Value: h.Key, Text: v.T("hazard." + h.Key)})
	}
	return v.pick("hazard", false, v.T("incident.any_hazard"), o)
}

func (g *Pages) requirements(w http.ResponseWriter, r *shell.Request) error {
	return g.showRequirements(w, r, http.StatusOK, url.Values{"minutes": {"30"}, "watch": {""}, "tell": {incident.Manager}, "least": {"1"}}, nil)
}

func (g *Pages) showRequirements(w http.ResponseWriter, r *shell.Request, status int, posted url.Values, cause error) error {
	f, err := g.book(r, "requirements")
	if err != nil {
		return err
	}
	v := requirementsView{frame: f}
	v.Add = requirementForm{form{words: f.words, Action: f.path() + "/requirements", Form: posted, Errors: errorsOf(r.Printer, cause), Save: f.T("incident.require.save")}, f.B.Functions}
	for _, x := range f.B.Requirements {
		if x.State == incident.Active {
			v.Active = append(v.Active, x)
		} else {
			v.Gone = append(v.Gone, x)
		}
	}
	for _, x := range f.B.Rings {
		if !x.Ring.Open() {
			v.Past = append(v.Past, x)
		}
	}
	return r.ShowStatus(w, status, f.page(), requirementsPage(v))
}

// watched says how the node itself sees a requirement.
func (w words) watched(r *incident.Requirement) string {
	switch r.Watch {
	case "":
		return w.T("incident.watch.people")
	case "notification":
		if r.Hazard != "" {
			return w.T("incident.watch.notification_of", "hazard", w.T("hazard."+r.Hazard))
		}
	case "death", "health_worker":
		if r.Least > 1 {
			return w.T("incident.watch."+r.Watch) + " " + w.T("incident.watch.least", "n", r.Least)
		}
	}
	return w.T("incident.watch." + r.Watch)
}

func (g *Pages) require(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p := r.PostForm
	minutes, _ := strconv.Atoi(p.Get("minutes"))
	least, e := strconv.Atoi(p.Get("least"))
	if e != nil && p.Get("least") != "" {
		least = -1
	}
	_, err = g.desk.Require(r.Context(), r.Actor, iid, incident.RequirementInput{Text: p.Get("text"), Threshold: p.Get("threshold"), Tell: p.Get("tell"), Watch: p.Get("watch"), Hazard: p.Get("hazard"), Minutes: minutes, Least: least})
	if status := again(err); status != 0 {
		return g.showRequirements(w, r, status, p, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.require", nil)
	return r.Redirect(w, incident.Path(iid)+"/requirements")
}

func (g *Pages) findRequirement(r *shell.Request) (frame, incident.Requirement, error) {
	f, err := g.book(r, "requirements")
	if err != nil {
		return f, incident.Requirement{}, err
	}
	i := slices.IndexFunc(f.B.Requirements, func(x incident.Requirement) bool { return string(x.ID) == r.PathValue("req") })
	if i < 0 {
		return f, incident.Requirement{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return f, f.B.Requirements[i], nil
}

func (g *Pages) ring(w http.ResponseWriter, r *shell.Request) error {
	f, x, err := g.findRequirement(r)
	if err != nil {
		return err
	}
	if _, err := g.desk.Ring(r.Context(), r.Actor, x.ID, text(r.PostForm.Get("words"))); err != nil {
		return err
	}
	r.Say(w, "incident.said.ring", map[string]any{"function": f.function(x.Tell)})
	return r.Redirect(w, f.path()+"/requirements")
}

func (g *Pages) answer(w http.ResponseWriter, r *shell.Request) error {
	f, err := g.book(r, "requirements")
	if err != nil {
		return err
	}
	rid, err := r.PathID("ring")
	if err != nil {
		return err
	}
	if _, err := g.desk.Answer(r.Context(), r.Actor, rid, version(r.PostForm.Get("version")), text(r.PostForm.Get("words"))); err != nil {
		return err
	}
	r.Say(w, "incident.said.acknowledge", nil)
	return r.Redirect(w, f.path()+"/requirements")
}

func (g *Pages) askRetire(w http.ResponseWriter, r *shell.Request) error {
	return g.showRetire(w, r, http.StatusOK, nil)
}

func (g *Pages) showRetire(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	f, x, err := g.findRequirement(r)
	if err != nil {
		return err
	}
	o, ok := offered(incident.Requirements.Offers(x, r.Actor, r.Now), "retire")
	if !ok {
		_, known := incident.Requirements.Find(x.State, "retire")
		return refusal(known, "retire", x.State)
	}
	v := f.stepOf(r, "requirement", "retire", f.path()+"/requirements/"+string(x.ID)+"/retire", f.path()+"/requirements", x.Version, o, cause)
	v.Points = []string{x.Text}
	v.why(true)
	return r.ShowStatus(w, status, f.page(), stepPage(v))
}

func (g *Pages) retire(w http.ResponseWriter, r *shell.Request) error {
	f, x, err := g.findRequirement(r)
	if err != nil {
		return err
	}
	err = g.desk.Retire(r.Context(), r.Actor, x.ID, version(r.PostForm.Get("version")), text(r.PostForm.Get("reason")))
	if status := again(err); status != 0 {
		return g.showRetire(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.retire", nil)
	return r.Redirect(w, f.path()+"/requirements")
}
