package history

import (
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// noteOf is a real checkpoint note for the corpora.
func noteOf(t testing.TB) string {
	t.Helper()
	s, err := Checkpoint{Member: "KH", Epoch: 2, Size: 70, Root: tlog.Hash{1, 2, 3}, At: day}.sign(signerOf(t, "KH"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// FuzzOpen: whatever opens is a checkpoint of the one form, signed by its
// member, and is written as it was read.
func FuzzOpen(f *testing.F) {
	good := noteOf(f)
	f.Add(good)
	f.Add(textOf(good))
	f.Add("lintas/KH\n1\nAAAA\ntime 2020-01-13T00:00:00.000000Z\n\n— lintas/KH AAAAAA==\n")
	f.Add("")
	keys := allKeys(f)
	f.Fuzz(func(t *testing.T, msg string) {
		o, err := Open(msg, keys)
		if err != nil {
			return
		}
		if o.Text() != textOf(msg) || !signedBy(o.only(o.Member), o.Member, keys) {
			t.Errorf("%q opened as %+v", msg, o.Checkpoint)
		}
	})
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add(textOf(noteOf(f)))
	f.Add("lintas/KH/1\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\ntime 2020-01-13T00:00:00.000000Z\n")
	f.Add("lintas/KH\n+1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\ntime 2020-01-13T00:00:00.000000Z\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCheckpoint(text)
		if err == nil && c.Text() != text {
			t.Errorf("%q read as %q", text, c.Text())
		}
	})
}

func FuzzParseLeaf(f *testing.F) {
	for i := range 3 {
		e := sample(i)
		if err := e.prepare(); err != nil {
			f.Fatal(err)
		}
		leaf, err := e.Leaf()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(leaf)
	}
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ParseLeaf(data)
		if err != nil {
			return
		}
		again, err := e.Leaf()
		if err != nil || string(again) != string(data) {
			t.Errorf("%s written as %s, %v", data, again, err)
		}
	})
}

// FuzzCheckpointBody feeds a witness: no body may make it panic or accept
// what is not signed.
func FuzzCheckpointBody(f *testing.F) {
	f.Add([]byte(`{"note":"x","since":{"epoch":1,"size":3},"proof":["AQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]}`))
	f.Add([]byte(`{"note":"x","since":{"epoch":1,"size":-3},"proof":null,"reopened":{"leaf":{"v":1},"proof":[]}}`))
	f.Add([]byte(`{}`))
	held := Checkpoint{Member: "KH", Epoch: 1, Size: 30, Root: tlog.Hash{9}, At: day}
	offered := Checkpoint{Member: "KH", Epoch: 2, Size: 70, Root: tlog.Hash{1, 2, 3}, At: day.AddDate(0, 0, 1)}
	f.Fuzz(func(t *testing.T, data []byte) {
		body, err := ParseBody[CheckpointBody](data)
		if err != nil {
			return
		}
		for _, epoch := range []int64{1, 2} {
			o := offered
			o.Epoch = epoch
			if got := judge(held, o, body); got.Accepted() {
				t.Errorf("accepted as %s: %s", got, data)
			}
		}
	})
}

func FuzzCountersignBody(f *testing.F) {
	f.Add([]byte(`{"of":{"epoch":1,"size":3},"outcome":"countersigned","note":"x"}`))
	f.Add([]byte(`{"of":{},"outcome":"fork","held":"x"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := ParseBody[CountersignBody](data); err == nil {
			_ = b.Outcome.Reported()
		}
	})
}
