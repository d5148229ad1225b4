package people

import (
	"context"
	"encoding/base32"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// An API token is "lnt_" and 58 letters: 256 random bits and their CRC-32C, so
// that a scanner for leaked secrets can tell one from noise and a typing error
// is found without asking the database. Only the SHA-256 of the bits is
// stored. A token can do what its scopes say, with those of its owner's roles
// that it names, as long as the owner holds them and is active.

const (
	tokenPrefix = "lnt_"
	tokenBits   = 32
	maxLife     = 366 * 24 * time.Hour // a year, leap or not
)

var (
	tokenLetters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
	castagnoli   = crc32.MakeTable(crc32.Castagnoli)
)

// Token is an API token as its owner sees it; the secret is not in it.
type Token struct {
	ID      id.ID
	Account id.ID
	Name    string
	Scopes  []string
	Roles   []access.Role
	Created time.Time
	Expires time.Time
	Used    time.Time // to the minute
	Revoked time.Time
}

// NewToken is what the owner asks for.
type NewToken struct {
	Name    string
	Scopes  []string
	Roles   []access.Role
	Expires time.Time
}

func formatToken(raw []byte) string {
	sum := binary.BigEndian.AppendUint32(nil, crc32.Checksum(raw, castagnoli))
	return tokenPrefix + tokenLetters.EncodeToString(append(slices.Clone(raw), sum...))
}

// parseToken returns the random bits of a well-formed token.
func parseToken(s string) ([]byte, bool) {
	text, ok := strings.CutPrefix(s, tokenPrefix)
	if !ok || len(text) != tokenLetters.EncodedLen(tokenBits+4) {
		return nil, false
	}
	b, err := tokenLetters.DecodeString(text)
	if err != nil || len(b) != tokenBits+4 {
		return nil, false
	}
	raw := b[:tokenBits]
	return raw, formatToken(raw) == s // also refuses spare bits and line breaks
}

// CreateToken makes a token for the person who asks. The text is shown once.
func (p *People) CreateToken(ctx context.Context, by access.Actor, n NewToken) (Token, string, error) {
	if err := person(by); err != nil {
		return Token{}, "", err
	}
	if err := may(by, OwnToken); err != nil {
		return Token{}, "", err
	}
	raw := p.random(tokenBits)
	var t Token
	err := p.change(ctx, by, func(tx *db.Tx, now time.Time) ([]Event, error) {
		owner, err := p.Actor(ctx, tx, by.Account)
		if err != nil {
			return nil, err
		}
		n.Name = strings.TrimSpace(n.Name)
		n.Expires = clock.Cut(n.Expires)
		if err := p.checkToken(n, owner, now); err != nil {
			return nil, err
		}
		t = Token{ID: p.cfg.IDs.New(), Account: by.Account, Name: n.Name, Scopes: sorted(n.Scopes), Roles: sorted(n.Roles), Created: now, Expires: n.Expires}
		_, err = tx.Exec(ctx, `INSERT INTO people_token (id, account, name, hash, scopes, roles, created, expires, used, revoked)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`, string(t.ID), string(t.Account), t.Name, digest(raw), join(t.Scopes), join(t.Roles),
			clock.Micros(now), clock.Micros(t.Expires))
		return []Event{{Name: TokenMade, Account: by.Account, Record: t.ID, Data: map[string]string{
			"scopes": join(t.Scopes), "roles": join(t.Roles), "expires": t.Expires.Format(time.RFC3339)}}}, err
	})
	if err != nil {
		return Token{}, "", err
	}
	return t, formatToken(raw), nil
}

func (p *People) checkToken(n NewToken, owner access.Actor, now time.Time) error {
	var c fault.Check
	c.That(textOK(n.Name, 1, 60), "name", "fault.people.text", fault.Args{"min": 1, "max": 60})
	c.That(len(n.Scopes) > 0, "scopes", "fault.people.scopes_none")
	for _, s := range n.Scopes {
		c.That(slices.Contains(p.cfg.Scopes, s), "scopes", "fault.people.scope", fault.Args{"scope": s})
	}
	c.That(len(n.Roles) > 0, "roles", "fault.people.roles_none")
	for _, r := range n.Roles {
		c.That(owner.HasAny(r), "roles", "fault.people.role_not_held", fault.Args{"role": string(r)})
	}
	c.That(n.Expires.After(now) && !n.Expires.After(now.Add(maxLife)), "expires", "fault.people.token_expiry")
	return c.Err()
}

func sorted[S ~string](v []S) []S {
	v = slices.Clone(v)
	slices.Sort(v)
	return slices.Compact(v)
}

func join[S ~string](v []S) string {
	out := make([]string, len(v))
	for i, s := range v {
		out[i] = string(s)
	}
	return strings.Join(out, " ")
}

func split[S ~string](s string) []S {
	out := []S{} // never nil: nil scopes would mean a person
	for _, f := range strings.Fields(s) {
		out = append(out, S(f))
	}
	return out
}

// TokenActor returns who a token stands for. Every token that is not good is
// refused alike.
func (p *People) TokenActor(ctx context.Context, token string) (access.Actor, Token, error) {
	refused := fault.New(fault.Forbidden, "fault.people.token")
	raw, ok := parseToken(token)
	if !ok {
		return access.Actor{}, Token{}, refused
	}
	var t Token
	var a access.Actor
	err := p.read(ctx, func(tx *db.Tx, now time.Time) error {
		all, err := selectTokens(ctx, tx, `hash = ?`, digest(raw))
		if err != nil {
			return err
		}
		if len(all) != 1 || !all[0].Revoked.IsZero() || !now.Before(all[0].Expires) {
			return refused
		}
		t = all[0]
		a, err = p.Actor(ctx, tx, t.Account)
		if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.NotFound) {
			return refused
		}
		return err
	})
	if err != nil {
		return access.Actor{}, Token{}, err
	}
	a.Grants = slices.DeleteFunc(a.Grants, func(g access.Grant) bool { return !slices.Contains(t.Roles, g.Role) })
	a.Scopes = t.Scopes
	if p.now().Sub(t.Used) >= seenGrain {
		if err := p.keep(ctx, func(tx *db.Tx, now time.Time) error {
			_, err := tx.Exec(ctx, `UPDATE people_token SET used = ? WHERE id = ?`, clock.Micros(now), string(t.ID))
			return err
		}); err != nil && !fault.Is(err, fault.Unavailable) { // a full disk must not cut readers off
			return access.Actor{}, Token{}, err
		}
	}
	return a, t, nil
}

func selectTokens(ctx context.Context, tx *db.Tx, where string, args ...any) ([]Token, error) {
	var out []Token
	err := tx.Each(ctx, `SELECT id, account, name, scopes, roles, created, expires, used, revoked FROM people_token WHERE `+where, args,
		func(scan func(...any) error) error {
			var t Token
			var scopes, roles string
			var created, expires, used, revoked int64
			if err := scan(&t.ID, &t.Account, &t.Name, &scopes, &roles, &created, &expires, &used, &revoked); err != nil {
				return err
			}
			t.Scopes, t.Roles = split[string](scopes), split[access.Role](roles)
			t.Created, t.Expires = clock.FromMicros(created), clock.FromMicros(expires)
			t.Used, t.Revoked = clock.FromMicros(used), clock.FromMicros(revoked)
			out = append(out, t)
			return nil
		})
	return out, err
}

// Tokens lists the tokens of an account, the newest first: one's own, or those
// of anybody (account empty: all) for who administers tokens.
func (p *People) Tokens(ctx context.Context, by access.Actor, account id.ID) ([]Token, error) {
	if person(by) != nil || by.Account != account {
		if err := may(by, AdministerTokens); err != nil {
			return nil, err
		}
	}
	var out []Token
	err := p.read(ctx, func(tx *db.Tx, _ time.Time) error {
		var err error
		if account == "" {
			out, err = selectTokens(ctx, tx, `revoked = 0 ORDER BY created DESC, id DESC`)
		} else {
			out, err = selectTokens(ctx, tx, `account = ? ORDER BY created DESC, id DESC`, string(account))
		}
		return err
	})
	return out, err
}

// RevokeToken ends a token: one's own, or anybody's for who administers them.
func (p *People) RevokeToken(ctx context.Context, by access.Actor, token id.ID) error {
	return p.change(ctx, by, func(tx *db.Tx, now time.Time) ([]Event, error) {
		all, err := selectTokens(ctx, tx, `id = ? AND revoked = 0`, string(token))
		if err != nil {
			return nil, err
		}
		none := fault.New(fault.NotFound, "fault.people.no_token")
		if len(all) != 1 {
			return nil, none
		}
		if person(by) != nil || by.Account != all[0].Account {
			if may(by, AdministerTokens) != nil {
				return nil, none // that it exists is nobody else's business
			}
		}
		n, err := tx.Exec(ctx, `UPDATE people_token SET revoked = ? WHERE id = ? AND revoked = 0`, clock.Micros(now), string(token))
		if err != nil {
			return nil, err
		}
		return []Event{{Name: TokenRevoked, Account: all[0].Account, Record: token}}, db.Conflict(n)
	})
}
