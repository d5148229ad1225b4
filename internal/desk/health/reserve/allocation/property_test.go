package allocation

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"lintas/internal/fault"
)

var codes = []string{"BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN"}

// some is a division as it could be asked for: small and large, with gaps.
func some(r *rand.Rand) (Rule, Input) {
	rule := Rules()[r.IntN(len(Rules()))]
	if r.IntN(3) == 0 {
		a, b, c := r.Int64N(41), r.Int64N(31), r.Int64N(21)
		rule.Weights, rule.CapPercent = [terms]int64{a, b, c, 100 - a - b - c}, 1+r.Int64N(100)
	}
	size := []int64{10, 1000, 1e6, MaxUnits}[r.IntN(4)]
	in := Input{Stock: r.Int64N(size + 1)}
	who := r.Perm(len(codes))[:1+r.IntN(len(codes))]
	known := func(low, high int64) *int64 {
		if r.IntN(5) == 0 {
			return nil
		}
		n := low + r.Int64N(high-low+1)
		return &n
	}
	for _, i := range who {
		c := Claim{Member: codes[i], Asked: 1 + r.Int64N(size), Need: known(0, min(size, MaxEach)), Own: known(0, size), Persons: known(1, MaxPersons), Risk: known(0, rule.RiskTop), Capacity: known(0, 100),
			Days: known(0, 1000)}
		c.Never = r.IntN(4) == 0
		in.Claims = append(in.Claims, c)
	}
	return rule, in
}

// holds checks what every division has to keep.
func holds(t *testing.T, r *Rule, in *Input, out *Result) {
	t.Helper()
	var sum, caps int64
	for i := range out.Shares {
		s := &out.Shares[i]
		if s.Qty < 0 || s.Qty > s.Cap || s.Qty > in.Claims[i].Asked {
			t.Fatalf("%s gets %d, cap %d, asked %d", s.Member, s.Qty, s.Cap, in.Claims[i].Asked)
		}
		// cap x 100 is at most one unit above the percentage of the stock
		if len(in.Claims) > 1 && s.Cap*100 >= in.Stock*r.CapPercent+100 {
			t.Fatalf("%s has the cap %d of %d", s.Member, s.Cap, in.Stock)
		}
		if s.Qty != s.Whole && (s.Qty != s.Whole+1 || !s.Extra) {
			t.Fatalf("%s gets %d of whole %d", s.Member, s.Qty, s.Whole)
		}
		for k, n := range s.Terms {
			if n < 0 || n > termOne {
				t.Fatalf("%s: term %d is %d", s.Member, k, n)
			}
		}
		sum, caps = sum+s.Qty, caps+s.Cap
	}
	if sum != out.Given || out.Left != in.Stock-sum || sum != min(in.Stock, caps) {
		t.Fatalf("given %d, left %d of %d; the caps together are %d", out.Given, out.Left, in.Stock, caps)
	}
}

func units(out *Result) map[string]int64 {
	m := map[string]int64{}
	for _, s := range out.Shares {
		m[s.Member] = s.Qty
	}
	return m
}

// runs is how many divisions are tried.
const runs = 6000

// Never more than there is, than was asked or than the cap; whole units; all
// is given that the caps allow; the order of the states makes no difference.
func TestDivisionHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(20261120, 1))
	for n := range runs {
		rule, in := some(r)
		out, err := Allocate(rule, in)
		if err != nil {
			t.Fatalf("%d: %v", n, err)
		}
		holds(t, &rule, &in, &out)
		mixed := Input{Stock: in.Stock, Claims: slices.Clone(in.Claims)}
		r.Shuffle(len(mixed.Claims), func(i, j int) { mixed.Claims[i], mixed.Claims[j] = mixed.Claims[j], mixed.Claims[i] })
		again, err := Allocate(rule, mixed)
		if err != nil || !reflect.DeepEqual(units(&out), units(&again)) {
			t.Fatalf("%d: %v, in another order %v, %v", n, units(&out), units(&again), err)
		}
	}
}

// One unit more in stock: not less is given, whoever asks alone does not get
// less, and where no cap is reached the whole units of nobody become fewer, so
// that at most one of the units left over is lost.
func TestMoreStock(t *testing.T) {
	r := rand.New(rand.NewPCG(20261120, 2))
	free := 0
	for n := range runs {
		rule, in := some(r)
		more := in
		if in.Stock == MaxUnits {
			continue
		}
		more.Stock++
		a, err := Allocate(rule, in)
		b, err2 := Allocate(rule, more)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if b.Given < a.Given || len(in.Claims) == 1 && b.Shares[0].Qty < a.Shares[0].Qty {
			t.Fatalf("%d: %d of %d, then %d of %d", n, a.Given, in.Stock, b.Given, more.Stock)
		}
		capped := func(s Share) bool { return s.Capped > 0 }
		if slices.ContainsFunc(a.Shares, capped) || slices.ContainsFunc(b.Shares, capped) {
			continue
		}
		free++
		for i := range a.Shares {
			x, y := &a.Shares[i], &b.Shares[i]
			if y.Whole < x.Whole || y.Qty < x.Qty-1 {
				t.Fatalf("%d: %s gets %d of %d, and %d of %d", n, x.Member, x.Qty, in.Stock, y.Qty, more.Stock)
			}
		}
	}
	if free < runs/20 {
		t.Fatalf("only %d divisions were free of caps", free)
	}
}

// What is missing is named and never a silent 0: the term is the lowest that
// somebody gave, whatever that is, and 0 for all only where nobody gave one.
func TestMissingIsNever0(t *testing.T) {
	r := rand.New(rand.NewPCG(20261120, 3))
	filled := 0
	for n := range runs {
		rule, in := some(r)
		out, err := Allocate(rule, in)
		if err != nil {
			t.Fatal(err)
		}
		given := func(c *Claim) [terms]bool {
			return [terms]bool{c.Need != nil && c.Own != nil && c.Persons != nil, c.Risk != nil, c.Capacity != nil, c.Days != nil || c.Never}
		}
		for k := range terms {
			var of []int64
			for i, s := range out.Shares {
				if has := given(&in.Claims[i]); has[k] == s.Missing[k] {
					t.Fatalf("%d: %s: term %d given %t, missing %t", n, s.Member, k, has[k], s.Missing[k])
				} else if has[k] {
					of = append(of, s.Terms[k])
				}
			}
			if out.Nobody[k] != (len(of) == 0) {
				t.Fatalf("%d: term %d is said to be given by nobody: %t", n, k, out.Nobody[k])
			}
			want := int64(0)
			if len(of) > 0 {
				want = slices.Min(of)
			}
			for _, s := range out.Shares {
				if s.Missing[k] && s.Terms[k] != want {
					t.Fatalf("%d: %s: the missing term %d is %d, the lowest %d", n, s.Member, k, s.Terms[k], want)
				}
				if s.Missing[k] && want > 0 {
					filled++
				}
			}
		}
	}
	if filled < runs/10 {
		t.Fatalf("only %d terms were filled", filled)
	}
}

// To keep an input back never raises a score above what its lowest true value
// among the others would give: nobody gains by silence over the last of those
// who speak.
func TestSilenceGainsNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(20261120, 4))
	for n := range runs {
		rule, in := some(r)
		in.Claims[0].Risk = nil
		out, err := Allocate(rule, in)
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(out.Shares); i++ {
			if s := &out.Shares[i]; s.Terms[RiskTerm] < out.Shares[0].Terms[RiskTerm] {
				t.Fatalf("%d: who is silent on its risk stands above %s", n, s.Member)
			}
		}
	}
}

// What cannot be is refused, with the row and the field.
func TestInputRefusals(t *testing.T) {
	p := func(n int64) *int64 { return &n }
	good := func() Input {
		return Input{Stock: 10, Claims: []Claim{{Member: "KH", Asked: 5}, {Member: "LA", Asked: 5}}}
	}
	for name, x := range map[string]struct {
		change func(in *Input)
		where  string
	}{
		"stock below 0":         {func(in *Input) { in.Stock = -1 }, "stock"},
		"stock too large":       {func(in *Input) { in.Stock = MaxUnits + 1 }, "stock"},
		"nothing asked":         {func(in *Input) { in.Claims[1].Asked = 0 }, "asked[row 2]"},
		"no state":              {func(in *Input) { in.Claims[1].Member = "" }, "member[row 2]"},
		"a state twice":         {func(in *Input) { in.Claims[0].Member, in.Claims[0].Draw = "LA", "another" }, "member[row 2]"},
		"need below 0":          {func(in *Input) { in.Claims[0].Need = p(-1) }, "need[row 1]"},
		"nobody at risk":        {func(in *Input) { in.Claims[0].Persons = p(0) }, "persons[row 1]"},
		"more than a rate says": {func(in *Input) { in.Claims[0].Need, in.Claims[0].Own, in.Claims[0].Persons = p(MaxUnits), p(0), p(1) }, "need[row 1]"},
		"risk above the top":    {func(in *Input) { in.Claims[0].Risk = p(5) }, "risk[row 1]"},
		"capacity of 101 %":     {func(in *Input) { in.Claims[0].Capacity = p(101) }, "capacity[row 1]"},
		"days below 0":          {func(in *Input) { in.Claims[0].Days = p(-1) }, "days[row 1]"},
		"too many": {func(in *Input) {
			for i := range MaxClaims {
				in.Claims = append(in.Claims, Claim{Member: fmt.Sprint(i), Asked: 1})
			}
		}, "claims"},
	} {
		in := good()
		if _, err := Allocate(Rules()[0], in); err != nil {
			t.Fatal(err)
		}
		x.change(&in)
		if _, err := Allocate(Rules()[0], in); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "; "+x.where+":") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
