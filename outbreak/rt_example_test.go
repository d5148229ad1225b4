package outbreak_test

import (
	"fmt"
	"strings"

	"lintas/outbreak"
)

// bar draws a number as a bar.
func bar(x float64) string { return strings.Repeat("#", int(x+0.5)) }

// The reproduction number of an outbreak that is brought under control: the bar
// is the median, the line in it is R = 1.
func ExampleReproductionNumber() {
	counts := []float64{1, 2, 2, 4, 5, 8, 12, 18, 24, 30, 33, 30, 26, 21, 15, 12, 8, 6, 4, 3, 2}
	si, _ := outbreak.DiscretiseSerialInterval(4, 2, len(counts))
	rt, err := outbreak.ReproductionNumber(outbreak.Series{Counts: counts, Frequency: outbreak.Daily}, si, outbreak.RtOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range rt.Points[1:] {
		picture := []byte(fmt.Sprintf("%-18s", bar(5*p.Median.Or(0))))
		picture[5] = '|'
		fmt.Printf("day %2d %s %.2f (%.2f to %.2f)\n", p.End+1, picture, p.Median.Or(0), p.Q025.Or(0), p.Q975.Or(0))
	}
	// Output:
	// day  9 #####|############# 3.89 (3.07 to 4.85)
	// day 10 #####|############ 3.53 (2.88 to 4.26)
	// day 11 #####|#########    3.07 (2.57 to 3.63)
	// day 12 #####|#######      2.57 (2.19 to 2.99)
	// day 13 #####|#####        2.11 (1.81 to 2.44)
	// day 14 #####|###          1.73 (1.49 to 1.99)
	// day 15 #####|#            1.40 (1.21 to 1.62)
	// day 16 #####|             1.14 (0.98 to 1.32)
	// day 17 #####|             0.91 (0.77 to 1.07)
	// day 18 #### |             0.72 (0.60 to 0.86)
	// day 19 ###  |             0.58 (0.47 to 0.70)
	// day 20 ##   |             0.47 (0.37 to 0.58)
	// day 21 ##   |             0.38 (0.29 to 0.50)
}

// Early growth and how fast cases double.
func ExampleGrowthRate() {
	g, err := outbreak.GrowthRate(outbreak.Series{Counts: []float64{5, 8, 7, 0, 14, 19, 25, 31}}, outbreak.GrowthOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f per day; cases double in %.1f days (%.1f to %.1f); %d day without a case left out\n",
		g.Rate.Or(0), g.Doubling.Or(0), g.DoublingLow.Or(0), g.DoublingHigh.Or(0), g.Dropped)
	// Output:
	// 0.258 per day; cases double in 2.7 days (2.2 to 3.3); 1 day without a case left out
}

// How many cases there are behind an incomplete tail: # is reported, . is
// expected still to come.
func ExampleTriangle_Nowcast() {
	na := outbreak.Missing()
	tr := outbreak.Triangle{Counts: [][]float64{
		{4, 6, 3, 1}, {5, 7, 2, 1}, {3, 8, 4, 1}, {6, 9, 3, 2}, {5, 8, 5, 1}, {7, 9, 4, 2},
		{6, 10, 5, na}, {8, 11, na, na}, {7, na, na, na},
	}}
	n, err := tr.Nowcast(outbreak.NowcastOptions{Method: outbreak.NowcastNoTruncBNB})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range n.Steps[4:] {
		more := p.Median.Or(0) - p.Reported
		fmt.Printf("day %d %-30s %2.0f (%.0f to %.0f)\n", p.Step+1, bar(p.Reported)+strings.Repeat(".", int(more)),
			p.Median.Or(0), p.Lower.Or(0), p.Upper.Or(0))
	}
	// A detector sees no step of which less than half is reported.
	fmt.Println(n.Corrected(0.5)[6:])
	// Output:
	// day 5 ###################            19 (19 to 19)
	// day 6 ######################         22 (22 to 22)
	// day 7 #####################.         22 (21 to 25)
	// day 8 ###################.....       24 (20 to 32)
	// day 9 #######...............         22 (12 to 41)
	// [22 24 NaN]
}

// A cluster in the corner of a region of nine places.
func ExampleScanClusters() {
	var points [][]float64
	for i := range 9 {
		points = append(points, []float64{float64(i % 3), float64(i / 3)})
	}
	distance, _ := outbreak.PlaneDistances(points)
	zones, _ := outbreak.NearestZones(distance, 3)
	counts := [][]float64{
		{2, 1, 2, 1, 2, 1, 2, 2, 1},
		{1, 2, 1, 2, 1, 1, 1, 2, 2},
		{2, 1, 1, 1, 2, 8, 2, 1, 9},
		{1, 2, 1, 2, 1, 9, 1, 2, 11},
	}
	scan, err := outbreak.ScanClusters(outbreak.ScanInput{Counts: counts, Zones: zones},
		outbreak.ScanOptions{Kind: outbreak.ScanPermutation, Replicates: 999, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	best := scan.Clusters(1)[0]
	for row := range 3 {
		for column := range 3 {
			mark := " ."
			for _, p := range best.Places {
				if p == 3*row+column {
					mark = " #"
				}
			}
			fmt.Print(mark)
		}
		fmt.Println()
	}
	fmt.Printf("%.0f cases in %d weeks where %.1f were expected, p = %.3f\n", best.Observed, best.Duration, best.Expected, best.PValue.Or(1))
	// Output:
	// . . .
	//  . . #
	//  . . #
	// 37 cases in 2 weeks where 28.5 were expected, p = 0.041
}

// Which of many series alarm when at most one alarm in twenty may be false.
func ExampleFalseDiscovery() {
	p := []outbreak.Value{outbreak.Known(0.3), outbreak.Known(0.0001), {}, outbreak.Known(0.02), outbreak.Known(0.6), outbreak.Known(0.012)}
	f, _ := outbreak.FalseDiscovery(p, 0.05, outbreak.BenjaminiHochberg)
	fmt.Printf("%d of %d alarm: %v\n", f.Alarms, f.Tests, f.Alarm)
	// Output:
	// 3 of 5 alarm: [false true false true false true]
}

func ExampleImportationRisk() {
	r, _ := outbreak.ImportationRisk([]outbreak.Route{
		{Origin: "A", Travellers: 12000, Prevalence: 2e-5},
		{Origin: "B", Travellers: 800, Prevalence: 1e-3},
	})
	fmt.Printf("chance of at least one import %.0f %%, %.0f %% of it from B\n", 100*r.Probability, 100*r.Routes[1].Share)
	// Output:
	// chance of at least one import 65 %, 77 % of it from B
}

func ExampleWallingaTeunis() {
	counts := []float64{1, 2, 2, 4, 5, 8, 12, 18, 24, 30, 33, 30, 26, 21, 15, 12, 8, 6, 4, 3, 2}
	si, _ := outbreak.DiscretiseSerialInterval(4, 2, len(counts))
	points, err := outbreak.WallingaTeunis(outbreak.Series{Counts: counts}, si, outbreak.WTOptions{
		Windows: []outbreak.Window{{Start: 1, End: 7}, {Start: 8, End: 14}, {Start: 17, End: 20}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range points {
		fmt.Printf("cases of days %d to %d infected %.2f each; %.0f %% of that could be seen\n", p.Start+1, p.End+1, p.Mean.Or(0), 100*p.Seen)
	}
	// Output:
	// cases of days 2 to 8 infected 2.58 each; 100 % of that could be seen
	// cases of days 9 to 15 infected 0.68 each; 97 % of that could be seen
	// cases of days 18 to 21 infected 0.06 each; 27 % of that could be seen
}

// The counts of a week with few reports at its end, levelled.
func ExampleWeekdayEffect() {
	s := outbreak.Series{Frequency: outbreak.Daily}
	for t := range 35 {
		s.Days = append(s.Days, outbreak.DateOf(2026, 6, 1)+outbreak.Day(t)) // a Monday
		s.Counts = append(s.Counts, []float64{24, 22, 20, 21, 23, 10, 6}[t%7]+float64(t%3))
	}
	w, err := outbreak.WeekdayEffect(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	for d, name := range []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"} {
		fmt.Printf("%s %-14s %.2f\n", name, bar(10*w.Effect[d]), w.Effect[d])
	}
	// Output:
	// Sun ####           0.36
	// Mon #############  1.32
	// Tue ############   1.22
	// Wed ###########    1.10
	// Thu ############   1.15
	// Fri #############  1.26
	// Sat ######         0.59
}
