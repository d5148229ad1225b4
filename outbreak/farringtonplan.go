package outbreak

// FarringtonPlan says which past steps stand for which season when one step is
// judged. It depends on the axis of time and the options only, so that one plan
// serves every series on the same axis.
type FarringtonPlan struct {
	opt    FarringtonOptions
	step   int
	length int // steps of the axis

	index   []int32   // step of each row of the fit
	level   []int32   // its seasonal level, from 0; the current one is Periods-1
	t       []float64 // its time, with the middle of the history at 0
	day     []float64 // its time as the reference implementation counts it, from the first row
	now     float64   // time of the judged step
	middle  float64   // what was subtracted from day to make t
	dated   bool
	blocks  []block
	levels  int
	most    int     // longest block
	far     int     // longest gap
	firstOf []int32 // first row of each level
}

// block is a run of rows of one level at unit steps of time: the fitted values
// in it are a geometric series.
type block struct {
	first, n int32
	level    int32
	t0       float64
	gap      int32 // steps since the start of the block before; 0 where they are not whole or many
}

// farGap is the longest gap that is bridged by multiplication.
const farGap = 64

// PlanFarrington lays out the history of one step. Only the axis of the series
// is read: the number of its counts, its frequency and its days.
func PlanFarrington(axis Series, step int, o FarringtonOptions) (*FarringtonPlan, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if step < 0 || step >= len(axis.Counts) {
		return nil, refuse(BadOption, "Steps", "step %d is not within the %d of the series", step+1, len(axis.Counts))
	}
	if axis.Days != nil && len(axis.Days) != len(axis.Counts) {
		return nil, refuse(BadSeries, "Days", "there are %d days for %d counts", len(axis.Days), len(axis.Counts))
	}
	refs, err := referenceSteps(axis, step, o)
	if err != nil {
		return nil, err
	}
	season, err := seasonLevels(len(axis.Counts), step, refs, o)
	if err != nil {
		return nil, err
	}
	p := &FarringtonPlan{opt: o, step: step, length: len(axis.Counts), levels: o.Periods, dated: axis.Days != nil}
	if o.Compat == R && step-o.Omit < -1 {
		return nil, refuse(ShortSeries, "Omit", "%d steps cannot be left out before step %d", o.Omit, step+1)
	}
	for i, level := range season {
		if level > 0 && !(i >= step-o.Omit && i <= step) && (o.Compat == R || i < step) {
			p.index = append(p.index, int32(i))
			p.level = append(p.level, level-1)
		}
	}
	if len(p.index) == 0 {
		return nil, refuse(ShortSeries, "Counts", "at step %d no past step is left to compare with", step+1)
	}
	p.setTimes(axis)
	p.setBlocks()
	return p, nil
}

// referenceSteps gives the judged step and the same point of the Years years
// before, latest first.
func referenceSteps(axis Series, step int, o FarringtonOptions) ([]int, error) {
	refs := make([]int, o.Years+1)
	refs[0] = step
	early := func(year int) error {
		return refuse(ShortSeries, "Counts", "step %d needs the point %d years before, which the series does not have: take fewer years or a later step", step+1, year)
	}
	if axis.Days == nil {
		for year := 1; year <= o.Years; year++ {
			if refs[year] = step - year*axis.PerYear(); refs[year] < 0 {
				return nil, early(year)
			}
		}
		return refs, nil
	}
	if f := axis.PerYear(); f != Weekly && f != Monthly && f != Daily {
		return nil, refuse(NotSupported, "Frequency", "with days, a series is daily (365), weekly (52) or monthly (12), not %d a year", f)
	}
	for year := 1; year <= o.Years; year++ {
		at := stepOf(axis.Days, yearsBefore(axis.Days[step], year, axis.PerYear() == Weekly))
		if at < 0 {
			return nil, early(year)
		}
		refs[year] = at
	}
	return refs, nil
}

// yearsBefore is the same calendar date n years earlier, 29 February rolling to
// 1 March; sameWeekday moves it to the nearest day with the weekday of d.
func yearsBefore(d Day, n int, sameWeekday bool) Day {
	y, m, day := d.Time().Date()
	ref := DateOf(y-n, m, day)
	if sameWeekday {
		off := ((int(d)-int(ref))%7 + 7) % 7 // days forward to the weekday
		if off > 3 {
			off -= 7
		}
		ref += Day(off)
	}
	return ref
}

// stepOf finds a day by bisection, or -1.
func stepOf(days []Day, d Day) int {
	lo, hi := 0, len(days)
	for lo < hi {
		if mid := (lo + hi) / 2; days[mid] < d {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(days) && days[lo] == d {
		return lo
	}
	return -1
}

// seasonLevels gives each step its level, from 1; 0 is none. The windows round
// the reference points have level Periods; what lies between two windows is cut
// into Periods-1 blocks, the first ones longer by one where it does not divide.
func seasonLevels(n, step int, refs []int, o FarringtonOptions) ([]int32, error) {
	season := make([]int32, n)
	w, p := o.HalfWindow, o.Periods
	set := func(from, to int, level int32) {
		if from > to { // the reference implementation counts down
			from, to = to, from
		}
		for i := max(from, 0); i <= min(to, n-1); i++ {
			season[i] = level
		}
	}
	set(step-w, step, int32(p))
	for i := 1; i < len(refs); i++ {
		ref := refs[i]
		if o.Compat == R && ref-w < -1 {
			return nil, refuse(ShortSeries, "HalfWindow", "the window round step %d begins before the series", ref+1)
		}
		set(ref-w, ref+w, int32(p))
		if p == 1 {
			continue
		}
		gap := refs[i-1] - 2*w - 1 - ref
		if gap < p-1 && (o.Compat == Paper || gap < p-(2*w+1)) {
			return nil, refuse(BadOption, "Periods", "%d steps between two windows cannot be cut into %d seasonal levels", gap, p-1)
		}
		at := ref + w + 1
		for j := 1; j < p; j++ {
			size := floorDiv(gap, p-1)
			if j <= gap-floorDiv(gap, p-1)*(p-1) {
				size++
			}
			set(at, at+size-1, int32(j))
			at += size
		}
	}
	return season, nil
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (p *FarringtonPlan) setTimes(axis Series) {
	p.day = make([]float64, len(p.index))
	now := float64(p.step)
	if p.dated {
		unit := 1.0
		if len(axis.Days) > 1 {
			unit = float64(axis.Days[1] - axis.Days[0])
		}
		first := axis.Days[p.index[0]]
		for i, at := range p.index {
			p.day[i] = float64(axis.Days[at]-first) / unit
		}
		now = float64(axis.Days[p.step]-first) / unit
	} else {
		for i, at := range p.index {
			p.day[i] = float64(at)
		}
	}
	p.middle = p.day[len(p.day)/2]
	p.t = make([]float64, len(p.day))
	for i, d := range p.day {
		p.t[i] = d - p.middle
	}
	p.now = now - p.middle
}

func (p *FarringtonPlan) setBlocks() {
	for i := range p.t {
		last := len(p.blocks) - 1
		if last >= 0 {
			b := &p.blocks[last]
			if p.level[i] == b.level && p.t[i] == b.t0+float64(b.n) {
				b.n++
				continue
			}
		}
		b := block{first: int32(i), n: 1, level: p.level[i], t0: p.t[i]}
		if last >= 0 {
			if gap := b.t0 - p.blocks[last].t0; gap > 0 && gap <= farGap && gap == float64(int32(gap)) {
				b.gap = int32(gap)
			}
		}
		p.blocks = append(p.blocks, b)
	}
	p.firstOf = make([]int32, p.levels)
	for i := len(p.blocks) - 1; i >= 0; i-- {
		b := p.blocks[i]
		p.most, p.far = max(p.most, int(b.n)), max(p.far, int(b.gap))
		p.firstOf[b.level] = b.first
	}
}
