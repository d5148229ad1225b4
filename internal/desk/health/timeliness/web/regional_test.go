package web

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"lintas/internal/access"
	"lintas/internal/desk/health/timeliness"
)

// The page of the clocks shows R2 and R3 from what the node connects, and says
// so where a node keeps nothing, or nothing yet.
func TestRegionalClocks(t *testing.T) {
	s := newSite(t)
	a := s.get("auditor", base, 200)
	if n := a.Find("#r2, #r3").Length(); n != 0 {
		t.Fatalf("%d panels of what this node does not keep", n)
	}
	a.has("#r1", "left out")

	now := time.Date(2020, 1, 20, 6, 0, 0, 0, time.UTC)
	ago := func(h int) time.Time { return now.Add(-time.Duration(h) * time.Hour) }
	var help []timeliness.Help
	var inputs []timeliness.Contribution
	var asked []access.Actor
	s.pages.desk.Connect(timeliness.Sources{
		Help: func(_ context.Context, a access.Actor) ([]timeliness.Help, error) {
			asked = append(asked, a)
			return help, nil
		},
		Inputs: func(_ context.Context, a access.Actor) ([]timeliness.Contribution, error) {
			asked = append(asked, a)
			return inputs, nil
		},
	})
	a = s.get("auditor", base, 200)
	a.has("#r2", "No request for help was issued.")
	a.has("#r3", "No situation report asked for inputs.")

	help = []timeliness.Help{
		{Title: "Salts (sample)", Href: "/health/requests/1", Issued: ago(200), Offered: ago(198), Arrived: ago(100)}, // offer in 2 h, arrival in 100 h
		{Title: "Team (sample)", Href: "/health/requests/2", Issued: ago(50)},                                         // no offer in 24 h, and still time to arrive
	}
	in := func(m access.Member, given time.Time) timeliness.Contribution {
		return timeliness.Contribution{Report: "r1", Title: "Report 1 (sample)", Href: "/health/sitreps/1", Member: m, Due: ago(10), Given: given}
	}
	inputs = []timeliness.Contribution{in("KH", ago(12)), in("LA", ago(11)), in("VN", ago(2)), in("MM", time.Time{})}
	a = s.get("auditor", base, 200)
	for i, want := range [][]string{ // the newest first
		{"Team (sample)", "/health/requests/2", "Missed: 2 days", "Running: 2 days"},
		{"Salts (sample)", "/health/requests/1", "Met: 2 h", "Missed: 4 days"},
	} {
		row := a.Find("#r2 tbody tr").Eq(i)
		cells := row.Find("th, td").Map(func(_ int, c *goquery.Selection) string { return strings.Join(strings.Fields(c.Text()), " ") })
		if len(cells) != 4 || cells[0] != want[0] || row.Find("a").AttrOr("href", "") != want[1] || !strings.HasPrefix(cells[2], want[2]) || !strings.HasPrefix(cells[3], want[3]) {
			t.Errorf("R2, row %d: %q, want %q", i, cells, want)
		}
	}
	cells := a.Find("#r3 tbody tr").Find("th, td").Map(func(_ int, c *goquery.Selection) string { return strings.Join(strings.Fields(c.Text()), " ") })
	if want := []string{"2 of 4", "Viet Nam", "Myanmar", ""}; len(cells) != 6 || cells[0] != "Report 1 (sample)" || !slices.Equal(cells[2:], want) {
		t.Errorf("R3: %q, want %q", cells, want)
	}
	for _, x := range asked {
		if x.Account != "auditor" {
			t.Errorf("the sources are asked as %q", x.Account)
		}
	}
}
