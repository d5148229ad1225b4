package directory

import (
	"context"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var at = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func member(t testing.TB, code access.Member) (Member, envelope.Keys) {
	t.Helper()
	k, err := envelope.NewKeys(code)
	if err != nil {
		t.Fatal(err)
	}
	return Member{Code: code, Name: string(code), LegalName: string(code), Kind: State, Address: "https://" + strings.ToLower(string(code)) + ".example",
		Languages: []string{"en"}, Signing: []Key{MakeKey(k.SignPublic(), at)}, Sealing: []Key{MakeKey(k.SealPublic(), at)}}, k
}

// region is a first directory of KH, TH and SG of which two must sign.
func region(t testing.TB) (Signed, map[access.Member]envelope.Keys) {
	t.Helper()
	keys := map[access.Member]envelope.Keys{}
	var ms []Member
	for _, c := range []access.Member{"KH", "TH", "SG"} {
		m, k := member(t, c)
		ms, keys[c] = append(ms, m), k
	}
	s, err := New("test", 2, ms, at)
	if err != nil {
		t.Fatal(err)
	}
	return s, keys
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func key(err error) string {
	if e, ok := err.(*fault.Error); ok { //nolint:errorlint // the outermost is what people see
		return e.Key
	}
	return ""
}

func TestFollow(t *testing.T) {
	first, keys := region(t)
	if _, err := Follow(nil, first.Sign(keys["KH"])); key(err) != "fault.directory.too_few" {
		t.Errorf("one signature: %v", err)
	}
	twice := first.Sign(keys["KH"]).Sign(keys["KH"])
	twice.Signatures = append(twice.Signatures, twice.Signatures[0])
	if _, err := Follow(nil, twice); key(err) != "fault.directory.too_few" {
		t.Errorf("one signature twice: %v", err)
	}
	one := must[*View](t)(Follow(nil, first.Sign(keys["KH"]).Sign(keys["TH"])))
	vn, vnKeys := member(t, "VN")
	next := must[Signed](t)(one.Signed.Next(at.Add(time.Hour), Put(vn)))
	// The newcomer does not count for the version that admits it.
	if _, err := Follow(one, next.Sign(vnKeys).Sign(keys["KH"])); key(err) != "fault.directory.too_few" {
		t.Errorf("signed by the newcomer: %v", err)
	}
	two := must[*View](t)(Follow(one, next.Sign(keys["SG"]).Sign(keys["KH"])))
	if same, err := Follow(two, two.Signed); err != nil || same != two {
		t.Errorf("the version in force: %v", err)
	}
	if _, err := Follow(two, one.Signed); key(err) != "fault.directory.stale" {
		t.Errorf("rolled back: %v", err)
	}
	if _, err := Follow(nil, two.Signed); key(err) != "fault.directory.not_first" {
		t.Errorf("second without the first: %v", err)
	}
	other := must[Signed](t)(one.Signed.Next(at.Add(time.Hour), Need(1))).Sign(keys["SG"]).Sign(keys["KH"])
	if _, err := Follow(two, other); key(err) != "fault.directory.forked" {
		t.Errorf("another second version: %v", err)
	}
	third := must[Signed](t)(other.Next(at.Add(2*time.Hour), Need(3))).Sign(keys["SG"]).Sign(keys["KH"])
	if _, err := Follow(two, third); key(err) != "fault.directory.forked" {
		t.Errorf("a third on another second: %v", err)
	}
	if _, err := Follow(one, third); key(err) != "fault.directory.gap" {
		t.Errorf("a version left out: %v", err)
	}
	edited := two.Signed
	edited.Document = []byte(strings.Replace(string(edited.Document), `"need":2`, `"need":1`, 1))
	if _, err := Follow(one, edited); key(err) != "fault.directory.too_few" {
		t.Errorf("edited: %v", err)
	}
}

func TestRotateAndRevoke(t *testing.T) {
	first, keys := region(t)
	one := must[*View](t)(Follow(nil, first.Sign(keys["KH"]).Sign(keys["TH"])))
	fresh := must[envelope.Keys](t)(keys["KH"].Rotate())
	change, until := at.Add(24*time.Hour), at.Add(48*time.Hour)
	next := must[Signed](t)(one.Signed.Next(at.Add(time.Hour), Rotate("KH", MakeKey(fresh.SignPublic(), change), MakeKey(fresh.SealPublic(), change), until)))
	two := must[*View](t)(Follow(one, next.Sign(keys["KH"]).Sign(keys["TH"])))
	next = must[Signed](t)(two.Signed.Next(at.Add(2*time.Hour), Revoke("KH", keys["KH"].SignID(), at.Add(36*time.Hour))))
	three := must[*View](t)(Follow(two, next.Sign(keys["SG"]).Sign(keys["TH"])))
	for _, c := range []struct {
		v    *View
		key  string
		when time.Duration
		want envelope.Reason
	}{
		{two, keys["KH"].SignID(), 47, ""}, {two, keys["KH"].SignID(), 48, envelope.RevokedKey}, {two, fresh.SignID(), 23, envelope.RevokedKey},
		{two, fresh.SignID(), 24, ""}, {three, keys["KH"].SignID(), 35, ""}, {three, keys["KH"].SignID(), 36, envelope.RevokedKey},
		{one, fresh.SignID(), 30, envelope.UnknownKey},
	} {
		_, err := c.v.SigningKey("KH", c.key, at.Add(c.when*time.Hour))
		if (err == nil) != (c.want == "") || err != nil && envelope.ReasonOf(err) != c.want {
			t.Errorf("version %d after %d h: %v, want %q", c.v.Document.Version, c.when, err, c.want)
		}
	}
	if _, err := two.SigningKey("XX", "", at); envelope.ReasonOf(err) != envelope.UnknownSender {
		t.Error(err)
	}
	for h, want := range map[time.Duration]string{1: envelope.KeyID(keys["KH"].SealPublic()), 25: envelope.KeyID(fresh.SealPublic())} {
		if pk, ok := two.SealingKey("KH", at.Add(h*time.Hour)); !ok || envelope.KeyID(pk.Bytes()) != want {
			t.Errorf("sealing key after %d h", h)
		}
	}
	if _, err := one.Signed.Next(at, Revoke("KH", "none", at)); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

func TestStoreSwapsLiveAndKeepsItsPlace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		first, keys := region(t)
		c := clock.NewManual(at)
		s := must[*Store](t)(Open(ctx, d, c))
		if s.Current() != nil {
			t.Fatal("a directory out of nothing")
		}
		load := func(v Signed) error { return s.Load(ctx, must[[]byte](t)(v.Encode())) }
		one := first.Sign(keys["KH"]).Sign(keys["TH"])
		if err := load(one); err != nil {
			t.Fatal(err)
		}
		two := must[Signed](t)(one.Next(at.Add(time.Hour), Need(3))).Sign(keys["SG"]).Sign(keys["TH"])
		seen := 0
		s.OnChange(func(v *View) { seen = v.Document.Version })
		if err := load(two); err != nil || seen != 2 || s.Current().Document.Need != 3 {
			t.Fatalf("%v, seen %d", err, seen)
		}
		if err := load(one); key(err) != "fault.directory.stale" {
			t.Errorf("rolled back: %v", err)
		}
		again := must[*Store](t)(Open(ctx, d, c))
		if again.Current().Hash != two.Hash() {
			t.Error("another version after the restart")
		}
		// Who edits the stored document is found out.
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "UPDATE directory_version SET signed = ? WHERE version = 1", []byte(strings.Replace(string(must[[]byte](t)(one.Encode())), "kh.example", "xx.example", 1)))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(ctx, d, c); err == nil {
			t.Error("an edited directory was opened")
		}
	}, Schema)
}

func FuzzDecode(f *testing.F) {
	first, keys := region(f)
	raw, err := first.Sign(keys["KH"]).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"document":{},"signatures":[]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, d, err := Decode(raw)
		if err != nil {
			return
		}
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Decode(must[[]byte](t)(s.Encode())); err != nil {
			t.Fatal(err)
		}
		if s.Hash() != first.Hash() {
			if _, err := Follow(nil, s); err == nil && len(s.Signatures) < d.Need {
				t.Fatal("accepted without enough signatures")
			}
		}
	})
}
