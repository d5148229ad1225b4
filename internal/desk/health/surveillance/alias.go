package surveillance

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
)

// Alias is a person's decision which place a word of a file means. It is used
// by every later import, and can be changed or withdrawn; what was imported
// with it stays as it is and names the decision.
type Alias struct {
	desk.Head
	Term    string `json:"term"`  // as place.Ask.Term makes it
	Shown   string `json:"shown"` // as the file had it
	Means   string `json:"means"` // code of the place; empty: no place of the list
	Comment string `json:"comment,omitempty"`
}

func validateAlias(a *Alias) error {
	a.Comment = strings.TrimSpace(a.Comment)
	var c fault.Check
	c.That(a.Term != "" && len(a.Term) <= 500, "term", "fault.invalid")
	c.That(utf8.RuneCountInString(a.Shown) <= 300, "shown", "fault.too_long", fault.Args{"max": 300})
	c.That(utf8.RuneCountInString(a.Comment) <= 300, "comment", "fault.too_long", fault.Args{"max": 300})
	c.That(len(a.Means) <= 80, "means", "fault.surveillance.no_place")
	return c.Err()
}

// Decision is one answer of the confirmation page.
type Decision struct {
	Term, Shown string
	Means       string // code; empty with None unset: not decided
	None        bool   // no place of the list
}

// Confirm stores decisions, all or none.
func (d *Desk) Confirm(ctx context.Context, actor access.Actor, list []Decision) (int, error) {
	if err := mayImport(actor); err != nil {
		return 0, err
	}
	m, err := d.Matcher(ctx)
	if err != nil {
		return 0, err
	}
	var c fault.Check
	var take []Decision
	for i, x := range list {
		if x.Means == "" && !x.None {
			continue
		}
		_, known := m.Lookup(x.Means)
		c.Row(x.None || known, i+1, "means", "fault.surveillance.no_place")
		take = append(take, x)
	}
	if err := c.Err(); err != nil {
		return 0, err
	}
	err = d.env.DB.Write(ctx, func(tx *db.Tx) error {
		for _, x := range take {
			if err := d.confirm(ctx, tx, actor, x); err != nil {
				return err
			}
		}
		return nil
	})
	return len(take), err
}

func (d *Desk) confirm(ctx context.Context, tx *db.Tx, actor access.Actor, x Decision) error {
	var old string
	if _, err := tx.Row(ctx, `SELECT id FROM surveillance_alias WHERE term = ?`, []any{x.Term}, &old); err != nil {
		return err
	}
	detail := map[string]any{"term": x.Term, "means": x.Means}
	if old == "" {
		a := Alias{Term: x.Term, Shown: x.Shown, Means: x.Means}
		a.Marking, a.Place = access.TLPGreen, string(d.env.Member)
		_, err := desk.CreateIn(ctx, d.env, tx, d.aliases, actor, a, "confirm", desk.Change[Alias]{Detail: detail})
		return err
	}
	_, err := desk.TakeIn(ctx, d.env, tx, d.aliases, actor, id.ID(old), 0, "change", desk.Change[Alias]{Detail: detail, Edit: func(a *Alias) error {
		a.Means = x.Means
		return nil
	}})
	return err
}

// WithdrawAlias takes a decision back; the word is asked for again.
func (d *Desk) WithdrawAlias(ctx context.Context, actor access.Actor, aid id.ID, seen int) (Alias, error) {
	return desk.Take(ctx, d.env, d.aliases, actor, aid, seen, "withdraw", desk.Change[Alias]{})
}

// AliasList are the decisions, the newest first; text finds words and codes.
func (d *Desk) AliasList(ctx context.Context, actor access.Actor, text string) ([]Alias, error) {
	if err := mayImport(actor); err != nil {
		return nil, err
	}
	var all []Alias
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		all, err = loadAll[Alias](ctx, tx, `SELECT doc FROM surveillance_alias ORDER BY changed DESC, id DESC`)
		return err
	})
	if text = strings.ToLower(strings.TrimSpace(text)); text != "" {
		all = slices.DeleteFunc(all, func(a Alias) bool {
			return !strings.Contains(a.Term, text) && !strings.Contains(strings.ToLower(a.Means), text)
		})
	}
	return all, err
}

// Matcher is the gazetteer with the node's own places and its decisions.
func (d *Desk) Matcher(ctx context.Context) (*place.Matcher, error) {
	var words []place.Word
	var own []place.Place
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := loadAll[Alias](ctx, tx, `SELECT doc FROM surveillance_alias WHERE state = ?`, string(Confirmed))
		for _, a := range list {
			words = append(words, place.Word{Term: a.Term, Code: a.Means})
		}
		if err == nil {
			own, err = loadAll[place.Place](ctx, tx, `SELECT doc FROM surveillance_place ORDER BY code`)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return place.NewMatcher(own, words), nil
}

func loadAlias(ctx context.Context, tx *db.Tx, aid id.ID) (Alias, error) {
	var a Alias
	err := load(ctx, tx, `SELECT doc FROM surveillance_alias WHERE id = ?`, []any{string(aid)}, &a)
	return a, err
}

func insertAlias(ctx context.Context, tx *db.Tx, a *Alias) error {
	doc, err := encode(a)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO surveillance_alias (id, term, owner, state, version, place, changed, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (term) DO NOTHING`, string(a.ID), a.Term, string(a.Owner), string(a.State), a.Version, a.Means, clock.Micros(a.Changed.At), doc)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

func updateAlias(ctx context.Context, tx *db.Tx, a *Alias, was int) error {
	doc, err := encode(a)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE surveillance_alias SET state = ?, version = ?, place = ?, changed = ?, doc = ? WHERE id = ? AND version = ?`,
		string(a.State), a.Version, a.Means, clock.Micros(a.Changed.At), doc, string(a.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}
