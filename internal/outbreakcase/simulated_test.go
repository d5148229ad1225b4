package outbreakcase

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// R's own numbers: set.seed(1); rnorm(3), and set.seed(1); runif(3).
func TestRandomNumbersOfR(t *testing.T) {
	r := newRRandom(1)
	for i, want := range []float64{-0.626453810742332, 0.183643324222082, -0.835628612410047} {
		if got := r.normal(); math.Abs(got-want) > 1e-14 {
			t.Errorf("normal %d: %.15f, want %.15f", i+1, got, want)
		}
	}
	r = newRRandom(1)
	for i, want := range []float64{0.265508663142100, 0.372123899636790, 0.572853363351896} {
		if got := r.uniform(); math.Abs(got-want) > 1e-14 {
			t.Errorf("uniform %d: %.15f, want %.15f", i+1, got, want)
		}
	}
}

// Where R samples the delays, the distributions may differ by a total variation
// of 0.03 (the stated tolerance of those cases).
func TestSampledNowcastsByTotalVariation(t *testing.T) {
	for _, name := range []string{"nowcast_hus_bayes_trunc", "nowcast_hus_bayes_notrunc"} {
		f, err := os.Open(filepath.Join(folder, name+".json"))
		if err != nil {
			t.Skip("no folder ../shared/outbreak-cases beside the checkout")
		}
		c, err := Read(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		answer, err := Run(c)
		if err != nil {
			t.Fatal(err)
		}
		want := c.Expected["pmf"].([]any)
		for i, row := range answer["pmf"].([]Numbers) {
			apart := 0.0
			for k, x := range row {
				apart += math.Abs(x.X-want[i].([]any)[k].(float64)) / 2
			}
			if apart > 0.03 {
				t.Errorf("%s, step %d: total variation %.4f", name, i+1, apart)
			}
		}
	}
}

// What cannot be run is refused with a sentence, not with a panic.
func TestRefusedEpidemicCases(t *testing.T) {
	for name, text := range map[string]string{
		"no series":               `{"algorithm":"EpiEstim/estimate_R","params":{"mean_si":3,"std_si":1},"input":{}}`,
		"a mean of one":           `{"algorithm":"EpiEstim/estimate_R","params":{"mean_si":1,"std_si":1},"input":{"I":[1,2,3,4,5,6,7,8,9]}}`,
		"no moments":              `{"algorithm":"EpiEstim/estimate_R","params":{},"input":{"I":[1,2,3,4,5,6,7,8,9]}}`,
		"windows of two lengths":  `{"algorithm":"EpiEstim/estimate_R","params":{"mean_si":3,"std_si":1,"t_start":[2,3],"t_end":[8]},"input":{"I":[1,2,3,4,5,6,7,8,9]}}`,
		"a window of step 1":      `{"algorithm":"EpiEstim/estimate_R","params":{"mean_si":3,"std_si":1,"t_start":[1],"t_end":[8]},"input":{"I":[1,2,3,4,5,6,7,8,9]}}`,
		"weights of 0.8":          `{"algorithm":"EpiEstim/estimate_R","params":{"si_distr":[0,0.8]},"input":{"I":[1,2,3,4,5,6,7,8,9]}}`,
		"limits without a mean":   `{"algorithm":"EpiEstim/estimate_R","params":{"mean_si":9,"std_mean_si":1,"min_mean_si":2,"max_mean_si":4,"std_si":1,"std_std_si":1,"min_std_si":0.5,"max_std_si":2},"input":{"I":[1,2,3,4,5,6,7,8,9]}}`,
		"a method from data":      `{"algorithm":"EpiEstim/estimate_R","params":{"method":"si_from_data"},"input":{"I":[1,2,3,4,5,6,7,8,9]}}`,
		"no case at all":          `{"algorithm":"EpiEstim/wallinga_teunis","params":{"mean_si":3,"std_si":1},"input":{"I":[0,0,0,0,0,0,0,0,0,0]}}`,
		"one count":               `{"algorithm":"incidence/fit","params":{},"input":{"counts":[4]}}`,
		"a triangle without rows": `{"algorithm":"surveillance/nowcast","params":{"D":1},"input":{"first_epoch":"2020-01-01","triangle":[]}}`,
		"delays beyond the rows":  `{"algorithm":"surveillance/nowcast","params":{"D":2,"method":"unif"},"input":{"first_epoch":"2020-01-01","triangle":[[1,2,3]]}}`,
		"R's default prior":       `{"algorithm":"surveillance/nowcast","params":{"D":1,"method":"bayes.trunc"},"input":{"first_epoch":"2020-01-01","triangle":[[1,2],[1,null]]}}`,
		"a ragged scan":           `{"algorithm":"scanstatistics/scan_pb_poisson","params":{},"input":{"counts":[[1,2],[3]],"coords":[[0,0],[1,1]]}}`,
		"lags of two lengths":     `{"algorithm":"EpiEstim/discr_si","params":{"mean":[2,3],"std":[1],"k":[1]},"input":{}}`,
	} {
		c, err := Read(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if a, err := Run(c); err == nil || len(err.Error()) < 15 {
			t.Errorf("%s: %v, %v", name, a, err)
		}
	}
}

// A case may leave out what has a default, and write one number for a column.
func TestShortFormsOfCases(t *testing.T) {
	for name, text := range map[string]string{
		"default windows":       `{"algorithm":"EpiEstim/estimate_R","params":{"mean_si":3,"std_si":1},"input":{"I":[1,2,3,4,5,6,7,8,9]}}`,
		"one window":            `{"algorithm":"EpiEstim/estimate_R","params":{"mean_si":3,"std_si":1,"t_start":2,"t_end":9},"input":{"I":[1,2,3,4,5,6,7,8,9]}}`,
		"candidates as weights": `{"algorithm":"EpiEstim/estimate_R","params":{"method":"si_from_sample","si_sample":[[0,0],[0.5,0.4],[0.5,0.6]]},"input":{"I":[1,2,3,4,5,6,7,8,9]}}`,
		"one lag":               `{"algorithm":"EpiEstim/discr_si","params":{"mean":3,"std":1,"k":2},"input":{}}`,
		"a population vector":   `{"algorithm":"scanstatistics/scan_pb_poisson","params":{"k_neighbours":1},"input":{"counts":[[1,2],[3,5]],"coords":[[0,0],[1,1]],"population":[10,20]}}`,
		"a table per step":      `{"algorithm":"scanstatistics/scan_eb_poisson","params":{"k_neighbours":2},"input":{"counts":[[1,2],[3,5]],"coords":[[0,0],[1,1]],"baselines":[[1,2],[1,2]]}}`,
		"growth at a split":     `{"algorithm":"incidence/fit","params":{"split":3},"input":{"counts":[1,4,9,5,2]}}`,
	} {
		c, err := Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Run(c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
