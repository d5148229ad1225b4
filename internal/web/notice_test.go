package web

import "testing"

func FuzzParseNotice(f *testing.F) {
	for _, s := range []string{"", "e30", "eyJrIjoiYSJ9", "eyJrIjoiYSIsImEiOnsibiI6eyJ4IjoxfX19", "%%%", "bnVsbA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := parseNotice(s)
		if n == nil {
			return
		}
		if n.Key == "" {
			t.Fatal("a notice without a key")
		}
		for k, v := range n.Args {
			switch v.(type) {
			case string, float64, bool:
			default:
				t.Fatalf("argument %s is a %T", k, v)
			}
		}
	})
}
