package level

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/exchange"
	"lintas/internal/fault"
)

// leftOutOf: a close that leaves out a position in time is disputed at every
// node that holds it, until the proposer counts again.
func leftOutOf(w *world, kh *node, first Proposal) {
	p := kh.proposed(w.input(1, "consensus"))
	w.nodes["SG"].says(p.ID, Disagree)
	for _, m := range []access.Member{"ID", "LA", "PH", "TH", "VN"} {
		w.nodes[m].says(p.ID, Agree)
	}
	held := w.collect() // in time, and on their way
	i := slices.IndexFunc(held, func(r exchange.Release) bool { return r.From == "SG" })
	for j, r := range held {
		if j != i {
			w.must(kh.receive(r))
		}
		for m, n := range w.nodes {
			if m != r.From && m != "KH" {
				w.must(n.receive(r))
			}
		}
	}
	w.clock.Advance(25 * time.Hour)
	_, err := kh.desk.Step(w.Context(), duty, p.ID, 0, "close", "")
	w.must(err)
	w.deliver()
	if r := w.nodes["TH"].outcome(p.ID); r.Outcome != Disputed || len(r.Omitted) != 1 {
		w.Fatalf("TH says %s, omitted %v", r.Outcome, r.Omitted)
	}
	_, err = kh.desk.Step(w.Context(), duty, p.ID, 0, "recount", "")
	w.refused(fault.Invalid, err)
	w.must(kh.receive(held[i]))
	_, err = kh.desk.Step(w.Context(), duty, p.ID, 0, "recount", "")
	w.must(err)
	w.deliver()
	for m, n := range w.nodes {
		if m == "MY" {
			continue
		}
		if r := n.outcome(p.ID); r.Outcome != NotAdopted {
			w.Fatalf("%s says %s after the recount", m, r.Outcome)
		}
	}
	forged := held[i]
	forged.From = "VN"
	w.refused(fault.Forbidden, w.nodes["TH"].receive(forged))
	_ = first
}
