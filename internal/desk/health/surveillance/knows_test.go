package surveillance

import (
	"testing"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/exchange"
	"lintas/internal/history"
	"lintas/internal/id"
)

// Counts that came are heard of by who may read them, and by nobody else.
func TestKnows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		p := newPair(t, base)
		p.week("1.csv", "KHM,Siem Reap,2024-W01,dengue,30", "KHM,Kampot,2024-W01,dengue,9")
		s := p.share(p.input())
		for _, r := range p.out.releases {
			p.must(p.th.env.DB.Write(t.Context(), func(tx *db.Tx) error {
				return p.th.Handlers()[r.Kind](t.Context(), tx, exchange.Inbound{Release: r, Received: p.now.Now()})
			}))
		}
		place := access.Actor{Account: "province", Member: "TH", Grants: []access.Grant{{Role: access.DutyOfficer, Place: "TH-10"}}}
		admin := access.Actor{Account: "admin", Grants: []access.Grant{{Role: access.Administrator}}}
		hears(p, p.th, s.ID, dutyTH, true)
		hears(p, p.th, s.ID, place, false)
		hears(p, p.th, s.ID, admin, false)
		hears(p, p.kh, p.set.ID, duty, true)
		hears(p, p.kh, p.set.ID, admin, false)
		hears(p, p.kh, s.ID, place, false)
	}, schemas...)
}

func hears(p *pair, d *Desk, rid id.ID, a access.Actor, want bool) {
	p.Helper()
	p.must(d.env.DB.Read(p.Context(), func(tx *db.Tx) error {
		list, err := history.Of(p.Context(), tx, rid)
		if err != nil || len(list) == 0 {
			p.Fatalf("%d entries: %v", len(list), err)
		}
		for _, e := range list {
			if ok, err := d.Knows(p.Context(), tx, a, e); err != nil || ok != want {
				p.Errorf("%s hears of %s: %v, want %v: %v", a.Account, e.Action, ok, want, err)
			}
		}
		return nil
	}))
}
