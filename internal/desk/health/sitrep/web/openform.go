package web

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/sitrep"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// newRegional offers the form that opens a regional report.
func (g *Pages) newRegional(w http.ResponseWriter, r *shell.Request) error {
	if err := mayWrite(r, "open"); err != nil {
		return err
	}
	now := r.Now.UTC().Truncate(time.Hour)
	form := url.Values{"lang": {r.Printer.Lang()}, "marking": {string(access.TLPAmber)}, "family": {r.URL.Query().Get("family")}, "until": {now.Format(time.DateOnly)},
		"from": {now.AddDate(0, 0, -6).Format(time.DateOnly)}, "cut_off": {now.Add(24 * time.Hour).Format(stampForm)}, "authority": {g.words(r).name(string(g.desk.Member()))}}
	for _, m := range access.States {
		form.Add("asked", string(m))
	}
	fid, err := id.Parse(form.Get("family"))
	if err == nil {
		f, ok, err := g.desk.Family(r.Context(), r.Actor, fid)
		if err != nil {
			return err
		}
		if ok {
			form.Set("title", f.Name)
			form.Set("marking", string(cmp.Or(f.Marking, access.TLPAmber)))
		}
		if rhythm, err := g.desk.Rhythm(r.Context(), r.Actor, fid); err == nil && rhythm.Every > 0 {
			form.Set("next", now.Add(24*time.Hour).Add(rhythm.Every).Format(stampForm))
		}
	}
	return g.showRegional(w, r, http.StatusOK, form, nil)
}

// kinds of a regional report: in the rhythm, or a flash report beside it.
func (v formView) kinds() parts.Choices {
	c := parts.Choices{Field: v.field("flash", true), Inline: true}
	for _, k := range []string{"no", "yes"} {
		c.Options = append(c.Options, parts.Option{Value: k, Text: v.T("sitrep.flash." + k), Chosen: cmp.Or(v.Form.Get("flash"), "no") == k})
	}
	return c
}

func (g *Pages) showRegional(w http.ResponseWriter, r *shell.Request, status int, form url.Values, cause error) error {
	v := formView{words: g.words(r), Action: base + "/regional", Cancel: base, Form: form, Errors: parts.ErrorsOf(r.Printer, cause), Opening: true}
	v.Title, v.Lede, v.Save = v.T("sitrep.new.regional"), v.T("sitrep.new.regional.lede"), v.T("sitrep.verb.open")
	fs, err := g.desk.Families(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	for _, f := range fs {
		if f.Open {
			v.Families = append(v.Families, parts.Option{Value: string(f.ID), Text: f.Name, Chosen: string(f.ID) == form.Get("family")})
		}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, formPage(v))
}

func (g *Pages) open(w http.ResponseWriter, r *shell.Request) error {
	f := r.PostForm
	fid, err := id.Parse(f.Get("family"))
	var rep sitrep.Report
	if err != nil {
		err = &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "family", Key: "fault.sitrep.family"}}}
	} else {
		rep, err = g.desk.Open(r.Context(), r.Actor, fid, sitrep.OpenInput{Title: f.Get("title"), Lang: f.Get("lang"), From: f.Get("from"), Until: f.Get("until"),
			Flash: f.Get("flash") == "yes", CutOff: moment(f.Get("cut_off")), Next: moment(f.Get("next")), Authority: f.Get("authority"), Words: text(f.Get("words")), Asked: membersIn(f["asked"]),
			Marking: access.Marking(f.Get("marking"))})
	}
	if status := again(err); status != 0 {
		return g.showRegional(w, r, status, f, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "sitrep.said.open", nil)
	return r.Redirect(w, sitrep.Path(rep.ID))
}
