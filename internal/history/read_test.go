package history

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
	"lintas/internal/id"
)

func read(t *testing.T, d *db.DB, f func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx *db.Tx) error { return f(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func TestOf(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		appendN(t, d, 0, 50)
		family := []id.ID{"rec-5", "rec-2", "rec-5", "", "none"}
		for i := range perQuery + 10 {
			family = append(family, id.ID(fmt.Sprintf("rec-3-%d", i)))
		}
		var got []Entry
		read(t, d, func(ctx context.Context, tx *db.Tx) error {
			var err error
			got, err = Of(ctx, tx, family...)
			return err
		})
		last := int64(-1)
		for _, e := range got {
			if e.Index%7 != 2 && e.Index%7 != 5 || e.Index <= last {
				t.Errorf("unexpected entry %d after %d", e.Index, last)
			}
			last = e.Index
		}
		if len(got) != 14 {
			t.Errorf("%d entries of the family", len(got))
		}
	}, Schema)
}

// filters are cases of List over the 50 samples.
var filters = []struct {
	f    Filter
	want func(i int) bool
}{
	{Filter{}, func(int) bool { return true }},
	{Filter{Real: true}, func(i int) bool { return i%3 != 0 }},
	{Filter{Exercise: "ex-1", Record: "rec-0"}, func(i int) bool { return i%21 == 0 }},
	{Filter{Action: "health.", Desk: "health", Kind: "health.event"}, func(int) bool { return true }},
	{Filter{Action: "health.event.edit"}, func(int) bool { return true }},
	{Filter{Action: "health"}, func(int) bool { return false }},
	{Filter{Action: "Health."}, func(int) bool { return false }},
	{Filter{From: day.Add(10 * time.Second), To: day.Add(20 * time.Second)}, func(i int) bool { return i >= 10 && i < 20 }},
	{Filter{Actor: "EOC duty officer", Role: "duty_officer", Account: "018f0000-0000-7000-8000-000000000001"}, func(int) bool { return true }},
	{Filter{Actor: "somebody"}, func(int) bool { return false }},
}

func TestList(t *testing.T) {
	auditor := access.Actor{Member: "KH", Grants: []access.Grant{{Role: access.Auditor}}}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		appendN(t, d, 0, 50)
		for _, c := range filters {
			var want, have []int64
			for i := 49; i >= 0; i-- {
				if c.want(i) {
					want = append(want, int64(i))
				}
			}
			c.f.Limit = 4
			for more := true; more; more = c.f.Before != 0 {
				read(t, d, func(ctx context.Context, tx *db.Tx) error {
					p, err := List(ctx, tx, auditor, c.f)
					for _, e := range p.Entries {
						have = append(have, e.Index)
					}
					c.f.Before = p.Next
					return err
				})
			}
			if !reflect.DeepEqual(have, want) {
				t.Errorf("%+v: %v, want %v", c.f, have, want)
			}
		}
	}, Schema)
}

func TestListRefuses(t *testing.T) {
	d := dbtest.Open(t, dbtest.Options(t, db.SQLite), Schema)
	auditor := access.Actor{Member: "KH", Grants: []access.Grant{{Role: access.Auditor}}}
	token := auditor
	token.Scopes = []string{"health.read"}
	admin := access.Actor{Member: "KH", Grants: []access.Grant{{Role: access.Administrator}}}
	read(t, d, func(ctx context.Context, tx *db.Tx) error {
		for name, c := range map[string]struct {
			a    access.Actor
			f    Filter
			want fault.Kind
		}{
			"stranger":      {access.Actor{Member: "KH"}, Filter{}, fault.Forbidden},
			"administrator": {admin, Filter{}, fault.Forbidden},
			"other scope":   {token, Filter{}, fault.Forbidden},
			"long page":     {auditor, Filter{Limit: 1001}, fault.Invalid},
			"negative":      {auditor, Filter{Before: -1}, fault.Invalid},
		} {
			if _, err := List(ctx, tx, c.a, c.f); !fault.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		return nil
	})
}
