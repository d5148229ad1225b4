package surveillance

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
)

// Everything that leaves the part is in this file, and in share_in.go
// everything that enters it. What leaves is counts by place and period, and
// nothing else of a dataset.

// KindCounts is the kind of a release of counts; bodySchema the version of its
// body.
const (
	KindCounts = "surveillance.counts"
	bodySchema = 1
)

// CountsBody is the body of a surveillance.counts release: the whole of what
// the recipients may know, so that each release replaces the one before.
type CountsBody struct {
	Title    string  `json:"title"`
	Source   string  `json:"source"`
	Terms    string  `json:"terms,omitempty"`
	Measure  Measure `json:"measure"`
	Calendar `json:"calendar"`
	Disease  string      `json:"disease"`
	Level    place.Level `json:"level"`
	Floor    int         `json:"floor"`
	Rev      int64       `json:"rev"`
	KnownAt  time.Time   `json:"known_at"`
	First    int32       `json:"first"`
	Start    string      `json:"start"` // first day of the first period
	Late     int         `json:"late,omitempty"`
	Rows     []CountsRow `json:"rows"`
}

// CountsRow is one place. Values are by period; NoReport and Withheld stand
// for what is not a count. SumOf says of how many units a state's row is the
// sum, where the owner has no count of the state itself; Reported then says
// how many of them reported in each period.
type CountsRow struct {
	Place    string  `json:"place"`
	Classes  []Class `json:"classes"`
	Values   []int32 `json:"values"`
	SumOf    int     `json:"sum_of,omitempty"`
	Reported []int32 `json:"reported,omitempty"`
}

// At is the count of a period, NoReport or Withheld.
func (b *CountsBody) At(r *CountsRow, p int32) int32 {
	if i := int64(p) - int64(b.First); i >= 0 && i < int64(len(r.Values)) {
		return r.Values[i]
	}
	return NoReport
}

// Last is the newest period.
func (b *CountsBody) Last() int32 {
	if len(b.Rows) == 0 {
		return b.First - 1
	}
	return b.First + int32(len(b.Rows[0].Values)) - 1
}

// Cells counts what is told and what is withheld.
func (b *CountsBody) Cells() (told, withheld int) {
	for _, r := range b.Rows {
		for _, v := range r.Values {
			switch {
			case v >= 0:
				told++
			case v == Withheld:
				withheld++
			}
		}
	}
	return told, withheld
}

// built is a body with the cells that must stay withheld from now on.
type built struct {
	body  CountsBody
	added []spot
}

// SendDue sends every standing release whose dataset has a revision that its
// recipients do not have yet.
func (d *Desk) SendDue(ctx context.Context) error {
	var due []Share
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := loadAll[Share](ctx, tx, `SELECT doc FROM surveillance_share WHERE state = ? ORDER BY changed, id`, string(Standing))
		if err != nil {
			return err
		}
		for _, s := range all {
			f, err := loadFront(ctx, tx, s.Number)
			if err != nil {
				return err
			}
			if f.Rev > 0 && f.Rev != s.Sent.Rev {
				due = append(due, s)
			}
		}
		return nil
	})
	for _, s := range due {
		err = errors.Join(err, d.sendShare(ctx, s))
	}
	return err
}

func (d *Desk) sendShare(ctx context.Context, s Share) error {
	b, err := d.build(ctx, s)
	if err == nil {
		err = d.leave(ctx, s, b)
	}
	if err == nil || ctx.Err() != nil || fault.Is(err, fault.Conflict) {
		return nil // another process of the node was faster, or the next pass is
	}
	said := Failure{Key: "fault.internal"}
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind != fault.Internal {
		said = Failure{f.Key, f.Args}
	}
	if s.Failure != nil && s.Failure.Key == said.Key {
		return err // said already
	}
	_, taken := desk.Take(ctx, d.env, d.shares, access.Node(d.env.Member), s.ID, s.Version, "fail", desk.Change[Share]{
		Detail: map[string]any{"fault": said.Key}, Edit: func(s *Share) error { s.Failure = &said; return nil }})
	return errors.Join(err, taken)
}

// leave queues the release in the transaction that notes it.
func (d *Desk) leave(ctx context.Context, s Share, b built) error {
	rid, before := d.env.IDs.New(), s.Sent.Release
	told, withheld := b.body.Cells()
	_, err := desk.Take(ctx, d.env, d.shares, access.Node(d.env.Member), s.ID, s.Version, "send", desk.Change[Share]{
		Detail: map[string]any{"release": rid, "revision": b.body.Rev, "cells": told, "withheld": withheld},
		Edit: func(s *Share) error {
			s.Sent, s.Failure = Sent{Release: rid, Rev: b.body.Rev, At: d.env.Clock.Now(), Cells: told, Withheld: withheld}, nil
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, s *Share) error {
			for _, at := range b.added {
				if _, err := tx.Exec(ctx, `INSERT INTO surveillance_kept (share, period, place) VALUES (?, ?, ?) ON CONFLICT (share, period, place) DO NOTHING`,
					string(s.ID), at.Period, at.Place); err != nil {
					return err
				}
			}
			body, err := json.Marshal(&b.body)
			if err != nil {
				return fault.Wrap(fault.Internal, "fault.internal", err)
			}
			if _, err := tx.Exec(ctx, `UPDATE surveillance_share SET held = ? WHERE id = ?`, string(body), string(s.ID)); err != nil {
				return err
			}
			return d.queue(ctx, tx, s, exchange.Release{ID: rid, Supersedes: before, Body: body})
		},
	})
	return err
}

// sendWithdrawal asks the recipients to delete what they hold.
func (d *Desk) sendWithdrawal(ctx context.Context, tx *db.Tx, s *Share) error {
	if s.Sent.Release == "" {
		return nil // nothing left yet
	}
	return d.queue(ctx, tx, s, exchange.Release{ID: d.env.IDs.New(), Withdraws: s.Sent.Release, Reason: s.Reason, Body: json.RawMessage("null")})
}

func (d *Desk) queue(ctx context.Context, tx *db.Tx, s *Share, r exchange.Release) error {
	r.Kind, r.Schema, r.From, r.To, r.Ref = KindCounts, bodySchema, d.env.Member, s.To, s.Ref(Name)
	r.Purpose, r.Basis, r.Marking, r.Lang, r.Issued, r.Exercise, r.Workflow = "information", s.Basis, s.Marking, "en", d.env.Clock.Now(), s.Exercise, Shares.Digest()
	return d.env.Send.Queue(ctx, tx, r)
}

// build makes the body from the newest revision.
func (d *Desk) build(ctx context.Context, s Share) (built, error) {
	var out built
	var set Dataset
	kept, before := map[spot]bool{}, told{}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if set, err = loadDataset(ctx, tx, s.Dataset); err != nil {
			return err
		}
		held, err := heldBody(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		for _, r := range held.Rows {
			for i, v := range r.Values {
				before[spot{held.First + int32(i), r.Place}] = v
			}
		}
		return tx.Each(ctx, `SELECT period, place FROM surveillance_kept WHERE share = ?`, []any{string(s.ID)}, func(scan func(...any) error) error {
			var at spot
			var p int64
			err := scan(&p, &at.Place)
			at.Period = int32(p)
			kept[at] = true
			return err
		})
	})
	if err != nil {
		return out, err
	}
	own, st, err := d.ownCounts(ctx, set.Number, s.Disease, 0)
	if err != nil {
		return out, err
	}
	first := max(st.First, st.Last-int32(s.Back)+1)
	out.body = CountsBody{Title: set.Title, Source: set.Source, Terms: set.Terms, Measure: set.Measure, Calendar: set.Calendar, Disease: s.Disease, Level: s.Level,
		Floor: s.Floor, Rev: st.Rev, KnownAt: st.KnownAt, First: first, Start: set.Start(first).Format(time.DateOnly), Late: set.Late}
	if s.Level == place.State {
		out.body.Rows = []CountsRow{stateRow(string(d.env.Member), own, first, st.Last)}
	} else {
		out.body.Rows = unitRows(own, first, st.Last)
	}
	if len(out.body.Rows) == 0 || len(out.body.Rows) > maxRows {
		return out, fault.New(fault.Invalid, "fault.surveillance.share_rows").With("max", maxRows)
	}
	out.added = suppress(out.body.Rows, first, int32(s.Floor), kept, before)
	return out, nil
}

// heldBody is what the recipients of a standing release hold.
func heldBody(ctx context.Context, tx *db.Tx, sid id.ID) (CountsBody, error) {
	var b CountsBody
	var doc string
	if ok, err := tx.Row(ctx, `SELECT held FROM surveillance_share WHERE id = ?`, []any{string(sid)}, &doc); err != nil || !ok || doc == "" {
		return b, err
	}
	return b, decodeDoc(doc, &b)
}

// ownCounts are the series of the node's own state and its units, as reported,
// by place. rev 0 is the newest.
func (d *Desk) ownCounts(ctx context.Context, number int64, disease string, rev int64) (map[string]ownSeries, State, error) {
	var mu sync.Mutex
	by := map[string][]Series{}
	me := string(d.env.Member)
	st, err := d.ScanAll(ctx, Scan{Dataset: number, Disease: disease, Rev: rev, Workers: 2}, func(State, int) error { clear(by); return nil }, func(_ int, r *Row) error {
		if r.Stratum != "" || place.Member(r.Place) != me || strings.Count(r.Place, "-") > 1 && !place.Known(r.Place) {
			return nil
		}
		x := Series{Key: r.Key}
		var err error
		if x.First, x.Values, err = r.Counts(nil); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		by[r.Place] = append(by[r.Place], x)
		return nil
	})
	out := make(map[string]ownSeries, len(by))
	for code, all := range by {
		one, used := AsReported(all)
		out[code] = ownSeries{one, used}
	}
	return out, st, err
}

type ownSeries struct {
	Series
	used []Class
}

func (s ownSeries) row(code string, first, last int32) CountsRow {
	r := CountsRow{Place: code, Classes: s.used, Values: make([]int32, 0, last-first+1)}
	for p := first; p <= last; p++ {
		r.Values = append(r.Values, s.At(p))
	}
	return r
}

func unitRows(own map[string]ownSeries, first, last int32) []CountsRow {
	var out []CountsRow
	for code, s := range own {
		if pl, ok := place.Lookup(code); ok && pl.Level == place.Unit && s.reportedSince(first, last) {
			out = append(out, s.row(code, first, last))
		}
	}
	slices.SortFunc(out, func(a, b CountsRow) int { return strings.Compare(a.Place, b.Place) })
	return out
}

// stateRow is the state's own count, or the sum of its units where there is
// none, with how many of them reported.
func stateRow(state string, own map[string]ownSeries, first, last int32) CountsRow {
	if s, ok := own[state]; ok && s.reportedSince(first, last) {
		return s.row(state, first, last)
	}
	units := unitRows(own, first, last)
	sum := CountsRow{Place: state, SumOf: len(units), Values: make([]int32, last-first+1), Reported: make([]int32, last-first+1)}
	for i := range sum.Values {
		sum.Values[i] = NoReport
		for _, u := range units {
			if v := u.Values[i]; v >= 0 {
				sum.Values[i] = max(sum.Values[i], 0) + v
				sum.Reported[i]++
			}
		}
	}
	for _, u := range units {
		for _, c := range u.Classes {
			if !slices.Contains(sum.Classes, c) {
				sum.Classes = append(sum.Classes, c)
			}
		}
	}
	return sum
}
