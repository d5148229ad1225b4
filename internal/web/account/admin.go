package account

import (
	"net/http"
	"net/url"
	"strconv"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/people"
	"lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

const listed = 50

type listView struct {
	Accounts []people.Account
	Asked    []people.RoleGrant
	Names    map[string]string // account → post, for the grants that wait
	Query    people.AccountQuery
	Next     string
	Buttons  map[id.ID][]parts.Button // of the grants that wait
}

func (p *Pages) list(w http.ResponseWriter, r *web.Request) error {
	q := people.AccountQuery{Text: r.FormValue("q"), State: workflow.State(r.FormValue("state")), After: r.FormValue("after"), Limit: listed + 1}
	accounts, err := p.cfg.People.Accounts(r.Context(), r.Actor, q)
	if err != nil {
		return err
	}
	v := listView{Accounts: accounts, Query: q, Names: map[string]string{}}
	if len(accounts) > listed {
		v.Accounts = accounts[:listed]
		v.Next = "/admin/accounts?" + url.Values{"q": {q.Text}, "state": {string(q.State)}, "after": {accounts[listed-1].Login}}.Encode()
	}
	if people.Capabilities.May(r.Actor, people.AdministerAccounts) {
		if v.Asked, err = p.cfg.People.GrantsAsked(r.Context(), r.Actor); err != nil {
			return err
		}
	}
	for _, g := range v.Asked {
		a, err := p.cfg.People.Account(r.Context(), r.Actor, g.Account)
		if err != nil {
			return err
		}
		v.Names[string(g.Account)] = a.Post
	}
	if v.Buttons, err = p.grantButtons(r, v.Asked); err != nil {
		return err
	}
	return r.Show(w, web.Page{Title: r.Printer.T("account.accounts")}, listPage(r.Printer, v))
}

type newView struct {
	Typed    people.NewAccount
	Agencies []people.Agency
	Errors   parts.Errors
}

func (p *Pages) newAccount(w http.ResponseWriter, r *web.Request) error {
	return p.showNew(w, r, http.StatusOK, newView{})
}

func (p *Pages) showNew(w http.ResponseWriter, r *web.Request, status int, v newView) error {
	if !people.Capabilities.May(r.Actor, people.AdministerAccounts) {
		return fault.New(fault.Forbidden, "fault.people.not_allowed")
	}
	var err error
	if v.Agencies, err = p.cfg.People.Agencies(r.Context()); err != nil {
		return err
	}
	return r.ShowStatus(w, status, web.Page{Title: r.Printer.T("account.new")}, newPage(r.Printer, v))
}

func typed(r *web.Request) people.NewAccount {
	return people.NewAccount{Login: r.PostFormValue("login"), Post: r.PostFormValue("post"), Display: r.PostFormValue("display"),
		Agency: r.PostFormValue("agency"), Language: r.PostFormValue("language")}
}

func (p *Pages) create(w http.ResponseWriter, r *web.Request) error {
	n := typed(r)
	for _, role := range r.PostForm["roles"] {
		n.Grants = append(n.Grants, access.Grant{Role: access.Role(role), Place: r.PostFormValue("place")})
	}
	link, err := p.cfg.People.CreateAccount(r.Context(), r.Actor, n)
	if err != nil {
		status := web.Status(err)
		problems, err := shown(r, err)
		if err != nil {
			return err
		}
		return p.showNew(w, r, status, newView{Typed: n, Errors: problems})
	}
	return p.showLink(w, r, link)
}

// showLink shows a one-time link, which is not kept and not sent by the node.
func (p *Pages) showLink(w http.ResponseWriter, r *web.Request, l people.Link) error {
	return r.ShowStatus(w, http.StatusCreated, web.Page{Title: r.Printer.T("account.link"), Narrow: true},
		linkPage(r.Printer, l, r.Address("/invitation#"+l.Token)))
}

type oneView struct {
	Account  people.Account
	Agencies []people.Agency
	Buttons  []parts.Button
	Edit     bool
	Grants   map[id.ID][]parts.Button
	Errors   parts.Errors
	Grant    parts.Errors
}

func (p *Pages) one(w http.ResponseWriter, r *web.Request) error {
	return p.showOne(w, r, http.StatusOK, oneView{})
}

func (p *Pages) showOne(w http.ResponseWriter, r *web.Request, status int, v oneView) error {
	which, err := r.PathID("id")
	if err != nil {
		return err
	}
	if v.Account, err = p.cfg.People.Account(r.Context(), r.Actor, which); err != nil {
		return err
	}
	if v.Agencies, err = p.cfg.People.Agencies(r.Context()); err != nil {
		return err
	}
	offers, err := p.cfg.People.AccountOffers(r.Context(), r.Actor, which)
	if err != nil {
		return err
	}
	for _, o := range offers {
		if o.Verb == people.Edit {
			v.Edit = true
			continue
		}
		v.Buttons = append(v.Buttons, parts.Button{Text: r.Printer.T("verb.people.account." + string(o.Verb)),
			Href: "/admin/accounts/" + string(which) + "/" + string(o.Verb), Unmet: unmet(r, o)})
	}
	if v.Grants, err = p.grantButtons(r, v.Account.Grants); err != nil {
		return err
	}
	return r.ShowStatus(w, status, web.Page{Title: v.Account.Post}, onePage(r.Printer, v))
}

// grantButtons are the steps of grants that the reader may take.
func (p *Pages) grantButtons(r *web.Request, grants []people.RoleGrant) (map[id.ID][]parts.Button, error) {
	out := map[id.ID][]parts.Button{}
	if !people.Capabilities.May(r.Actor, people.AdministerAccounts) {
		return out, nil
	}
	for _, g := range grants {
		offers, err := p.cfg.People.GrantOffers(r.Context(), r.Actor, g.ID)
		if err != nil {
			return nil, err
		}
		for _, o := range offers {
			out[g.ID] = append(out[g.ID], parts.Button{Text: r.Printer.T("verb.people.grant." + string(o.Verb)), Small: true,
				Post: "/admin/grants/" + string(g.ID) + "/" + string(o.Verb), Unmet: unmet(r, o)})
		}
	}
	return out, nil
}

// unmet are the reasons why a step cannot be taken now.
func unmet(r *web.Request, o workflow.Offer) []string {
	var out []string
	for _, need := range o.Unmet {
		out = append(out, r.Printer.T("need."+need))
	}
	return out
}

func (p *Pages) edit(w http.ResponseWriter, r *web.Request) error {
	which, err := r.PathID("id")
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		return fault.Wrap(fault.Invalid, "fault.web.form", err)
	}
	n := typed(r)
	err = p.cfg.People.EditAccount(r.Context(), r.Actor, which, version, n)
	switch {
	case err == nil:
		r.Say(w, "account.saved", nil)
		return r.Redirect(w, "/admin/accounts/"+string(which))
	case is(err, "fault.changed_meanwhile"):
		return p.editConflict(w, r, n)
	}
	status := web.Status(err)
	problems, err := shown(r, err)
	if err != nil {
		return err
	}
	return p.showOne(w, r, status, oneView{Errors: problems})
}

func (p *Pages) editConflict(w http.ResponseWriter, r *web.Request, mine people.NewAccount) error {
	which, err := r.PathID("id")
	if err != nil {
		return err
	}
	now, err := p.cfg.People.Account(r.Context(), r.Actor, which)
	if err != nil {
		return err
	}
	label := func(name string) string { return r.Printer.T("account.field." + name) }
	return r.Conflict(w, web.Conflict{Title: r.Printer.T("account.account"), By: r.Printer.T("account.somebody"),
		Action: "/admin/accounts/" + string(which), Record: "/admin/accounts/" + string(which), Version: strconv.FormatInt(now.Version, 10), Form: r.PostForm,
		Fields: []web.ConflictField{
			{Name: "login", Label: label("login"), Mine: mine.Login, Theirs: now.Login},
			{Name: "post", Label: label("post"), Mine: mine.Post, Theirs: now.Post},
			{Name: "display", Label: label("display"), Mine: mine.Display, Theirs: now.Display},
			{Name: "agency", Label: label("agency"), Mine: mine.Agency, Theirs: now.Agency},
			{Name: "language", Label: label("language"), Mine: mine.Language, Theirs: now.Language},
		}})
}
