package surveillance

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/place"
)

// Boundaries of the node's own: an edition of the first-level units of a state
// is uploaded, looked at, and then used by the maps in place of the built-in
// one, until it is replaced or taken away again.

// pending marks an edition that was uploaded and not yet taken into use.
const pending = "?"

// EditionView is an edition of boundaries that the node holds.
type EditionView struct {
	State   string
	Pending bool
	Name    string // of the file
	Source  string
	Changed time.Time
	Post    string
	place.Edition
}

// MayBound reports whether the actor may change the boundaries.
func MayBound(a access.Actor) bool { return Capabilities.May(a, "surveillance.places") }

// UploadOutline reads an edition and keeps it for looking at. A fault of the
// file names the feature and what to do.
func (d *Desk) UploadOutline(ctx context.Context, actor access.Actor, state, name, source string, r io.Reader) error {
	if !MayBound(actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "places")
	}
	source = strings.TrimSpace(source)
	var c fault.Check
	c.That(slices.ContainsFunc(place.States(), func(p place.Place) bool { return p.Code == state }), "state", "fault.place.state")
	c.That(source != "", "source", "fault.place.source")
	c.That(utf8.RuneCountInString(source) <= MaxTitle, "source", "fault.too_long", fault.Args{"max": MaxTitle})
	if err := c.Err(); err != nil {
		return err
	}
	e, faults, err := place.ReadGeoJSON(r, state)
	if errors.Is(err, place.ErrGeoJSON) {
		c.That(false, "file", "fault.place.geojson")
		return c.Err()
	}
	if err != nil {
		return err
	}
	for _, f := range faults {
		args := fault.Args{"name": f.Name, "feature": f.Feature}
		for k, v := range f.Args {
			args[k] = v
		}
		c.That(false, "file", f.Key, args)
	}
	if err := c.Err(); err != nil {
		return err
	}
	data, err := json.Marshal(e)
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if err := storeOutline(ctx, tx, pending+state, d.env.Clock.Now(), actor.Name, cut(name, 200), source, data); err != nil {
			return err
		}
		return d.logOutline(ctx, tx, actor, "upload", state, len(e.Units))
	})
}

func storeOutline(ctx context.Context, tx *db.Tx, state string, at time.Time, post, name, source string, data []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO surveillance_outline (state, changed, post, name, source, data) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (state) DO UPDATE SET changed = excluded.changed, post = excluded.post, name = excluded.name, source = excluded.source, data = excluded.data`,
		state, clock.Micros(at), post, name, source, data)
	return err
}

func (d *Desk) logOutline(ctx context.Context, tx *db.Tx, actor access.Actor, verb, state string, units int) error {
	d.env.Notify(tx, "desk", "boundaries")
	detail, err := json.Marshal(map[string]any{"state": state, "units": units})
	if err != nil {
		return err
	}
	return d.env.Log(ctx, tx, history.Entry{Account: actor.Account, Actor: actor.Name, Action: "surveillance.outline." + verb,
		Record: history.Record{Desk: Name, Kind: "surveillance.outline", ID: d.env.IDs.New(), Version: 1}, Detail: detail})
}

// UseOutline takes what was looked at into use.
func (d *Desk) UseOutline(ctx context.Context, actor access.Actor, state string) error {
	return d.outlineStep(ctx, actor, state, "use", func(tx *db.Tx) (int64, error) {
		if _, err := tx.Exec(ctx, `DELETE FROM surveillance_outline WHERE state = ? AND EXISTS (SELECT 1 FROM surveillance_outline WHERE state = ?)`, state, pending+state); err != nil {
			return 0, err
		}
		return tx.Exec(ctx, `UPDATE surveillance_outline SET state = ?, changed = ?, post = ? WHERE state = ?`, state, clock.Micros(d.env.Clock.Now()), actor.Name, pending+state)
	})
}

// DropOutline takes an edition away: one that was only looked at, or the one in
// use, after which the built-in one is drawn again.
func (d *Desk) DropOutline(ctx context.Context, actor access.Actor, state string, waiting bool) error {
	key, verb := state, "drop"
	if waiting {
		key, verb = pending+state, "discard"
	}
	return d.outlineStep(ctx, actor, state, verb, func(tx *db.Tx) (int64, error) {
		return tx.Exec(ctx, `DELETE FROM surveillance_outline WHERE state = ?`, key)
	})
}

func (d *Desk) outlineStep(ctx context.Context, actor access.Actor, state, verb string, f func(tx *db.Tx) (int64, error)) error {
	if !MayBound(actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "places")
	}
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := f(tx)
		if err != nil {
			return err
		}
		if n == 0 {
			return desk.NotFound()
		}
		return d.logOutline(ctx, tx, actor, verb, state, 0)
	})
}

// Editions are those that the node holds, with their outlines.
func (d *Desk) Editions(ctx context.Context, actor access.Actor) ([]EditionView, error) {
	if _, err := reads(actor); err != nil {
		return nil, err
	}
	var out []EditionView
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Each(ctx, `SELECT state, changed, post, name, source, data FROM surveillance_outline ORDER BY state`, nil, func(scan func(...any) error) error {
			var v EditionView
			var changed int64
			var data []byte
			if err := scan(&v.State, &changed, &v.Post, &v.Name, &v.Source, &data); err != nil {
				return err
			}
			if err := decodeDoc(string(data), &v.Edition); err != nil {
				return err
			}
			v.State, v.Pending = strings.CutPrefix(v.State, pending)
			v.Changed = clock.FromMicros(changed)
			out = append(out, v)
			return nil
		})
	})
	return out, err
}

// EditionStamp tells editions in use apart, so that what was made of them can
// be kept.
func (d *Desk) EditionStamp(ctx context.Context) (string, error) {
	var stamp string
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Each(ctx, `SELECT state, changed FROM surveillance_outline ORDER BY state`, nil, func(scan func(...any) error) error {
			var state string
			var changed int64
			if err := scan(&state, &changed); err != nil {
				return err
			}
			if !strings.HasPrefix(state, pending) {
				stamp += state + clock.FromMicros(changed).Format(time.RFC3339Nano) + " "
			}
			return nil
		})
	})
	return stamp, err
}
