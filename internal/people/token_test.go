package people

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/id"
)

func idOf(s string) id.ID { return id.ID(s) }

func TestToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		m := w.join("known", access.DutyOfficer, access.Epidemiologist)
		year := start.AddDate(1, 0, 0)
		for key, n := range map[string]NewToken{
			"fault.people.role_not_held": {Name: "x", Scopes: []string{"health.read"}, Roles: []access.Role{access.Approver}, Expires: year},
			"fault.people.scope":         {Name: "x", Scopes: []string{"everything"}, Roles: []access.Role{access.DutyOfficer}, Expires: year},
			"fault.people.scopes_none":   {Name: "x", Roles: []access.Role{access.DutyOfficer}, Expires: year},
			"fault.people.roles_none":    {Name: "x", Scopes: []string{"health.read"}, Expires: year},
			"fault.people.token_expiry":  {Name: "x", Scopes: []string{"health.read"}, Roles: []access.Role{access.DutyOfficer}, Expires: year.AddDate(0, 0, 3)},
		} {
			_, _, err := w.p.CreateToken(ctx, m.actor(), n)
			wantKey(t, err, key)
		}
		tok, secret, err := w.p.CreateToken(ctx, m.actor(), NewToken{Name: "dashboard", Scopes: []string{"health.read"}, Roles: []access.Role{access.Epidemiologist}, Expires: year})
		w.must(err)
		a, _, err := w.p.TokenActor(ctx, secret)
		w.must(err)
		if a.HasAny(access.DutyOfficer) || !a.HasAny(access.Epidemiologist) || !a.InScope("health.read") || a.InScope("node.read") {
			t.Fatalf("actor = %+v", a)
		}
		_, _, err = w.p.CreateToken(ctx, a, NewToken{})
		wantKey(t, err, "fault.people.person_only")
		_, err = w.p.Sessions(ctx, a)
		wantKey(t, err, "fault.people.person_only")
		list, err := w.p.Tokens(ctx, m.actor(), m.id)
		w.must(err)
		if len(list) != 1 || !list[0].Used.Equal(start) {
			t.Fatalf("tokens = %+v", list)
		}
		// A role that the owner loses is lost to the token.
		acc, err := w.p.Account(ctx, m.actor(), m.id)
		w.must(err)
		for _, g := range acc.Grants {
			if g.Role == access.Epidemiologist {
				w.must(w.p.RevokeGrant(ctx, node, g.ID))
			}
		}
		a, _, err = w.p.TokenActor(ctx, secret)
		w.must(err)
		if len(a.Grants) != 0 {
			t.Fatalf("actor = %+v", a)
		}
		other := w.join("other", access.DutyOfficer)
		wantKey(t, w.p.RevokeToken(ctx, other.actor(), tok.ID), "fault.people.no_token")
		w.must(w.p.RevokeToken(ctx, m.actor(), tok.ID))
		_, _, err = w.p.TokenActor(ctx, secret)
		wantKey(t, err, "fault.people.token")
	})
}

func TestTokenEndsWithItsTimeAndItsOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		m := w.join("known", access.DutyOfficer)
		n := NewToken{Name: "x", Scopes: []string{"health.read"}, Roles: []access.Role{access.DutyOfficer}, Expires: start.Add(time.Hour)}
		_, short, err := w.p.CreateToken(ctx, m.actor(), n)
		w.must(err)
		n.Expires = start.AddDate(1, 0, 0)
		_, long, err := w.p.CreateToken(ctx, m.actor(), n)
		w.must(err)
		w.clock.Advance(time.Hour)
		_, _, err = w.p.TokenActor(ctx, short)
		wantKey(t, err, "fault.people.token")
		_, _, err = w.p.TokenActor(ctx, long)
		w.must(err)
		w.must(w.p.SuspendAccount(ctx, node, m.id))
		_, _, err = w.p.TokenActor(ctx, long)
		wantKey(t, err, "fault.people.token")
	})
}

func TestNoSecretIsStoredOrLogged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.join("known.person", access.DutyOfficer)
		_, secret, err := w.p.CreateToken(t.Context(), m.actor(), NewToken{Name: "x", Scopes: []string{"health.read"}, Roles: []access.Role{access.DutyOfficer}, Expires: start.Add(time.Hour)})
		w.must(err)
		for _, e := range w.log {
			for k, v := range e.Data {
				for _, s := range []string{secret, m.secret, m.token, goodPassword, m.login, "10.1.1.1"} {
					if strings.Contains(v, s) && e.Data["post"] == "" {
						t.Errorf("%s: %s = %s", e.Name, k, v)
					}
				}
			}
		}
	})
}

func FuzzParseToken(f *testing.F) {
	f.Add(formatToken(make([]byte, tokenBits)))
	f.Add(formatToken(bytes.Repeat([]byte{0xff}, tokenBits)))
	f.Add("lnt_")
	f.Add("lnt_" + strings.Repeat("a", 58))
	f.Add(formatToken(make([]byte, tokenBits))[:40] + "\n" + formatToken(make([]byte, tokenBits))[41:])
	f.Fuzz(func(t *testing.T, s string) {
		raw, ok := parseToken(s)
		if ok && (len(raw) != tokenBits || formatToken(raw) != s) {
			t.Fatalf("%q is taken but is not what would be given", s)
		}
	})
}

func TestTokenTypingErrors(t *testing.T) {
	good := formatToken(bytes.Repeat([]byte{7}, tokenBits))
	if _, ok := parseToken(good); !ok || len(good) != 62 {
		t.Fatal(good)
	}
	for i := range good {
		for _, c := range []byte("a2z7A_\n") {
			if b := []byte(good); b[i] != c {
				b[i] = c
				if _, ok := parseToken(string(b)); ok {
					t.Fatalf("%q is taken", b)
				}
			}
		}
	}
}

func FuzzDecodeHash(f *testing.F) {
	f.Add(encodeHash(Recommended, make([]byte, saltSize), make([]byte, hashSize)))
	f.Add("$argon2id$v=19$m=65536,t=3,p=1$$")
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$AAAAAAAAAAAAAAAA$AA")
	f.Fuzz(func(t *testing.T, s string) {
		p, salt, sum, err := decodeHash(s)
		if err == nil && (encodeHash(p, salt, sum) != s || p.MemoryKiB > 1<<20 || p.Lanes == 0) {
			t.Fatalf("%q is taken", s)
		}
	})
}

func FuzzChallengeAndDevice(f *testing.F) {
	p := &People{keys: keys{device: make([]byte, 32), challenge: make([]byte, 32)}, cfg: Config{Rand: bytes.NewReader(make([]byte, 1<<10))}}
	const account = "0190a000-0000-7000-8000-000000000001"
	f.Add(p.newChallenge(account, 1, start), p.newDevice(account, 1, start))
	f.Add(account+".", "AAAA")
	f.Fuzz(func(t *testing.T, challenge, device string) {
		if a, at, sum, ok := parseChallenge(challenge); ok && p.checkChallenge(a, 2, at, sum, start) {
			t.Fatalf("%q is taken in another epoch", challenge)
		}
		if p.device(device, account, 2, start) != "" {
			t.Fatalf("%q is taken in another epoch", device)
		}
	})
}
