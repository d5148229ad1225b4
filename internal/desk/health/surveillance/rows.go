package surveillance

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/desk/health/surveillance/packed"
	"lintas/internal/fault"
	"lintas/internal/place"
)

// reading turns the rows of one file into counts.
type reading struct {
	set     Dataset
	m       Mapping
	match   *place.Matcher
	only    map[string]bool // terms of a later pass; nil: all
	private bool            // nothing of a line list is kept, not even in a fault

	at      map[Field]int
	filters []filter
	keys    map[Key]int32
	names   []Key
	cells   map[cellAt]cellValue
	found   map[string]place.Found
	terms   map[string]*Term
	words   map[string]string
	res     Result
}

type filter struct {
	column int
	values []string
}

type cellAt struct{ key, period int32 }

type cellValue struct {
	count int64
	row   int32
}

func newReading(s Dataset, m Mapping, match *place.Matcher) *reading {
	return &reading{set: s, m: m, match: match, private: m.Line, keys: map[Key]int32{}, cells: map[cellAt]cellValue{},
		found: map[string]place.Found{}, terms: map[string]*Term{}, words: map[string]string{}, res: Result{Diseases: map[string]int{}}}
}

// run reads a table to its end.
func (r *reading) run(t table) error {
	head := t.Head()
	r.at = map[Field]int{}
	for f, col := range r.m.Columns {
		i := slices.Index(head, col)
		if i < 0 {
			return fault.New(fault.Invalid, "fault.surveillance.no_column").With("column", clip(col))
		}
		r.at[f] = i
	}
	for _, o := range r.m.Only {
		r.filters = append(r.filters, filter{slices.Index(head, o.Column), o.Values})
	}
	for {
		cells, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if err = r.badRow(t.Row(), err); err != nil {
				return err
			}
			continue
		}
		if !slices.ContainsFunc(cells, func(c string) bool { return c != "" }) {
			continue // an empty line
		}
		r.res.Rows++
		if err := r.row(t.Row(), cells); err != nil {
			return err
		}
	}
	r.finish()
	return nil
}

// badRow notes a row that the table reader could not read; what is wrong with
// the whole file ends the reading.
func (r *reading) badRow(row int, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Fields) == 0 || f.Fields[0].Row == 0 {
		return err
	}
	r.res.Rows++
	if r.res.Bad > 10_000 {
		return err
	}
	r.bad(row, "", &fault.Field{Key: f.Fields[0].Key, Args: f.Fields[0].Args})
	return nil
}

func (r *reading) bad(row int, f Field, why *fault.Field) {
	r.res.Bad++
	if len(r.res.Problems) >= mostProblems {
		return
	}
	p := Problem{Row: row, Field: f, Key: why.Key, Args: why.Args}
	if r.private && p.Args["value"] != nil && f != FieldDisease && f != FieldClass {
		p.Args = fault.Args{}
		for k, v := range why.Args {
			p.Args[k] = v
		}
		p.Args["value"] = "…"
	}
	r.res.Problems = append(r.res.Problems, p)
}

// row reads one row into a cell, or says what became of it.
func (r *reading) row(n int, cells []string) error {
	for _, f := range r.filters {
		if f.column >= len(cells) || !slices.Contains(f.values, cells[f.column]) {
			r.res.Filtered++
			return nil
		}
	}
	get := func(f Field) string {
		if i, ok := r.at[f]; ok {
			if i < len(cells) && !nothing(cells[i]) {
				return cells[i]
			}
			return ""
		}
		return r.m.Fixed[f]
	}
	a := r.m.ask(get)
	if r.m.Region && place.OutsideRegion(a) {
		r.res.Outside++
		return nil
	}
	count, f, why := r.count(get)
	if why != nil {
		r.bad(n, f, why)
		return nil
	}
	if count < 0 {
		r.res.Empty++
		return nil
	}
	period, f, why := r.period(get)
	if why != nil {
		r.bad(n, f, why)
		return nil
	}
	k, f, why := r.key(get)
	if why != nil {
		r.bad(n, f, why)
		return nil
	}
	a.On = r.set.Start(period)
	found, term := r.place(a)
	switch {
	case r.only != nil && !r.only[term]:
		r.res.Stored++
		return nil
	case found.How == place.NoPlace:
		r.res.Aside++
		return nil
	case found.How == place.Outside && r.m.Region:
		r.res.Outside++
		return nil
	case !found.How.Settled():
		r.wait(a, term, found)
		return nil
	}
	k.Place = found.Place.Code
	return r.put(n, k, period, count)
}

// count is the number of a row; -1 where it says nothing.
func (r *reading) count(get func(Field) string) (int64, Field, *fault.Field) {
	if r.m.Line {
		return 1, "", nil
	}
	s := get(FieldCount)
	if s == "" {
		return -1, "", nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil { // "12.0" and "1e+05" are whole; spreadsheets write them
		x, ferr := strconv.ParseFloat(s, 64)
		if ferr != nil || x != float64(int64(x)) {
			return 0, FieldCount, &fault.Field{Key: "fault.surveillance.count", Args: fault.Args{"value": clip(s)}}
		}
		n = int64(x)
	}
	if n < 0 {
		return 0, FieldCount, &fault.Field{Key: "fault.surveillance.negative", Args: fault.Args{"value": clip(s)}}
	}
	if n > packed.MaxCount {
		return 0, FieldCount, &fault.Field{Key: "fault.surveillance.large", Args: fault.Args{"value": clip(s), "max": packed.MaxCount}}
	}
	return n, "", nil
}

func (r *reading) period(get func(Field) string) (int32, Field, *fault.Field) {
	if r.m.Line {
		t, err := ParseDate(get(FieldDate))
		if err != nil || t.Year() < 1900 || t.Year() > 2200 {
			return 0, FieldDate, &fault.Field{Key: "fault.surveillance.date", Args: fault.Args{"value": clip(get(FieldDate))}}
		}
		return r.set.Of(t), "", nil
	}
	if r.m.has(FieldPeriod) {
		p, why := r.set.ParsePeriod(get(FieldPeriod))
		if why != nil {
			return 0, FieldPeriod, why
		}
		if end := get(FieldEnd); end != "" {
			if t, err := ParseDate(end); err != nil || !t.Equal(r.set.End(p)) {
				return 0, FieldEnd, &fault.Field{Key: "fault.surveillance.period_end",
					Args: fault.Args{"value": clip(end), "end": r.set.End(p).Format("2006-01-02")}}
			}
		}
		return p, "", nil
	}
	number := 1
	year, err := strconv.Atoi(get(FieldYear))
	if err == nil && r.set.Resolution != Yearly {
		number, err = strconv.Atoi(strings.TrimLeft(strings.ToUpper(get(FieldNumber)), "W"))
	}
	p, ok := r.set.At(year, number)
	if err != nil || !ok {
		return 0, FieldYear, &fault.Field{Key: "fault.surveillance.no_period", Args: fault.Args{"value": clip(get(FieldYear) + " " + get(FieldNumber))}}
	}
	return p, "", nil
}

// key is the series of a row but for its place.
func (r *reading) key(get func(Field) string) (Key, Field, *fault.Field) {
	k := Key{Disease: PopulationKey, Class: All}
	if !r.m.Population {
		d, ok := r.word(FieldDisease, get(FieldDisease), diseaseOf)
		if !ok {
			return k, FieldDisease, &fault.Field{Key: "fault.surveillance.disease", Args: fault.Args{"value": clip(get(FieldDisease))}}
		}
		k.Disease = d
	}
	if c := get(FieldClass); c != "" {
		class, ok := r.word(FieldClass, c, classOf)
		if !ok {
			return k, FieldClass, &fault.Field{Key: "fault.surveillance.class", Args: fault.Args{"value": clip(c)}}
		}
		k.Class = Class(class)
	}
	stratum, f, why := stratumOf(get(FieldSex), get(FieldAge), r.m.Line)
	k.Stratum = stratum
	return k, f, why
}

// word is what a word of the file means: as the mapping says, else as known.
func (r *reading) word(f Field, s string, known func(string) (string, bool)) (string, bool) {
	key := string(f) + "|" + s
	if v := r.m.Words[key]; v != "" {
		return v, true
	}
	if v, ok := r.words[key]; ok {
		return v, v != ""
	}
	v, ok := known(s)
	if ok || len(r.words) < 10_000 {
		r.words[key] = v
	}
	if !ok && s != "" && len(r.res.Unknown) < 100 {
		r.res.Unknown = append(r.res.Unknown, key)
	}
	return v, ok
}

func (r *reading) place(a place.Ask) (place.Found, string) {
	term := a.Term()
	key := term + "@" + strconv.Itoa(a.On.Year())
	f, ok := r.found[key]
	if !ok {
		f = r.match.Find(a)
		r.found[key] = f
	}
	return f, term
}

func (r *reading) wait(a place.Ask, term string, f place.Found) {
	r.res.Waiting++
	t := r.terms[term]
	if t == nil {
		if len(r.terms) >= mostTerms {
			return
		}
		t = &Term{Term: term, State: place.StateOf(a), How: f.How}
		for _, n := range append([]string{a.Code}, a.Names...) {
			if n != "" {
				t.Shown = strings.Trim(t.Shown+" / "+clip(n), " /")
			}
		}
		for _, c := range f.Candidates {
			t.Candidates = append(t.Candidates, Candidate{c.Code, c.Score})
		}
		r.terms[term] = t
	}
	t.Rows++
}

func (r *reading) put(n int, k Key, period int32, count int64) error {
	targets := []Key{k}
	if k.Stratum != "" { // everybody is the sum of the strata
		all := k
		all.Stratum = ""
		targets = append(targets, all)
	}
	for i, t := range targets {
		at := cellAt{r.intern(t), period}
		old, ok := r.cells[at]
		switch {
		case !ok && len(r.cells) >= mostCells:
			return fault.New(fault.Invalid, "fault.surveillance.too_large")
		case !ok:
			r.cells[at] = cellValue{count, int32(n)}
		case r.m.Line || r.m.Sum || i > 0:
			r.cells[at] = cellValue{old.count + count, old.row}
		case old.count == count:
			r.res.Same++
			return nil
		default:
			r.bad(n, FieldCount, &fault.Field{Key: "fault.surveillance.contradicts", Args: fault.Args{"row": int(old.row)}})
			return nil
		}
	}
	r.res.Ready++
	r.res.Diseases[k.Disease]++
	return nil
}

func (r *reading) intern(k Key) int32 {
	i, ok := r.keys[k]
	if !ok {
		i = int32(len(r.names))
		r.keys[k] = i
		r.names = append(r.names, k)
	}
	return i
}

func (r *reading) finish() {
	r.res.Cells, r.res.Series = len(r.cells), len(r.names)
	first := true
	for at := range r.cells {
		if first || at.period < r.res.First {
			r.res.First = at.period
		}
		if first || at.period > r.res.Last {
			r.res.Last = at.period
		}
		first = false
	}
	for _, t := range r.terms {
		r.res.Terms = append(r.res.Terms, *t)
	}
	slices.SortFunc(r.res.Terms, func(a, b Term) int { return strings.Compare(a.Term, b.Term) })
}

// batch is what is to be stored.
func (r *reading) batch() (Batch, error) {
	out := make(Batch, len(r.names))
	for at, v := range r.cells {
		if v.count > packed.MaxCount {
			return nil, fault.New(fault.Invalid, "fault.surveillance.too_large")
		}
		k := r.names[at.key]
		out[k] = append(out[k], packed.Cell{Period: at.period, Value: int32(v.count)})
	}
	for _, cells := range out {
		slices.SortFunc(cells, func(a, b packed.Cell) int { return int(a.Period) - int(b.Period) })
		if n := cells[len(cells)-1].Period - cells[0].Period; n >= packed.MaxLength {
			return nil, fault.New(fault.Invalid, "fault.surveillance.too_large")
		}
	}
	return out, nil
}
