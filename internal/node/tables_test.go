package node

import (
	"slices"
	"strings"
	"testing"
)

// row is one line of the text of a table that people approve.
type row struct {
	from, to []string // states; the empty one is before the record is there
	verb, by string
}

func rowsOf(markdown string) []row {
	var out []row
	for line := range strings.SplitSeq(markdown, "\n") {
		c := strings.Split(line, "|")
		if len(c) < 6 || !strings.Contains(c[1], "`") {
			continue
		}
		out = append(out, row{from: quoted(c[1]), verb: strings.TrimSpace(c[2]), to: quoted(c[3]), by: strings.TrimSpace(c[4])})
	}
	return out
}

// quoted are the words between backticks.
func quoted(s string) []string {
	var out []string
	for i, part := range strings.Split(s, "`") {
		if i%2 == 1 {
			out = append(out, part)
		}
	}
	return out
}

// spread adds what rows lead to, from what is there, until nothing is new;
// back goes against the rows.
func spread(rows []row, there []string, back bool) []string {
	for grown := true; grown; {
		grown = false
		for _, r := range rows {
			from, to := r.from, r.to
			if back {
				from, to = to, from
			}
			if !slices.ContainsFunc(from, func(s string) bool { return slices.Contains(there, s) }) {
				continue
			}
			for _, s := range to {
				if !slices.Contains(there, s) {
					there, grown = append(there, s), true
				}
			}
		}
	}
	return there
}

// Every table of every desk: each state is reached, from each one an end is
// reached where the table has ends, somebody may take each step, and no step
// stands twice.
func TestTablesAreSound(t *testing.T) {
	tables := 0
	for _, d := range Desks() {
		for _, table := range d.Tables {
			tables++
			name, rows := table.Record+" "+table.Track, rowsOf(table.Markdown)
			if len(rows) < 2 {
				t.Errorf("%s: %d rows were read", name, len(rows))
			}
			var all []string
			seen := map[string]bool{}
			for _, r := range rows {
				all = append(append(all, r.from...), r.to...)
				if r.by == "" {
					t.Errorf("%s: nobody may take %s", name, r.verb)
				}
				for _, f := range r.from {
					if seen[f+" "+r.verb] {
						t.Errorf("%s: %s from %q stands twice", name, r.verb, f)
					}
					seen[f+" "+r.verb] = true
				}
			}
			reached := spread(rows, []string{""}, false)
			_, ends, _ := strings.Cut(table.Markdown, "Ends in ")
			ends, _, _ = strings.Cut(ends, "\n")
			ending := spread(rows, quoted(ends), true)
			for _, s := range slices.Compact(slices.Sorted(slices.Values(all))) {
				if !slices.Contains(reached, s) {
					t.Errorf("%s: nothing leads to %s", name, s)
				}
				if ends != "" && !slices.Contains(ending, s) {
					t.Errorf("%s: no end can be reached from %s", name, s)
				}
			}
		}
	}
	if tables < 15 {
		t.Errorf("only %d tables", tables)
	}
}
