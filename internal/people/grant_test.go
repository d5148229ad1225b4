package people

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/workflow"
)

func TestSecondAdministrator(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		one := w.join("one.admin", access.Administrator)
		g, err := w.p.GrantRole(ctx, one.actor(), one.id, access.Grant{Role: access.Auditor})
		w.must(err)
		if g.State != Granted || w.log[len(w.log)-1].Data["bootstrap"] != "yes" {
			t.Fatalf("a lone administrator: %+v", g)
		}
		two := w.join("two.admin", access.Administrator)
		g, err = w.p.GrantRole(ctx, one.actor(), one.id, access.Grant{Role: access.Approver})
		w.must(err)
		if g.State != Asked || one.actor().HasAny(access.Approver) {
			t.Fatalf("an administrator gave himself a role: %+v", g)
		}
		wantKey(t, w.p.ApproveGrant(ctx, one.actor(), g.ID), "need.people.second_administrator")
		asked, err := w.p.GrantsAsked(ctx, two.actor())
		w.must(err)
		if len(asked) != 1 || asked[0].ID != g.ID {
			t.Fatalf("asked = %+v", asked)
		}
		w.must(w.p.ApproveGrant(ctx, two.actor(), g.ID))
		if !one.actor().Has(access.Approver, "KH-12") {
			t.Fatal("the approved role does not hold")
		}
		wantKey(t, w.p.ApproveGrant(ctx, two.actor(), g.ID), "fault.wrong_state")
		// Two asks for the beneficiary's role: the beneficiary may not approve it either.
		g, err = w.p.GrantRole(ctx, two.actor(), one.id, access.Grant{Role: access.Administrator})
		w.must(err)
		wantKey(t, w.p.ApproveGrant(ctx, one.actor(), g.ID), "need.people.not_own_grant")
		// Suspending the second does not bring the exception back.
		w.must(w.p.DeclineGrant(ctx, two.actor(), g.ID))
		w.must(w.p.SuspendAccount(ctx, one.actor(), two.id))
		g, err = w.p.GrantRole(ctx, one.actor(), one.id, access.Grant{Role: access.Epidemiologist})
		w.must(err)
		if g.State != Asked {
			t.Fatal("suspending the second administrator opened the door")
		}
		third := w.join("third", access.DutyOfficer)
		g, err = w.p.GrantRole(ctx, one.actor(), third.id, access.Grant{Role: access.Epidemiologist})
		w.must(err)
		if g.State != Granted {
			t.Fatal("a content role of somebody else waits")
		}
		w.must(w.p.RevokeGrant(ctx, one.actor(), g.ID))
		if third.actor().HasAny(access.Epidemiologist) {
			t.Fatal("a revoked role holds")
		}
		_, err = w.p.GrantRole(ctx, third.actor(), third.id, access.Grant{Role: access.Approver})
		wantKey(t, err, "fault.people.not_allowed")
	})
}

func TestGrantIsChecked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.join("known")
		for key, g := range map[string]access.Grant{
			"fault.people.role":           {Role: "king"},
			"fault.people.place":          {Role: access.DutyOfficer, Place: "TH-10"},
			"fault.people.whole_member":   {Role: access.Administrator, Place: "KH-12"},
			"fault.people.validity":       {Role: access.DutyOfficer, From: start, To: start},
			"fault.people.agency_unknown": {Role: access.DutyOfficer, Agency: "NONE"},
		} {
			_, err := w.p.GrantRole(t.Context(), node, m.id, g)
			wantKey(t, err, key)
		}
	})
}

// Property: at any time and place an account has exactly the roles that its
// grants say, computed here in another way.
func TestRolesEqualGrants(t *testing.T) {
	places := []string{"", "KH-1", "KH-12", "KH-24"}
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		r := rand.New(rand.NewPCG(1, 2))
		type given struct {
			access.Grant
			revoked bool
		}
		all := map[*member][]given{}
		for _, login := range []string{"ann", "bob", "cat", "dan"} {
			m := w.join(login)
			for range 12 {
				g := access.Grant{Role: access.Roles[r.IntN(5)], Place: places[r.IntN(len(places))]}
				if r.IntN(2) == 0 {
					g.From = start.Add(time.Duration(r.IntN(200)) * time.Hour)
				}
				if r.IntN(2) == 0 {
					g.To = start.Add(time.Duration(201+r.IntN(200)) * time.Hour)
				}
				rg, err := w.p.GrantRole(ctx, node, m.id, g)
				w.must(err)
				revoke := r.IntN(4) == 0
				if revoke {
					w.must(w.p.RevokeGrant(ctx, node, rg.ID))
				}
				all[m] = append(all[m], given{g, revoke})
			}
		}
		for range 60 {
			now := start.Add(time.Duration(r.IntN(450))*time.Hour + time.Duration(r.IntN(2))*time.Microsecond)
			w.clock.Set(now)
			for m, grants := range all {
				var a access.Actor
				w.must(w.p.read(ctx, func(tx *db.Tx, _ time.Time) (err error) {
					a, err = w.p.Actor(ctx, tx, m.id)
					return err
				}))
				for _, role := range access.Roles {
					for _, place := range places[1:] {
						want := slices.ContainsFunc(grants, func(g given) bool {
							return !g.revoked && g.Role == role && (g.Place == "" || g.Place == place) &&
								now.UnixMicro() >= zero(g.From, 0) && now.UnixMicro() < zero(g.To, 1<<62)
						})
						if a.Has(role, place) != want {
							t.Fatalf("%s at %s on %v: %v, want %v", role, place, now, !want, want)
						}
					}
				}
			}
		}
	})
}

func zero(t time.Time, or int64) int64 {
	if t.IsZero() {
		return or
	}
	return t.UnixMicro()
}

func TestStartState(t *testing.T) {
	admin := access.Actor{Account: "a", Grants: []access.Grant{{Role: access.Administrator}}}
	for _, c := range []struct {
		by      access.Actor
		account string
		role    access.Role
		ever    int
		want    workflow.State
	}{
		{node, "a", access.Administrator, 5, Granted},
		{admin, "b", access.Approver, 5, Granted},
		{admin, "b", access.Administrator, 2, Asked},
		{admin, "b", access.Administrator, 1, Granted},
		{admin, "a", access.Approver, 2, Asked},
		{admin, "a", access.Approver, 1, Granted},
	} {
		if got, _ := startState(c.by, idOf(c.account), c.role, c.ever); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
