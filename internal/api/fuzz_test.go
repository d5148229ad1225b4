package api

import (
	"slices"
	"strings"
	"testing"
)

func FuzzCursor(f *testing.F) {
	f.Add("", "")
	f.Add("list", Cursor("list", "a", "b"))
	f.Add("list", Cursor("other", "a"))
	f.Add("list", "W10")
	f.Add("list", "bnVsbA")
	f.Fuzz(func(t *testing.T, scope, s string) {
		keys, ok := parseCursor(scope, s)
		if !ok {
			return
		}
		again, ok := parseCursor(scope, Cursor(scope, keys...))
		if !ok && len(Cursor(scope, keys...)) <= maxCursor || ok && !slices.Equal(keys, again) {
			t.Fatalf("%q becomes %q", keys, again)
		}
	})
}

func FuzzIdempotencyKey(f *testing.F) {
	for _, s := range []string{"", "k", `"k"`, `"`, `""`, "a b", "\x00", strings.Repeat("k", 256)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, ok := parseKey(s)
		if !ok {
			return
		}
		if len(k) == 0 || len(k) > 255 || strings.ContainsFunc(k, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Fatalf("%q is taken as %q", s, k)
		}
		if again, ok := parseKey(`"` + k + `"`); !ok || again != k {
			t.Fatalf("%q quoted is %q", k, again)
		}
	})
}

func FuzzTag(f *testing.F) {
	for _, s := range []string{`"v1"`, `W/"v1"`, `"v01"`, `"v-1"`, `"v"`, "*", `"v9223372036854775808"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, ok := parseTag(s); ok && tag(v) != strings.TrimSpace(s) {
			t.Fatalf("%q is taken as version %d", s, v)
		}
	})
}

func FuzzPosition(f *testing.F) {
	for _, s := range []string{"", "0-0", "1-", "-1-2", "1-9223372036854775808"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if epoch, next, ok := parsePosition(s); ok && (epoch < 0 || next < 0) {
			t.Fatalf("%q is %d, %d", s, epoch, next)
		}
	})
}
