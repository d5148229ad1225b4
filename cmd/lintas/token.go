package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/id"
	"lintas/internal/node"
	"lintas/internal/people"
)

var tokenCommand = group("token", "Makes and revokes API tokens at the node's own machine",
	"  lintas token list --dir /var/lib/lintas", nil, []command{
		{name: "create", summary: "Makes a token for an account and prints it once", usage: "--dir FOLDER --login NAME --name TEXT --scope SCOPE... [--role ROLE...] [--days N]",
			example: "  lintas token create --dir /var/lib/lintas --login duty --name \"Surveillance feed\" --scope health.write --days 90", run: runTokenCreate},
		{name: "list", summary: "Lists the tokens that were not revoked", usage: "--dir FOLDER [--login NAME]",
			example: "  lintas token list --dir /var/lib/lintas --login duty", run: runTokenList},
		{name: "revoke", summary: "Ends a token at once", usage: "--dir FOLDER --id ID",
			example: "  lintas token revoke --dir /var/lib/lintas --id 0190d8c4-0000-7000-8000-000000000000", run: runTokenRevoke},
	})

func runTokenCreate(ctx context.Context, k *call) error {
	dir := k.dir()
	login := k.flags.String("login", "", "whose rights the token has")
	name := k.flags.String("name", "", "what it is for")
	days := k.flags.Int("days", 90, "how long it holds")
	scopes := k.words("scope", "what it may do; may be repeated: "+strings.Join(node.Scopes(), ", "))
	roles := k.words("role", "which of the account's roles it has; default: all but administrator")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	if err := k.needed("login", "name", "scope"); err != nil {
		return err
	}
	return attend(ctx, *dir, func(n *node.Node, by access.Actor) error {
		a, err := accountOf(ctx, n, by, *login)
		if err != nil {
			return err
		}
		owner, err := ownerOf(ctx, n, a)
		if err != nil {
			return err
		}
		t, secret, err := n.People.CreateToken(ctx, owner, people.NewToken{Name: *name, Scopes: *scopes,
			Roles: tokenRoles(*roles, owner), Expires: time.Now().Add(time.Duration(*days) * 24 * time.Hour)})
		if err != nil {
			return err
		}
		k.say("Token %s of %s holds until %s. It is shown only now:", t.ID, a.Login, t.Expires.UTC().Format(time.RFC3339))
		k.say("%s", secret)
		return nil
	})
}

// ownerOf is the account as an actor, under the name of who really acts.
func ownerOf(ctx context.Context, n *node.Node, a people.Account) (access.Actor, error) {
	var owner access.Actor
	err := n.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		owner, err = n.People.Actor(ctx, tx, a.ID)
		return err
	})
	owner.Name = node.CommandLineName
	return owner, err
}

func tokenRoles(asked []string, owner access.Actor) []access.Role {
	var out []access.Role
	for _, r := range asked {
		out = append(out, access.Role(r))
	}
	if len(asked) > 0 {
		return out
	}
	for _, g := range owner.Grants {
		if g.Role != access.Administrator && !slices.Contains(out, g.Role) {
			out = append(out, g.Role)
		}
	}
	return out
}

func runTokenList(ctx context.Context, k *call) error {
	dir := k.dir()
	login := k.flags.String("login", "", "only this account's")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	return attend(ctx, *dir, func(n *node.Node, by access.Actor) error {
		var account id.ID
		if *login != "" {
			a, err := accountOf(ctx, n, by, *login)
			if err != nil {
				return err
			}
			account = a.ID
		}
		all, err := n.People.Tokens(ctx, by, account)
		if err != nil {
			return err
		}
		for _, t := range all {
			if !t.Revoked.IsZero() {
				continue
			}
			used := "never used"
			if !t.Used.IsZero() {
				used = "used " + t.Used.UTC().Format(time.DateTime)
			}
			k.say("%s  %-24s until %s  %s  %s", t.ID, t.Name, t.Expires.UTC().Format(time.DateOnly), used, strings.Join(t.Scopes, " "))
		}
		return nil
	})
}

func runTokenRevoke(ctx context.Context, k *call) error {
	dir := k.dir()
	which := k.flags.String("id", "", "id of the token, see lintas token list")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	if err := k.needed("id"); err != nil {
		return err
	}
	return attend(ctx, *dir, func(n *node.Node, by access.Actor) error {
		if err := n.People.RevokeToken(ctx, by, id.ID(*which)); err != nil {
			return err
		}
		k.say("The token is refused from now on.")
		return nil
	})
}
