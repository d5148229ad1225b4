package web

import (
	"net/http"
	"net/url"
	"slices"

	"lintas/internal/access"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/trail"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// FormView writes a finding, a recommendation or a proposal. What was typed is
// kept after a fault.
type FormView struct {
	Words
	Kind           string // "finding", "recommendation", "proposal"
	Title, Lede    string
	Action, Cancel string
	Form           url.Values
	Errors         parts.Errors
	Findings       []parts.Option // that a recommendation or proposal stands on
	Entries        []parts.Option // of the locked evidence
}

func (v FormView) field(name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: v.T("trail.field." + name), Error: v.Errors.Of(name), Required: required, Optional: !required}
	if v.Has("trail.hint." + name) {
		f.Hint = v.T("trail.hint." + name)
	}
	return f
}

func (v FormView) input(name string, required bool, most int) parts.Input {
	return parts.Input{Field: v.field(name, required), Value: v.Form.Get(name), MaxLength: most}
}

func (v FormView) day(name string) parts.Input {
	return parts.Input{Field: v.field(name, true), Type: "date", Width: "short", Value: v.Form.Get(name)}
}

func (v FormView) area(name string, required bool, rows int) parts.TextArea {
	return parts.TextArea{Field: v.field(name, required), Value: v.Form.Get(name), Rows: rows, MaxLength: trail.MaxText}
}

func (v FormView) options(name string, all []string, say func(string) string) []parts.Option {
	var out []parts.Option
	for _, x := range all {
		out = append(out, parts.Option{Value: x, Text: say(x), Chosen: slices.Contains(v.Form[name], x)})
	}
	return out
}

func (v FormView) keys(begin string) func(string) string {
	return func(s string) string { return v.T(begin + s) }
}

func (v FormView) choices(name, begin string, all []string, required, many bool) parts.Choices {
	return parts.Choices{Field: v.field(name, required), Many: many, Inline: !many, Options: v.options(name, all, v.keys(begin))}
}

func (v FormView) themes(required bool) parts.Select {
	s := parts.Select{Field: v.field("theme", required), Blank: v.T("health.form.choose"), Options: v.options("theme", trail.Themes, v.Theme)}
	for i := range s.Options {
		s.Options[i].Group = v.T("trail.themes.jee")
		if trail.IsSPAR(s.Options[i].Value) {
			s.Options[i].Group = v.T("trail.themes.spar")
		}
	}
	return s
}

func (v FormView) clocks() parts.Select {
	return parts.Select{Field: v.field("clock", false), Blank: v.T("trail.clock.none"), Options: v.options("clock", trail.Clocks, v.keys("timeliness.clock."))}
}

func (v FormView) markings() parts.Select {
	return parts.Select{Field: v.field("marking", true), Options: v.options("marking", strs(access.Markings), func(s string) string { return s })}
}

func (v FormView) languages() parts.Select {
	s := parts.Select{Field: v.field("lang", true)}
	for _, l := range locale.Languages() {
		s.Options = append(s.Options, parts.Option{Value: l.Code, Text: l.Name, Chosen: l.Code == v.Form.Get("lang")})
	}
	return s
}

func (v FormView) members(name string, required, many bool) parts.Choices {
	c := parts.Choices{Field: v.field(name, required), Many: many, Options: v.options(name, strs(access.All()), func(s string) string { return v.Name(access.Member(s)) })}
	return c
}

func (v FormView) one(name string) parts.Select {
	return parts.Select{Field: v.field(name, true), Blank: v.T("health.form.choose"), Options: v.options(name, strs(access.All()), func(s string) string { return v.Name(access.Member(s)) })}
}

// whys are the five lines of the chain.
func (v FormView) whys() []parts.Input {
	var out []parts.Input
	for i := range trail.MaxWhys {
		x := parts.Input{Field: parts.Field{Name: "why." + str(i), Label: v.T("trail.field.why", "n", i+1), Optional: true}, Value: v.Form.Get("why." + str(i)), MaxLength: trail.MaxReason}
		if i == 0 {
			x.Error = v.Errors.Of("whys")
		}
		out = append(out, x)
	}
	return out
}

func common(f url.Values) trail.Input {
	return trail.Input{Title: text(f.Get("title")), Lang: f.Get("lang"), Marking: access.Marking(f.Get("marking"))}
}

// FindingInputOf reads the form of a finding.
func FindingInputOf(f url.Values, entries []int64) trail.FindingInput {
	in := trail.FindingInput{Input: common(f), FindingText: trail.FindingText{Sort: f.Get("sort"), Planned: text(f.Get("planned")), Happened: text(f.Get("happened")), Well: text(f.Get("well")),
		Badly: text(f.Get("badly")), Method: f.Get("method"), Factors: f["factors"], Cause: text(f.Get("cause")), Clock: f.Get("clock"), Theme: f.Get("theme"), Affected: f["affected"],
		AffectedHow: text(f.Get("affected_how")), Evidence: text(f.Get("evidence")), NoAction: text(f.Get("no_action")), Entries: entries}}
	for i := range trail.MaxWhys {
		if s := text(f.Get("why." + str(i))); s != "" {
			in.Whys = append(in.Whys, s)
		}
	}
	return in
}

// FindingForm is the form as a finding fills it.
func FindingForm(s *trail.Shown, x *trail.FindingText) url.Values {
	f := url.Values{"version": {str(s.Version)}, "title": {s.Title}, "lang": {s.Lang}, "marking": {string(s.Marking)}, "sort": {x.Sort}, "planned": {x.Planned}, "happened": {x.Happened},
		"well": {x.Well}, "badly": {x.Badly}, "method": {x.Method}, "factors": x.Factors, "cause": {x.Cause}, "clock": {x.Clock}, "theme": {x.Theme}, "affected": x.Affected,
		"affected_how": {x.AffectedHow}, "evidence": {x.Evidence}, "no_action": {x.NoAction}}
	for i, y := range x.Whys {
		f.Set("why."+str(i), y)
	}
	return f
}

func (g *Pages) editFinding(w http.ResponseWriter, r *shell.Request) error {
	return g.showFinding(w, r, http.StatusOK, nil)
}

func (g *Pages) showFinding(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	x, err := g.desk.Finding(r.Context(), r.Actor, rid)
	if err != nil {
		return err
	}
	v := FormView{Words: g.words(r), Kind: "finding", Action: r.URL.Path, Cancel: trail.Path(trail.KindFinding, rid), Form: r.PostForm, Errors: parts.ErrorsOf(r.Printer, cause)}
	if r.Method != http.MethodPost {
		v.Form = FindingForm(&x.Shown, &x.FindingText)
	}
	v.Title, v.Lede = v.T("trail.form.finding.edit"), v.T("trail.form.finding.lede")
	return r.ShowStatus(w, status, shell.Page{Title: v.Title, Marking: string(x.Marking)}, FormPage(v))
}

func (g *Pages) saveFinding(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	x, err := g.desk.Finding(r.Context(), r.Actor, rid)
	if err != nil {
		return err
	}
	_, err = g.desk.EditFinding(r.Context(), r.Actor, rid, version(r.PostForm.Get("version")), FindingInputOf(r.PostForm, x.Entries))
	if status := Again(err); status != 0 {
		return g.showFinding(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "trail.said.edit", nil)
	return r.Redirect(w, trail.Path(trail.KindFinding, rid))
}

// stands are the findings that a new record can stand on: those of the same
// source as the one that it begins with.
func (g *Pages) stands(r *shell.Request, chosen []string) ([]parts.Option, error) {
	var out []parts.Option
	seen := map[id.ID]bool{}
	for _, fid := range idsOf(chosen) {
		x, err := g.desk.Finding(r.Context(), r.Actor, fid)
		if err != nil {
			return nil, err
		}
		if seen[x.Source.ID] {
			continue
		}
		seen[x.Source.ID] = true
		c, err := g.desk.Of(r.Context(), r.Actor, x.Source.ID)
		if err != nil {
			return nil, err
		}
		for _, f := range c.Findings {
			if f.State != trail.Withdrawn {
				out = append(out, parts.Option{Value: string(f.ID), Text: f.Title, Hint: string(f.Owner), Chosen: slices.Contains(chosen, string(f.ID))})
			}
		}
	}
	return out, nil
}
