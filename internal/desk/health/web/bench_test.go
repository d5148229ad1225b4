package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"lintas/internal/access"
	"lintas/internal/desk/health"
)

// BenchmarkDutyDesk is the home page of a node with 10,000 events, 200 of
// them open, rendered whole.
func BenchmarkDutyDesk(b *testing.B) {
	w := newWorld(b, day("2020-03-01T00:00"), "ID")
	n := w.nodes["ID"]
	ctx := b.Context()
	for i := range 10_000 {
		in := health.EventInput{Name: fmt.Sprintf("Dengue %d", i), Lang: "id", Hazard: "dengue", Grade: health.Grades[i%4], Marking: access.TLPGreen, Places: []string{"ID-JK"}}
		e, err := n.desk.RecordEvent(ctx, n.actor("duty"), in, []health.Fact{{Indicator: "cases", Class: "confirmed", Place: "ID", Value: int64(i), Source: "test", AsOf: w.clock.Now()}})
		if err != nil {
			b.Fatal(err)
		}
		if i%50 != 0 {
			if _, err := n.desk.MoveEvent(ctx, n.actor("duty"), e.ID, 0, "stand_down", "over"); err != nil {
				b.Fatal(err)
			}
		}
	}
	for b.Loop() {
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: "lintas-id", Value: "duty"})
		rec := httptest.NewRecorder()
		if n.shell.ServeHTTP(rec, r); rec.Code != http.StatusOK {
			b.Fatal(rec.Code)
		}
	}
}
