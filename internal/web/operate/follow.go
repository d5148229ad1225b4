package operate

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
)

// follow is which procedures the newest releases of a member named: digests of
// tables, by the kind of the release.
type follow map[string]string

const (
	lookBack = 300 // newest releases of a kind that are looked through
	lookInto = 3   // of one member, until one names its procedure
)

// followed reads from what arrived which procedure each member follows. It
// takes nothing else from the releases.
func (p *Pages) followed(ctx context.Context, tx *db.Tx) (map[access.Member]follow, error) {
	out := map[access.Member]follow{}
	for _, kind := range p.Rules.Followed {
		rows, err := p.Exchange.Inbox(ctx, tx, exchange.Filter{Kind: kind, State: "applied", Limit: lookBack})
		if err != nil {
			return nil, err
		}
		looked := map[access.Member]int{}
		for _, row := range rows {
			if out[row.From][kind] != "" || looked[row.From] == lookInto {
				continue
			}
			looked[row.From]++
			in, found, err := p.Exchange.Received(ctx, tx, row.Release)
			if err != nil {
				return nil, err
			}
			if !found || in.Workflow == "" {
				continue
			}
			if out[row.From] == nil {
				out[row.From] = follow{}
			}
			out[row.From][kind] = in.Workflow
		}
	}
	return out, nil
}

// same reports whether every digest is one of this node's tables.
func (f follow) same(ours []string) bool {
	for _, d := range f {
		if !slices.Contains(ours, d) {
			return false
		}
	}
	return true
}

// follows says in words whether a member works by the same procedures.
func (v exchangeView) follows(f follow) string {
	switch {
	case len(f) == 0:
		return v.T("operate.follows.unseen")
	case f.same(v.Digests):
		return v.T("operate.follows.same")
	}
	return v.T("operate.follows.differ")
}
