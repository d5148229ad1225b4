package region

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lintas/internal/region/scenario"
)

// data is the folder of the tables for tests.
func data(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(filepath.Join(dir, "covid", "full_data.csv")); err != nil {
		t.Skip("the daily totals are not here: ../shared/data/covid/full_data.csv")
	}
	return dir
}

const tableScript = `scenario x
id x
starts 2020-01-01
ends 2020-01-06
counts t.csv | A table
2020-01-02 12:00 TH record th
  name x
  hazard cholera
  places TH
  counts Thailand
  fact cases confirmed 1 TH 2020-01-02 | Announced
2020-01-02 12:00 VN record vn
  name y
  hazard cholera
  places VN
2020-01-04 08:00 TH facts th
  fact cases confirmed 2 TH 2020-01-04 | Report
2020-01-04 08:00 VN facts vn
  fact cases confirmed 7 VN 2020-01-04 | Report
`

// A total that the table does not have is no report, never 0; days before the
// event and after the play, and other places, are left out; the script's later
// figures stand where the table is not for them.
func TestTotalsTakeThePlaceOfTheScripts(t *testing.T) {
	sc, err := scenario.Parse(tableScript)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readTotals(strings.NewReader(`date,location,new_cases,total_cases,total_deaths
2020-01-01,Thailand,1,1,
2020-01-03,Thailand,2,3,
2020-01-04,Thailand,,,
2020-01-05,Thailand,1,4,1
2020-01-05,Vietnam,9,9,9
2020-02-05,Thailand,5,9,1
`), sc)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range counted(sc, rows).Steps {
		for _, f := range s.Facts {
			got = append(got, strings.Join([]string{s.At.Format("02 15:04"), string(s.Member), f.Indicator, string(rune('0' + f.Value)), f.Source}, " "))
		}
	}
	want := []string{"02 12:00 TH cases 1 Announced", "03 10:00 TH cases 3 A table", "04 08:00 VN cases 7 Report", "05 10:00 TH cases 4 A table", "05 10:00 TH deaths 1 A table"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the figures are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if _, err := readTotals(strings.NewReader("date,place\n"), sc); err == nil {
		t.Error("a table without its columns is taken")
	}
}

func TestDailyTotalsAreAsPublished(t *testing.T) {
	all, err := scenario.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	r := &Region{opts: Options{Dir: t.TempDir(), Data: data(t)}}
	for _, sc := range all {
		if sc.ID != "covid-2020" {
			continue
		}
		with, used, err := r.withCounts(sc)
		if err != nil || !used {
			t.Fatal(used, err)
		}
		again, err := r.keptCounts(sc)
		if err != nil || len(again.Steps) != len(with.Steps) {
			t.Fatalf("%d steps are kept of %d: %v", len(again.Steps), len(with.Steps), err)
		}
		days := map[string]int{}
		for _, s := range with.Steps {
			if s.Verb == scenario.Facts {
				days[s.Name]++
			}
		}
		// Rows with a total from the day after the first case to 1 April, counted
		// apart; the table has no row for some days, and those have no figures.
		for name, n := range map[string]int{"th": 72, "sg": 69, "vn": 65, "my": 66, "kh": 56, "ph": 58, "id": 23, "bn": 22, "tl": 11, "mm": 9, "la": 8} {
			if days[name] != n {
				t.Errorf("%s has figures on %d days, want %d", name, days[name], n)
			}
		}
	}
}
