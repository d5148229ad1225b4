// Package history is the tamper-evident log of a node: rows that are appended
// in the transaction of the change they record, a Merkle tree over them, and
// signed checkpoints that the other members countersign.
package history

// Terms. The log is one sequence of entries, index 0 first. A leaf is the
// canonical JSON of one entry; the tree is that of RFC 6962 as sumdb/tlog
// builds it. A checkpoint is a signed note (origin, size, root, time). An
// epoch is a run of checkpoints that never contradict one another; a new one
// begins only when the node was restored and others hold a checkpoint that
// the restored log cannot reach. Indexes go on across epochs.

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

//go:embed schema/*.sql
var files embed.FS

// Schema holds the tables of the history.
var Schema = db.Schema{Name: "history", FS: sub(files)}

func sub(f embed.FS) fs.FS {
	s, err := fs.Sub(f, "schema")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return s
}

// Capabilities say who may read the whole log and who may have it verified.
var Capabilities = access.Capabilities{
	{Name: "history.list", By: []access.Role{access.Auditor}, Scope: "history.read"},
	{Name: "history.verify", By: []access.Role{access.Auditor, access.Administrator}, Scope: "history.read"},
}

// Record names the version of the record that an entry left behind; it is
// empty for what concerns no record, such as a sign-in.
type Record struct {
	Desk    string `json:"desk"`
	Kind    string `json:"kind"`
	ID      id.ID  `json:"id"`
	Version int    `json:"version"`
}

// Entry is one act. Its texts go to every auditor and, as hashes, to every
// member: never personal data or secrets.
type Entry struct {
	Index    int64
	At       time.Time // time of the record; an exercise may drive it
	Recorded time.Time // the machine's time
	Member   access.Member
	Account  id.ID
	Actor    string // duty post
	Role     string
	Action   string // "health.event.verify"
	Record   Record
	Track    string // empty unless the record has several
	From, To workflow.State
	Digest   string          // Digest of the record after the change
	Detail   json.RawMessage // changed fields and words
	Exercise string
}

// maxDetail keeps one entry from filling the log.
const maxDetail = 256 << 10

// Digest is the SHA-256 of a record's canonical JSON, in hexadecimal.
func Digest(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}

// leaf is the hashed form of an entry. Its keys are sorted; adding one needs
// a new V, because old leaves must encode as they did.
type leaf struct {
	Account  id.ID           `json:"account"`
	Action   string          `json:"action"`
	Actor    string          `json:"actor"`
	At       int64           `json:"at"`
	Desk     string          `json:"desk"`
	Detail   json.RawMessage `json:"detail,omitempty"`
	Digest   string          `json:"digest"`
	Exercise string          `json:"exercise"`
	From     workflow.State  `json:"from"`
	Index    int64           `json:"index"`
	Kind     string          `json:"kind"`
	Member   access.Member   `json:"member"`
	Record   id.ID           `json:"record"`
	Recorded int64           `json:"recorded"`
	Role     string          `json:"role"`
	To       workflow.State  `json:"to"`
	Track    string          `json:"track"`
	V        int             `json:"v"`
	Version  int             `json:"version"`
}

// Leaf is the canonical form whose hash stands in the tree: times in
// microseconds since 1970, keys sorted, no spaces, no HTML escapes.
func (e Entry) Leaf() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(leaf{
		Account: e.Account, Action: e.Action, Actor: e.Actor, At: clock.Micros(e.At),
		Desk: e.Record.Desk, Detail: e.Detail, Digest: e.Digest, Exercise: e.Exercise,
		From: e.From, Index: e.Index, Kind: e.Record.Kind, Member: e.Member, Record: e.Record.ID,
		Recorded: clock.Micros(e.Recorded), Role: e.Role, To: e.To, Track: e.Track, V: 1, Version: e.Record.Version,
	})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.history.entry", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// ParseLeaf reads a leaf that came from another member. What does not encode
// back to the same bytes is refused.
func ParseLeaf(data []byte) (Entry, error) {
	bad := fault.New(fault.Invalid, "fault.history.entry")
	var l leaf
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil || l.V != 1 {
		return Entry{}, bad
	}
	e := Entry{
		Index: l.Index, At: clock.FromMicros(l.At), Recorded: clock.FromMicros(l.Recorded), Member: l.Member,
		Account: l.Account, Actor: l.Actor, Role: l.Role, Action: l.Action,
		Record: Record{Desk: l.Desk, Kind: l.Kind, ID: l.Record, Version: l.Version},
		Track:  l.Track, From: l.From, To: l.To, Digest: l.Digest, Detail: l.Detail, Exercise: l.Exercise,
	}
	again, err := e.Leaf()
	if err != nil || !bytes.Equal(again, data) {
		return Entry{}, bad
	}
	return e, nil
}

// hash is the leaf's hash in the tree.
func (e Entry) hash() (tlog.Hash, error) {
	l, err := e.Leaf()
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.RecordHash(l), nil
}

// prepare brings an entry to the form that both engines give back unchanged,
// and refuses one that they would not.
func (e *Entry) prepare() error {
	e.At, e.Recorded = clock.Cut(e.At), clock.Cut(e.Recorded)
	var c fault.Check
	c.That(!e.At.IsZero() && !e.Recorded.IsZero(), "at", "fault.history.time")
	c.That(e.Member != "", "member", "fault.history.member")
	c.That(e.Action != "", "action", "fault.history.action")
	for name, s := range map[string]string{
		"member": string(e.Member), "account": string(e.Account), "actor": e.Actor, "role": e.Role,
		"action": e.Action, "desk": e.Record.Desk, "kind": e.Record.Kind, "record": string(e.Record.ID),
		"track": e.Track, "from": string(e.From), "to": string(e.To), "digest": e.Digest, "exercise": e.Exercise,
	} {
		c.That(utf8.ValidString(s) && !strings.ContainsRune(s, 0), name, "fault.history.text")
	}
	detail, ok := compact(e.Detail)
	c.That(ok, "detail", "fault.history.detail", fault.Args{"max": maxDetail >> 10})
	e.Detail = detail
	return c.Err()
}

func compact(raw json.RawMessage) (json.RawMessage, bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, true
	}
	var b bytes.Buffer
	if !utf8.Valid(raw) || json.Compact(&b, raw) != nil || b.Len() > maxDetail {
		return nil, false
	}
	return b.Bytes(), true
}
