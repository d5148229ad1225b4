package history

import (
	"fmt"

	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Replay folds the entries of one record and track to its final state and
// refuses a chain that is broken: an entry that leaves a state in which the
// record was not, a version that goes back, or indexes out of order. Entries
// of other records, and those that change no state, are passed over.
func Replay(entries []Entry, record id.ID, track string) (workflow.State, error) {
	var state workflow.State
	var version int
	last := int64(-1)
	for _, e := range entries {
		if e.Record.ID != record {
			continue
		}
		if e.Index <= last {
			return state, fmt.Errorf("history: entry %d follows entry %d", e.Index, last)
		}
		if e.Record.Version < version {
			return state, fmt.Errorf("history: entry %d goes back from version %d to %d", e.Index, version, e.Record.Version)
		}
		last, version = e.Index, e.Record.Version
		if e.Track != track || e.From == "" && e.To == "" {
			continue
		}
		if e.From != state {
			return state, fmt.Errorf("history: entry %d (%s) leaves %q, but the record was in %q", e.Index, e.Action, e.From, state)
		}
		if e.To != "" {
			state = e.To
		}
	}
	return state, nil
}
