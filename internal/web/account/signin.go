package account

import (
	"net/http"
	"net/url"
	"strings"

	"lintas/internal/people"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

type signInView struct {
	Login  string
	Next   string
	Errors parts.Errors
}

func (p *Pages) signIn(w http.ResponseWriter, r *web.Request) error {
	next := web.Local(r.FormValue("next"))
	if r.SignedIn() {
		return r.Redirect(w, next)
	}
	return p.showSignIn(w, r, http.StatusOK, signInView{Next: next})
}

func (p *Pages) showSignIn(w http.ResponseWriter, r *web.Request, status int, v signInView) error {
	return r.ShowStatus(w, status, web.Page{Title: r.Printer.T("account.sign_in"), Narrow: true}, signInPage(r.Printer, v))
}

// password takes the first factor. The answer tells nobody whether the name
// exists; People sees to the time that it takes.
func (p *Pages) password(w http.ResponseWriter, r *web.Request) error {
	v := signInView{Login: r.PostFormValue("login"), Next: web.Local(r.PostFormValue("next"))}
	c, err := p.cfg.People.Begin(r.Context(), visit(r), v.Login, r.PostFormValue("password"))
	if err != nil {
		status := web.Status(err)
		if v.Errors, err = shown(r, err); err != nil {
			return err
		}
		return p.showSignIn(w, r, status, v)
	}
	r.Keep(w, challengeCookie, c.Token, challengeAge)
	return r.Redirect(w, "/sign-in/code?next="+url.QueryEscape(v.Next))
}

func (p *Pages) codePage(w http.ResponseWriter, r *web.Request) error {
	v := signInView{Next: web.Local(r.FormValue("next"))}
	if r.Kept(challengeCookie) == "" {
		return r.Redirect(w, "/sign-in?next="+url.QueryEscape(v.Next))
	}
	return p.showCode(w, r, http.StatusOK, v)
}

func (p *Pages) showCode(w http.ResponseWriter, r *web.Request, status int, v signInView) error {
	return r.ShowStatus(w, status, web.Page{Title: r.Printer.T("account.code"), Narrow: true}, codePage(r.Printer, v))
}

// code takes the second factor: a code of the app or a recovery code.
func (p *Pages) code(w http.ResponseWriter, r *web.Request) error {
	v := signInView{Next: web.Local(r.PostFormValue("next"))}
	in, err := p.cfg.People.Finish(r.Context(), visit(r), r.Kept(challengeCookie), r.PostFormValue("code"))
	if err != nil {
		over := is(err, "fault.people.challenge")
		status := web.Status(err)
		if v.Errors, err = shown(r, err); err != nil {
			return err
		}
		if over {
			r.Forget(w, challengeCookie)
			return p.showSignIn(w, r, status, v)
		}
		return p.showCode(w, r, status, v)
	}
	if err := p.begin(w, r, in); err != nil {
		return err
	}
	if in.Recovery < fewCodes {
		r.Say(w, "account.recovery.few", map[string]any{"n": in.Recovery})
	}
	return r.Redirect(w, v.Next)
}

// fewCodes is when the person is told to make new recovery codes.
const fewCodes = 3

func (p *Pages) signOut(w http.ResponseWriter, r *web.Request) error {
	if err := p.cfg.People.EndSession(r.Context(), r.Actor, session(r)); err != nil {
		return err
	}
	r.EndSession(w, r.Session.ID)
	return r.Redirect(w, "/sign-in")
}

type invitationView struct {
	Token  string
	Of     people.Invitation
	Errors parts.Errors
}

// invitation asks for the secret of a link. It stands behind the # of the
// address, which browsers keep to themselves, so that it reaches no log and no
// other site; script puts it into the field, and without script it is pasted.
func (p *Pages) invitation(w http.ResponseWriter, r *web.Request) error {
	return r.Show(w, web.Page{Title: r.Printer.T("account.invitation"), Narrow: true}, invitationForm(r.Printer))
}

func (p *Pages) openInvitation(w http.ResponseWriter, r *web.Request) error {
	return p.showInvitation(w, r, http.StatusOK, invitationView{Token: linkToken(r)})
}

// linkToken is the secret of a link, alone or with the address around it.
func linkToken(r *web.Request) string {
	text := strings.TrimSpace(r.PostFormValue("link"))
	if _, after, ok := strings.Cut(text, "#"); ok {
		return after
	}
	return text
}

func (p *Pages) showInvitation(w http.ResponseWriter, r *web.Request, status int, v invitationView) error {
	var err error
	if v.Of, err = p.cfg.People.OpenLink(r.Context(), v.Token); err != nil {
		return err
	}
	return r.ShowStatus(w, status, web.Page{Title: r.Printer.T("account.invitation"), Narrow: true}, invitationPage(r.Printer, v))
}

func (p *Pages) accept(w http.ResponseWriter, r *web.Request) error {
	token := linkToken(r)
	err := twice(r)
	var in people.SignedIn
	var codes []string
	if err == nil {
		in, codes, err = p.cfg.People.AcceptLink(r.Context(), visit(r), people.Acceptance{Token: token,
			Password: r.PostFormValue("password"), Code: r.PostFormValue("code")})
	}
	if err != nil {
		status := web.Status(err)
		problems, err := shown(r, err)
		if err != nil {
			return err
		}
		return p.showInvitation(w, r, status, invitationView{Token: token, Errors: problems})
	}
	if err := p.begin(w, r, in); err != nil {
		return err
	}
	return r.Show(w, web.Page{Title: r.Printer.T("account.recovery"), Narrow: true}, codesPage(r.Printer, codes))
}
