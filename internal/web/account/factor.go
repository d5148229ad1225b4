package account

import (
	"fmt"
	"net/http"
	"strings"

	"lintas/internal/people"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

const stepUpKey = "fault.people.step_up"

type factorView struct {
	Of     people.Enrolment
	Errors parts.Errors
}

// secondFactor offers a new one; the present one holds until the new one gave
// a code.
func (p *Pages) secondFactor(w http.ResponseWriter, r *web.Request) error {
	e, err := p.cfg.People.BeginTOTP(r.Context(), r.Actor, session(r))
	if is(err, stepUpKey) {
		return p.askStepUp(w, r, "/account/second-factor", nil)
	}
	if err != nil {
		return err
	}
	return p.showFactor(w, r, http.StatusOK, factorView{Of: e})
}

func (p *Pages) showFactor(w http.ResponseWriter, r *web.Request, status int, v factorView) error {
	return r.ShowStatus(w, status, web.Page{Title: r.Printer.T("account.factor.new"), Narrow: true}, factorPage(r.Printer, v))
}

func (p *Pages) confirmSecondFactor(w http.ResponseWriter, r *web.Request) error {
	err := p.cfg.People.ConfirmTOTP(r.Context(), r.Actor, session(r), r.PostFormValue("code"))
	if err == nil {
		r.Say(w, "account.factor.changed", nil)
		return r.Redirect(w, "/account")
	}
	status := web.Status(err)
	problems, err := shown(r, err)
	if err != nil {
		return err
	}
	// The offered secret stays; it is in the app already, so it is not shown again.
	return p.showFactor(w, r, status, factorView{Errors: problems})
}

func (p *Pages) recovery(w http.ResponseWriter, r *web.Request) error {
	codes, err := p.cfg.People.NewRecoveryCodes(r.Context(), r.Actor, session(r))
	if is(err, stepUpKey) {
		return p.askStepUp(w, r, "/account", nil)
	}
	if err != nil {
		return err
	}
	return r.Show(w, web.Page{Title: r.Printer.T("account.recovery"), Narrow: true}, codesPage(r.Printer, codes))
}

// askStepUp asks for a code within the session before a dangerous act.
func (p *Pages) askStepUp(w http.ResponseWriter, r *web.Request, next string, problems *parts.Errors) error {
	v := signInView{Next: next}
	status := http.StatusOK // nothing was refused: the page asks for something
	if problems != nil {
		v.Errors, status = *problems, http.StatusForbidden
	}
	return r.ShowStatus(w, status, web.Page{Title: r.Printer.T("account.step_up"), Narrow: true}, stepUpPage(r.Printer, v))
}

func (p *Pages) stepUp(w http.ResponseWriter, r *web.Request) error {
	next := web.Local(r.PostFormValue("next"))
	err := p.cfg.People.StepUp(r.Context(), r.Actor, session(r), r.PostFormValue("code"))
	if err != nil {
		problems, err := shown(r, err)
		if err != nil {
			return err
		}
		return p.askStepUp(w, r, next, &problems)
	}
	r.Say(w, "account.step_up.done", nil)
	return r.Redirect(w, next)
}

// qrPath draws the dark modules of a symbol, one unit each, with the quiet
// zone of four modules that ISO/IEC 18004 asks for.
func qrPath(rows [][]bool) string {
	var b strings.Builder
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			n := 0
			for x+n < len(row) && row[x+n] {
				n++
			}
			if n > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+4, y+4, n, n)
				x += n
			}
		}
	}
	return b.String()
}

func qrBox(rows [][]bool) string {
	return fmt.Sprintf("0 0 %d %d", len(rows)+8, len(rows)+8)
}

// grouped writes a secret in groups of four, for typing it.
func grouped(s string) string {
	var b strings.Builder
	for i, c := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}
