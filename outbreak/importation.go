package outbreak

import "math"

// Route is a way in: people who arrive in a period from one origin.
type Route struct {
	Origin     string
	Travellers float64 // arrivals in the period
	Prevalence float64 // share of them that arrives infected and is not stopped
}

// RouteRisk is the part of one route.
type RouteRisk struct {
	Route
	Expected    float64 // infected arrivals
	Probability float64 // of at least one
	Share       float64 // of all expected infected arrivals; 0 where there are none
}

// ImportRisk is the risk that an infection arrives.
type ImportRisk struct {
	Expected    float64 // infected arrivals over all routes
	Probability float64 // of at least one
	Routes      []RouteRisk
}

// ImportationRisk is the probability that at least one traveller arrives
// infected, 1 - exp(-sum of travellers x prevalence): arrivals are many and
// rarely infected, hence Poisson. So are the importation models of, for example,
// De Salazar et al., "Identifying locations with possible undetected imported
// severe acute respiratory syndrome coronavirus 2 cases by using importation
// predictions", Emerging Infectious Diseases 26 (2020) 1465-1469.
func ImportationRisk(routes []Route) (ImportRisk, error) {
	out := ImportRisk{Routes: make([]RouteRisk, len(routes))}
	for i, r := range routes {
		if !(r.Travellers >= 0) || r.Travellers > 1e12 {
			return ImportRisk{}, refuse(BadSeries, "Travellers", "the travellers of route %d are %v; they must be zero or more", i+1, r.Travellers)
		}
		if !(r.Prevalence >= 0 && r.Prevalence <= 1) {
			return ImportRisk{}, refuse(BadSeries, "Prevalence", "the prevalence of route %d is %v; it lies between 0 and 1", i+1, r.Prevalence)
		}
		e := r.Travellers * r.Prevalence
		out.Routes[i] = RouteRisk{Route: r, Expected: e, Probability: -math.Expm1(-e)}
		out.Expected += e
	}
	out.Probability = -math.Expm1(-out.Expected)
	for i := range out.Routes {
		if out.Expected > 0 {
			out.Routes[i].Share = out.Routes[i].Expected / out.Expected
		}
	}
	return out, nil
}

// PointPrevalence is the share of a population that is infected at a time, from
// cases reported in a period: cases per day x days that an infection lasts,
// divided by the share of infections that is reported.
func PointPrevalence(cases, population, periodDays, infectedDays, reportedShare float64) (float64, error) {
	for _, c := range []struct {
		name string
		x    float64
		ok   bool
	}{
		{"cases", cases, cases >= 0 && cases < 1e12},
		{"population", population, population > 0 && population < 1e12},
		{"periodDays", periodDays, periodDays > 0 && periodDays < 1e6},
		{"infectedDays", infectedDays, infectedDays > 0 && infectedDays < 1e6},
		{"reportedShare", reportedShare, reportedShare > 0 && reportedShare <= 1},
	} {
		if !c.ok {
			return 0, refuse(BadSeries, c.name, "%s is %v, which is outside its range", c.name, c.x)
		}
	}
	return math.Min(1, cases/periodDays*infectedDays/reportedShare/population), nil
}
