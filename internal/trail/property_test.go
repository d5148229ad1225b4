package trail

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/exchange"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Whatever people of three members do in any order, with releases that come
// late, twice, or not at all for a while: nobody changes what another owns, and
// no action ends without a verification by somebody else or a reason.
func TestAnyInterleaving(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t)
			for _, m := range []access.Member{"KH", "TH", access.ASEC} {
				w.join(m, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...))
			}
			w.play(rand.New(rand.NewPCG(seed, 7)))
		})
	}
}

func (w *world) play(r *rand.Rand) {
	w.Helper()
	kh := w.nodes["KH"]
	f := kh.found(w.source(), gap())
	list := []id.ID{kh.draftFor("TH", f).ID, kh.draftFor("KH", f).ID}
	people := []access.Actor{duty, approver, both, desker}
	words := []string{"", "Because."}
	terms := []Terms{{}, {"Another way.", "2027-02-01"}, {"A third.", "2027-03-01"}}
	var queue []exchange.Release
	for range 160 {
		n := w.nodes[[]access.Member{"KH", "TH", access.ASEC}[r.IntN(3)]]
		p, who := list[r.IntN(len(list))], people[r.IntN(len(people))]
		in := StepInput{Reason: words[r.IntN(2)], Words: words[r.IntN(2)], Terms: terms[r.IntN(3)]}
		// Refusals are what the tables are for; only their effects are looked at.
		if r.IntN(2) == 0 {
			_ = n.proposal(who, p, proposalSteps[r.IntN(len(proposalSteps)-1)], in)
		} else {
			_ = n.action(who, p, actionSteps[r.IntN(len(actionSteps))], in)
		}
		queue, w.sent = append(queue, w.sent...), nil
		for len(queue) > 0 && r.IntN(3) > 0 {
			i := r.IntN(len(queue))
			for _, to := range queue[i].To {
				_ = w.nodes[to].receive(queue[i])
			}
			if r.IntN(4) > 0 {
				queue = slices.Delete(queue, i, i+1)
			}
		}
		w.holds()
	}
	for _, x := range queue {
		for _, to := range x.To {
			_ = w.nodes[to].receive(x)
		}
	}
	w.holds()
}

type row struct {
	kind, owner, doc string
	own              bool
	version          int
}

func (n *node) rows() map[id.ID]row {
	n.w.Helper()
	out := map[id.ID]row{}
	n.w.must(n.db.Read(n.w.Context(), func(tx *db.Tx) error {
		return tx.Each(n.w.Context(), `SELECT id, kind, owner, copy_of, version, doc FROM trail_record`, nil, func(scan func(...any) error) error {
			var x row
			var rid, copyOf string
			err := scan(&rid, &x.kind, &x.owner, &copyOf, &x.version, &x.doc)
			x.own = copyOf == ""
			out[id.ID(rid)] = x
			return err
		})
	}))
	return out
}

func (w *world) holds() {
	w.Helper()
	all := map[access.Member]map[id.ID]row{}
	for m, n := range w.nodes {
		all[m] = n.rows()
	}
	for m, rows := range all {
		for rid, x := range rows {
			if x.own != (x.owner == string(m)) {
				w.Fatalf("%s holds %s of %s as its own", m, rid, x.owner)
			}
			if !x.own {
				if o := all[access.Member(x.owner)][rid]; o.version < x.version {
					w.Fatalf("%s holds version %d of %s, its owner %d", m, x.version, rid, o.version)
				}
				continue
			}
			w.sound(m, rid, x, rows)
		}
	}
}

// sound is what holds for every own record, at every moment.
func (w *world) sound(m access.Member, rid id.ID, x row, rows map[id.ID]row) {
	w.Helper()
	switch x.kind {
	case KindAction:
		var a Action
		w.must(json.Unmarshal([]byte(x.doc), &a))
		if slices.Contains([]workflow.State{Declined, Dropped, Countered, Ended}, a.State) && a.Reason == "" {
			w.Fatalf("%s at %s is %s without a reason", rid, m, a.State)
		}
		if a.State == Verified {
			var p Proposal
			w.must(json.Unmarshal([]byte(rows[a.Proposal].doc), &p))
			if v, ok := p.Verdict(); !ok || !v.Shown || v.Words == "" || p.State != Verified {
				w.Fatalf("%s at %s is verified by nobody", rid, m)
			}
		}
	case KindProposal:
		var p Proposal
		w.must(json.Unmarshal([]byte(x.doc), &p))
		if p.State == Closed && p.Reason == "" {
			w.Fatalf("%s at %s is closed without a reason", rid, m)
		}
		if v, ok := p.Verdict(); p.State == Verified && (!ok || !v.Shown || v.Words == "") {
			w.Fatalf("%s at %s has no verdict", rid, m)
		} else if p.State == Verified && p.For == m {
			for _, y := range rows {
				var a Action
				if y.kind == KindAction {
					w.must(json.Unmarshal([]byte(y.doc), &a))
				}
				if a.Proposal == rid && a.FinishedBy == id.ID(p.Changed.Account) {
					w.Fatalf("%s was verified by who finished it", rid)
				}
			}
		}
	}
}

// What arrives is decoded whole or refused; nothing breaks the program.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id":"0190a000-0000-7000-8000-000000000001","owner":"KH","version":1,"state":"proposed","kind":"trail.proposal","title":"x","lang":"en","marking":"TLP:AMBER",
		"for":"TH","findings":["0190a000-0000-7000-8000-000000000002"],"deliverable":"y","by_day":"2026-12-31","round":1}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, body []byte) {
		in := exchange.Inbound{Release: exchange.Release{ID: "0190a000-0000-7000-8000-000000000009", Kind: KindProposal, From: "KH", Marking: access.TLPAmber, Body: body,
			Ref: exchange.Ref{Desk: Name, Kind: KindProposal, ID: "0190a000-0000-7000-8000-000000000001", Version: 1}}}
		if p, err := Decode[ProposalView, Proposal, *ProposalView, *Proposal](&in, []workflow.State{Proposed}); err == nil && (p.Title == "" || p.Own() || len(p.Findings) == 0) {
			t.Errorf("taken: %+v", p)
		}
	})
}
