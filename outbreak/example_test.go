package outbreak_test

import (
	"fmt"
	"math"
	"strings"

	"lintas/outbreak"
)

// season is six years of weekly counts with a peak in the middle of each year,
// without noise so that the examples are easy to follow.
func season() []float64 {
	counts := make([]float64, 6*52)
	for i := range counts {
		wave := []float64{0, 1, -1, 2, -2, 0, 1, -1}[i%8]
		counts[i] = math.Round(math.Max(0, 12-8*math.Cos(2*math.Pi*float64(i)/52)+wave))
	}
	return counts
}

func ExampleFarrington() {
	counts := season()
	for i, extra := range []float64{3, 9, 25, 40, 31, 12} {
		counts[304+i] += extra
	}
	s := outbreak.Series{Counts: counts, Frequency: outbreak.Weekly}
	points, err := outbreak.Farrington(s, 300, 312, outbreak.FarringtonFlexible())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("o observed   | threshold")
	for _, p := range points {
		picture(p.Point)
	}
	// Output:
	// o observed   | threshold
	// week 301  .........o...........|........................
	// week 302  ..........o........|..........................
	// week 303  ..........o.......|...........................
	// week 304  .......o.........|............................
	// week 305  ..........o....|..............................
	// week 306  ..............|..o............................  alarm
	// week 307  .............|................o...............  alarm
	// week 308  ............|................................o  alarm
	// week 309  ............|.....................o...........  alarm
	// week 310  ...........|.....o............................  alarm
	// week 311  .....o.....|..................................
	// week 312  ...o......|...................................
}

// picture draws one week: o is the count, | the threshold.
func picture(p outbreak.Point) {
	line := []byte(strings.Repeat(".", 46))
	if at, ok := p.Threshold.Get(); ok {
		line[min(45, int(at))] = '|'
	}
	line[min(45, int(p.Observed.Or(0)))] = 'o'
	word := ""
	switch {
	case p.Alarm:
		word = "  alarm"
	case p.Reason != outbreak.Decided:
		word = "  " + p.Reason.String()
	}
	fmt.Printf("week %d  %s%s\n", p.Step+1, line, word)
}

// A district with hardly any case: the count is above the threshold, but the
// rule wants five cases in four weeks.
func ExampleFarrington_tooFewCases() {
	counts := make([]float64, 6*52)
	for i := 17; i < len(counts); i += 31 {
		counts[i] = 1
	}
	counts[311] = 3
	points, err := outbreak.Farrington(outbreak.Series{Counts: counts}, 311, 312, outbreak.FarringtonFlexible())
	if err != nil {
		fmt.Println(err)
		return
	}
	p := points[0]
	fmt.Println("observed", p.Observed, "threshold", p.Threshold, "alarm", p.Alarm, "because", p.Reason)
	// Output:
	// observed 3 threshold 1 alarm false because too-few-cases
}

// One plan serves all series of a scan, and one workspace all fits of a worker.
func ExamplePlanFarrington() {
	districts := map[string][]float64{"quiet": season(), "outbreak": season()}
	districts["outbreak"][311] += 40
	plan, err := outbreak.PlanFarrington(outbreak.Series{Counts: season()}, 311, outbreak.FarringtonFlexible())
	if err != nil {
		fmt.Println(err)
		return
	}
	var work outbreak.FarringtonWork
	for _, name := range []string{"quiet", "outbreak"} {
		p := plan.Point(&work, districts[name], nil)
		fmt.Println(name, p.Alarm)
	}
	// Output:
	// quiet false
	// outbreak true
}

func ExampleEARS() {
	counts := []float64{4, 6, 5, 3, 5, 4, 6, 5, 4, 7, 9, 14, outbreak.Missing(), 22}
	points, err := outbreak.EARS(outbreak.Series{Counts: counts, Frequency: outbreak.Daily}, 7, 14, outbreak.DefaultEARS(outbreak.C2))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range points {
		threshold, ok := p.Threshold.Get()
		if !ok {
			fmt.Printf("day %2d: %v cases, no decision: %v\n", p.Step+1, p.Observed, p.Reason)
			continue
		}
		fmt.Printf("day %2d: %v cases, threshold %.1f, alarm %v (%v)\n", p.Step+1, p.Observed, threshold, p.Alarm, p.Reason)
	}
	// Output:
	// day  8: 5 cases, no decision: too-short
	// day  9: 4 cases, no decision: too-short
	// day 10: 7 cases, threshold 8.2, alarm false (decided)
	// day 11: 9 cases, threshold 8.2, alarm true (decided)
	// day 12: 14 cases, threshold 7.6, alarm true (decided)
	// day 13: undefined cases, threshold 9.0, alarm false (missing)
	// day 14: 22 cases, threshold 11.3, alarm true (decided)
}

func ExampleCUSUM() {
	counts := []float64{5, 4, 6, 5, 3, 6, 5, 5, 7, 8, 7, 9, 8}
	o := outbreak.DefaultCUSUM()
	o.Means = []float64{5}
	points, err := outbreak.CUSUM(outbreak.Series{Counts: counts}, 8, 13, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range points {
		sum, _ := p.Sum.Get()
		fmt.Printf("week %d %-10s %.2f alarm %v\n", p.Step+1, strings.Repeat("#", int(4*sum)), sum, p.Alarm)
	}
	// Output:
	// week 9            0.00 alarm false
	// week 10            0.22 alarm false
	// week 11            0.04 alarm false
	// week 12 ##         0.66 alarm false
	// week 13 ###        0.88 alarm false
}

func ExampleGLR() {
	counts := []float64{5, 4, 6, 5, 3, 6, 5, 9, 11, 10, 4}
	o := outbreak.DefaultGLR()
	o.Means, o.Cases = []float64{5}, true
	r, err := outbreak.GLR(outbreak.Series{Counts: counts}, 6, 11, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range r.Points {
		score, _ := p.Score.Get()
		fmt.Printf("week %2d: %v cases, statistic %.2f, alarm %v; it would take %v cases\n", p.Step+1, p.Observed, score, p.Alarm, p.Cases)
	}
	// Output:
	// week  7: 5 cases, statistic 0.00, alarm false; it would take 14 cases
	// week  8: 9 cases, statistic 1.29, alarm false; it would take 14 cases
	// week  9: 11 cases, statistic 3.86, alarm false; it would take 13 cases
	// week 10: 10 cases, statistic 5.79, alarm true; it would take 9 cases
	// week 11: 4 cases, statistic 0.00, alarm false; it would take 14 cases
}

func ExampleSTCD() {
	var events []outbreak.Event
	for i := range 40 {
		events = append(events, outbreak.Event{X: float64(i * 37 % 100), Y: float64(i * 61 % 100), T: float64(i)})
	}
	for i := range 8 { // then eight cases in one place
		events = append(events, outbreak.Event{X: 50 + float64(i%3), Y: 20 + float64(i%2), T: 40 + float64(i)})
	}
	r, err := outbreak.STCD(events, outbreak.STCDOptions{Radius: 10, Epsilon: 0.5, Threshold: 65})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("alarm at event", r.Alarm+1, "cluster began with event", r.Centre+1)
	// Output:
	// alarm at event 46 cluster began with event 41
}
