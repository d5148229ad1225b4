package surveillance

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/place"
)

const dengueDoc = "../../../../docs/dengue-years.md"

// TestDengueYears brings the OpenDengue extract in as it is published, judges
// every week of six national series by the built-in method as if it had been
// the newest, and holds the alarms against epidemics on record. The document
// is made from it (LINTAS_WRITE=1).
func TestDengueYears(t *testing.T) {
	f := extract(t, "Temporal_extract_WPRO_V1_3.zip")
	d, _ := newDesk(t, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...))
	s := describe(t, d, "OpenDengue V1.3, weekly", sunday)
	if i := bring(t, d, s, "Temporal_extract_WPRO_V1_3.zip", f, time.Time{}, nil); i.State != Applied {
		t.Fatalf("%s %v", i.State, i.Failure)
	}
	var out strings.Builder
	found, known := 0, 0
	quiet := map[string]float64{}
	for _, code := range []string{"SG", "KH", "LA", "MY", "PH", "VN"} {
		p, err := d.Years(t.Context(), duty, s.ID, "dengue", code)
		if err != nil {
			t.Fatal(err)
		}
		judged, above := 0, 0
		fmt.Fprintf(&out, "\n## %s\n\n| year | cases | weeks reported | judged | above the threshold | first week above | on record |\n| --- | ---: | ---: | ---: | ---: | --- | --- |\n", place.Name(code, "en"))
		rows := p.Rows
		slices.Reverse(rows)
		for _, r := range rows {
			first, words := "", ""
			if r.Above > 0 {
				first = s.Label(r.First)
			}
			if r.Known != nil {
				words = r.Known.Words + " (" + r.Known.Source + ")"
				if r.Judged >= 26 {
					if known++; r.Above >= 4 {
						found++
					}
				}
			} else {
				judged += r.Judged
				above += r.Above
			}
			fmt.Fprintf(&out, "| %d | %d | %d | %d | %d | %s | %s |\n", r.Year, r.Cases, r.Reported, r.Judged, r.Above, first, words)
		}
		if judged >= 100 { // of fewer weeks a share says nothing
			quiet[code] = float64(above) / float64(judged)
		}
		fmt.Fprintf(&out, "\nIn years without an epidemic on record %d of %d judged weeks are above the threshold.\n", above, judged)
	}
	if known != 11 || found < 8 {
		t.Errorf("of %d epidemics on record that could be judged, %d were found", known, found)
	}
	for code, share := range quiet {
		if share > 0.15 {
			t.Errorf("%s: %.0f %% of the other weeks are above the threshold", code, 100*share)
		}
	}
	current(t, dengueDoc, fmt.Sprintf(dengueHead, found, known)+out.String())
}

const dengueHead = `# Dengue: alarms against years on record

Weekly national counts of OpenDengue V1.3 (Clarke et al., Sci. Data 11 (2024) 296; CC BY-SA 4.0), brought in as published. Every week is judged by the built-in
method (Farrington Flexible, five years of history, down to three; ten seasons, trend, reweighting) by what lies before it, as if it had been the newest. Counts are those
known now: what was known then is not in the extract. Made by

    LINTAS_WRITE=1 go test -count=1 -run DengueYears ./internal/desk/health/surveillance

An epidemic on record counts as found where at least half of its year could be judged and four weeks or more were above their threshold: **%d of %d**. The first three
years of each series cannot be judged. A year that is not on record here may have had an epidemic too; the list names a source for each that it has.

What is missed is the limit of any method that learns from the years before: an epidemic that follows a larger one is below what that one taught (Singapore 2007 after
2005), and the second year of a long one is expected after the first (Singapore 2014, Malaysia 2015). The first weeks of these were found the year before. A count above its
threshold in a year without an epidemic on record is not therefore false: Cambodia 2023, Lao PDR 2022 and Malaysia 2014 are years of many cases.
The same history stands on the page of each disease and place ("Year by year").
`

// current compares a generated document, or writes it.
func current(t *testing.T, path, text string) {
	t.Helper()
	if os.Getenv("LINTAS_WRITE") == "1" {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != text {
		t.Errorf("%s is not what the test computes: run it with LINTAS_WRITE=1 and read the difference", path)
	}
}
