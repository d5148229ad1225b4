package history

import (
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"lintas/internal/fault"
)

// ActionReopen is the action of the first entry of every later epoch.
const ActionReopen = "history.reopen"

// Lost is a checkpoint that others hold and that the log gives up: it agrees
// with it on the first Kept entries only.
type Lost struct {
	Point
	Root tlog.Hash `json:"root"`
	Kept int64     `json:"kept"`
}

// Reopening is the detail of the first entry of an epoch. Lost repeats what
// earlier epochs gave up, so that a member that was away needs only this one.
type Reopening struct {
	Epoch int64  `json:"epoch"`
	Lost  []Lost `json:"lost"`
}

// reopeningOf reads the detail of an entry that begins an epoch.
func reopeningOf(e Entry) (Reopening, error) {
	var r Reopening
	if e.Action != ActionReopen {
		return r, fmt.Errorf("history: entry %d does not begin an epoch", e.Index)
	}
	if err := json.Unmarshal(e.Detail, &r); err != nil {
		return r, fmt.Errorf("history: entry %d: %w", e.Index, err)
	}
	for _, l := range r.Lost {
		if l.Kept < 0 || l.Kept > e.Index || l.Epoch < 1 || l.Epoch >= r.Epoch {
			return r, fmt.Errorf("history: entry %d: gives up an impossible checkpoint", e.Index)
		}
	}
	return r, nil
}

// check verifies that the entry that began the epoch is in the tree.
func (p *Reopened) check(c Checkpoint) (Reopening, error) {
	e, err := ParseLeaf(p.Leaf)
	if err != nil {
		return Reopening{}, err
	}
	if err := checkLeaf(p.Proof, c, e.Index, tlog.RecordHash(p.Leaf)); err != nil {
		return Reopening{}, err
	}
	r, err := reopeningOf(e)
	if err != nil {
		return r, fault.Wrap(fault.Invalid, "fault.history.reopening", err)
	}
	if r.Epoch != c.Epoch || e.Member != c.Member {
		return r, fault.New(fault.Invalid, "fault.history.reopening")
	}
	return r, nil
}

// everything is more than any log has.
const everything = int64(1) << 62

// keeps is how many entries of an earlier epoch the log still has.
func (r Reopening) keeps(epoch int64) int64 {
	kept := everything
	for _, l := range r.Lost {
		if l.Epoch >= epoch {
			kept = min(kept, l.Kept)
		}
	}
	return kept
}

// names reports whether the checkpoint is among those given up: at one of
// them, or on the way to a larger one of its epoch.
func (r Reopening) names(c Checkpoint) bool {
	for _, l := range r.Lost {
		if l.Point == c.Point() && l.Root == c.Root || l.Epoch == c.Epoch && l.Size > c.Size {
			return true
		}
	}
	return false
}
