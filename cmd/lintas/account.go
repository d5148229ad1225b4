package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/node"
	"lintas/internal/people"
)

var accountCommand = group("account", "Makes and manages accounts at the node's own machine",
	"  lintas account create --dir /var/lib/lintas --login admin --post Administrator --role administrator", nil, []command{
		{name: "create", summary: "Makes an account and prints its one-time link", usage: "--dir FOLDER --login NAME --post TEXT --role ROLE...",
			example: "  lintas account create --dir /var/lib/lintas --login admin --post Administrator --role administrator", run: runAccountCreate},
		{name: "list", summary: "Lists the accounts with their roles", usage: "--dir FOLDER",
			example: "  lintas account list --dir /var/lib/lintas", run: runAccountList},
		{name: "reset", summary: "Prints a new one-time link for who lost the password or the second factor", usage: "--dir FOLDER --login NAME",
			example: "  lintas account reset --dir /var/lib/lintas --login admin", run: runAccountReset},
		{name: "suspend", summary: "Shuts an account out at once", usage: "--dir FOLDER --login NAME",
			example: "  lintas account suspend --dir /var/lib/lintas --login duty", run: runAccountSuspend},
		{name: "reactivate", summary: "Lets a suspended account in again", usage: "--dir FOLDER --login NAME",
			example: "  lintas account reactivate --dir /var/lib/lintas --login duty", run: runAccountReactivate},
	})

// attend runs an act on a node's folder and closes it.
func attend(ctx context.Context, dir string, act func(n *node.Node, by access.Actor) error) error {
	n, err := node.Attend(ctx, dir, quiet())
	if err != nil {
		return err
	}
	defer n.Close()
	return act(n, node.CommandLine(n.Config.Member))
}

func runAccountCreate(ctx context.Context, k *call) error {
	dir := k.dir()
	a := people.NewAccount{}
	k.flags.StringVar(&a.Login, "login", "", "what the person types to sign in")
	k.flags.StringVar(&a.Post, "post", "", "what the history and others see, such as \"Duty officer, National EOC\"")
	k.flags.StringVar(&a.Display, "display", "", "a name for colleagues at this node only")
	k.flags.StringVar(&a.Agency, "agency", "", "code of the agency")
	k.flags.StringVar(&a.Language, "language", "", "en, id; default: the browser's")
	place := k.flags.String("place", "", "the roles hold for this place only, such as KH-12; default: the whole member")
	roles := k.words("role", "role; may be repeated: "+roleList())
	if err := k.parse(0, 0); err != nil {
		return err
	}
	if err := k.needed("login", "post", "role"); err != nil {
		return err
	}
	for _, r := range *roles {
		a.Grants = append(a.Grants, access.Grant{Role: access.Role(r), Place: *place, Agency: a.Agency})
	}
	return attend(ctx, *dir, func(n *node.Node, by access.Actor) error {
		l, err := n.People.CreateAccount(ctx, by, a)
		if err != nil {
			return err
		}
		k.say("The account %s is made.", people.Login(a.Login))
		k.link(n, l)
		return nil
	})
}

func roleList() string {
	var out []string
	for _, r := range access.Roles {
		out = append(out, string(r))
	}
	return strings.Join(out, ", ")
}

// link prints a link, which is kept nowhere else.
func (k *call) link(n *node.Node, l people.Link) {
	base := n.Config.Web.URL
	if base == "" {
		base = "http://" + n.Listen()
		if n.Config.Web.Cert != "" {
			base = "https://" + n.Listen()
		}
	}
	k.say("Hand this link to the person by a safe way. It works once, until %s, and is shown only now:", l.Expires.UTC().Format(time.RFC3339))
	k.say("%s/invitation#%s", base, l.Token)
}

func runAccountList(ctx context.Context, k *call) error {
	dir := k.dir()
	if err := k.parse(0, 0); err != nil {
		return err
	}
	return attend(ctx, *dir, func(n *node.Node, by access.Actor) error {
		for after := ""; ; {
			all, err := n.People.Accounts(ctx, by, people.AccountQuery{After: after, Limit: 500})
			if err != nil {
				return err
			}
			for _, a := range all {
				k.say("%-20s %-10s %-36s %s", a.Login, a.State, a.Post, grants(a))
				after = a.Login
			}
			if len(all) < 500 {
				return nil
			}
		}
	})
}

func grants(a people.Account) string {
	var out []string
	for _, g := range a.Grants {
		s := string(g.Role)
		if g.Place != "" {
			s += "@" + g.Place
		}
		if g.State != people.Granted {
			s += "(" + string(g.State) + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// onAccount is an act on the account of --login.
func (k *call) onAccount(ctx context.Context, act func(n *node.Node, by access.Actor, a people.Account) error) error {
	dir := k.dir()
	login := k.flags.String("login", "", "login of the account")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	if err := k.needed("login"); err != nil {
		return err
	}
	return attend(ctx, *dir, func(n *node.Node, by access.Actor) error {
		a, err := accountOf(ctx, n, by, *login)
		if err != nil {
			return err
		}
		return act(n, by, a)
	})
}

func accountOf(ctx context.Context, n *node.Node, by access.Actor, login string) (people.Account, error) {
	a, err := n.People.AccountByLogin(ctx, by, login)
	if err != nil {
		return a, fmt.Errorf("%q: %s See lintas account list", login, sentence(err))
	}
	return a, nil
}

func runAccountReset(ctx context.Context, k *call) error {
	return k.onAccount(ctx, func(n *node.Node, by access.Actor, a people.Account) error {
		l, err := n.People.IssueLink(ctx, by, a.ID)
		if err != nil {
			return err
		}
		k.say("The present password and second factor of %s hold until the link is used.", a.Login)
		k.link(n, l)
		return nil
	})
}

func runAccountSuspend(ctx context.Context, k *call) error {
	return k.onAccount(ctx, func(n *node.Node, by access.Actor, a people.Account) error {
		if err := n.People.SuspendAccount(ctx, by, a.ID); err != nil {
			return err
		}
		k.say("%s is shut out; its sessions have ended and its tokens are refused.", a.Login)
		return nil
	})
}

func runAccountReactivate(ctx context.Context, k *call) error {
	return k.onAccount(ctx, func(n *node.Node, by access.Actor, a people.Account) error {
		if err := n.People.ReactivateAccount(ctx, by, a.ID); err != nil {
			return err
		}
		k.say("%s may sign in again.", a.Login)
		return nil
	})
}
