package gallery

import (
	"fmt"
	"math"
	"strings"
	"time"

	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/web/chart"
	"lintas/internal/web/mapview"
	"lintas/internal/web/parts"
)

func split(s string) []string { return strings.Fields(s) }

func dues() []parts.Due {
	button := func(text string, kind parts.Kind) []parts.Button {
		return []parts.Button{{Text: text, Href: "/health/sample", Small: true, Kind: kind}}
	}
	return []parts.Due{
		{Grade: parts.Emergency, At: Now.Add(12 * time.Minute), Title: "Acknowledge the typhoon flash alert", Href: "/health/sample",
			Text: "Philippines asks all states to confirm receipt. 2 of 11 outstanding, one of them is yours.", Actions: button("Acknowledge", parts.Primary)},
		{Grade: parts.Warning, At: Now.Add(42 * time.Minute), Title: "Clear notification 6, cholera", Href: "/health/sample",
			Text: "Drafted by the planning cell. An Giang figures changed after the draft.", Actions: button("Review draft", "")},
		{Grade: parts.Warning, At: Now.Add(-25 * time.Minute), Title: "Answer a question of Lao PDR", Href: "/health/sample",
			Text: "Two questions on water purification units.", Plates: []parts.Plate{{Code: "LA", Title: "Lao PDR"}}, Actions: button("Answer", "")},
		{Grade: parts.Information, Title: "Check a possible duplicate", Href: "/health/sample",
			Text: "Two events match on four of five fields.", Actions: button("Compare", "")},
	}
}

func epi() chart.Epi {
	e := chart.Epi{ID: "epi", Title: "Cases by day of onset", Desc: "Sample: daily cases 5 October to 22 November. The last five days are incomplete.",
		Unit: "Day of onset", Series: []string{"Cambodia", "Viet Nam"}, Partial: "Not yet complete", Limit: "Alert threshold (EARS C2)", Alarm: "Alarm raised"}
	start := time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC)
	for i := range 49 {
		day := start.AddDate(0, 0, i)
		b := chart.Bar{Label: day.Format("2 Jan"), Limit: 5, Partial: i >= 44, Missing: i == 17}
		if i >= 28 {
			b.Limit = 6
		}
		if i%7 == 0 {
			b.Tick = day.Format("2 Jan")
		}
		total := math.Round(2 + 14*math.Exp(-math.Pow(float64(i)-43, 2)/60) + float64(i*7%3) - 1)
		b.Values = []float64{math.Floor(total / 2), total - math.Floor(total/2)}
		if b.Missing {
			b.Values = nil
		}
		b.Alarm = !b.Partial && total > 7
		e.Bars = append(e.Bars, b)
	}
	e.Notes = []chart.Note{{Bar: 28, Text: "First alarm, 2 Nov"}, {Bar: 34, Text: "Event declared, 8 Nov"}, {Bar: 41, Text: "Vaccination starts"}}
	return e
}

func zoom() mapview.Map {
	m := mapview.Map{ID: "where", Title: "Cases by province", Desc: "Sample map of six provinces.", Value: "Cases", Low: "1", High: "86", Wide: true,
		Zoom: []string{"VN-44", "KH-21", "KH-8", "KH-7", "VN-47", "VN-73"}}
	for i, code := range m.Zoom {
		n := []float64{86, 79, 21, 14, 11, 1}[i]
		m.Areas = append(m.Areas, mapview.Area{Code: code, Class: mapview.Ramp(n, [4]float64{5, 15, 40, 80}), Value: fmt.Sprint(n), Label: n > 10})
	}
	m.Areas = append(m.Areas, mapview.Area{Code: "VN-45", Class: mapview.NoReport})
	return m
}

func grid(p *locale.Printer) chart.Grid {
	g := chart.Grid{Title: "Dengue by state, 26 weeks", Member: "State", Latest: "Latest week", Total: "ASEAN 17,653", Note: "10 of 11 reported. 3 above threshold."}
	for i, pl := range plates(p, "") {
		m := chart.Multiple{Plate: pl, Value: p.Number(int64(i*i*97 + 4)), Over: i%4 == 3}
		for w := range 26 {
			v := 20 + 12*math.Sin(float64(w+i*3)/5)
			m.Low, m.High = append(m.Low, v*.7), append(m.High, v*1.25)
			if m.Over {
				v *= 1 + float64(w)/60
			}
			m.Line = append(m.Line, v+float64((w*7+i)%5)-2)
		}
		if pl.Code == "MM" {
			m.NoData, m.Value = "3 weeks silent", ""
		}
		g.Cells = append(g.Cells, m)
	}
	return g
}

func moments() []parts.Moment {
	at := func(s string) time.Time {
		t, _ := time.Parse("2006-01-02 15:04", s)
		return t
	}
	vn, kh := parts.Plate{Code: "VN", Title: "Viet Nam"}, parts.Plate{Code: "KH", Title: "Cambodia"}
	return []parts.Moment{
		{At: at("2026-11-23 07:52"), Kind: parts.Decision, Title: "Oral vaccine campaign, second district opened", Text: "Tịnh Biên added after three cases upstream of the campaign area.", Plates: []parts.Plate{vn}, Signed: "Signed by the Viet Nam node, verified"},
		{At: at("2026-11-22 10:05"), Kind: parts.Report, Title: "Situation report 5 issued", Text: "Joint report. Read by 9 states.", Plates: []parts.Plate{vn, kh}},
		{At: at("2026-11-15 03:40"), Kind: parts.Decision, Title: "Canal water use stopped in four communes", Text: "Trucked water for 6,200 people.", Plates: []parts.Plate{kh}},
		{At: at("2026-11-02 00:00"), Precision: "day", Kind: parts.Alarm, Title: "Alarm: acute watery diarrhoea above threshold, An Giang", Text: "8 cases against an expected 2.1."},
	}
}

func facts() []parts.Figure {
	return []parts.Figure{
		{Label: "Cases", Value: "212", Note: "84 confirmed"}, {Label: "Deaths", Value: "3", Note: "case fatality 1.4 %"},
		{Label: "Last 7 days", Value: "+82", Note: "7 days before: +61"}, {Label: "Under 5 years", Value: "31 %", Note: "known for 96 %"},
		{Label: "Vaccinated", Value: "22,400", Note: "of 61,000 planned"}}
}

func factTable() parts.Table {
	return parts.Table{Caption: "Facts, each with its source", Columns: []parts.Column{{Text: "Fact", Sort: "?sort=fact", Order: "ascending"}, {Text: "Value", Number: true}, {Text: "As of"}, {Text: "Source"}}, RowHead: true,
		Rows: [][]parts.Cell{
			{{Text: "Confirmed cases", Note: place.Full("VN-44", "en")}, {Text: "48"}, {At: Now.Add(-3 * time.Hour)}, {Text: "Sample laboratory"}},
			{{Text: "Deaths", Note: place.Full("KH-21", "en")}, {Text: "2"}, {At: Now.Add(-26 * time.Hour)}, {Text: "Sample ministry"}},
		}}
}

func bars() chart.Bars {
	return chart.Bars{ID: "bars", Title: "Cases by province", Desc: "Sample bars.", Name: "Province", Value: "Cases",
		Rows: []chart.BarRow{{Label: "An Giang", Value: 86}, {Label: "Takéo", Value: 79}, {Label: "Đồng Tháp", Missing: "no report"}}}
}
