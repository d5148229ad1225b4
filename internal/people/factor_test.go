package people

import (
	"bytes"
	"context"
	"encoding/hex"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"lintas/internal/fault"
)

// RFC 6238, appendix B: SHA-1, the last six of the eight digits given there.
func TestCodesOfRFC6238(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		now := time.Unix(at, 0)
		if s, ok := step(secret, code, 0, now); !ok || s != at/period {
			t.Errorf("the code at %d is refused", at)
		}
		if _, ok := step(secret, code, at/period, now); ok {
			t.Errorf("the code at %d is taken again", at)
		}
		if _, ok := step(secret, code, 0, now.Add(2*period*time.Second)); ok {
			t.Errorf("the code at %d is taken a minute later", at)
		}
	}
}

func TestSealBindsTheAccount(t *testing.T) {
	p := &People{keys: keys{seal: make([]byte, 32)}, cfg: Config{Rand: bytes.NewReader(bytes.Repeat([]byte{1}, 64))}}
	sealed, err := p.seal("a", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := p.open("a", sealed); err != nil || string(plain) != "secret" {
		t.Fatalf("%q %v", plain, err)
	}
	if _, err := p.open("b", sealed); err == nil {
		t.Error("it opens in another account")
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := p.open("a", bad); err == nil {
			t.Errorf("byte %d changed and it opens", i)
		}
	}
	if _, err := p.open("a", sealed[:5]); err == nil {
		t.Error("a fragment opens")
	}
}

func TestPasswords(t *testing.T) {
	about := []string{"duty.eoc", "Duty officer, National EOC", "", "MOH", "KH"}
	for password, key := range map[string]string{
		"tangga kuning":                     "",
		goodPassword:                        "",
		strings.Repeat("b7#Kq!", 21) + "xy": "",
		"short":                             "fault.people.password_short",
		strings.Repeat("x", 129):            "fault.people.password_long",
		"dutyofficer2026":                   "fault.people.password_own_words",
		"aaaaaaaaaaaaaa":                    "fault.people.password_pattern",
		"abcdefghijklm":                     "fault.people.password_pattern",
		"footballmonkey":                    "fault.people.password_weak",
		"tangga\x00kuning menari":           "fault.people.password_characters",
		"tangga\xffkuning menari":           "fault.people.password_characters",
		strings.Repeat("4@8({[<3691!|", 9):  "",
		strings.Repeat("p@$$w0rd1", 14):     "fault.people.password_weak",
	} {
		begin := time.Now()
		err := CheckPassword(password, about)
		if d := time.Since(begin); d > 2*time.Second {
			t.Errorf("judging %.20q took %v", password, d)
		}
		if key == "" {
			if err != nil {
				t.Errorf("%.20q: %v", password, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%.20q is taken", password)
			continue
		}
		wantKey(t, err, key)
	}
	if normal("ﬁve é") != normal("five e\u0301") {
		t.Error("two ways to type the same are not the same")
	}
}

func TestHasher(t *testing.T) {
	h := NewHasher(cheap, 1)
	stored, err := h.Hash(t.Context(), "p", bytes.Repeat([]byte{2}, saltSize))
	if err != nil || !strings.HasPrefix(stored, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatalf("%q %v", stored, err)
	}
	if ok, stale, _ := h.Verify(t.Context(), stored, "p"); !ok || stale {
		t.Error("the right password is refused or stale")
	}
	if ok, _, _ := h.Verify(t.Context(), stored, "q"); ok {
		t.Error("a wrong password is taken")
	}
	if ok, _, _ := h.Verify(t.Context(), "", "p"); ok {
		t.Error("no password is taken")
	}
	if _, stale, _ := NewHasher(Recommended, 1).Verify(t.Context(), stored, "p"); !stale {
		t.Error("old costs are not stale")
	}
	// Reference implementation of Argon2, test.c: argon2id, t=2, m=64 MiB, p=1.
	got := hex.EncodeToString(argon2.IDKey([]byte("password"), []byte("somesalt"), 2, 65536, 1, 32))
	if got != "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7" {
		t.Errorf("argon2id = %s", got)
	}
}

func TestHasherIsBounded(t *testing.T) {
	h := NewHasher(cheap, 1)
	h.slots <- struct{}{} // one is at work
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	busy := make(chan error, 100)
	for range cap(busy) {
		wg.Go(func() {
			_, err := h.Hash(ctx, "p", make([]byte, saltSize))
			busy <- err
		})
	}
	for range cap(busy) - maxQueued {
		if err := <-busy; !fault.Is(err, fault.Unavailable) {
			t.Errorf("one too many: %v", err)
		}
	}
	cancel()
	wg.Wait()
	if h.runs.Load() != 0 || h.queued.Load() != 0 {
		t.Errorf("%d ran, %d wait", h.runs.Load(), h.queued.Load())
	}
}

func TestQR(t *testing.T) {
	p := &People{cfg: Config{Member: "KH"}}
	e, err := p.enrolment([]byte("12345678901234567890"), "duty.eoc")
	if err != nil {
		t.Fatal(err)
	}
	n := len(e.QR)
	if n < 21 || (n-21)%4 != 0 || len(e.QR[0]) != n {
		t.Fatalf("a symbol of %d modules", n)
	}
	// ISO/IEC 18004, 6.3.3: finder patterns in three corners, and the dark module.
	for _, c := range [][2]int{{0, 0}, {n - 7, 0}, {0, n - 7}} {
		for y := range 7 {
			for x := range 7 {
				ring := min(x, y, 6-x, 6-y)
				if e.QR[c[1]+y][c[0]+x] != (ring != 1) {
					t.Fatalf("no finder pattern at %v", c)
				}
			}
		}
	}
	if !e.QR[n-8][8] {
		t.Error("no dark module")
	}
}

func BenchmarkHash(b *testing.B) {
	h := NewHasher(Recommended, 2)
	for b.Loop() {
		if _, err := h.Hash(b.Context(), goodPassword, make([]byte, saltSize)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckPassword(b *testing.B) {
	for b.Loop() {
		_ = CheckPassword(goodPassword, []string{"duty.eoc", "Duty officer, National EOC"})
	}
}
