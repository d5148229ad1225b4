package account

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/locale"
	"lintas/internal/people"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

func join(list []string) string { return strings.Join(list, ", ") }

func stamp(p *locale.Printer, t time.Time) string {
	if t.IsZero() {
		return p.T("account.never")
	}
	return p.Stamp(t)
}

func crumbs(p *locale.Printer) []parts.Link {
	return []parts.Link{{Text: p.T("account.accounts"), Href: "/admin/accounts"}}
}

func definitions(p *locale.Printer, a people.Account) []parts.Definition {
	agency := a.Agency
	if agency == "" {
		agency = p.T("account.none")
	}
	return []parts.Definition{
		{Term: p.T("account.field.login"), Text: a.Login},
		{Term: p.T("account.field.post"), Text: a.Post},
		{Term: p.T("account.field.display"), Text: a.Display},
		{Term: p.T("account.field.agency"), Text: agency},
		{Term: p.T("account.field.roles"), Text: heldRoles(p, a)},
		{Term: p.T("account.signed_in"), Text: stamp(p, a.SignedIn)},
	}
}

func described(a people.Account) people.NewAccount {
	return people.NewAccount{Login: a.Login, Post: a.Post, Display: a.Display, Agency: a.Agency, Language: a.Language}
}

// heldRoles are the roles that hold, each once.
func heldRoles(p *locale.Printer, a people.Account) string {
	var out []string
	for _, g := range a.Grants {
		word := p.T("role." + string(g.Role))
		if g.State == people.Granted && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	if len(out) == 0 {
		return p.T("account.none")
	}
	return join(out)
}

// grantText is a role with where and until when it holds.
func grantText(p *locale.Printer, g people.RoleGrant) string {
	out := []string{p.T("role." + string(g.Role))}
	for _, s := range []string{g.Place, g.Agency} {
		if s != "" {
			out = append(out, s)
		}
	}
	if !g.From.IsZero() {
		out = append(out, p.T("account.from", "time", g.From))
	}
	if !g.To.IsZero() {
		out = append(out, p.T("account.until", "time", g.To))
	}
	return strings.Join(out, " · ")
}

func languages(chosen string) []parts.Option {
	var out []parts.Option
	for _, l := range locale.Offered() {
		out = append(out, parts.Option{Value: l.Code, Text: l.Name, Chosen: l.Code == chosen})
	}
	return out
}

func roleOptions(p *locale.Printer, roles, chosen []access.Role) []parts.Option {
	var out []parts.Option
	for _, r := range roles {
		out = append(out, parts.Option{Value: string(r), Text: p.T("role." + string(r)), Chosen: slices.Contains(chosen, r)})
	}
	return out
}

// scopeOptions show scopes by their own names: they are words of the protocol.
func scopeOptions(v ownView) []parts.Option {
	var out []parts.Option
	for _, s := range v.Scopes {
		out = append(out, parts.Option{Value: s, Text: s, Chosen: slices.Contains(v.Typed.Scopes, s)})
	}
	return out
}

func agencyOptions(all []people.Agency, chosen string) []parts.Option {
	var out []parts.Option
	for _, a := range all {
		if !a.Closed || a.Code == chosen {
			out = append(out, parts.Option{Value: a.Code, Text: a.Code + " · " + a.Name, Chosen: a.Code == chosen})
		}
	}
	return out
}

func stateOptions(p *locale.Printer, chosen workflow.State) []parts.Option {
	var out []parts.Option
	for _, s := range []workflow.State{people.Invited, people.Active, people.Suspended, people.Closed} {
		out = append(out, parts.Option{Value: string(s), Text: p.T("state.people.account." + string(s)), Chosen: s == chosen})
	}
	return out
}
