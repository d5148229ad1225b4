package history

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// scanEntry reads entryColumns and what stands behind them.
func scanEntry(scan func(...any) error, more ...any) (Entry, error) {
	var e Entry
	var at, recorded int64
	var member, account, record, from, to, detail string
	dest := append([]any{&e.Index, &at, &recorded, &member, &account, &e.Actor, &e.Role, &e.Action, &e.Record.Desk,
		&e.Record.Kind, &record, &e.Record.Version, &e.Track, &from, &to, &e.Digest, &detail, &e.Exercise}, more...)
	if err := scan(dest...); err != nil {
		return e, err
	}
	e.At, e.Recorded = clock.FromMicros(at), clock.FromMicros(recorded)
	e.Member, e.Account, e.Record.ID = access.Member(member), id.ID(account), id.ID(record)
	e.From, e.To = workflow.State(from), workflow.State(to)
	if detail != "" {
		e.Detail = json.RawMessage(detail)
	}
	return e, nil
}

// At is the entry at an index.
func At(ctx context.Context, tx *db.Tx, index int64) (Entry, error) {
	list, err := entries(ctx, tx, `WHERE idx = ?`, []any{index})
	if err == nil && len(list) == 0 {
		return Entry{}, fault.New(fault.NotFound, "fault.history.no_entry")
	}
	if err != nil {
		return Entry{}, err
	}
	return list[0], nil
}

// perQuery identifiers are asked for in one statement.
const perQuery = 200

// Of is the timeline of a record, or of a family of records, oldest first.
// The caller has checked that the actor may see them.
func Of(ctx context.Context, tx *db.Tx, records ...id.ID) ([]Entry, error) {
	ids := slices.Clone(records)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	ids = slices.DeleteFunc(ids, func(i id.ID) bool { return i == "" })
	var out []Entry
	for part := range slices.Chunk(ids, perQuery) {
		args := make([]any, len(part))
		for i := range part {
			args[i] = string(part[i])
		}
		list, err := entries(ctx, tx, `WHERE record IN `+values(1, len(args))+` ORDER BY idx`, args)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	if len(ids) > perQuery {
		slices.SortFunc(out, func(a, b Entry) int { return int(a.Index - b.Index) })
	}
	return out, nil
}

func entries(ctx context.Context, tx *db.Tx, where string, args []any) ([]Entry, error) {
	var out []Entry
	err := tx.Each(ctx, `SELECT `+entryColumns+` FROM history_entry `+where, args, func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		out = append(out, e)
		return err
	})
	return out, err
}

// Filter chooses what the auditor sees. Empty fields do not filter.
type Filter struct {
	From, To time.Time // machine time, To excluded
	Desk     string
	Kind     string
	Record   id.ID
	Account  id.ID
	Actor    string
	Role     string
	Action   string // an action, or with a final dot all that begin so
	Exercise string
	Real     bool // leave exercises out
	// Before is where the page begins: entries below this index, newest
	// first. 0 begins at the newest.
	Before int64
	Limit  int // 1 to 1000; 0 is 100
}

// Page is one page of the log, newest first. Next is the Before of the next
// page; 0 when this was the last.
type Page struct {
	Entries []Entry
	Next    int64
}

// List reads the log for the auditor.
func List(ctx context.Context, tx *db.Tx, actor access.Actor, f Filter) (Page, error) {
	if !Capabilities.May(actor, "history.list") {
		return Page{}, fault.New(fault.Forbidden, "fault.role")
	}
	if f.Limit == 0 {
		f.Limit = 100
	}
	if f.Limit < 1 || f.Limit > 1000 || f.Before < 0 {
		return Page{}, fault.New(fault.Invalid, "fault.history.page")
	}
	where, args := f.where()
	list, err := entries(ctx, tx, where+` ORDER BY idx DESC LIMIT ?`, append(args, f.Limit+1))
	if err != nil {
		return Page{}, err
	}
	p := Page{Entries: list}
	if len(list) > f.Limit {
		p.Entries = list[:f.Limit]
		p.Next = p.Entries[f.Limit-1].Index
	}
	return p, nil
}

func (f Filter) where() (string, []any) {
	var cond []string
	var args []any
	add := func(c string, v ...any) { cond, args = append(cond, c), append(args, v...) }
	for _, eq := range []struct{ column, value string }{
		{"desk", f.Desk}, {"kind", f.Kind}, {"record", string(f.Record)}, {"account", string(f.Account)},
		{"actor", f.Actor}, {"role", f.Role}, {"exercise", f.Exercise},
	} {
		if eq.value != "" {
			add(eq.column+` = ?`, eq.value)
		}
	}
	switch {
	case strings.HasSuffix(f.Action, "."):
		// Not LIKE, whose case differs between the engines; SUBSTR counts
		// characters in both.
		add(`SUBSTR(action, 1, ?) = ?`, len([]rune(f.Action)), f.Action)
	case f.Action != "":
		add(`action = ?`, f.Action)
	}
	if f.Real {
		add(`exercise = ''`)
	}
	if !f.From.IsZero() {
		add(`recorded >= ?`, clock.Micros(f.From))
	}
	if !f.To.IsZero() {
		add(`recorded < ?`, clock.Micros(f.To))
	}
	if f.Before > 0 {
		add(`idx < ?`, f.Before)
	}
	if len(cond) == 0 {
		return "", nil
	}
	return `WHERE ` + strings.Join(cond, ` AND `), args
}

// Between reads what one desk did after since and not after until by the time
// of the records, the newest first.
func Between(ctx context.Context, tx *db.Tx, desk string, since, until time.Time, limit int) ([]Entry, error) {
	return entries(ctx, tx, `WHERE desk = ? AND at > ? AND at <= ? ORDER BY at DESC, idx DESC LIMIT ?`,
		[]any{desk, clock.Micros(since), clock.Micros(until), limit})
}
