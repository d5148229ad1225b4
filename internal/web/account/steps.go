package account

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/people"
	"lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// warnings say what a step of an account does, before it is taken.
var warnings = map[workflow.Verb]string{people.Invite: "account.confirm.invite", people.Suspend: "account.confirm.suspend",
	people.Reactivate: "account.confirm.reactivate", people.Close: "account.confirm.close"}

// confirm asks once more before a step of an account.
func (p *Pages) confirm(w http.ResponseWriter, r *web.Request) error {
	which, err := r.PathID("id")
	if err != nil {
		return err
	}
	a, err := p.cfg.People.Account(r.Context(), r.Actor, which)
	if err != nil {
		return err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	offers, err := p.cfg.People.AccountOffers(r.Context(), r.Actor, which)
	if err != nil {
		return err
	}
	for _, o := range offers {
		if o.Verb != verb || warnings[verb] == "" {
			continue
		}
		title := r.Printer.T("verb.people.account." + string(verb))
		return r.Show(w, web.Page{Title: title}, confirmPage(r.Printer, parts.Confirm{Title: title,
			Text:   r.Printer.T(warnings[verb], "post", a.Post),
			Action: "/admin/accounts/" + string(which) + "/" + string(verb),
			Submit: parts.Button{Text: title, Kind: parts.Primary}, Cancel: parts.Link{Text: r.Printer.T("account.cancel"), Href: "/admin/accounts/" + string(which)}}))
	}
	return fault.New(fault.NotFound, "fault.web.no_page")
}

// step takes a step of an account.
func (p *Pages) step(w http.ResponseWriter, r *web.Request) error {
	which, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	if verb == people.Invite {
		link, err := p.cfg.People.IssueLink(r.Context(), r.Actor, which)
		if err != nil {
			return err
		}
		return p.showLink(w, r, link)
	}
	act := map[workflow.Verb]func(context.Context, access.Actor, id.ID) error{
		people.Suspend: p.cfg.People.SuspendAccount, people.Reactivate: p.cfg.People.ReactivateAccount, people.Close: p.cfg.People.CloseAccount}[verb]
	return p.take(w, r, act, which, "/admin/accounts/"+string(which))
}

func (p *Pages) take(w http.ResponseWriter, r *web.Request, act func(context.Context, access.Actor, id.ID) error, which id.ID, next string) error {
	if act == nil {
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	if err := act(r.Context(), r.Actor, which); err != nil {
		return err
	}
	r.Say(w, "account.saved", nil)
	return r.Redirect(w, next)
}

// decide takes a step of a grant and goes back to where the button was.
func (p *Pages) decide(w http.ResponseWriter, r *web.Request) error {
	which, err := r.PathID("id")
	if err != nil {
		return err
	}
	act := map[workflow.Verb]func(context.Context, access.Actor, id.ID) error{
		people.Approve: p.cfg.People.ApproveGrant, people.Decline: p.cfg.People.DeclineGrant, people.Revoke: p.cfg.People.RevokeGrant}[workflow.Verb(r.PathValue("verb"))]
	return p.take(w, r, act, which, r.Back("/admin/accounts"))
}

// grantAgency is the agency of a grant; the account above it on the page has
// an input "agency" of its own.
const grantAgency = "grant_agency"

// grant gives a role, or asks a second administrator to.
func (p *Pages) grant(w http.ResponseWriter, r *web.Request) error {
	which, err := r.PathID("id")
	if err != nil {
		return err
	}
	g := access.Grant{Role: access.Role(r.PostFormValue("role")), Place: r.PostFormValue("place"), Agency: r.PostFormValue(grantAgency)}
	var c fault.Check
	g.From = day(&c, r, "from", 0)
	g.To = day(&c, r, "to", 24*time.Hour)
	err = c.Err()
	var made people.RoleGrant
	if err == nil {
		made, err = p.cfg.People.GrantRole(r.Context(), r.Actor, which, g)
	}
	if err != nil {
		status := web.Status(err)
		problems, err := shown(r, err)
		if err != nil {
			return err
		}
		for i := range problems.Items {
			if problems.Items[i].Name == "agency" {
				problems.Items[i].Name = grantAgency
			}
		}
		return p.showOne(w, r, status, oneView{Grant: problems})
	}
	r.Say(w, "state.people.grant."+string(made.State), nil)
	return r.Redirect(w, "/admin/accounts/"+string(which))
}

// day reads a date in UTC; empty is the zero time.
func day(c *fault.Check, r *web.Request, name string, add time.Duration) time.Time {
	v := r.PostFormValue(name)
	if v == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, v)
	c.That(err == nil, name, "fault.account.date")
	return t.Add(add)
}

type agenciesView struct {
	Agencies []people.Agency
	Typed    people.Agency
	May      bool
	Errors   parts.Errors
}

func (p *Pages) agencies(w http.ResponseWriter, r *web.Request) error {
	v := agenciesView{}
	code := r.FormValue("code")
	all, err := p.cfg.People.Agencies(r.Context())
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Code == code && code != "" {
			v.Typed = a
		}
	}
	v.Agencies = all
	return p.showAgencies(w, r, http.StatusOK, v)
}

func (p *Pages) showAgencies(w http.ResponseWriter, r *web.Request, status int, v agenciesView) error {
	v.May = people.Capabilities.May(r.Actor, people.AdministerAccounts)
	return r.ShowStatus(w, status, web.Page{Title: r.Printer.T("account.agencies")}, agenciesPage(r.Printer, v))
}

func (p *Pages) saveAgency(w http.ResponseWriter, r *web.Request) error {
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		return fault.Wrap(fault.Invalid, "fault.web.form", err)
	}
	a := people.Agency{Code: r.PostFormValue("code"), Name: r.PostFormValue("name"), Sector: r.PostFormValue("sector"),
		Closed: r.PostFormValue("closed") == "yes", Version: version}
	if err := p.cfg.People.SaveAgency(r.Context(), r.Actor, a); err != nil {
		status := web.Status(err)
		problems, err := shown(r, err)
		if err != nil {
			return err
		}
		v := agenciesView{Typed: a, Errors: problems}
		if v.Agencies, err = p.cfg.People.Agencies(r.Context()); err != nil {
			return err
		}
		return p.showAgencies(w, r, status, v)
	}
	r.Say(w, "account.saved", nil)
	return r.Redirect(w, "/admin/agencies")
}
