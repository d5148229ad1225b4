package request

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

func terms(w *wire) id.ID {
	w.Helper()
	a, err := w.desks["TH"].DraftArrangement(w.Context(), duty, ArrangementInput{Peer: "KH", Sends: true, Title: "Arrangement (sample)",
		Scope: []ScopeLine{{What: "Salts", Qty: 600, Unit: "box", Cost: "free"}}, From: "2026-11-23", Until: "2026-12-31", Lang: "en", Marking: access.TLPAmber})
	w.must(err)
	w.step("TH", duty, a.ID, "propose", StepInput{})
	return a.ID
}

// The life of an arrangement: proposed, signed by both, amended, ended; each
// text signed by both sides, checked at both nodes and by a third party.
func TestBothSidesSign(t *testing.T) {
	each(t, func(w *wire) {
		rid := terms(w)
		w.deliver()
		digest := w.page("KH", rid).Arrangement.Waiting()[0]
		w.no(fault.Forbidden, "KH", duty, rid, "sign", StepInput{Digest: digest})
		w.no(fault.Invalid, "KH", approver, rid, "sign", StepInput{Digest: strings.Repeat("0", 64)}) // another text than the one shown
		w.step("KH", approver, rid, "sign", StepInput{Digest: digest})
		w.no(fault.Invalid, "KH", approver, rid, "sign", StepInput{Digest: digest})
		w.no(fault.Invalid, "TH", duty, rid, "take_back", StepInput{Digest: strings.Repeat("0", 64)})
		w.deliver()
		w.no(fault.Invalid, "TH", duty, rid, "take_back", StepInput{Digest: digest}) // signed by one side
		w.state("TH", rid, Proposed)
		w.step("TH", approver, rid, "sign", StepInput{Digest: digest})
		w.state("TH", rid, InForce)
		w.state("KH", rid, Proposed) // it cannot know yet
		w.deliver()
		w.state("KH", rid, InForce)
		w.proven(rid, 1, Agree)

		longer := *w.page("KH", rid).Arrangement.InForce()
		longer.Until = "2027-01-31"
		w.no(fault.Invalid, "KH", duty, rid, "change", StepInput{Terms: &longer})
		w.step("KH", duty, rid, "change", StepInput{Terms: &longer, Words: "It takes longer."})
		w.deliver()
		w.no(fault.Conflict, "TH", duty, rid, "change", StepInput{Terms: &longer, Words: "One at a time."})
		second := w.page("TH", rid).Arrangement.Waiting()[0]
		w.step("TH", approver, rid, "sign", StepInput{Digest: second})
		w.deliver()
		if got := w.page("KH", rid).Arrangement.InForce().Until; got != "2026-12-31" {
			t.Errorf("amended with one signature: %s", got)
		}
		w.step("KH", approver, rid, "sign", StepInput{Digest: second})
		w.deliver()
		w.proven(rid, 2, Change)

		w.step("TH", duty, rid, "change", StepInput{Terms: &Terms{Does: End, Until: "2026-12-15"}, Words: "All came."})
		w.deliver()
		third := w.page("KH", rid).Arrangement.Waiting()[0]
		w.step("KH", approver, rid, "refuse", StepInput{Digest: third, Words: "Not all of it."})
		w.deliver()
		w.state("TH", rid, InForce)
		w.step("TH", duty, rid, "change", StepInput{Terms: &Terms{Does: End}, Words: "Now all came."})
		w.deliver()
		fourth := w.page("KH", rid).Arrangement.Waiting()[0]
		for _, m := range []access.Member{"KH", "TH"} {
			w.step(m, approver, rid, "sign", StepInput{Digest: fourth})
			w.deliver()
		}
		w.state("KH", rid, Ended)
		w.state("TH", rid, Ended)
	})
}

// proven checks the file of both nodes by a third that was not a party.
func (w *wire) proven(rid id.ID, n int, does string) {
	w.Helper()
	var files []string
	for _, m := range []access.Member{"KH", "TH"} {
		raw, err := w.desks[m].Proof(w.Context(), auditor, rid)
		w.must(err)
		v, err := w.desks["SG"].CheckProof(raw)
		w.must(err)
		if v.Terms == nil || v.Terms.N != n || v.Terms.Does != does || slices.ContainsFunc(v.Checks, func(r ProofResult) bool { return !r.Signed || !r.Known }) {
			w.Fatalf("%s: %+v", m, v)
		}
		if v.Holds != w.page(m, rid).Arrangement.Holds {
			w.Fatalf("%s: the file holds %s", m, v.Holds)
		}
		files = append(files, v.Holds)
		forged := strings.Replace(string(raw), "Salts", "Slats", 1)
		if v, err := w.desks["SG"].CheckProof([]byte(forged)); err == nil && v.Holds != "" {
			w.Fatal("a changed text is taken for signed")
		}
		var p Proof
		w.must(json.Unmarshal(raw, &p))
		other := p.Texts[0].Signatures[0]
		other.Member = "SG"
		p.Texts[0].Signatures[0] = other
		b, _ := json.Marshal(p)
		if v, err := w.desks["SG"].CheckProof(b); err == nil && v.Holds != "" {
			w.Fatal("a signature counts for another member")
		}
	}
	if files[0] != files[1] {
		w.Fatal("the two sides hold different texts")
	}
}

func TestTakenBackAndRefused(t *testing.T) {
	each(t, func(w *wire) {
		rid := terms(w)
		w.deliver()
		digest := w.page("KH", rid).Arrangement.Waiting()[0]
		w.no(fault.Invalid, "KH", duty, rid, "take_back", StepInput{Digest: digest}) // the other side's text
		w.step("TH", duty, rid, "take_back", StepInput{Digest: digest})
		w.state("TH", rid, Withdrawn)
		w.deliver()
		w.state("KH", rid, Withdrawn)
		rid = terms(w)
		w.deliver()
		digest = w.page("KH", rid).Arrangement.Waiting()[0]
		w.step("TH", approver, rid, "sign", StepInput{Digest: digest})
		w.no(fault.Invalid, "KH", approver, rid, "refuse", StepInput{Digest: digest})
		w.step("KH", approver, rid, "refuse", StepInput{Digest: digest, Words: "Liability is missing."})
		w.deliver()
		w.state("KH", rid, Refused)
		w.state("TH", rid, Refused)
	})
}

// TestInForceOnlyWithBothSignatures lets both sides do what they can in any
// order while messages are lost, repeated, and come in any order. At every
// moment and at both nodes a text is in force only if both valid signatures
// under that very text are there; and once everything came, both agree.
func TestInForceOnlyWithBothSignatures(t *testing.T) {
	w := join(t, nil)
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 7))
		rid := terms(w)
		var mail []exchange.Release
		collect := func() {
			for _, m := range []access.Member{"KH", "TH"} {
				mail = append(mail, w.desks[m].releases...)
				w.desks[m].releases = nil
			}
		}
		collect()
		for range 30 {
			m := []access.Member{"KH", "TH"}[r.IntN(2)]
			if r.IntN(3) == 0 {
				w.anything(r, m, rid)
				collect()
			} else if len(mail) > 0 {
				i := r.IntN(len(mail))
				rel := mail[i]
				switch r.IntN(4) {
				case 0: // lost for now: the outbox keeps it
				case 1: // delivered, and once more later
					w.arrives(rel)
				default:
					w.arrives(rel)
					mail = slices.Delete(mail, i, i+1)
				}
			}
			w.lawful(rid)
		}
		r.Shuffle(len(mail), func(i, j int) { mail[i], mail[j] = mail[j], mail[i] })
		for _, rel := range mail {
			w.arrives(rel)
		}
		for _, rel := range mail { // what came before its text is tried again
			w.arrives(rel)
		}
		w.lawful(rid)
		kh, th := w.page("KH", rid).Arrangement, w.page("TH", rid).Arrangement
		if kh.Holds != th.Holds || kh.State != th.State {
			t.Fatalf("seed %d: KH %s %s, TH %s %s", seed, kh.State, kh.Holds, th.State, th.Holds)
		}
	}
}

// arrives applies a message; one whose text has not come is kept by the
// exchange, so that a refusal as not found is no fault.
func (w *wire) arrives(rel exchange.Release) {
	w.Helper()
	if err := w.apply(w.desks[rel.To[0]], rel); err != nil && !fault.Is(err, fault.NotFound) {
		w.Fatal(err)
	}
}

// anything takes some step that may or may not be allowed.
func (w *wire) anything(r *rand.Rand, m access.Member, rid id.ID) {
	w.Helper()
	p, err := w.desks[m].Page(w.Context(), duty, rid)
	if fault.Is(err, fault.NotFound) {
		return
	}
	w.must(err)
	a := p.Arrangement
	digest := strings.Repeat("1", 64)
	if len(a.Texts) > 0 {
		digest = Digest(a.Texts[r.IntN(len(a.Texts))])
	}
	in := StepInput{Digest: digest, Words: "Words.", Terms: &Terms{Does: Change, From: "2026-11-23", Until: "2027-01-01", Scope: []ScopeLine{{What: "Salts", Qty: int64(1 + r.IntN(9)), Unit: "box"}}}}
	if r.IntN(4) == 0 {
		in.Terms = &Terms{Does: End}
	}
	verb := []string{"sign", "sign", "sign", "change", "refuse", "take_back"}[r.IntN(6)]
	w.clock.Advance(time.Second)
	err = w.desks[m].Step(w.Context(), both, rid, 0, verb, in)
	if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) {
		w.Fatal(err)
	}
}

// lawful checks the rule at both nodes.
func (w *wire) lawful(rid id.ID) {
	w.Helper()
	for _, m := range []access.Member{"KH", "TH"} {
		p, err := w.desks[m].Page(w.Context(), duty, rid)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		w.must(err)
		a := p.Arrangement
		if (a.State == InForce || a.State == Ended) != (a.Holds != "") {
			w.Fatalf("%s: %s holds %q", m, a.State, a.Holds)
		}
		for d := a.Holds; d != ""; { // and so for every text that it rests on
			t, text := a.TermsOf(d)
			if t == nil {
				w.Fatalf("%s: holds a text that is not there", m)
			}
			for _, party := range []access.Member{"KH", "TH"} {
				if s := a.SignedBy(party, d); s == nil || !w.desks[m].valid(text, s) {
					w.Fatalf("%s: in force without the signature of %s", m, party)
				}
			}
			d = t.Previous
		}
		byNumber := map[int]string{}
		for _, s := range a.Signatures {
			if t, _ := a.TermsOf(s.Digest); s.Member == m && t != nil {
				if byNumber[t.N] != "" && byNumber[t.N] != s.Digest {
					w.Fatalf("%s signed two texts numbered %d", m, t.N)
				}
				byNumber[t.N] = s.Digest
			}
		}
	}
}

// What is not the sender's own is refused.
func TestForeignArrangements(t *testing.T) {
	w := join(t, nil)
	rid := terms(w)
	rel := w.desks["TH"].releases[0]
	change := func(f func(v *ArrangementView)) exchange.Release {
		var v ArrangementView
		w.must(json.Unmarshal(rel.Body, &v))
		f(&v)
		x := rel
		x.Body, _ = json.Marshal(v)
		return x
	}
	kh := w.desks["KH"]
	w.refused(fault.Invalid, w.apply(kh, change(func(v *ArrangementView) { v.Texts[0] = strings.Replace(v.Texts[0], `"TH"`, `"SG"`, 2) })))
	w.refused(fault.Invalid, w.apply(kh, change(func(v *ArrangementView) { v.Texts[0] = " " + v.Texts[0] })))
	w.refused(fault.Invalid, w.apply(kh, change(func(v *ArrangementView) {
		v.Signatures = []Signature{{Digest: Digest(v.Texts[0]), Member: "KH", At: w.clock.Now()}}
	})))
	w.refused(fault.Invalid, w.apply(kh, change(func(v *ArrangementView) {
		v.Signatures = []Signature{{Digest: Digest(v.Texts[0]), Member: "TH", At: w.clock.Now().Add(time.Hour)}}
	})))
	other := rel
	other.From = "SG"
	w.refused(fault.Invalid, w.apply(kh, other))
	w.must(w.apply(kh, rel))
	if err := w.apply(kh, other); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
	w.state("KH", rid, Proposed)
}
