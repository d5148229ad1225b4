package outbreak

import (
	"math"
	"slices"
)

// FDRMethod controls the share of false alarms among all alarms of a scan.
type FDRMethod uint8

const (
	// BenjaminiHochberg holds where the series are independent or rise and fall
	// together: Benjamini and Hochberg, JRSS B 57 (1995) 289-300.
	BenjaminiHochberg FDRMethod = iota
	// BenjaminiYekutieli holds whatever the dependence, at a price in power:
	// Benjamini and Yekutieli, Annals of Statistics 29 (2001) 1165-1188.
	BenjaminiYekutieli
)

// FDR is the outcome of false-discovery control, in the order of the input.
type FDR struct {
	Adjusted []Value // smallest level at which the series would alarm; undefined where it has no p-value
	Alarm    []bool
	Tests    int   // series that have a p-value; the others take no part
	Alarms   int   // of them
	Cutoff   Value // largest p-value that alarms; undefined without an alarm
}

// FalseDiscovery decides which series of a scan alarm so that, on average, at
// most the given share of the alarms is false. A series without a p-value is not
// tested. The order of the series does not matter.
func FalseDiscovery(p []Value, level float64, method FDRMethod) (FDR, error) {
	if !(level > 0 && level < 1) {
		return FDR{}, refuse(BadOption, "level", "the share of false alarms lies between 0 and 1, not at %v", level)
	}
	if method > BenjaminiYekutieli {
		return FDR{}, refuse(BadOption, "method", "there is no method %d", method)
	}
	out := FDR{Adjusted: make([]Value, len(p)), Alarm: make([]bool, len(p))}
	order := make([]int, 0, len(p))
	for i, v := range p {
		x, ok := v.Get()
		if !ok {
			continue
		}
		if !(x >= 0 && x <= 1) {
			return FDR{}, refuse(BadSeries, "p", "p-value %d is %v; it must lie between 0 and 1", i+1, x)
		}
		order = append(order, i)
	}
	slices.SortFunc(order, func(a, b int) int {
		switch x, y := p[a].number, p[b].number; {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return a - b
	})
	out.Tests = len(order)
	factor := float64(out.Tests)
	if method == BenjaminiYekutieli {
		harmonic := 0.0
		for i := range order {
			harmonic += 1 / float64(i+1)
		}
		factor *= harmonic
	}
	adjusted := 1.0
	for rank := len(order); rank >= 1; rank-- {
		i := order[rank-1]
		adjusted = math.Min(adjusted, p[i].number*factor/float64(rank))
		out.Adjusted[i] = Known(adjusted)
		if adjusted <= level {
			out.Alarm[i] = true
			out.Alarms++
			out.Cutoff = Known(math.Max(out.Cutoff.Or(0), p[i].number))
		}
	}
	return out, nil
}
