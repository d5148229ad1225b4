package web

import (
	"net/url"
	"slices"
	"strings"

	"lintas/internal/desk/health/sop"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// forward are the steps that move a task on.
var forward = []workflow.Verb{"accept", "start", "finish", "unblock", "verify"}

// nextSteps are the one or two buttons that stand in a list: what moves the
// task on now.
func (w words) nextSteps(x *sop.TaskPage) []parts.Button {
	var out []parts.Button
	for _, o := range x.Offers {
		if slices.Contains(forward, o.Verb) && len(w.taskUnmet(x, o)) == 0 && len(out) < 2 {
			b := w.taskButton(x, o)
			b.Small, b.Kind, b.Label = true, "", b.Text+": "+x.Code+" "+x.Title
			out = append(out, b)
		}
	}
	return out
}

func (w words) taskButton(x *sop.TaskPage, o workflow.Offer) parts.Button {
	verb := string(o.Verb)
	b := parts.Button{Text: w.T("sop.task.verb." + verb), Unmet: w.taskUnmet(x, o)}
	if straight[o.Verb] {
		b.Post, b.Name, b.Value = sop.TaskPath(x.ID)+"/step/"+verb, "version", str(x.Version)
	} else {
		b.Href = sop.TaskPath(x.ID) + "/step/" + verb
	}
	if slices.Contains(forward, o.Verb) {
		b.Kind = parts.Primary
	}
	return b
}

// moves are the buttons of a step. What the reader cannot want is left out: to
// take over what one has, or to answer what nobody asked. What is for another
// role is said once, in words, and not by every button.
func (v *taskView) moves(people []sop.Person) {
	x := v.T2
	role := v.T("role." + string(x.Role))
	for _, o := range x.Offers {
		if slices.Contains(o.Unmet, "sop.role") {
			v.Why = v.T("sop.why_not.role", "role", role)
			if who := posts(people); who != "" {
				v.Why += " " + v.T("sop.why_not.here", "posts", who)
			}
			continue
		}
		switch o.Verb {
		case "attach", "detach":
			continue // they have a panel of their own
		case "take_over":
			if x.Mine {
				continue
			}
		case "decline":
			if x.Asked == nil || !x.Asked.Me {
				continue
			}
		case "assign":
			if len(people) == 0 {
				v.Alone = v.T("sop.who.none", "role", role)
				continue
			}
		case "skip":
			if !x.Optional {
				continue
			}
		case "return":
			if slices.Contains(o.Unmet, "sop.not_doer") {
				continue
			}
		}
		b := v.taskButton(x, o)
		if o.Verb == "take_over" && x.Asked != nil && x.Asked.Me {
			b.Kind = parts.Primary
		}
		v.Moves = append(v.Moves, b)
	}
}

// taskUnmet says in words why a step cannot be taken, and who can.
func (w words) taskUnmet(x *sop.TaskPage, o workflow.Offer) []string {
	var out []string
	for _, n := range o.Unmet {
		role := w.T("role." + string(x.Role))
		switch {
		case n == "sop.doer" && x.Doer != "":
			out = append(out, w.T("sop.why_not.doer", "post", x.Doer))
		case n == "sop.not_doer" && o.Verb != "take_over":
			out = append(out, w.T("sop.why_not.verify"))
		case n == "sop.not_waiting":
			out = append(out, w.T("sop.waits", "steps", strings.Join(x.Waits, ", ")))
		case n == "sop.may_ask":
			out = append(out, w.T("sop.why_not.ask", "role", role))
		case !spare[n] || n == "sop.evidence" && o.Verb == "verify":
			out = append(out, w.T("need."+n))
		}
	}
	return out
}

// posts are the duty posts of people, each once.
func posts(people []sop.Person) string {
	var out []string
	for _, p := range people {
		if !slices.Contains(out, p.Name) {
			out = append(out, p.Name)
		}
	}
	return strings.Join(out, "; ")
}

// candidates are who can be asked to do a step.
func (g *Pages) candidates(v *stepView, r *shell.Request, x *sop.TaskPage) error {
	people, err := g.desk.Candidates(r.Context(), r.Actor, x.ID)
	if err != nil {
		return err
	}
	s := parts.Select{Field: v.field("who", true), Blank: v.T("health.form.choose")}
	for _, p := range people {
		text := p.Name
		if p.Display != "" && p.Display != p.Name {
			text += " (" + p.Display + ")"
		}
		s.Options = append(s.Options, parts.Option{Value: string(p.Account), Text: text, Chosen: v.Form.Get("who") == string(p.Account)})
	}
	v.Who = &s
	if x.Doer != "" {
		v.Points = append(v.Points, v.T("sop.point.keeps", "post", x.Doer))
	}
	if x.Asked != nil {
		v.Points = append(v.Points, v.T("sop.point.instead", "post", x.Asked.Post))
	}
	if len(people) == 0 {
		v.Warn = v.T("sop.who.none", "role", v.T("role."+string(x.Role)))
	}
	return nil
}

// choices are the files that can go with a release: none goes unless it is
// ticked.
func (v *stepView) choices(x *sop.RunPage) {
	c := parts.Choices{Field: v.field("file", false), Many: true}
	for i := range x.Tasks {
		t := &x.Tasks[i]
		for j := range t.Files {
			f := v.line(&t.Files[j])
			c.Options = append(c.Options, parts.Option{Value: f.ID, Text: t.Code + ": " + f.Name + ", " + f.Size, Chosen: slices.Contains(v.Form["file"], f.ID)})
		}
	}
	if len(c.Options) > 0 {
		v.Files = &c
	}
}

func chosenFiles(f url.Values) []id.ID {
	var out []id.ID
	for _, s := range f["file"] {
		out = append(out, id.ID(s))
	}
	return out
}
