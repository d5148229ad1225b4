package history

import (
	"bytes"
	"encoding/json"

	"golang.org/x/mod/sumdb/tlog"

	"lintas/internal/fault"
)

// Kinds of the releases that carry the bodies below.
const (
	KindCheckpoint  = "history.checkpoint"
	KindCountersign = "history.countersign"
	KindAsk         = "history.ask"
	KindHeld        = "history.held"
)

// CheckpointBody offers a checkpoint to the others. Since names the one that
// the recipient is taken to hold; Proof shows that the new tree begins with
// it. Reopened is there when the epoch is newer than Since's.
type CheckpointBody struct {
	Note     string         `json:"note"`
	Since    Point          `json:"since"`
	Proof    tlog.TreeProof `json:"proof"`
	Reopened *Reopened      `json:"reopened,omitempty"`
}

// Reopened is the entry that began the epoch and the proof that it is in the
// tree. The leaf is bytes (base64), not JSON within JSON: what carries the
// body may write its JSON anew, and one moved key would change the hash.
type Reopened struct {
	Leaf  []byte           `json:"leaf"`
	Proof tlog.RecordProof `json:"proof"`
}

// CountersignBody answers: with the countersigned note, or with the reason
// and the last checkpoint that the answering member holds.
type CountersignBody struct {
	Of      Point   `json:"of"`
	Outcome Outcome `json:"outcome"`
	Note    string  `json:"note,omitempty"`
	Held    string  `json:"held,omitempty"`
}

// AskBody asks the others what they hold, after a restore and at a start.
type AskBody struct {
	Epoch int64 `json:"epoch"`
	Size  int64 `json:"size"`
}

// HeldBody answers with the last checkpoint that was accepted from the asker;
// it is empty when there is none.
type HeldBody struct {
	Note string `json:"note,omitempty"`
}

const maxBody = 1 << 20

// Body is one of the four shapes above.
type Body interface {
	CheckpointBody | CountersignBody | AskBody | HeldBody
}

// ParseBody reads a body that came from another member.
func ParseBody[B Body](data []byte) (B, error) {
	var b B
	if len(data) > maxBody {
		return b, fault.New(fault.Invalid, "fault.history.body")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&b); err != nil {
		return b, fault.Wrap(fault.Invalid, "fault.history.body", err)
	}
	if d.More() {
		return b, fault.New(fault.Invalid, "fault.history.body")
	}
	return b, nil
}
