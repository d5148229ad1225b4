package account

import (
	"net/http"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/people"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

// ownView is one's own account; the errors are those of the form that was
// sent last.
type ownView struct {
	Account  people.Account
	Sessions []people.Session
	Here     string
	Tokens   []people.Token
	Roles    []access.Role
	Scopes   []string
	Today    time.Time

	Password parts.Errors
	Token    parts.Errors
	Typed    people.NewToken
}

func (p *Pages) own(w http.ResponseWriter, r *web.Request) error {
	return p.showOwn(w, r, http.StatusOK, ownView{})
}

func (p *Pages) showOwn(w http.ResponseWriter, r *web.Request, status int, v ownView) error {
	ctx, me := r.Context(), r.Actor
	var err error
	if v.Account, err = p.cfg.People.Account(ctx, me, me.Account); err != nil {
		return err
	}
	if v.Sessions, err = p.cfg.People.Sessions(ctx, me); err != nil {
		return err
	}
	if v.Tokens, err = p.cfg.People.Tokens(ctx, me, me.Account); err != nil {
		return err
	}
	for _, g := range me.Grants {
		if !slices.Contains(v.Roles, g.Role) {
			v.Roles = append(v.Roles, g.Role)
		}
	}
	v.Here, v.Scopes, v.Today = r.Session.ID, p.cfg.Scopes, p.cfg.Clock.Now()
	return r.ShowStatus(w, status, web.Page{Title: r.Printer.T("account.own")}, ownPage(r.Printer, v))
}

// twice checks that a new password was typed the same way two times.
func twice(r *web.Request) error {
	var c fault.Check
	c.That(r.PostFormValue("password") == r.PostFormValue("again"), "again", "fault.account.again")
	return c.Err()
}

func (p *Pages) changePassword(w http.ResponseWriter, r *web.Request) error {
	err := twice(r)
	var in people.SignedIn
	if err == nil {
		in, err = p.cfg.People.ChangePassword(r.Context(), visit(r), r.Actor, session(r), r.PostFormValue("old"), r.PostFormValue("password"))
	}
	if err != nil {
		status := web.Status(err)
		problems, err := shown(r, err)
		if err != nil {
			return err
		}
		return p.showOwn(w, r, status, ownView{Password: problems})
	}
	r.EndSession(w, r.Session.ID)
	if err := p.begin(w, r, in); err != nil {
		return err
	}
	r.Say(w, "account.password.changed", nil)
	return r.Redirect(w, "/account")
}

func (p *Pages) language(w http.ResponseWriter, r *web.Request) error {
	tag := r.PostFormValue("language")
	if err := p.cfg.People.ChooseLanguage(r.Context(), r.Actor, tag); err != nil {
		return err
	}
	if tag == "" {
		r.Forget(w, "lang")
	} else {
		r.Keep(w, "lang", tag, 365*24*time.Hour)
	}
	r.Say(w, "account.saved", nil)
	return r.Redirect(w, "/account")
}

func (p *Pages) endSession(w http.ResponseWriter, r *web.Request) error {
	which, err := r.PathID("id")
	if err != nil {
		return err
	}
	if string(which) == r.Session.ID {
		return p.signOut(w, r)
	}
	if err := p.cfg.People.EndSession(r.Context(), r.Actor, which); err != nil {
		return err
	}
	r.EndStreams(string(which))
	r.Say(w, "account.session.ended", nil)
	return r.Redirect(w, "/account")
}

func (p *Pages) endOthers(w http.ResponseWriter, r *web.Request) error {
	all, err := p.cfg.People.Sessions(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	if err := p.cfg.People.EndSessions(r.Context(), r.Actor, r.Actor.Account, session(r)); err != nil {
		return err
	}
	for _, s := range all {
		if string(s.ID) != r.Session.ID {
			r.EndStreams(string(s.ID))
		}
	}
	r.Say(w, "account.session.others_ended", nil)
	return r.Redirect(w, "/account")
}

func (p *Pages) makeToken(w http.ResponseWriter, r *web.Request) error {
	n := people.NewToken{Name: r.PostFormValue("name"), Scopes: r.PostForm["scopes"]}
	for _, role := range r.PostForm["roles"] {
		n.Roles = append(n.Roles, access.Role(role))
	}
	if day, err := time.Parse(time.DateOnly, r.PostFormValue("expires")); err == nil {
		n.Expires = day.Add(24*time.Hour - time.Second) // through that day, in UTC
	}
	made, secret, err := p.cfg.People.CreateToken(r.Context(), r.Actor, n)
	if err != nil {
		status := web.Status(err)
		problems, err := shown(r, err)
		if err != nil {
			return err
		}
		return p.showOwn(w, r, status, ownView{Token: problems, Typed: n})
	}
	return r.ShowStatus(w, http.StatusCreated, web.Page{Title: r.Printer.T("account.token.made"), Narrow: true}, tokenPage(r.Printer, made, secret))
}

func (p *Pages) revokeToken(w http.ResponseWriter, r *web.Request) error {
	which, err := r.PathID("id")
	if err != nil {
		return err
	}
	if err := p.cfg.People.RevokeToken(r.Context(), r.Actor, which); err != nil {
		return err
	}
	r.Say(w, "account.token.revoked", nil)
	return r.Redirect(w, "/account")
}
