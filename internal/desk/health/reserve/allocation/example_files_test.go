package allocation

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// example is one file of testdata: what is divided and what has to come out.
type example struct {
	rule   Rule
	in     Input
	shares []string
	left   string
}

// The worked examples were computed by hand from the published rule; every
// figure on the way to the units is held against them.
func TestWorkedExamples(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			x := readExample(t, f)
			out, err := Allocate(x.rule, x.in)
			if err != nil {
				t.Fatal(err)
			}
			if len(x.shares) != len(out.Shares) {
				t.Fatalf("%d shares are worked out for %d claims", len(x.shares), len(out.Shares))
			}
			got := map[string]string{}
			for i := range out.Shares {
				got[out.Shares[i].Member] = printed(&out.Shares[i])
			}
			for _, want := range x.shares {
				if have := got[strings.Fields(want)[1]]; have != want {
					t.Errorf("by hand: %s\nprogram: %s", want, have)
				}
			}
			if fmt.Sprint(out.Left) != x.left {
				t.Errorf("left %d, by hand %s", out.Left, x.left)
			}
		})
	}
}

// readExample reads a file strictly: a word that is not known is a mistake of
// the file.
func readExample(t *testing.T, file string) example {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var x example
	for n, line := range strings.Split(string(b), "\n") {
		w := strings.Fields(line)
		if len(w) == 0 || strings.HasPrefix(w[0], "#") {
			continue
		}
		ok := true
		switch w[0] {
		case "rule":
			x.rule, ok = Find(w[1], w[2])
		case "stock":
			x.in.Stock, err = strconv.ParseInt(w[1], 10, 64)
		case "claim":
			var c Claim
			c, err = readClaim(w[1:])
			x.in.Claims = append(x.in.Claims, c)
		case "share":
			x.shares = append(x.shares, strings.Join(w, " "))
		case "left":
			x.left = w[1]
		default:
			ok = false
		}
		if err != nil || !ok {
			t.Fatalf("%s:%d: %s: %v", file, n+1, line, err)
		}
	}
	return x
}

func readClaim(w []string) (Claim, error) {
	c := Claim{Member: w[0]}
	fields := map[string]**int64{"need": &c.Need, "own": &c.Own, "persons": &c.Persons, "risk": &c.Risk, "capacity": &c.Capacity, "days": &c.Days}
	for i := 1; i < len(w); i++ {
		if w[i] == "never" {
			c.Never = true
			continue
		}
		if i+1 == len(w) {
			return c, fmt.Errorf("%s has no value", w[i])
		}
		n, err := strconv.ParseInt(w[i+1], 10, 64)
		if err != nil {
			return c, err
		}
		if f := fields[w[i]]; f != nil {
			*f = &n
		} else if w[i] == "asked" {
			c.Asked = n
		} else {
			return c, fmt.Errorf("%s is not an input", w[i])
		}
		i++
	}
	return c, nil
}

// printed is a share as the files write it.
func printed(s *Share) string {
	point := func(n, one int64) string {
		return fmt.Sprintf("%d.%0*d", n/one, len(fmt.Sprint(one))-1, n%one)
	}
	rate, quota := point(s.Rate, termOne), s.Quota
	if s.Missing[NeedTerm] {
		rate = "-"
	}
	if quota == "" {
		quota = "-"
	}
	line := fmt.Sprintf("share %s rate %s terms", s.Member, rate)
	for k, n := range s.Terms {
		line += " " + point(n, termOne)
		if s.Missing[k] {
			line += "*"
		}
	}
	return fmt.Sprintf("%s score %s cap %d quota %s units %d", line, point(s.Score, scoreOne), s.Cap, quota, s.Qty)
}
