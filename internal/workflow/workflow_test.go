package workflow

import (
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
)

type doc struct {
	state State
	place string
	ready bool
}

func table() *Table[doc] {
	return &Table[doc]{
		Record: "x.doc", Track: "main", Version: "1", Initial: "draft",
		State: func(d doc) State { return d.state }, Place: func(d doc) string { return d.place },
		Steps: []Step[doc]{
			{From: []State{"draft"}, Verb: "clear", To: "cleared", By: []access.Role{access.Approver},
				Needs: []Need[doc]{{Name: "x.ready", Check: func(d doc, _ access.Actor, _ time.Time) bool { return d.ready }}}},
			{From: []State{"cleared"}, Verb: "arrive", To: "done", Other: true},
		},
	}
}

func actor(role access.Role, place string) access.Actor {
	return access.Actor{Account: "a", Grants: []access.Grant{{Role: role, Place: place}}}
}

// The button and the rule are one: what Offers enables, Authorise and
// Satisfied permit, and nothing else.
func TestOffersAgreeWithTheRule(t *testing.T) {
	tab, now := table(), time.Now()
	for _, state := range []State{"draft", "cleared", "done"} {
		for _, a := range []access.Actor{actor(access.Approver, ""), actor(access.Approver, "TH-10"), actor(access.Approver, "TH-11"), actor(access.DutyOfficer, ""), {}} {
			for _, ready := range []bool{false, true} {
				d := doc{state, "TH-10", ready}
				enabled := map[Verb]bool{}
				for _, o := range tab.Offers(d, a, now) {
					enabled[o.Verb] = len(o.Unmet) == 0
				}
				for _, v := range []Verb{"clear", "arrive", "other"} {
					s, err := tab.Authorise(d, v, a)
					if err == nil {
						err = Satisfied(s, d, a, now)
					}
					if (err == nil) != enabled[v] {
						t.Errorf("%v %v %s: the rule says %v, the button %v", d, a.Grants, v, err, enabled[v])
					}
				}
			}
		}
	}
}

func TestRefusalsSayWhy(t *testing.T) {
	tab := table()
	_, err := tab.Authorise(doc{state: "done"}, "clear", actor(access.Approver, ""))
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("wrong state: %v", err)
	}
	_, err = tab.Authorise(doc{state: "draft"}, "clear", actor(access.Auditor, ""))
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("wrong role: %v", err)
	}
	s, err := tab.Authorise(doc{state: "draft"}, "clear", actor(access.Approver, ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := Satisfied(s, doc{state: "draft"}, actor(access.Approver, ""), time.Now()); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "need.x.ready") {
		t.Errorf("unmet need: %v", err)
	}
	// What another member's message does, no person does.
	if _, err := tab.Authorise(doc{state: "cleared"}, "arrive", actor(access.Approver, "")); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a person took the other member's step: %v", err)
	}
	if _, err := tab.Authorise(doc{state: "cleared"}, "arrive", access.Node("TH")); err != nil {
		t.Errorf("the node may: %v", err)
	}
}

func TestDigestChangesWithTheTable(t *testing.T) {
	a, b := table(), table()
	if a.Digest() != table().Digest() {
		t.Fatal("the same rows have one digest")
	}
	b.Steps[0].By = append(b.Steps[0].By, access.DutyOfficer)
	if a.Digest() == b.Digest() {
		t.Fatal("another role is another procedure")
	}
}
