package outbreakcase

import (
	"os"
	"path/filepath"
	"testing"
)

// folder holds the public cases. They are read in place: their licence is that
// of the programs that made them.
const folder = "../../../shared/outbreak-cases"

func TestPublicCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("no folder ../shared/outbreak-cases beside the checkout: the public cases are not compared")
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Read(f)
		f.Close()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			r := Compare(c)
			for i, d := range r.Differences {
				if i == 5 {
					t.Errorf("and %d more", len(r.Differences)-5)
					break
				}
				t.Error(d)
			}
			if r.Compared == 0 {
				t.Error("nothing was compared")
			}
		})
	}
}
