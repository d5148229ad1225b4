package surveillance

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// KnownYear is a year in which an epidemic of a disease is on record.
type KnownYear struct {
	Disease, Place string
	Year           int
	Words          string // as the source has it, shortened
	Source         string
}

// KnownYears are epidemics that a published source names, to hold alarms
// against. The list is not complete: a year that is not here may have had one.
var KnownYears = []KnownYear{
	{"dengue", "SG", 2005, "14,006 cases, the largest resurgence until then", "Koh et al., Ann. Acad. Med. Singap. 37 (2008) 538"},
	{"dengue", "SG", 2007, "second epidemic of the cycle", "Rajarethinam et al., Am. J. Trop. Med. Hyg. 99 (2018) 204"},
	{"dengue", "SG", 2013, "22,170 cases", "Hapuarachchi et al., BMC Infect. Dis. 16 (2016) 300"},
	{"dengue", "SG", 2014, "18,338 cases", "Hapuarachchi et al., BMC Infect. Dis. 16 (2016) 300"},
	{"dengue", "SG", 2020, "highest incidence on record, 621 per 100,000", "PLoS Negl. Trop. Dis. 18 (2024) e0012240"},
	{"dengue", "KH", 2019, "about 65,000 cases, six times those of 2018", "United in Tackling Epidemic Dengue, regional situation, 2020; WHO Western Pacific dengue situation update 581 (2019)"},
	{"dengue", "LA", 2019, "38,753 cases", "United in Tackling Epidemic Dengue, regional situation, 2020"},
	{"dengue", "MY", 2015, "120,836 cases, a record until then", "Ministry of Health, as in Outbreak News Today, December 2019"},
	{"dengue", "MY", 2019, "130,101 cases, a record", "Ministry of Health, as in Outbreak News Today, December 2019"},
	{"dengue", "PH", 2019, "national epidemic declared on 6 August", "OCHA, Philippines: dengue outbreak, situation report 9 (2019)"},
	{"dengue", "VN", 2019, "320,702 cases by mid-December, 2.5 times those of 2018", "General Department of Preventive Medicine, as in United in Tackling Epidemic Dengue, 2020"},
}

// YearRow is what the method in force says of the periods of one year.
type YearRow struct {
	Year     int
	Cases    int64
	Reported int // periods with a count
	Judged   int // of them, with a decision
	Above    int
	First    int32 // first period above its threshold; where Above > 0
	Periods  []CurvePoint
	Known    *KnownYear
}

// YearsPage is the whole history of one series, judged period by period as if
// each had been the newest.
type YearsPage struct {
	Set     DatasetView
	Disease string
	Place   string
	Used    []Class
	Method  MethodView
	Rev     int64
	Rows    []YearRow // the newest first
}

// Years judges every period of a series as reported. Each is judged by what
// lies before it, so that the past looks as it would have looked then, but for
// corrections that came later.
func (d *Desk) Years(ctx context.Context, actor access.Actor, set id.ID, disease, place string) (YearsPage, error) {
	p := YearsPage{Disease: disease, Place: place}
	reach, err := reads(actor)
	if err != nil {
		return p, err
	}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p.Set, err = datasetOf(ctx, tx, reach, set); err != nil {
			return err
		}
		if !seesPlace(reach, place, parentOf) || !scannable(p.Set.Measure, p.Set.Calendar) {
			return desk.NotFound()
		}
		list, st, err := ReadSeries(ctx, tx, p.Set.Number, 0, disease, place)
		if err != nil {
			return err
		}
		series, used := AsReported(list)
		if len(series.Values) == 0 {
			return desk.NotFound()
		}
		methods, err := loadMethods(ctx, tx, p.Set.Resolution)
		if err != nil {
			return err
		}
		m, _ := methods.of(disease)
		p.Used, p.Rev, p.Method = used, st.Rev, viewMethod(&m, actor, d.env.Clock.Now())
		points, err := judgeCurve(m.Settings, p.Set.Calendar, series, series.First, series.First+int32(len(series.Values))-1)
		p.Rows = byYear(points, p.Set.Calendar, disease, place)
		return err
	})
	return p, err
}

func byYear(points []CurvePoint, c Calendar, disease, place string) []YearRow {
	var out []YearRow
	for _, q := range points {
		y, _ := c.InYear(q.Period)
		if len(out) == 0 || out[len(out)-1].Year != y {
			r := YearRow{Year: y}
			if i := slices.IndexFunc(KnownYears, func(k KnownYear) bool { return k.Disease == disease && k.Place == place && k.Year == y }); i >= 0 {
				r.Known = &KnownYears[i]
			}
			out = append(out, r)
		}
		r := &out[len(out)-1]
		r.Periods = append(r.Periods, q)
		if x, ok := q.Observed.Get(); ok {
			r.Reported++
			r.Cases += int64(x)
		}
		if q.Expected.Defined() {
			r.Judged++
		}
		if q.Above {
			if r.Above++; r.Above == 1 {
				r.First = q.Period
			}
		}
	}
	slices.Reverse(out)
	return out
}
