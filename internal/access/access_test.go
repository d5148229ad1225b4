package access

import (
	"testing"
	"time"
)

func TestGrants(t *testing.T) {
	a := Actor{Grants: []Grant{{Role: DutyOfficer, Place: "TH-10"}, {Role: Auditor}}}
	for _, c := range []struct {
		role  Role
		place string
		want  bool
	}{{DutyOfficer, "TH-10", true}, {DutyOfficer, "TH-11", false}, {DutyOfficer, "", false}, {Auditor, "TH-11", true}, {Approver, "", false}} {
		if got := a.Has(c.role, c.place); got != c.want {
			t.Errorf("%s at %q: %v", c.role, c.place, got)
		}
	}
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	g := Grant{From: at, To: at.Add(time.Hour)}
	if g.Valid(at.Add(-1)) || !g.Valid(at) || g.Valid(at.Add(time.Hour)) {
		t.Error("a grant holds from its start to before its end")
	}
}

func TestCapabilities(t *testing.T) {
	table := Capabilities{{Name: "x.read", By: []Role{Auditor}, Scope: "x:read"}, {Name: "x.admin", By: []Role{Auditor}}}
	person := Actor{Grants: []Grant{{Role: Auditor}}}
	token := Actor{Grants: []Grant{{Role: Auditor}}, Scopes: []string{"x:read"}}
	none := Actor{Grants: []Grant{{Role: Auditor}}, Scopes: []string{}}
	for _, c := range []struct {
		a    Actor
		name string
		want bool
	}{{person, "x.read", true}, {person, "x.admin", true}, {person, "x.other", false}, {token, "x.read", true}, {token, "x.admin", false}, {none, "x.read", false}, {Actor{}, "x.read", false}} {
		if got := table.May(c.a, c.name); got != c.want {
			t.Errorf("%v %s: %v", c.a, c.name, got)
		}
	}
}

func TestMarkings(t *testing.T) {
	if !TLPRed.Stricter(TLPAmberStrict) || TLPClear.Stricter(TLPGreen) || TLPGreen.Stricter(TLPGreen) || Marking("TLP:WHITE").Valid() {
		t.Error("TLP 2.0 order")
	}
}
