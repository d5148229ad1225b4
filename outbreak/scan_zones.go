package outbreak

import (
	"fmt"
	"math"
	"slices"
)

// NearestZones gives for each place the place itself, the place with its
// nearest neighbour, and so on up to k places; equal sets appear once, where they
// come first. distance[i][j] is the distance between places i and j; of equal
// distances the place with the lower index is nearer.
func NearestZones(distance [][]float64, k int) ([][]int, error) {
	n := len(distance)
	if k < 1 || k > n {
		return nil, refuse(BadOption, "k", "zones of up to %d places of %d are not possible", k, n)
	}
	var zones [][]int
	seen := map[string]bool{}
	order := make([]int, n)
	for i, row := range distance {
		if len(row) != n {
			return nil, refuse(BadSeries, "distance", "place %d has %d distances for %d places", i+1, len(row), n)
		}
		for j, d := range row {
			order[j] = j
			if !(d >= 0) {
				return nil, refuse(BadSeries, "distance", "the distance from place %d to place %d is %v", i+1, j+1, d)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case row[a] < row[b]:
				return -1
			case row[a] > row[b]:
				return 1
			}
			return a - b
		})
		for size := 1; size <= k; size++ {
			zone := slices.Clone(order[:size])
			slices.Sort(zone)
			if key := fmt.Sprint(zone); !seen[key] {
				seen[key] = true
				zones = append(zones, zone)
			}
		}
	}
	return zones, nil
}

// PlaneDistances are the straight distances between points of any dimension.
func PlaneDistances(points [][]float64) ([][]float64, error) {
	return distances(points, func(a, b []float64) float64 {
		sum := 0.0
		for i := range a {
			sum += (a[i] - b[i]) * (a[i] - b[i])
		}
		return math.Sqrt(sum)
	})
}

// EarthDistances are the distances in kilometres on a sphere between points
// given as latitude and longitude in degrees.
func EarthDistances(points [][]float64) ([][]float64, error) {
	for i, p := range points {
		if len(p) != 2 || !(math.Abs(p[0]) <= 90) || !(math.Abs(p[1]) <= 360) {
			return nil, refuse(BadSeries, "points", "point %d is not a latitude and a longitude", i+1)
		}
	}
	const radius, degree = 6371.0088, math.Pi / 180
	return distances(points, func(a, b []float64) float64 {
		sinLat, sinLon := math.Sin((a[0]-b[0])*degree/2), math.Sin((a[1]-b[1])*degree/2)
		h := sinLat*sinLat + math.Cos(a[0]*degree)*math.Cos(b[0]*degree)*sinLon*sinLon
		return 2 * radius * math.Asin(math.Min(1, math.Sqrt(h)))
	})
}

func distances(points [][]float64, between func(a, b []float64) float64) ([][]float64, error) {
	out := make([][]float64, len(points))
	for i, p := range points {
		if len(p) == 0 || len(p) != len(points[0]) {
			return nil, refuse(BadSeries, "points", "point %d has %d coordinates, the first has %d", i+1, len(p), len(points[0]))
		}
		for _, x := range p {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, refuse(BadSeries, "points", "point %d has a coordinate that is no number", i+1)
			}
		}
		out[i] = make([]float64, len(points))
		for j := range i {
			out[i][j] = between(p, points[j])
			out[j][i] = out[i][j]
		}
	}
	return out, nil
}

func (in ScanInput) check(o ScanOptions) error {
	steps := len(in.Counts)
	if steps == 0 || len(in.Counts[0]) == 0 {
		return refuse(BadSeries, "Counts", "there are no counts to scan")
	}
	places := len(in.Counts[0])
	switch {
	case o.Kind > ScanExpectation:
		return refuse(BadOption, "Kind", "there is no scan of kind %d", o.Kind)
	case o.MaxDuration < 0 || o.MaxDuration > steps:
		return refuse(BadOption, "MaxDuration", "a cluster of %d steps does not fit in %d", o.MaxDuration, steps)
	case o.Replicates < 0 || o.Replicates > 1e6:
		return refuse(BadOption, "Replicates", "%d replicates asked for; from 0 to a million are possible", o.Replicates)
	case len(in.Zones) == 0:
		return refuse(BadOption, "Zones", "there are no zones")
	}
	total := 0.0
	for t, row := range in.Counts {
		if len(row) != places {
			return refuse(BadSeries, "Counts", "step %d has %d places, the first has %d", t+1, len(row), places)
		}
		for j, x := range row {
			if IsMissing(x) {
				return refuse(BadSeries, "Counts", "the count of step %d, place %d is missing; a scan needs every count", t+1, j+1)
			}
			if x < 0 || x > 1e9 || x != math.Floor(x) {
				return refuse(BadSeries, "Counts", "the count of step %d, place %d is %v; it must be a whole number of cases", t+1, j+1, x)
			}
			total += x
		}
	}
	if total > permutable && o.Kind == ScanPermutation {
		return refuse(NotSupported, "Counts", "%v cases are too many to permute; scan with a population", total)
	}
	if total == 0 && o.Kind != ScanExpectation {
		return refuse(NotComputed, "Counts", "there is no case to scan")
	}
	for z, zone := range in.Zones {
		if len(zone) == 0 {
			return refuse(BadOption, "Zones", "zone %d is empty", z+1)
		}
		for i, p := range zone {
			if p < 0 || p >= places || slices.Contains(zone[:i], p) {
				return refuse(BadOption, "Zones", "zone %d holds place %d, which is not there or twice", z+1, p+1)
			}
		}
	}
	return nil
}

// baselines are the expected counts: given ones, or the total spread by
// population, or by the margins of the counts.
func (in ScanInput) baselines(o ScanOptions) ([][]float64, error) {
	total := 0.0
	for _, row := range in.Counts {
		for _, x := range row {
			total += x
		}
	}
	if in.Baselines != nil {
		if o.Kind == ScanPermutation {
			return nil, refuse(NotSupported, "Baselines", "the permutation scan makes its own baselines from the counts")
		}
		return in.given(o, total)
	}
	if in.Population != nil {
		if o.Kind == ScanPermutation && o.Compat != R {
			return nil, refuse(NotSupported, "Population", "the permutation scan uses no population")
		}
		return in.byPopulation(total)
	}
	if len(in.Counts) == 1 {
		return nil, refuse(NotSupported, "Population", "a single step needs a population or baselines")
	}
	if total == 0 {
		return nil, refuse(NotComputed, "Counts", "there is no case to estimate the baselines from")
	}
	return in.byMargins(total), nil
}

func (in ScanInput) table(name string, rows [][]float64) error {
	if len(rows) != len(in.Counts) {
		return refuse(BadSeries, name, "%s has %d steps, the counts have %d", name, len(rows), len(in.Counts))
	}
	for t, row := range rows {
		if len(row) != len(in.Counts[0]) {
			return refuse(BadSeries, name, "step %d of %s has %d places, the counts have %d", t+1, name, len(row), len(in.Counts[0]))
		}
		for j, x := range row {
			if !(x > 0) || x > 1e15 {
				return refuse(BadSeries, name, "%s of step %d, place %d is %v; it must be more than 0", name, t+1, j+1, x)
			}
		}
	}
	return nil
}

// given checks baselines. The Poisson scan is conditional on the total, so only
// their proportions matter there and they are scaled to sum to it.
func (in ScanInput) given(o ScanOptions, total float64) ([][]float64, error) {
	if err := in.table("Baselines", in.Baselines); err != nil {
		return nil, err
	}
	scale := 1.0
	if o.Kind == ScanPoisson {
		sum := 0.0
		for _, row := range in.Baselines {
			for _, x := range row {
				sum += x
			}
		}
		if math.Abs(sum-total) > 1e-12*total {
			scale = total / sum
		}
	}
	out := make([][]float64, len(in.Baselines))
	for t, row := range in.Baselines {
		out[t] = make([]float64, len(row))
		for j, x := range row {
			out[t][j] = x * scale
		}
	}
	return out, nil
}

// byPopulation spreads the total evenly over the steps and within a step by
// population.
func (in ScanInput) byPopulation(total float64) ([][]float64, error) {
	rows := in.Population
	if len(rows) == 1 && len(in.Counts) > 1 {
		rows = slices.Repeat(rows, len(in.Counts))
	}
	if err := in.table("Population", rows); err != nil {
		return nil, err
	}
	out := make([][]float64, len(rows))
	for t, row := range rows {
		people := 0.0
		for _, x := range row {
			people += x
		}
		out[t] = make([]float64, len(row))
		for j, x := range row {
			out[t][j] = x * (total / (people * float64(len(rows))))
		}
	}
	return out, nil
}

// byMargins multiplies the share of the step by that of the place.
func (in ScanInput) byMargins(total float64) [][]float64 {
	places := make([]float64, len(in.Counts[0]))
	steps := make([]float64, len(in.Counts))
	for t, row := range in.Counts {
		for j, x := range row {
			places[j] += x
			steps[t] += x
		}
	}
	out := make([][]float64, len(in.Counts))
	for t := range out {
		out[t] = make([]float64, len(places))
		for j := range places {
			out[t][j] = steps[t] * places[j] / total
		}
	}
	return out
}
