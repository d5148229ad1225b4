package surveillance

// SerialInterval is the time between the onsets of a case and of the one whom
// it infected, with its source.
type SerialInterval struct {
	Disease string  `json:"disease"`
	Mean    float64 `json:"mean"` // days
	SD      float64 `json:"sd"`   // days
	Source  string  `json:"source"`
	Assumed bool    `json:"assumed,omitempty"` // the source gives the mean only; the spread is taken as a quarter of it
}

// SerialIntervals are those of diseases for which a published estimate was at
// hand; a node may put its own in their place (Interval). A disease without one
// has no reproduction number on its page.
var SerialIntervals = []SerialInterval{
	{Disease: "measles", Mean: 14.9, SD: 3.9, Source: "Cori et al., Am. J. Epidemiol. 178 (2013) 1505, table 1 (Hagelloch 1861)"},
	{Disease: "smallpox", Mean: 22.4, SD: 6.1, Source: "Cori et al., Am. J. Epidemiol. 178 (2013) 1505, table 1 (Kosovo 1972)"},
	{Disease: "sars", Mean: 8.4, SD: 3.8, Source: "Lipsitch et al., Science 300 (2003) 1966"},
	{Disease: "ebola", Mean: 15.3, SD: 9.3, Source: "WHO Ebola Response Team, N. Engl. J. Med. 371 (2014) 1481"},
	{Disease: "mers", Mean: 12.6, SD: 2.8, Source: "Cowling et al., Euro Surveill. 20 (2015) 21163"},
	{Disease: "covid_19", Mean: 4.7, SD: 2.9, Source: "Nishiura, Linton, Akhmetzhanov, Int. J. Infect. Dis. 93 (2020) 284"},
	{Disease: "dengue", Mean: 16, SD: 4, Source: "Aldstadt et al., Trop. Med. Int. Health 17 (2012) 1076 (15 to 17 days)", Assumed: true},
}

// SerialIntervalOf is the one of a disease.
func SerialIntervalOf(disease string) (SerialInterval, bool) {
	for _, s := range SerialIntervals {
		if s.Disease == disease {
			return s, true
		}
	}
	return SerialInterval{}, false
}
