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
// itself; unmet is what only the claimants themselves have.
func Plan(shares []Share, sources []Source) (lines []Line, unmet int64) {
	by := slices.Clone(shares)
	slices.SortStableFunc(by, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Member, b.Member), cmp.Compare(a.Draw, b.Draw))
	})
	from := slices.Clone(sources)
	slices.SortStableFunc(from, func(a, b Source) int {
		return cmp.Or(cmp.Compare(a.Pool, b.Pool), cmp.Compare(a.Notice, b.Notice), cmp.Compare(b.Qty, a.Qty), cmp.Compare(a.Member, b.Member), cmp.Compare(a.Pledge, b.Pledge))
	})
	for _, s := range by {
		want := s.Qty
		for i := range from {
			f := &from[i]
			n := min(want, f.Qty)
			if n <= 0 || f.Member == s.Member {
				continue
			}
			f.Qty, want = f.Qty-n, want-n
			lines = append(lines, Line{N: len(lines) + 1, From: f.Member, Pool: f.Pool, Pledge: f.Pledge, To: s.Member, Draw: s.Draw, Qty: n})
		}
		unmet += want
	}
	return lines, unmet
}
