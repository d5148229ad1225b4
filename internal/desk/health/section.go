package health

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/fault"
)

// Sections are the structured content of a notification under Article 6 of the
// IHR (2005), each a block that a recipient gets or not.
const (
	BlockDefinition   Block = "case_definition"
	BlockLaboratory   Block = "laboratory"
	BlockTransmission Block = "transmission"
	BlockMeasures     Block = "measures"
	BlockDifficulties Block = "difficulties"
	BlockSupport      Block = "support"
)

// SectionBlocks in the order of the form.
var SectionBlocks = []Block{BlockDefinition, BlockLaboratory, BlockTransmission, BlockMeasures, BlockDifficulties, BlockSupport}

// Completeness says how much of what should be known a section holds.
type Completeness string

const (
	Complete      Completeness = "complete"
	Partial       Completeness = "partial"
	NotKnown      Completeness = "unknown" // asked for, and nobody knows yet
	MaxSection                 = 4000
	maxSourceText              = 300
)

// Completenesses in the order of the form.
var Completenesses = []Completeness{Complete, Partial, NotKnown}

// Section is one part of the structured content with what it rests on.
type Section struct {
	Block    Block        `json:"block"`
	Text     string       `json:"text,omitempty"`
	AsOf     time.Time    `json:"as_of,omitzero"`
	Source   string       `json:"source,omitempty"`
	Complete Completeness `json:"complete"`
}

func checkSections(c *fault.Check, list []Section, now time.Time) {
	seen := map[Block]bool{}
	for i := range list {
		s := &list[i]
		s.Text, s.Source = strings.TrimSpace(s.Text), strings.TrimSpace(s.Source)
		name := string(s.Block)
		c.That(slices.Contains(SectionBlocks, s.Block) && !seen[s.Block], name, "fault.health.block")
		seen[s.Block] = true
		c.That(slices.Contains(Completenesses, s.Complete), name+".complete", "fault.health.complete")
		c.That(utf8.RuneCountInString(s.Text) <= MaxSection, name+".text", "fault.too_long", fault.Args{"max": MaxSection})
		c.That(utf8.RuneCountInString(s.Source) <= maxSourceText, name+".source", "fault.too_long", fault.Args{"max": maxSourceText})
		c.That(!s.AsOf.After(now.Add(24*time.Hour)), name+".as_of", "fault.health.as_of")
		if s.Complete == NotKnown {
			continue
		}
		c.That(s.Text != "", name+".text", "fault.health.section_text")
		c.That(s.Source != "", name+".source", "fault.health.section_source")
		c.That(!s.AsOf.IsZero(), name+".as_of", "fault.health.as_of")
	}
}

// sectionOf finds a section of a list.
func sectionOf(list []Section, b Block) (Section, bool) {
	i := slices.IndexFunc(list, func(s Section) bool { return s.Block == b })
	if i < 0 {
		return Section{}, false
	}
	return list[i], true
}
