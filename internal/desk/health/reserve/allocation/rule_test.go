package allocation

import (
	"os"
	"strings"
	"testing"

	"lintas/internal/fault"
)

// pinned are the published versions as they were when a first decision could
// name them. A line is never changed: whoever changes a rule publishes a new
// version beside it, or the decisions of years ago no longer recompute.
var pinned = []struct {
	key, version, digest string
	units                [3]int64
	scores               [3]int64
}{
	{"need", "1", "0d832160279574d3", [3]int64{576, 300, 324}, [3]int64{845_000, 440_000, 474_790}},
	{"size", "1", "de4b6de62632e378", [3]int64{668, 284, 248}, [3]int64{885_000, 440_000, 459_790}},
}

// The same rule and inputs give the same numbers in every year.
func TestPinnedRules(t *testing.T) {
	if len(Rules()) != len(pinned) {
		t.Errorf("%d versions are published and %d pinned", len(Rules()), len(pinned))
	}
	in := readExample(t, "testdata/plain.txt").in
	for _, p := range pinned {
		r, ok := Find(p.key, p.version)
		if !ok || r.Digest != p.digest {
			t.Errorf("%s %s: found %t, digest %s, pinned %s", p.key, p.version, ok, r.Digest, p.digest)
			continue
		}
		out, err := Allocate(r, in)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range out.Shares {
			if s.Qty != p.units[i] || s.Score != p.scores[i] {
				t.Errorf("%s %s: %s gets %d by %d, pinned %d by %d", p.key, p.version, s.Member, s.Qty, s.Score, p.units[i], p.scores[i])
			}
		}
	}
	if _, ok := Find("need", "0"); ok {
		t.Error("a version that was never published was found")
	}
	list := Rules()
	list[0].CapPercent = 1
	if Rules()[0].CapPercent == 1 {
		t.Error("who reads the rules can change them")
	}
}

const sound = `{"key":"k","version":"1","source":"s","weights":[40,30,20,10],"basis":"score","cap_percent":50,"risk_top":4,"horizon_days":365,"missing":"lowest"}`

// A rule that does not say everything is refused, not completed.
func TestRuleRefusals(t *testing.T) {
	if _, err := decode([]byte(sound)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"three weights":       {"[40,30,20,10]", "[40,40,20]"},
		"five weights":        {"[40,30,20,10]", "[40,30,20,10,0]"},
		"a weight is null":    {"[40,30,20,10]", "[40,40,20,null]"},
		"no weights":          {`"weights":[40,30,20,10],`, ""},
		"99 %":                {"20,10]", "20,9]"},
		"a negative weight":   {"[40,30,20,10]", "[140,-40,0,0]"},
		"half a per cent":     {"[40,30,20,10]", "[39.5,30.5,20,10]"},
		"no cap":              {`"cap_percent":50,`, ""},
		"cap of 101 %":        {`:50,`, `:101,`},
		"no highest risk":     {`"risk_top":4,`, ""},
		"no horizon":          {`"horizon_days":365,`, ""},
		"unknown basis":       {`"basis":"score"`, `"basis":"lots"`},
		"missing counts as 0": {`"missing":"lowest"`, `"missing":"zero"`},
		"nothing for missing": {`,"missing":"lowest"`, ""},
		"misspelt":            {`"cap_percent"`, `"cap"`},
		"no version":          {`"version":"1"`, `"version":""`},
		"no key":              {`"key":"k",`, ""},
		"no source":           {`"source":"s",`, ""},
		"something follows":   {`"lowest"}`, `"lowest"}{}`},
		"a digest of its own": {`"key":"k"`, `"Digest":"00","key":"k"`},
	} {
		file := strings.Replace(sound, change[0], change[1], 1)
		if file == sound {
			t.Fatalf("%s changes nothing", name)
		}
		if r, err := decode([]byte(file)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// Whatever the file holds: it is refused, or it is a rule by which goods can be
// divided and that says so itself.
func FuzzRule(f *testing.F) {
	for _, name := range []string{"rules/need-1.json", "rules/size-1.json"} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(sound))
	f.Add([]byte(strings.Replace(sound, "10]", "10,0]", 1)))
	f.Add([]byte(strings.Replace(sound, `"key"`, `"weights":[1],"KEY"`, 1)))
	need, own, persons, risk := int64(90), int64(10), int64(1000), int64(1)
	in := Input{Stock: 101, Claims: []Claim{{Member: "KH", Asked: 80, Need: &need, Own: &own, Persons: &persons, Risk: &risk}, {Member: "LA", Asked: 70, Never: true}}}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decode(b)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		var sum int64
		for _, w := range r.Weights {
			sum += w
		}
		if sum != 100 || r.Digest == "" || r.Key == "" || r.Version == "" {
			t.Fatalf("%+v", r)
		}
		out, err := Allocate(r, in)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, &r, &in, &out)
	})
}
