package outbreakcase

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// shown is how many differences of one case are written out.
const shown = 5

// Summary counts the outcome of a folder.
type Summary struct {
	Cases, Failed, Compared, Differences int
}

// Folder compares every case of a folder and writes a line for each, with its
// differences and tolerances, and a summary.
func Folder(w io.Writer, dir string) (Summary, error) {
	var sum Summary
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return sum, fail("%s is not a folder name: %v", dir, err)
	}
	if len(files) == 0 {
		return sum, fail("there are no cases (*.json) in %s", dir)
	}
	for _, name := range files {
		c, err := readFile(name)
		if err != nil {
			sum.Cases++
			sum.Failed++
			fmt.Fprintf(w, "UNREADABLE %s: %v\n", filepath.Base(name), err)
			continue
		}
		if c.ID == "" {
			c.ID = filepath.Base(name)
		}
		r := Compare(c)
		sum.add(r)
		r.write(w)
	}
	fmt.Fprintf(w, "\n%d cases, %d as expected, %d not; %d numbers compared, %d differences\n",
		sum.Cases, sum.Cases-sum.Failed, sum.Failed, sum.Compared, sum.Differences)
	return sum, nil
}

func readFile(name string) (Case, error) {
	f, err := os.Open(name)
	if err != nil {
		return Case{}, err
	}
	defer f.Close()
	return Read(f)
}

func (s *Summary) add(r Comparison) {
	s.Cases++
	s.Compared += r.Compared
	s.Differences += len(r.Differences)
	if len(r.Differences) > 0 {
		s.Failed++
	}
}

func (o Comparison) write(w io.Writer) {
	if len(o.Differences) == 0 {
		worst, column := 0.0, ""
		for _, key := range slices.Sorted(maps.Keys(o.Worst)) {
			if o.Worst[key] > worst {
				worst, column = o.Worst[key], key
			}
		}
		if worst == 0 {
			fmt.Fprintf(w, "ok   %-34s %6d numbers, all equal\n", o.ID, o.Compared)
			return
		}
		fmt.Fprintf(w, "ok   %-34s %6d numbers, largest relative difference %.1e (%s)\n", o.ID, o.Compared, worst, column)
		return
	}
	fmt.Fprintf(w, "DIFF %-34s %6d numbers, %d differences\n", o.ID, o.Compared, len(o.Differences))
	for i, d := range o.Differences {
		if i == shown {
			fmt.Fprintf(w, "       and %d more\n", len(o.Differences)-shown)
			break
		}
		fmt.Fprintf(w, "       %s\n", d)
	}
}
