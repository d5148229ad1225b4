package region

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/locale"
	"lintas/internal/region/scenario"
)

// reserveScript takes every step of the reserve that the shipped scenarios do
// not take, and four that are refused; "!" marks these with what they are told.
const reserveScript = `scenario Verbs of the reserve
id reserve-verbs
starts 2026-03-01
ends 2026-03-04
2026-03-01 01:00 TH specify salts
  code ORS-1L
  name Oral rehydration salts (sample)
  unit sachet for 1 litre
2026-03-01 01:10 TH open_ledger
2026-03-01 01:11 KH open_ledger
2026-03-01 01:20 TH stock old of salts opening
  number A-1
  maker Sample maker
  expires 2026-05-31
  warehouse CENTRAL
  quantity 100
2026-03-01 01:30 TH rotate old as new Swapped before it expires (sample).
  number A-2
  maker Sample maker
  expires 2028-05-31
  warehouse CENTRAL
  quantity 60
2026-03-01 01:40 TH take_out old to_national Used in the provinces (sample).
  warehouse CENTRAL
  quantity 10
2026-03-01 01:50 TH move_stock new
  from CENTRAL
  to EAST
  quantity 20
2026-03-01 02:00 TH quarantine new A recall is looked into (sample).
# ! Lot A-2 is in quarantine
2026-03-01 02:05 TH gift g-1 of salts to KH
  title Salts for Cambodia (sample)
  load new EAST 20
  carrier Road (sample)
2026-03-01 02:10 TH free_lot new The recall is of another maker (sample).
2026-03-01 02:20 TH gift g-2 of salts to KH
  title Salts for Cambodia (sample)
  load new EAST 20
  carrier Road (sample)
2026-03-01 02:30 KH receipt g-2
  warehouse PNH
2026-03-01 02:40 KH lot k of salts
  number A-2
2026-03-01 02:41 KH take_out k expire Left in the sun (sample).
  warehouse PNH
  quantity 5
2026-03-01 02:42 KH take_out k count_less Counted (sample).
  warehouse PNH
  quantity 1
2026-03-01 02:43 KH take_in k supply
  warehouse PNH
  quantity 4
# ! “old” belongs to TH. Let TH take this step.
2026-03-01 02:44 KH take_out old consume
  warehouse CENTRAL
  quantity 1
2026-03-01 03:00 TH pledge p of salts
  quantity 500
  notice 24h
  until 2026-12-31
2026-03-01 03:01 TH withdraw_pledge p The plan changed (sample).
2026-03-01 03:10 KH draw d-1 of salts
  title Too early (sample)
  quantity 10
  needed_by 2026-03-20
  reasons Sample.
2026-03-01 03:11 KH withdraw_draw d-1 Not needed (sample).
2026-03-01 03:20 KH draw d-2 of salts
  title Salts for the wards (sample)
  quantity 50
  needed_by 2026-03-20
  reasons Sample.
2026-03-01 04:00 TH divide x of salts
  title First thought (sample)
  draws d-2
  source TH 40
  rule need 1
  rationale Sample.
  replace_days 30
  adopt silence
  window 2h
2026-03-01 04:30 TH withdraw_division x More can be given (sample).
2026-03-01 05:00 TH divide y of salts
  title Salts for Cambodia (sample)
  draws d-2
  source TH 50
  rule need
  rationale Sample.
  replace_days 30
  adopt silence
  window 2h
2026-03-01 05:30 KH vote y agree
2026-03-01 07:00 TH count_votes y
2026-03-01 08:00 TH dispatch s-1 for y to KH
  title Salts for the wards (sample)
  carrier Road (sample)
2026-03-01 12:00 KH receipt s-1
  warehouse PNH
2026-03-01 12:10 KH close_draw d-2 All is here (sample).
# ! Nothing is owed for “g-2”
2026-03-02 01:00 KH replenish r-1 for g-2
  title For a gift (sample)
  quantity 5
  carrier Road (sample)
# ! more than is left of it
2026-03-02 01:10 KH replenish r-2 for s-1
  title Too much (sample)
  quantity 51
  carrier Road (sample)
2026-03-02 01:20 KH replenish r-3 for s-1
  title Back to Thailand (sample)
  carrier Road (sample)
2026-03-02 06:00 TH receipt r-3
  warehouse CENTRAL
2026-03-02 07:00 KH draw d-3 of salts
  title Salts that need not be replaced (sample)
  quantity 10
  needed_by 2026-03-20
  reasons Sample.
2026-03-02 08:00 TH divide z of salts
  title Given away (sample)
  draws d-3
  source TH 10
  rule need
  rationale Sample.
  replace_days 0
  adopt silence
  window 1h
2026-03-02 08:10 KH vote z agree
2026-03-02 09:30 TH count_votes z
2026-03-02 10:00 TH dispatch s-2 for z to KH
  title Given away (sample)
  carrier Road (sample)
2026-03-02 12:00 KH receipt s-2
  warehouse PNH
2026-03-03 01:00 KH stop_ledger The book is being counted (sample).
2026-03-03 02:00 KH open_ledger
`

// expected are the lines that are refused, with what they are told.
func expected(script string) map[int]string {
	out, said := map[int]string{}, ""
	for i, line := range strings.Split(script, "\n") {
		if after, ok := strings.CutPrefix(line, "# ! "); ok {
			said = after
		} else if said != "" {
			out[i+1], said = said, ""
		}
	}
	return out
}

// Every step of the reserve by its verb; what the desk refuses is told with the
// line, the scenario and how to mend it, and the play goes on.
func TestReserveVerbs(t *testing.T) {
	if testing.Short() {
		t.Skip("runs three nodes")
	}
	sc, err := scenario.Parse(reserveScript)
	if err != nil {
		t.Fatal(err)
	}
	r := openWith(t, Options{Members: []access.Member{access.ASEC, "KH", "TH"}, Scenarios: []*scenario.Scenario{sc}})
	if err := r.Play("reserve-verbs", MaxRate); err != nil {
		t.Fatal(err)
	}
	within(t, time.Minute, "the end of the script", func() bool { p, _ := r.Playing(); return p.Done })
	told(t, r)
	front, err := r.frontServer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(front.Close)
	page := httptest.NewRecorder()
	front.ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/", nil))
	shows(t, page.Body.String(), "reserve-verbs, line ", "is in quarantine", "“old” belongs to TH", "Nothing is owed for “g-2”")
	settled(t, r)
	w := &goods{response: response{rules: rules{t: t, ctx: t.Context(), r: r}}, item: r.player.names["salts"].ID}
	for m, want := range map[access.Member]map[string]int64{"TH": {"A-1 CENTRAL": 20, "A-2 CENTRAL": 40}, "KH": {"A-1 PNH": 10, "A-2 PNH": 18}} {
		have := map[string]int64{}
		list, err := w.desk(m).Batches(t.Context(), w.duty(m), w.item)
		w.must(err)
		for i := range list {
			if list[i].Qty != 0 {
				have[list[i].Number+" "+list[i].Warehouse] = list[i].Qty
			}
		}
		if !maps.Equal(have, want) {
			t.Errorf("%s has %v, want %v", m, have, want)
		}
	}
	for _, m := range []access.Member{access.ASEC, "KH", "TH"} {
		w.there(m, "a paid debt, and books that balance", func(d *reserve.Desk, who access.Actor) bool {
			debts, _, err := d.Debts(t.Context(), who, reserve.Filter{})
			if err != nil || len(debts) != 1 || debts[0].State != reserve.Settled || debts[0].C.Qty != 50 || debts[0].C.Paid != 50 {
				return false
			}
			p, err := d.Prove(t.Context(), who, w.item)
			return err == nil && len(p.Items) == 1 && p.Items[0].Balanced && p.Items[0].Complete && !slices.Contains(p.Silent(), "KH") && !slices.ContainsFunc(p.Members, func(c reserve.Column) bool { return c.Old })
		})
	}
}

// told wants the refused steps, no others, in two languages.
func told(t *testing.T, r *Region) {
	t.Helper()
	p, _ := r.Playing()
	want := expected(reserveScript)
	for i := range p.Errors {
		e := &p.Errors[i]
		text, ok := want[e.Line]
		delete(want, e.Line)
		for _, lang := range []string{"en", "id"} {
			words := e.Words(locale.New(lang, nil, ""))
			if e.Scenario != "reserve-verbs" || !ok || lang == "en" && !strings.Contains(words, text) || strings.Contains(words, "fault.") {
				t.Errorf("%s, line %d is told %q, want %q", e.Scenario, e.Line, words, text)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not refused: %v", want)
	}
}
