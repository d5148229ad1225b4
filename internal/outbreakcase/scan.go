package outbreakcase

import (
	"encoding/json"

	"lintas/outbreak"
)

// Cases of package scanstatistics.

// listed windows of a scan, best first.
const topWindows = 60

func runScan(kind outbreak.ScanKind) func(Case) (Answer, error) {
	return func(c Case) (Answer, error) {
		in, err := c.scanInput()
		if err != nil {
			return nil, err
		}
		o := outbreak.ScanOptions{Kind: kind, Compat: outbreak.R}
		seed := int64(1)
		if err := all(c.param("n_mcsim", &o.Replicates), c.param("seed", &seed)); err != nil {
			return nil, err
		}
		o.Seed = uint64(seed)
		s, err := outbreak.ScanClusters(in, o)
		if err != nil {
			return nil, err
		}
		return scanColumns(in, s, kind), nil
	}
}

func (c Case) scanInput() (outbreak.ScanInput, error) {
	var in outbreak.ScanInput
	var counts []Numbers
	var coords [][]float64
	var err error
	if err := all(c.input("counts", &counts), c.input("coords", &coords)); err != nil {
		return in, err
	}
	for _, row := range counts {
		in.Counts = append(in.Counts, row.counts())
	}
	if in.Population, err = c.table("population"); err != nil {
		return in, err
	}
	if in.Baselines, err = c.table("baselines"); err != nil {
		return in, err
	}
	if in.Zones, err = c.zones(coords); err != nil {
		return in, err
	}
	return in, nil
}

// table reads rows of steps, or one row that stands for all.
func (c Case) table(name string) ([][]float64, error) {
	var rows [][]float64
	if raw := c.Input[name]; len(raw) > 0 && json.Unmarshal(raw, &rows) == nil {
		return rows, nil
	}
	var row []float64
	if err := c.input(name, &row); err != nil || row == nil {
		return nil, err
	}
	return [][]float64{row}, nil
}

// zones are given, counted from 1, or made of nearest neighbours.
func (c Case) zones(coords [][]float64) ([][]int, error) {
	var zones [][]int
	if err := c.input("zones", &zones); err != nil {
		return nil, err
	}
	if zones != nil {
		for _, zone := range zones {
			for i := range zone {
				zone[i]--
			}
		}
		return zones, nil
	}
	k := min(10, len(coords))
	if err := c.param("k_neighbours", &k); err != nil {
		return nil, err
	}
	distance, err := outbreak.PlaneDistances(coords)
	if err != nil {
		return nil, err
	}
	return outbreak.NearestZones(distance, k)
}

func scanColumns(in outbreak.ScanInput, s outbreak.Scan, kind outbreak.ScanKind) Answer {
	zones := make([][]int, len(in.Zones))
	for i, zone := range in.Zones {
		zones[i] = fromOne(zone)
	}
	top := s.Windows[:min(topWindows, len(s.Windows))]
	zone, duration, score, risk := []int{}, []int{}, Numbers{}, Numbers{}
	for _, w := range top {
		inside := w.Inside
		if x, ok := inside.Get(); ok && kind == outbreak.ScanExpectation && x < 1 {
			inside = outbreak.Known(1)
		}
		zone, duration = append(zone, w.Zone+1), append(duration, w.Duration)
		score, risk = append(score, num(w.Score)), append(risk, value(inside))
	}
	best := s.Windows[0]
	a := Answer{
		"n_zones": len(zones), "zones": zones, "baselines": s.Baselines,
		"top_zone": zone, "top_duration": duration, "top_score": score, "top_relrisk_in": risk,
		"sum_of_all_scores": num(s.Sum), "n_scored": s.Scored,
		"mlc":           Answer{"zone": best.Zone + 1, "locations": fromOne(in.Zones[best.Zone]), "duration": best.Duration, "score": num(best.Score)},
		"mc_pvalue":     value(s.PValue),
		"mc_replicates": len(s.Maxima),
	}
	p, q := []float64{0.5, 0.9, 0.95, 0.99}, Numbers{}
	for _, at := range p {
		q = append(q, value(s.MaximaQuantile(at)))
	}
	a["mc_replicate_score_quantiles"] = Answer{"p": numbers(p), "q": q}
	return a
}

func fromOne(zone []int) []int {
	out := make([]int, len(zone))
	for i, p := range zone {
		out[i] = p + 1
	}
	return out
}
