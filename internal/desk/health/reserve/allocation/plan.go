package allocation

import (
	"cmp"
	"slices"
)

// Pools that goods come from.
const (
	Physical = "physical" // in a warehouse of the reserve
	Pledge   = "pledge"   // promised by a state
)

// Source is where goods can come from.
type Source struct {
	Member string `json:"member"`
	Pool   string `json:"pool"`
	Pledge string `json:"pledge,omitempty"` // record
	Qty    int64  `json:"qty"`
	Notice int64  `json:"notice_hours"`
}

// Line is goods from one source to one claimant.
type Line struct {
	N      int    `json:"n"`
	From   string `json:"from"`
	Pool   string `json:"pool"`
	Pledge string `json:"pledge,omitempty"`
	To     string `json:"to"`
	Draw   string `json:"draw,omitempty"`
	Qty    int64  `json:"qty"`
}

// Plan says who sends what: the higher score is served first; goods in a
// warehouse go before pledges, a shorter notice before a longer one, the
// larger source before the smaller, then the code decides. Nobody sends to
// itself: where only goods of the claimant are left, it and another claimant
// exchange. unmet is what even so only the claimants themselves have.
func Plan(shares []Share, sources []Source) (lines []Line, unmet int64) {
	by := slices.Clone(shares)
	slices.SortStableFunc(by, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Member, b.Member), cmp.Compare(a.Draw, b.Draw))
	})
	from := slices.Clone(sources)
	slices.SortStableFunc(from, func(a, b Source) int {
		return cmp.Or(cmp.Compare(a.Pool, b.Pool), cmp.Compare(a.Notice, b.Notice), cmp.Compare(b.Qty, a.Qty), cmp.Compare(a.Member, b.Member), cmp.Compare(a.Pledge, b.Pledge))
	})
	var short []Share
	for _, s := range by {
		want := s.Qty
		for i := range from {
			f := &from[i]
			n := min(want, f.Qty)
			if n <= 0 || f.Member == s.Member {
				continue
			}
			f.Qty, want = f.Qty-n, want-n
			lines = append(lines, Line{From: f.Member, Pool: f.Pool, Pledge: f.Pledge, To: s.Member, Draw: s.Draw, Qty: n})
		}
		if want > 0 {
			short = append(short, Share{Member: s.Member, Draw: s.Draw, Qty: want})
		}
	}
	for _, s := range short {
		unmet += s.Qty
		for i := range from {
			if f := &from[i]; f.Member == s.Member {
				var n int64
				lines, n = exchange(lines, s, f, min(s.Qty, f.Qty))
				s.Qty, f.Qty, unmet = s.Qty-n, f.Qty-n, unmet-n
			}
		}
	}
	for i := range lines {
		lines[i].N = i + 1
	}
	return lines, unmet
}

// exchange lets a claimant for whom only goods of its own are left have what
// others were to get from elsewhere, and gives these its own instead: up to n
// units, taken from the last lines first.
func exchange(lines []Line, s Share, own *Source, n int64) ([]Line, int64) {
	var done int64
	for i := len(lines) - 1; i >= 0 && done < n; i-- {
		l := lines[i]
		if l.From == s.Member || l.To == s.Member {
			continue
		}
		k := min(l.Qty, n-done)
		done += k
		lines[i].Qty -= k
		lines = add(lines, Line{From: own.Member, Pool: own.Pool, Pledge: own.Pledge, To: l.To, Draw: l.Draw, Qty: k})
		lines = add(lines, Line{From: l.From, Pool: l.Pool, Pledge: l.Pledge, To: s.Member, Draw: s.Draw, Qty: k})
	}
	return slices.DeleteFunc(lines, func(l Line) bool { return l.Qty == 0 }), done
}

// add puts a line at the end, or its goods on the line that there is.
func add(lines []Line, l Line) []Line {
	for i := range lines {
		x := lines[i]
		if x.Qty = l.Qty; x == l {
			lines[i].Qty += l.Qty
			return lines
		}
	}
	return append(lines, l)
}
