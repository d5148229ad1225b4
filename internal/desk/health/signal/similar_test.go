package signal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
)

func made(text, lang, place, hazard, on string) Signal {
	s := Signal{Text: text, Lang: lang, Hazard: hazard, FirstSeen: health.Date{On: on, Precision: health.Day}}
	s.Place, s.Created.At = place, start
	return s
}

func alike(a, b Signal) Likeness {
	x, y := featuresOf(&a), featuresOf(&b)
	return Alike(&x, &y)
}

// What people would call the same report, and what not, in the scripts of the
// region.
func TestAlike(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b Signal
		want bool
	}{
		{"same words, a day later", made("Three adults with watery diarrhoea after a wedding in Chhouk", "en", "KH-7", "cholera", "2025-03-09"),
			made("3 adults with watery diarrhoea after wedding in Chhouk district", "en", "KH-7", "cholera", "2025-03-10"), true},
		{"Thai without word spaces", made("พบผู้ป่วยท้องร่วงรุนแรงหลายรายในหมู่บ้านชายแดน", "th", "TH-27", "unknown", "2025-03-09"),
			made("ผู้ป่วยท้องร่วงรุนแรงหลายรายในหมู่บ้านใกล้ชายแดน", "th", "TH-27", "cholera", "2025-03-10"), true},
		{"Khmer", made("មានអ្នកជំងឺរាគរូសធ្ងន់ធ្ងរជាច្រើននាក់នៅភូមិព្រំដែន", "km", "KH-7", "cholera", "2025-03-09"),
			made("អ្នកជំងឺរាគរូសធ្ងន់ធ្ងរច្រើននាក់នៅភូមិព្រំដែន", "km", "KH", "unknown", "2025-03-09"), true},
		{"Lao", made("ພົບຄົນເຈັບຖອກທ້ອງຮຸນແຮງຫຼາຍຄົນຢູ່ບ້ານຊາຍແດນ", "lo", "LA-CH", "cholera", "2025-03-09"),
			made("ຄົນເຈັບຖອກທ້ອງຮຸນແຮງຫຼາຍຄົນຢູ່ບ້ານຊາຍແດນ", "lo", "LA-CH", "cholera", "2025-03-11"), true},
		{"Burmese", made("နယ်စပ်ရွာတွင် ဝမ်းပျက်ဝမ်းလျှောရောဂါ လူနာများ တွေ့ရှိ", "my", "MM-13", "cholera", "2025-03-09"),
			made("နယ်စပ်ရွာ၌ ဝမ်းပျက်ဝမ်းလျှော လူနာများတွေ့ရှိ", "my", "MM-13", "cholera", "2025-03-09"), true},
		{"Vietnamese with and without marks", made("Nhiều người bị tiêu chảy cấp sau đám cưới", "vi", "VN-37", "cholera", "2025-03-09"),
			made("Nhieu nguoi bi tieu chay cap sau dam cuoi", "vi", "VN-37", "cholera", "2025-03-09"), true},
		{"two languages, same place, hazard and day", made("Nhiều người bị tiêu chảy cấp", "vi", "VN-37", "cholera", "2025-03-09"),
			made("Several people with acute diarrhoea", "en", "VN-37", "cholera", "2025-03-09"), true},
		{"another outbreak in the same province", made("Two children with fever and rash, not vaccinated", "en", "KH-7", "measles", "2025-03-09"),
			made("Watery diarrhoea after a wedding", "en", "KH-7", "cholera", "2025-03-09"), false},
		{"the same words a year later", made("Human case of influenza A(H5N1) in Kampot", "en", "KH-7", "influenza_new_subtype", "2024-03-09"),
			made("Human case of influenza A(H5N1) in Takeo province, poultry deaths reported", "en", "KH-21", "influenza_new_subtype", "2025-03-09"), false},
		{"another country", made("Several people with acute watery diarrhoea", "en", "VN-37", "cholera", "2025-03-09"),
			made("Boat with sick crew asks for entry", "en", "KH-7", "cholera", "2025-03-09"), false},
	} {
		if l := alike(c.a, c.b); (l.Score >= Threshold) != c.want {
			t.Errorf("%s: %+v", c.name, l)
		}
	}
}

// The order does not matter, a signal is most like itself, and every part
// lies between 0 and 1.
func TestAlikeIsSymmetric(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func() Signal {
		words := make([]string, 2+r.IntN(12))
		for i := range words {
			words[i] = []string{"fever", "rash", "ไข้", "เลือดออก", "diarrhoea", "wedding", "ជំងឺ", "chợ", "school"}[r.IntN(9)]
		}
		s := made(strings.Join(words, " "), []string{"en", "th", "km"}[r.IntN(3)], []string{"KH", "KH-7", "KH-12", "VN-37", "US"}[r.IntN(5)],
			[]string{"cholera", "unknown", "dengue", "respiratory_unknown"}[r.IntN(4)], start.AddDate(0, 0, -r.IntN(60)).Format(time.DateOnly))
		s.FirstSeen.Precision = health.Precisions[r.IntN(5)]
		if r.IntN(3) == 0 {
			s.Ref = []string{"a", "b"}[r.IntN(2)]
		}
		return s
	}
	for range 5000 {
		a, b := random(), random()
		l, m := alike(a, b), alike(b, a)
		if l != m {
			t.Fatalf("%+v and %+v for %+v %+v", l, m, a, b)
		}
		for _, x := range []float64{l.Score, l.Place, l.Hazard, l.Time, max(l.Text, 0)} {
			if x < 0 || x > 1 {
				t.Fatalf("%+v", l)
			}
		}
		if self := alike(a, a); self.Score < l.Score-1e-9 && !l.Ref {
			t.Fatalf("more like another (%v) than itself (%v): %+v", l, self, a)
		}
	}
}

// Texts that share most of their words share a band; unrelated ones do not.
func TestBands(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	shared, apart := 0, 0
	const n = 300
	text := func() []string {
		w := make([]string, 30)
		for i := range w {
			w[i] = fmt.Sprintf("w%04d", r.IntN(9000))
		}
		return w
	}
	meet := func(a, b string) bool {
		for i, k := range Bands(Grams(a)) {
			if Bands(Grams(b))[i] == k {
				return true
			}
		}
		return false
	}
	for range n {
		a := text()
		b := append([]string(nil), a...)
		for i := range 3 {
			b[i*10] = "changed"
		}
		if meet(strings.Join(a, " "), strings.Join(b, " ")) {
			shared++
		}
		if meet(strings.Join(a, " "), strings.Join(text(), " ")) {
			apart++
		}
	}
	if shared < n*9/10 || apart > n/5 {
		t.Errorf("of %d near texts %d share a band, of unrelated ones %d", n, shared, apart)
	}
}

// A merge is taken back without loss: after it both say what they said, and
// they are not proposed again.
func TestMergeAndSplit(t *testing.T) {
	each(t, func(b *bench) {
		ctx := b.Context()
		record := func(text string) Signal {
			b.Helper()
			s, err := b.desk.Record(ctx, duty, sample(text))
			b.ok(err)
			return s
		}
		a := record("Three adults with watery diarrhoea after a wedding in Chhouk")
		c := record("3 adults with watery diarrhoea after wedding in Chhouk district")
		measles := sample("Eleven children of a school with rash and fever")
		measles.Hazard = "measles"
		_, err := b.desk.Record(ctx, duty, measles)
		b.ok(err)
		if p := b.page(a.ID); len(p.Twins) != 1 || p.Twins[0].ID != c.ID || p.Twins[0].Like.Text <= 0.5 {
			b.Fatalf("%+v", p.Twins)
		}
		list, _, err := b.desk.List(ctx, duty, Filter{})
		b.ok(err)
		if list[0].Twins != 1 || list[2].Twins != 0 {
			b.Fatalf("%d %d", list[0].Twins, list[2].Twins)
		}
		_, err = b.desk.Step(ctx, duty, c.ID, 0, "merge", StepInput{})
		b.refused(fault.Invalid, "need.signal.twin", err)
		_, err = b.desk.Step(ctx, duty, c.ID, 0, "merge", StepInput{Twin: c.ID})
		b.refused(fault.Invalid, "fault.signal.twin", err)
		b.clock.Advance(5 * time.Hour)
		m, err := b.desk.Step(ctx, duty, c.ID, c.Version, "merge", StepInput{Twin: a.ID})
		b.ok(err)
		if m.State != Duplicate || !m.Due.IsZero() {
			b.Fatalf("%+v", m)
		}
		if p := b.page(a.ID); len(p.Twins) != 0 || len(p.Joined) != 1 || p.Joined[0].ID != c.ID {
			b.Fatalf("%+v", p)
		}
		if p := b.page(c.ID); p.Into == nil || p.Into.ID != a.ID {
			b.Fatalf("%+v", p.Into)
		}
		_, err = b.desk.Step(ctx, duty, a.ID, 0, "merge", StepInput{Twin: c.ID})
		b.refused(fault.Invalid, "fault.signal.twin", err) // no circles
		_, err = b.desk.Step(ctx, duty, c.ID, 0, "split", StepInput{})
		b.refused(fault.Invalid, "need.signal.reason", err)
		s, err := b.desk.Step(ctx, duty, c.ID, 0, "split", StepInput{Reason: "Another wedding"})
		b.ok(err)
		if s.State != Received || s.Text != c.Text || !same(s.Cases, c.Cases) || !s.Due.Equal(c.Created.At.Add(TriageLimit)) || s.DuplicateOf != "" {
			b.Fatalf("%+v", s)
		}
		if p := b.page(a.ID); len(p.Twins) != 0 || len(p.Joined) != 0 || p.Text != a.Text {
			b.Fatalf("%+v", p)
		}
		replay(b, c.ID, Received)
	})
}

// People's decision that two are not the same lasts, also when one changes.
func TestKeptApart(t *testing.T) {
	each(t, func(b *bench) {
		ctx := b.Context()
		var ids []id.ID
		for _, text := range []string{"Three adults with watery diarrhoea after a wedding", "Three adults with watery diarrhoea after a funeral"} {
			s, err := b.desk.Record(ctx, duty, sample(text))
			b.ok(err)
			ids = append(ids, s.ID)
		}
		_, err := b.desk.KeepApart(ctx, duty, ids[0], 0, ids[1])
		b.ok(err)
		_, err = b.desk.Edit(ctx, duty, ids[1], 0, sample("Three adults with watery diarrhoea after a funeral in Chhouk"))
		b.ok(err)
		if n := len(b.page(ids[1]).Twins); n != 0 {
			b.Fatalf("%d proposals", n)
		}
		b.write(func(ctx context.Context, tx *db.Tx) error {
			var n int
			_, err := tx.Row(ctx, `SELECT twins FROM signal_signal WHERE id = ?`, []any{string(ids[0])}, &n)
			if n != 0 {
				b.Fatalf("counted %d", n)
			}
			return err
		})
	})
}
