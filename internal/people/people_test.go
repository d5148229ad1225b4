package people

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
	"lintas/internal/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const goodPassword = "tangga kuning menari 47 payung"

// cheap costs keep the tests fast; what is measured is counted, not timed.
var cheap = Params{MemoryKiB: 64, Passes: 1, Lanes: 1}

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

type world struct {
	t     *testing.T
	p     *People
	d     *db.DB
	clock *clock.Manual
	mu    sync.Mutex
	log   []Event
	fail  error // what the history answers
}

func (w *world) events(name string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, e := range w.log {
		if e.Name == name {
			n++
		}
	}
	return n
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{t: t, d: d, clock: clock.NewManual(start)}
		w.p = w.node(func(*Config) {})
		f(t, w)
	}, Schema)
}

func (w *world) node(edit func(*Config)) *People {
	w.t.Helper()
	c := Config{Member: "KH", DB: w.d, Clock: w.clock, IDs: &id.Maker{Clock: w.clock}, Key: []byte(strings.Repeat("k", KeySize)),
		Hasher: NewHasher(cheap, 2), Scopes: append(Scopes(), "health.read"),
		Log: func(_ context.Context, _ *db.Tx, e Event) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.fail == nil {
				w.log = append(w.log, e)
			}
			return w.fail
		}}
	edit(&c)
	p, err := New(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func wantKey(t *testing.T, err error, key string) {
	t.Helper()
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatalf("error = %v, want %s", err, key)
	}
	if e.Key != key && !slices.ContainsFunc(e.Fields, func(f fault.Field) bool { return f.Key == key }) {
		t.Fatalf("error = %v, want %s", err, key)
	}
}

var node = access.Node("KH")

func at(addr string) Visit { return Visit{Address: netip.MustParseAddr(addr), Agent: "test"} }

// member is a person with factors, at the browser where they accepted.
type member struct {
	w        *world
	id       id.ID
	login    string
	secret   string
	device   string
	recovery []string
	session  Session
	token    string
}

func (m *member) code() string {
	c, err := totp.GenerateCode(m.secret, m.w.clock.Now())
	m.w.must(err)
	return c
}

func (m *member) actor() access.Actor {
	m.w.t.Helper()
	_, a, err := m.w.p.Session(m.w.t.Context(), m.token)
	m.w.must(err)
	return a
}

func (w *world) enrol(l Link) *member {
	w.t.Helper()
	ctx := w.t.Context()
	inv, err := w.p.OpenLink(ctx, l.Token)
	w.must(err)
	m := &member{w: w, id: l.Account, login: inv.Login, secret: inv.Enrolment.Secret}
	in, codes, err := w.p.AcceptLink(ctx, at("10.1.1.1"), Acceptance{Token: l.Token, Password: goodPassword, Code: m.code()})
	w.must(err)
	m.device, m.recovery, m.session, m.token = in.Device, codes, in.Session, in.Token
	return m
}

func (w *world) join(login string, roles ...access.Role) *member {
	w.t.Helper()
	a := NewAccount{Login: login, Post: "Post of " + login}
	for _, r := range roles {
		a.Grants = append(a.Grants, access.Grant{Role: r})
	}
	l, err := w.p.CreateAccount(w.t.Context(), node, a)
	w.must(err)
	return w.enrol(l)
}

// signIn takes both steps with the next code of the app.
func (m *member) signIn(v Visit) (SignedIn, error) {
	m.w.clock.Advance(period * time.Second)
	c, err := m.w.p.Begin(m.w.t.Context(), v, m.login, goodPassword)
	if err != nil {
		return SignedIn{}, err
	}
	return m.w.p.Finish(m.w.t.Context(), v, c.Token, m.code())
}

func TestFirstAdministratorToDutyOfficer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		boss := w.join("root.admin", access.Administrator)
		w.must(w.p.SaveAgency(ctx, boss.actor(), Agency{Code: "MOH", Name: "Ministry of Health", Sector: "health"}))
		l, err := w.p.CreateAccount(ctx, boss.actor(), NewAccount{Login: " Duty.EOC ", Post: "Duty officer, National EOC", Agency: "MOH",
			Grants: []access.Grant{{Role: access.DutyOfficer, Place: "KH-12"}}})
		w.must(err)
		if _, err := w.p.Begin(ctx, at("10.0.0.1"), "duty.eoc", ""); err == nil {
			t.Fatal("an invited account signed in without a password")
		}
		duty := w.enrol(l)
		a := duty.actor()
		if !a.Has(access.DutyOfficer, "KH-12") || a.Has(access.DutyOfficer, "KH-1") || a.Name != "Duty officer, National EOC" || a.Member != "KH" {
			t.Fatalf("actor = %+v", a)
		}
		_, err = w.p.OpenLink(ctx, l.Token)
		wantKey(t, err, "fault.people.link")
		in, err := duty.signIn(at("10.0.0.1"))
		w.must(err)
		if in.Recovery != recoveryCodes || in.Session.Second != w.clock.Now() {
			t.Fatalf("signed in = %+v", in)
		}
		for _, name := range []string{AccountMade, InvitationMade, InvitationOpened, InvitationAccepted, SignedInEvent} {
			if w.events(name) < 1 {
				t.Errorf("the history has no %s", name)
			}
		}
		wantKey(t, w.p.SaveAgency(ctx, a, Agency{Code: "MOX", Name: "Other"}), "fault.people.not_allowed")
	})
}

func TestRefusedHistoryRefusesTheChange(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.fail = errors.New("disk")
		_, err := w.p.CreateAccount(t.Context(), node, NewAccount{Login: "nobody", Post: "Nobody"})
		if !fault.Is(err, fault.Internal) {
			t.Fatalf("error = %v", err)
		}
		w.fail = nil
		if _, err := w.p.AccountByLogin(t.Context(), node, "nobody"); !fault.Is(err, fault.NotFound) {
			t.Fatalf("the account was kept without its entry: %v", err)
		}
	})
}

func TestAccountsListAndSearch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, l := range []string{"ana.one", "ben_two", "cit.three"} {
			_, err := w.p.CreateAccount(ctx, node, NewAccount{Login: l, Post: "Post of " + l, Grants: []access.Grant{{Role: access.Auditor}}})
			w.must(err)
		}
		got, err := w.p.Accounts(ctx, node, AccountQuery{Limit: 2})
		w.must(err)
		if len(got) != 2 || got[1].Login != "ben_two" || len(got[0].Grants) != 1 {
			t.Fatalf("page = %+v", got)
		}
		got, err = w.p.Accounts(ctx, node, AccountQuery{After: got[1].Login})
		w.must(err)
		if len(got) != 1 || got[0].Login != "cit.three" {
			t.Fatalf("second page = %+v", got)
		}
		got, err = w.p.Accounts(ctx, node, AccountQuery{Text: "N_T"})
		w.must(err)
		if len(got) != 1 || got[0].Login != "ben_two" {
			t.Fatalf("search = %+v", got)
		}
		_, err = w.p.CreateAccount(ctx, node, NewAccount{Login: "ANA.one", Post: "Again"})
		wantKey(t, err, "fault.people.login_taken")
	})
}

func TestEditConflictAndLastAdministrator(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		boss := w.join("root.admin", access.Administrator)
		a, err := w.p.Account(ctx, boss.actor(), boss.id)
		w.must(err)
		w.must(w.p.EditAccount(ctx, boss.actor(), boss.id, a.Version, NewAccount{Post: "Administrator, MOH"}))
		err = w.p.EditAccount(ctx, boss.actor(), boss.id, a.Version, NewAccount{Post: "Other"})
		wantKey(t, err, "fault.changed_meanwhile")
		wantKey(t, w.p.SuspendAccount(ctx, boss.actor(), boss.id), "need.people.keeps_administrator")
		offers, err := w.p.AccountOffers(ctx, boss.actor(), boss.id)
		w.must(err)
		for _, o := range offers {
			if blocked := o.Verb == Suspend || o.Verb == Close; blocked != (len(o.Unmet) > 0) {
				t.Errorf("the button %s is not what is enforced: %v", o.Verb, o.Unmet)
			}
		}
		wantKey(t, w.p.RevokeGrant(ctx, boss.actor(), a.Grants[0].ID), "need.people.keeps_administrator")
		other := w.join("second.admin", access.Administrator)
		w.must(w.p.SuspendAccount(ctx, other.actor(), boss.id))
		_, _, err = w.p.Session(ctx, boss.token)
		wantKey(t, err, "fault.people.signed_out")
		_, err = boss.signIn(at("10.0.0.1"))
		wantKey(t, err, "fault.people.sign_in")
		w.must(w.p.ReactivateAccount(ctx, other.actor(), boss.id))
		_, err = boss.signIn(at("10.0.0.1"))
		w.must(err)
	})
}

func TestTwoAdministratorsRemoveEachOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one, two := w.join("one.admin", access.Administrator), w.join("two.admin", access.Administrator)
		a, b := one.actor(), two.actor()
		var wg sync.WaitGroup
		errs := make([]error, 2)
		wg.Go(func() { errs[0] = w.p.SuspendAccount(t.Context(), a, two.id) })
		wg.Go(func() { errs[1] = w.p.SuspendAccount(t.Context(), b, one.id) })
		wg.Wait()
		active, err := w.p.Accounts(t.Context(), node, AccountQuery{State: Active})
		w.must(err)
		if len(active) != 1 {
			t.Fatalf("%d administrators are left (%v)", len(active), errs)
		}
	})
}

func TestEveryKeyHasItsSentence(t *testing.T) {
	used := map[string]bool{}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range sources {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`"(fault\.people\.[a-z_]+)"`).FindAllStringSubmatch(string(b), -1) {
			used[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`= "(people\.[a-z_.]+)"`).FindAllStringSubmatch(string(b), -1) {
			used["event."+m[1]] = true
		}
		for _, m := range regexp.MustCompile(`Need\[\w+\]\{Name: "([a-z_.]+)"`).FindAllStringSubmatch(string(b), -1) {
			used["need."+m[1]] = true
		}
	}
	for _, lang := range []string{"en", "id"} {
		b, err := os.ReadFile("../locale/catalogue/people." + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var have map[string]string
		if err := json.Unmarshal(b, &have); err != nil {
			t.Fatal(err)
		}
		for k := range used {
			if have[k] == "" {
				t.Errorf("%s has no %s", lang, k)
			}
		}
		for k := range have {
			if (strings.HasPrefix(k, "fault.") || strings.HasPrefix(k, "need.") || strings.HasPrefix(k, "event.")) && !used[k] {
				t.Errorf("%s has %s, which nothing says", lang, k)
			}
		}
		for _, r := range access.Roles {
			if have["role."+string(r)] == "" {
				t.Errorf("%s has no role.%s", lang, r)
			}
		}
	}
}
