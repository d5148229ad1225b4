package signal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return string(b), nil
}

func decode(doc string, out any) error {
	if err := json.Unmarshal([]byte(doc), out); err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return nil
}

func load(ctx context.Context, tx *db.Tx, query string, rid id.ID, out any) error {
	var doc string
	ok, err := tx.Row(ctx, query, []any{string(rid)}, &doc)
	if err != nil {
		return err
	}
	if !ok {
		return desk.NotFound()
	}
	return decode(doc, out)
}

func loadSignal(ctx context.Context, tx *db.Tx, sid id.ID) (Signal, error) {
	var s Signal
	err := load(ctx, tx, `SELECT doc FROM signal_signal WHERE id = ?`, sid, &s)
	s.before = s.Claim
	return s, err
}

// loadAll reads the documents of many rows; the query selects doc alone.
func loadAll[R any](ctx context.Context, tx *db.Tx, query string, args ...any) ([]R, error) {
	var out []R
	err := tx.Each(ctx, query, args, func(scan func(...any) error) error {
		var doc string
		if err := scan(&doc); err != nil {
			return err
		}
		var r R
		if err := decode(doc, &r); err != nil {
			return err
		}
		out = append(out, r)
		return nil
	})
	return out, err
}

// noDue puts what has no clock behind everything that has one.
const noDue = int64(1) << 61

// rank orders the inbox by the time left; closed signals follow, the one that
// changed last first.
func rank(due, changed time.Time) int64 {
	if !due.IsZero() {
		return clock.Micros(due)
	}
	return noDue - clock.Micros(changed)
}

// content identifies what a source said, so that a table that is imported
// twice brings nothing twice.
func content(s *Signal) string {
	h := sha256.New()
	for _, part := range []string{string(s.Source), s.Ref, s.Place, s.Locality, s.Hazard, s.Agent, s.FirstSeen.On, s.Text} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// needle is what the search looks through: folded text, which works in
// scripts without word spaces as well.
func needle(s *Signal) string {
	return health.Fold(strings.Join([]string{s.Text, s.SourceName, s.Ref, s.Agent, s.Hazard, s.ICD11, s.ICD10, s.Locality, s.Population, s.Place}, "\n"))
}

// sigColumns are the words of the filter that stands beside the needle.
const (
	sigWords   = 8
	sigColumns = "sig0, sig1, sig2, sig3, sig4, sig5, sig6, sig7"
	sigMarks   = "?, ?, ?, ?, ?, ?, ?, ?"
)

// sketch sets one bit for each group of three characters: a text can hold a
// word only if it has all bits of the word.
func sketch(text string) (out [sigWords]uint64) {
	var last [2]rune
	n := 0
	for _, c := range text {
		if n >= 2 {
			h := mix(uint64(last[0])<<42 | uint64(last[1])<<21 | uint64(c))
			out[h>>6%sigWords] |= 1 << (h & 63)
		}
		last[0], last[1] = last[1], c
		n++
	}
	return out
}

func sketched(text string) []any {
	out := make([]any, sigWords)
	for i, w := range sketch(text) {
		out[i] = int64(w)
	}
	return out
}

func isOpen(s workflow.State) int {
	if slices.Contains(OpenStates, s) {
		return 1
	}
	return 0
}

func signalColumns(s *Signal) ([]any, error) {
	doc, err := encode(s)
	if err != nil {
		return nil, err
	}
	var claimer string
	var until int64
	if s.Claim != nil {
		claimer, until = string(s.Claim.Account), clock.Micros(s.Claim.Until)
	}
	words := needle(s)
	cols := []any{string(s.State), s.Version, s.Place, Country(s.Place), s.Hazard, string(s.Source), string(s.Marking), clock.Micros(s.Created.At),
		clock.Micros(s.Seen()), clock.Micros(s.Due), rank(s.Due, s.Changed.At), claimer, until, clock.Micros(s.Escalated), string(s.Event),
		string(s.DuplicateOf), string(s.Import), s.Alarm, content(s), isOpen(s.State)}
	return append(append(cols, sketched(words)...), words, doc), nil
}

func insertSignal(ctx context.Context, tx *db.Tx, s *Signal) error {
	cols, err := signalColumns(s)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO signal_signal (state, version, place, country, hazard, source, marking, created, seen, due, rank, claimer,
		claimed_until, escalated, event, duplicate_of, import, alarm, content, open, `+sigColumns+`, needle, doc, id, scouted, twins)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, `+sigMarks+`, ?, ?, ?, 0, 0)`, append(cols, string(s.ID))...)
	return err
}

// updateSignal leaves a signal to be compared again when what it says changed.
func updateSignal(ctx context.Context, tx *db.Tx, s *Signal, was int) error {
	cols, err := signalColumns(s)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE signal_signal SET state = ?, version = ?, place = ?, country = ?, hazard = ?, source = ?, marking = ?, created = ?,
		seen = ?, due = ?, rank = ?, claimer = ?, claimed_until = ?, escalated = ?, event = ?, duplicate_of = ?, import = ?, alarm = ?,
		scouted = CASE WHEN content = ? THEN scouted ELSE 0 END, content = ?, open = ?,
		sig0 = ?, sig1 = ?, sig2 = ?, sig3 = ?, sig4 = ?, sig5 = ?, sig6 = ?, sig7 = ?, needle = ?, doc = ?
		WHERE id = ? AND version = ?`, append(append(cols[:18:18], cols[18]), append(cols[18:], string(s.ID), was)...)...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

func anys[S ~string](v []S) []any {
	out := make([]any, len(v))
	for i, s := range v {
		out[i] = string(s)
	}
	return out
}
