package history

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var day = time.Date(2020, 1, 13, 4, 5, 6, 789000, time.UTC)

func sample(i int) Entry {
	e := Entry{
		At: day.Add(time.Duration(i) * time.Hour), Recorded: day.Add(time.Duration(i) * time.Second), Member: "KH",
		Account: "018f0000-0000-7000-8000-000000000001", Actor: "EOC duty officer", Role: string(access.DutyOfficer),
		Action: "health.event.edit",
		Record: Record{Desk: "health", Kind: "health.event", ID: id.ID(fmt.Sprintf("rec-%d", i%7)), Version: i/7 + 1},
		Digest: Digest([]byte{byte(i)}), Detail: json.RawMessage(fmt.Sprintf(`{"cases": %d, "note": "<ខ្មែរ>\u0000"}`, i)),
	}
	if i%3 == 0 {
		e.Exercise = "ex-1"
	}
	return e
}

func samples(from, n int) []Entry {
	out := make([]Entry, n)
	for i := range out {
		out[i] = sample(from + i)
	}
	return out
}

// keyOf is a fixed key per member.
func keyOf(m access.Member) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, m)
	return ed25519.NewKeyFromSeed(seed)
}

func signerOf(t testing.TB, m access.Member) note.Signer {
	t.Helper()
	s, err := NewSigner(m, keyOf(m))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func allKeys(t testing.TB) note.Verifiers {
	t.Helper()
	var list []note.Verifier
	for _, m := range access.All() {
		v, err := NewVerifier(m, keyOf(m).Public().(ed25519.PublicKey))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return note.VerifierList(list...)
}

func write(t testing.TB, d *db.DB, f func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return f(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func appendN(t testing.TB, d *db.DB, from, n int) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		_, err := AppendAll(ctx, tx, samples(from, n))
		return err
	})
}

// TestAppend compares the stored tree, appended in uneven batches, with one
// that tlog builds in memory from the leaves alone.
func TestAppend(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var all []tlog.Hash // in memory, by stored position
		mem := tlog.HashReaderFunc(func(pos []int64) ([]tlog.Hash, error) {
			out := make([]tlog.Hash, len(pos))
			for i, p := range pos {
				out[i] = all[p]
			}
			return out, nil
		})
		n := 0
		for _, batch := range []int{1, 1, 2, 5, 64, 65, 130, 1, 31} {
			appendN(t, d, n, batch)
			for i := n; i < n+batch; i++ {
				e := sample(i)
				if err := e.prepare(); err != nil {
					t.Fatal(err)
				}
				e.Index = int64(i)
				leaf, err := e.Leaf()
				if err != nil {
					t.Fatal(err)
				}
				hashes, err := tlog.StoredHashes(int64(i), leaf, mem)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, hashes...)
			}
			n += batch
			want, err := tlog.TreeHash(int64(n), mem)
			if err != nil {
				t.Fatal(err)
			}
			err = d.Read(t.Context(), func(tx *db.Tx) error {
				got, err := Root(t.Context(), tx, int64(n))
				if got != want {
					t.Errorf("root of %d entries is %v, want %v", n, got, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}, Schema)
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		appendN(t, d, 0, 20)
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			for i := range 20 {
				got, err := At(t.Context(), tx, int64(i))
				if err != nil {
					return err
				}
				want := sample(i)
				if err := want.prepare(); err != nil {
					return err
				}
				want.Index = int64(i)
				if !reflect.DeepEqual(got, want) {
					t.Errorf("entry %d:\n got %+v\nwant %+v", i, got, want)
				}
				leaf, err := got.Leaf()
				if err != nil {
					return err
				}
				again, err := ParseLeaf(leaf)
				if err != nil || !reflect.DeepEqual(again, want) {
					t.Errorf("leaf %d reads as %+v, %v", i, again, err)
				}
			}
			_, err := At(t.Context(), tx, 20)
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("entry 20: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}, Schema)
}

// TestLeafIsStable pins the hashed form: if it changed, no old log would verify.
func TestLeafIsStable(t *testing.T) {
	e := sample(3)
	if err := e.prepare(); err != nil {
		t.Fatal(err)
	}
	e.Index, e.From, e.To = 3, "signal", "verified"
	got, err := e.Leaf()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"account":"018f0000-0000-7000-8000-000000000001","action":"health.event.edit","actor":"EOC duty officer","at":1578899106000789,` +
		`"desk":"health","detail":{"cases":3,"note":"<ខ្មែរ>\u0000"},"digest":"084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5","exercise":"ex-1",` +
		`"from":"signal","index":3,"kind":"health.event","member":"KH","record":"rec-3","recorded":1578888309000789,"role":"duty_officer","to":"verified","track":"","v":1,"version":1}`
	if string(got) != want {
		t.Errorf("leaf\n%s\nwant\n%s", got, want)
	}
}

func TestAppendRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Entry){
		"no time":       func(e *Entry) { e.At = time.Time{} },
		"no clock":      func(e *Entry) { e.Recorded = time.Time{} },
		"no member":     func(e *Entry) { e.Member = "" },
		"no action":     func(e *Entry) { e.Action = "" },
		"nul":           func(e *Entry) { e.Actor = "a\x00b" },
		"not UTF-8":     func(e *Entry) { e.Role = "\xff" },
		"no JSON":       func(e *Entry) { e.Detail = json.RawMessage(`{`) },
		"bad JSON text": func(e *Entry) { e.Detail = json.RawMessage("\"\xff\"") },
		"long detail":   func(e *Entry) { e.Detail = json.RawMessage(`"` + string(bytes.Repeat([]byte("x"), maxDetail)) + `"`) },
	} {
		t.Run(name, func(t *testing.T) {
			e := sample(1)
			spoil(&e)
			if err := e.prepare(); !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestRolledBack: an entry exists only with its change.
func TestRolledBack(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		var fail bool
		o.Crash = func(point string) error {
			if fail && point == "commit" {
				return fmt.Errorf("crash")
			}
			return nil
		}
		d := dbtest.Open(t, o, Schema)
		appendN(t, d, 0, 5)
		fail = true
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := AppendAll(t.Context(), tx, samples(5, 3))
			return err
		})
		if err == nil {
			t.Fatal("the write did not fail")
		}
		fail = false
		appendN(t, d, 5, 2)
		r, err := Verify(t.Context(), d, allKeys(t), nil)
		if err != nil || !r.OK() || r.Entries != 7 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// TestConcurrentAppend: several writers share one dense sequence. Two DBs on
// PostgreSQL stand for two processes.
func TestConcurrentAppend(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		dbs := []*db.DB{dbtest.Open(t, o, Schema)}
		if o.Engine == db.Postgres {
			dbs = append(dbs, dbtest.Open(t, o, Schema))
		}
		const writers, each = 6, 20
		var wg sync.WaitGroup
		var mu sync.Mutex
		seen := map[int64]bool{}
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					var first int64
					n := 1 + i%3
					err := dbs[w%len(dbs)].Write(t.Context(), func(tx *db.Tx) error {
						var err error
						first, err = AppendAll(t.Context(), tx, samples(w*1000+i, n))
						return err
					})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for k := range n {
						if seen[first+int64(k)] {
							t.Errorf("index %d was given twice", first+int64(k))
						}
						seen[first+int64(k)] = true
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		r, err := Verify(t.Context(), dbs[0], allKeys(t), nil)
		if err != nil || !r.OK() || int(r.Entries) != len(seen) {
			t.Errorf("%d indexes, report %+v, %v", len(seen), r, err)
		}
	})
}

func TestReplay(t *testing.T) {
	step := func(i int64, v int, from, to workflow.State) Entry {
		return Entry{Index: i, Record: Record{ID: "r", Version: v}, From: from, To: to}
	}
	good := []Entry{step(1, 1, "", "signal"), {Index: 2, Record: Record{ID: "other"}, From: "x", To: "y"},
		step(3, 2, "", ""), step(4, 3, "signal", "verified"), {Index: 5, Record: Record{ID: "r", Version: 3}, Track: "consent", From: "", To: "given"},
		step(6, 4, "verified", "closed")}
	if s, err := Replay(good, "r", ""); err != nil || s != "closed" {
		t.Errorf("%q, %v", s, err)
	}
	if s, err := Replay(good, "r", "consent"); err != nil || s != "given" {
		t.Errorf("%q, %v", s, err)
	}
	for name, bad := range map[string][]Entry{
		"jump":      {step(1, 1, "", "signal"), step(2, 2, "verified", "closed")},
		"backwards": {step(2, 1, "", "signal"), step(1, 2, "signal", "closed")},
		"version":   {step(1, 2, "", "signal"), step(2, 1, "signal", "closed")},
	} {
		if _, err := Replay(bad, "r", ""); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
