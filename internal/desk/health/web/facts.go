package web

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/desk/health"
	"lintas/internal/web/parts"
)

// factTables are the newest revisions, each with the value that it replaced,
// and below them the replaced ones.
func (w words) factTables(views []health.FactView) (now, old parts.Table) {
	newest, before := map[string]health.FactView{}, map[string]health.FactView{}
	for _, f := range views {
		fact := f.Fact()
		key := fact.Key()
		switch n, ok := newest[key]; {
		case !ok:
			newest[key] = f
		case f.Revision >= n.Revision:
			newest[key], before[key] = f, n
		case f.Revision > before[key].Revision:
			before[key] = f
		}
	}
	now = parts.Table{Caption: w.T("health.facts.title"), RowHead: true, Cards: true, Columns: []parts.Column{
		{Text: w.T("health.fact.what")}, {Text: w.T("health.fact.value"), Number: true}, {Text: w.T("health.fact.place")},
		{Text: w.T("health.fact.asof")}, {Text: w.T("health.fact.source")}, {Text: w.T("health.fact.revision"), Number: true}}}
	old = now
	sorted := slices.Clone(views)
	slices.SortStableFunc(sorted, func(a, b health.FactView) int {
		return cmp.Or(b.AsOf.Compare(a.AsOf), cmp.Compare(slices.Index(health.Indicators, a.Indicator), slices.Index(health.Indicators, b.Indicator)),
			cmp.Compare(a.Place, b.Place), cmp.Compare(slices.Index(health.Ages, a.Age), slices.Index(health.Ages, b.Age)), cmp.Compare(a.Sex, b.Sex),
			cmp.Compare(a.Group, b.Group), cmp.Compare(b.Revision, a.Revision))
	})
	for _, f := range sorted {
		fact := f.Fact()
		key := fact.Key()
		if f.ID == newest[key].ID {
			now.Rows = append(now.Rows, w.factRow(f, before[key]))
		} else {
			old.Rows = append(old.Rows, w.factRow(f, health.FactView{}))
		}
	}
	old.Caption = w.T("health.facts.old", "n", len(old.Rows))
	return now, old
}

// earlier leaves the newest of each number and place in the table and returns
// the others, which stand folded below: a page of a long event would be all
// figures.
func (w words) earlier(t *parts.Table) parts.Table {
	out := *t
	out.Rows = nil
	seen := map[[3]string]bool{}
	var now [][]parts.Cell
	for _, row := range t.Rows {
		key := [3]string{row[0].Text, row[0].Note, row[2].Text}
		if len(t.Rows) > fewFacts && seen[key] {
			out.Rows = append(out.Rows, row)
			continue
		}
		seen[key] = true
		now = append(now, row)
	}
	t.Rows = now
	out.Caption = w.T("health.facts.earlier", "n", len(out.Rows))
	return out
}

// fewFacts is how many figures the page shows whole.
const fewFacts = 8

// factRow is one line of the table; was is the value that this one replaced.
func (w words) factRow(f, was health.FactView) []parts.Cell {
	what := joined(" · ", w.people(f), w.period(f), w.granularity(f))
	value := parts.Cell{Text: w.value(f)}
	if was.Revision > 0 {
		value.Body = struck(w.value(was) + " ")
		value.Note = w.T("health.fact.was", "value", w.value(was), "asof", w.ShortStamp(was.AsOf), "time", w.recorded(was), "now", w.recorded(f))
	}
	source := parts.Cell{Text: f.Source, Note: f.Note}
	if f.Method != "" {
		source.Note = joined(" · ", w.T("method."+f.Method), f.Note)
	}
	return []parts.Cell{{Text: w.indicator(f.Indicator, f.Class), Note: what}, value, {Text: w.name(f.Place)},
		{Text: w.ShortStamp(f.AsOf)}, source, {Text: str(f.Revision)}}
}

// recorded is when a value was entered; a copy of an older program does not
// tell.
func (w words) recorded(f health.FactView) string {
	if f.Recorded.IsZero() {
		return "–"
	}
	return w.ShortStamp(f.Recorded)
}

// value says a fact in words: a number, a share, or that it is not told.
func (w words) value(f health.FactView) string {
	switch {
	case f.Suppressed:
		return w.T("health.fact.suppressed")
	case f.Of > 0:
		return w.T("health.fact.share", "part", w.Number(f.Value), "of", w.Number(f.Of), "percent", w.Decimal(100*float64(f.Value)/float64(f.Of), 1))
	}
	return w.Number(f.Value)
}

// people says whom a fact counts; everybody needs no words.
func (w words) people(f health.FactView) string {
	var out []string
	if f.Age != "" {
		out = append(out, w.T("age."+f.Age))
	}
	if f.Sex != "" {
		out = append(out, w.T("sex."+f.Sex))
	}
	if f.Group != "" {
		out = append(out, w.T("group."+f.Group))
	}
	return strings.Join(out, ", ")
}

func (w words) granularity(f health.FactView) string {
	if f.Granularity == "" {
		return ""
	}
	return w.T("granularity." + f.Granularity)
}

// joined puts the parts that are not empty into one line.
func joined(sep string, list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), sep)
}

// struck is a value that no longer holds.
func struck(text string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error { return struckMark(text).Render(ctx, w) })
}

// bandKey is what one table of ages and sexes is about.
type bandKey struct{ indicator, class, place string }

// bands are tables of the newest totals by age and sex. Whoever was not
// counted apart stands as "no report": a missing band is never zero.
func (w words) bands(views []health.FactView) []parts.Table {
	cells := map[bandKey]map[string]health.FactView{}
	var order []bandKey
	for _, f := range views {
		if f.Group != "" || f.Of > 0 || f.From != "" || f.Age == "" && f.Sex == "" {
			continue
		}
		k := bandKey{f.Indicator, f.Class, f.Place}
		if cells[k] == nil {
			cells[k] = map[string]health.FactView{}
			order = append(order, k)
		}
		at := f.Age + "|" + f.Sex
		if old, ok := cells[k][at]; !ok || f.AsOf.After(old.AsOf) || f.AsOf.Equal(old.AsOf) && f.Revision > old.Revision {
			cells[k][at] = f
		}
	}
	var out []parts.Table
	for _, k := range order[:min(len(order), mostBands)] {
		out = append(out, w.bandTable(k, cells[k]))
	}
	return out
}

// mostBands is how many such tables a page shows; all are in the download.
const mostBands = 6

func (w words) bandTable(k bandKey, cells map[string]health.FactView) parts.Table {
	ages, sexes := used(cells, append([]string{""}, health.Ages...), 0), used(cells, append([]string{""}, health.Sexes...), 1)
	oldest, newest := time.Time{}, time.Time{}
	for _, f := range cells {
		if oldest.IsZero() || f.AsOf.Before(oldest) {
			oldest = f.AsOf
		}
		if f.AsOf.After(newest) {
			newest = f.AsOf
		}
	}
	t := parts.Table{RowHead: true, ShowCaption: true, Columns: []parts.Column{{Text: w.T("health.band.age")}},
		Caption: w.T("health.band.title", "what", w.indicator(k.indicator, k.class), "place", w.name(k.place), "from", w.ShortDay(oldest), "to", w.ShortDay(newest))}
	for _, s := range sexes {
		t.Columns = append(t.Columns, parts.Column{Text: w.band("sex", s), Number: true})
	}
	for _, a := range ages {
		row := []parts.Cell{{Text: w.band("age", a)}}
		for _, s := range sexes {
			cell := parts.Cell{Text: w.T("health.fact.none")}
			if f, ok := cells[a+"|"+s]; ok {
				cell.Text = w.value(f)
				if !f.AsOf.Equal(newest) {
					cell.Note = w.ShortDay(f.AsOf)
				}
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// band is the name of an age or sex; empty stands for all.
func (w words) band(kind, v string) string {
	if v == "" {
		return w.T("health.band.all")
	}
	return w.T(kind + "." + v)
}

// used are those of a list that some cell has, in the list's order.
func used(cells map[string]health.FactView, list []string, part int) []string {
	return slices.DeleteFunc(list, func(v string) bool {
		for key := range cells {
			if strings.Split(key, "|")[part] == v {
				return false
			}
		}
		return true
	})
}
