package ihr

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

// Block is one part of the content of a notification under Article 6, as far
// as the record has it. A block without text is a gap, and is shown as one.
type Block struct {
	Key      string // catalogue "ihr.block.<key>"
	Text     string // as entered; empty where Figures, Codes or a gap stand
	Figures  []health.FactView
	Dates    []DatedFact
	Measures []MeasureView
	AsOf     time.Time
	Source   string
	Complete health.Completeness // empty: a gap
}

// DatedFact is a date of the event with its name.
type DatedFact struct {
	Key  string // onset, emergence, detection, notified
	Date health.Date
}

// Gap reports whether nothing is known of the block. Of the source at least the
// hazard is known.
func (b *Block) Gap() bool {
	return b.Key != "source" && b.Text == "" && len(b.Figures) == 0 && len(b.Dates) == 0 && len(b.Measures) == 0
}

// Content6 is the content of a notification under Article 6, assembled from
// the event, its facts and its sections, and from the register of measures.
type Content6 struct {
	Event    health.EventView
	Blocks   []Block
	Gaps     int
	Recorded time.Time
}

// Article6 assembles the content for an own event. Nothing is entered here: a
// gap is mended in the event, so that every other page shows it too.
func (d *Desk) Article6(ctx context.Context, actor access.Actor, event id.ID) (Content6, error) {
	p, err := d.health.EventPage(ctx, actor, event)
	if err != nil {
		return Content6{}, err
	}
	ms, _, err := d.Measures(ctx, actor, MeasureFilter{Event: event, Owner: d.env.Member, Limit: 100})
	if err != nil {
		return Content6{}, err
	}
	out := Content6{Event: p.View, Recorded: p.Created.At}
	out.Blocks = blocks(p.View, ms)
	for i := range out.Blocks {
		if out.Blocks[i].Gap() {
			out.Gaps++
		}
	}
	return out, nil
}

// blocks in the order of Article 6.
func blocks(e health.EventView, ms []MeasureView) []Block {
	source := Block{Key: "source", Text: e.Agent, AsOf: e.Changed, Complete: health.Complete}
	if e.Agent == "" {
		source.Complete = health.NotKnown
	}
	out := []Block{section(e, health.BlockDefinition), section(e, health.BlockLaboratory), source,
		figures(e, "cases"), figures(e, "deaths"), dates(e), section(e, health.BlockTransmission)}
	taken := section(e, health.BlockMeasures)
	taken.Measures = ms
	if len(ms) > 0 && taken.Complete == "" {
		taken.Complete = health.Partial
	}
	return append(out, taken, section(e, health.BlockDifficulties), section(e, health.BlockSupport))
}

func section(e health.EventView, b health.Block) Block {
	s, ok := e.Section(b)
	if !ok {
		return Block{Key: string(b)}
	}
	return Block{Key: string(b), Text: s.Text, AsOf: s.AsOf, Source: s.Source, Complete: s.Complete}
}

// figures are the newest totals of an indicator by class.
func figures(e health.EventView, indicator string) Block {
	b := Block{Key: indicator}
	var facts []health.Fact
	for _, f := range e.Facts {
		facts = append(facts, f.Fact())
	}
	for _, class := range health.Classes {
		f, ok := health.Latest(facts, indicator, class)
		if !ok {
			continue
		}
		b.Figures = append(b.Figures, health.FactView{Indicator: indicator, Class: class, Value: f.Value, Source: f.Source, AsOf: f.AsOf})
		if f.AsOf.After(b.AsOf) {
			b.AsOf, b.Source = f.AsOf, f.Source
		}
		b.Complete = health.Partial
	}
	return b
}

func dates(e health.EventView) Block {
	b := Block{Key: "dates", AsOf: e.Changed}
	for _, x := range []DatedFact{{"onset", e.Onset}, {"emergence", e.Emergence}, {"detection", e.Detection}, {"notified", e.Notified}} {
		if !x.Date.IsZero() {
			b.Dates = append(b.Dates, x)
		}
	}
	b.Complete = health.Partial
	if len(b.Dates) == 4 {
		b.Complete = health.Complete
	}
	return b
}
