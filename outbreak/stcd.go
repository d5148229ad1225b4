package outbreak

import "math"

// Event is one case in space and time, in any units of length and time.
type Event struct{ X, Y, T float64 }

// STCDOptions are the settings of STCD.
type STCDOptions struct {
	Radius    float64 // of the cluster to find
	Epsilon   float64 // relative increase of intensity to find
	Threshold float64 // of the statistic
	CUSUM     bool    // the largest term instead of the sum (Shiryaev-Roberts)
	Compat    Compat
}

// STCDResult is the answer of STCD. Alarm and Centre are indices of events, -1
// where there is no alarm.
type STCDResult struct {
	Points []Point
	Alarm  int // first event that raised the statistic above the threshold
	Centre int // event at which the likeliest cluster began
}

// STCD finds an emerging cluster among events that arrive one by one, without
// knowing the population: R. Assunção and T. Correa, "Surveillance to detect
// emerging space-time clusters", Comput. Stat. Data Anal. 53 (2009) 2817. The
// statistic sums over all past events k the likelihood ratio of a cylinder round
// k that began with k; its base area is read from the events themselves.
//
// With Compat R and CUSUM, the largest term is that of all events so far.
func STCD(events []Event, o STCDOptions) (STCDResult, error) {
	out := STCDResult{Alarm: -1, Centre: -1}
	if !(o.Radius > 0) || !(o.Epsilon > -1) || math.IsInf(o.Epsilon, 0) || math.IsNaN(o.Threshold) {
		return out, refuse(BadOption, "Radius", "the radius is above zero, epsilon above -1 and the threshold a number")
	}
	for i, e := range events {
		if !usable(e.X) || !usable(e.Y) || !usable(e.T) {
			return out, refuse(BadSeries, "Events", "event %d has a coordinate that is not a number", i+1)
		}
		if i > 0 && e.T <= events[i-1].T {
			return out, refuse(BadSeries, "Events", "event %d does not follow event %d in time", i+1, i)
		}
	}
	near := make([]int, len(events))   // events up to now within the radius of k
	inside := make([]int, len(events)) // those of them from k on
	best := 0.0
	for n := range events {
		for k := 0; k < n; k++ {
			if closeTo(events[k], events[n], o.Radius) {
				near[k]++
				inside[k]++
				near[n]++
			}
		}
		near[n]++
		inside[n] = 1
		sum, largest, at := 0.0, 0.0, 0
		for k := 0; k <= n; k++ {
			expected := float64(n-k+1) * float64(near[k]) / float64(n+1)
			term := math.Pow(1+o.Epsilon, float64(inside[k])) * math.Exp(-o.Epsilon*expected)
			sum += term
			if term > largest {
				largest, at = term, k
			}
		}
		if best = math.Max(best, largest); o.CUSUM {
			if sum = largest; o.Compat == R {
				sum = best
			}
		}
		p := Point{Step: n, Observed: Known(1), Score: Known(sum), Threshold: Known(o.Threshold), Alarm: sum > o.Threshold}
		if !p.Score.Defined() {
			p.Reason = Unbounded
		}
		if p.Alarm && out.Alarm < 0 {
			out.Alarm, out.Centre = n, at
		}
		out.Points = append(out.Points, p)
	}
	return out, nil
}

func closeTo(a, b Event, radius float64) bool {
	dx, dy := a.X-b.X, a.Y-b.Y
	return math.Sqrt(dx*dx+dy*dy) < radius
}
