package level

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// What is stored: every record as one JSON document, beside it the columns that
// lists filter and sort by, derived from it and written together with it.

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return string(b), nil
}

func docs[R any](ctx context.Context, tx *db.Tx, query string, args ...any) ([]R, error) {
	var out []R
	err := tx.Each(ctx, query, args, func(scan func(...any) error) error {
		var doc string
		if err := scan(&doc); err != nil {
			return err
		}
		var r R
		if err := json.Unmarshal([]byte(doc), &r); err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", err)
		}
		out = append(out, r)
		return nil
	})
	return out, err
}

func one[R any](ctx context.Context, tx *db.Tx, query string, args ...any) (R, error) {
	list, err := docs[R](ctx, tx, query, args...)
	if err == nil && len(list) == 0 {
		err = desk.NotFound()
	}
	if err != nil {
		var zero R
		return zero, err
	}
	return list[0], nil
}

// loadProposal reads a proposal with the positions that its needs ask for.
func (d *Desk) loadProposal(ctx context.Context, tx *db.Tx, pid id.ID) (Proposal, error) {
	p, err := one[Proposal](ctx, tx, `SELECT doc FROM level_proposal WHERE id = ?`, string(pid))
	if err != nil {
		return p, err
	}
	given, err := givenTo(ctx, tx, pid)
	p.knows(given)
	return p, err
}

// knows gives a proposal the positions that are here, for its needs.
func (p *Proposal) knows(given []Said) {
	p.given = given
	f := p.facts(given)
	p.short = f.Closed && len(f.omitted()) > 0
}

func proposalColumns(p *Proposal) ([]any, error) {
	doc, err := encode(p)
	needle := health.Fold(strings.Join([]string{p.Title, p.FamilyName, p.Hazard, p.Reasons, string(p.Owner), string(p.ID)}, "\n"))
	return []any{string(p.Owner), string(p.CopyOf), string(p.Family), string(p.State), p.Version, string(p.Marking), clock.Micros(p.Due),
		clock.Micros(p.Changed.At), needle, doc}, err
}

func insertProposal(ctx context.Context, tx *db.Tx, p *Proposal) error {
	cols, err := proposalColumns(p)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO level_proposal (owner, copy_of, family, state, version, marking, due, changed, needle, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(cols, string(p.ID))...)
	return err
}

func updateProposal(ctx context.Context, tx *db.Tx, p *Proposal, was int) error {
	cols, err := proposalColumns(p)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE level_proposal SET owner = ?, copy_of = ?, family = ?, state = ?, version = ?, marking = ?, due = ?, changed = ?, needle = ?, doc = ?
		WHERE id = ? AND version = ?`, append(cols, string(p.ID), was)...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

func (d *Desk) loadPosition(ctx context.Context, tx *db.Tx, pid id.ID) (Position, error) {
	p, err := one[Position](ctx, tx, `SELECT doc FROM level_position WHERE id = ?`, string(pid))
	if err != nil {
		return p, err
	}
	of, err := d.loadProposal(ctx, tx, p.Proposal)
	if fault.Is(err, fault.NotFound) {
		return p, nil // it came before the proposal that it answers
	}
	p.of = &of
	return p, err
}

func positionColumns(p *Position) ([]any, error) {
	doc, err := encode(p)
	return []any{string(p.Owner), string(p.CopyOf), string(p.Proposal), string(p.State), p.Version, clock.Micros(p.Due), clock.Micros(p.Changed.At), doc}, err
}

func insertPosition(ctx context.Context, tx *db.Tx, p *Position) error {
	cols, err := positionColumns(p)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO level_position (owner, copy_of, proposal, state, version, due, changed, doc, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		append(cols, string(p.ID))...)
	return err
}

func updatePosition(ctx context.Context, tx *db.Tx, p *Position, was int) error {
	cols, err := positionColumns(p)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE level_position SET owner = ?, copy_of = ?, proposal = ?, state = ?, version = ?, due = ?, changed = ?, doc = ?
		WHERE id = ? AND version = ?`, append(cols, string(p.ID), was)...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// positionsOn are all positions on a proposal, the oldest first.
func positionsOn(ctx context.Context, tx *db.Tx, pid id.ID) ([]Position, error) {
	return docs[Position](ctx, tx, `SELECT doc FROM level_position WHERE proposal = ? ORDER BY changed, id`, string(pid))
}

// givenTo are the released positions on a proposal, replaced ones too.
func givenTo(ctx context.Context, tx *db.Tx, pid id.ID) ([]Said, error) {
	p := Proposal{Head: desk.Head{ID: pid}}
	out, err := givenOn(ctx, tx, []Proposal{p})
	return out[pid], err
}

// givenOn are the released positions on several proposals.
func givenOn(ctx context.Context, tx *db.Tx, of []Proposal) (map[id.ID][]Said, error) {
	out := map[id.ID][]Said{}
	err := onEach(ctx, tx, of, ` AND state IN ('`+string(Released)+`', '`+string(Superseded)+`')`, func(p *Position) {
		out[p.Proposal] = append(out[p.Proposal], Said{Member: p.Owner, Release: p.Release, Stance: p.Stance, Reasons: p.Reasons, At: p.Released})
	})
	return out, err
}

// ownOn are this state's positions on several proposals.
func ownOn(ctx context.Context, tx *db.Tx, of []Proposal) (map[id.ID][]Position, error) {
	out := map[id.ID][]Position{}
	err := onEach(ctx, tx, of, ` AND copy_of = '' AND state <> '`+string(Discarded)+`'`, func(p *Position) { out[p.Proposal] = append(out[p.Proposal], *p) })
	return out, err
}

// chunk is how many proposals one query asks for.
const chunk = 100

// onEach reads positions on several proposals, of each the oldest first.
func onEach(ctx context.Context, tx *db.Tx, of []Proposal, cond string, f func(*Position)) error {
	for part := range slices.Chunk(of, chunk) {
		ids := make([]any, len(part))
		for i := range part {
			ids[i] = string(part[i].ID)
		}
		list, err := docs[Position](ctx, tx, `SELECT doc FROM level_position WHERE proposal IN (`+strings.TrimSuffix(strings.Repeat("?, ", len(ids)), ", ")+`)`+cond+` ORDER BY changed, id`, ids...)
		if err != nil {
			return err
		}
		for i := range list {
			f(&list[i])
		}
	}
	return nil
}

func loadActivation(ctx context.Context, tx *db.Tx, aid id.ID) (Activation, error) {
	return one[Activation](ctx, tx, `SELECT doc FROM level_activation WHERE id = ?`, string(aid))
}

func activationColumns(a *Activation) ([]any, error) {
	doc, err := encode(a)
	return []any{string(a.Owner), string(a.CopyOf), string(a.Event), string(a.State), a.Version, string(a.Marking), clock.Micros(a.Review), clock.Micros(a.Changed.At), doc}, err
}

func insertActivation(ctx context.Context, tx *db.Tx, a *Activation) error {
	cols, err := activationColumns(a)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO level_activation (owner, copy_of, event, state, version, marking, review, changed, doc, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		append(cols, string(a.ID))...)
	return err
}

func updateActivation(ctx context.Context, tx *db.Tx, a *Activation, was int) error {
	cols, err := activationColumns(a)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE level_activation SET owner = ?, copy_of = ?, event = ?, state = ?, version = ?, marking = ?, review = ?, changed = ?, doc = ?
		WHERE id = ? AND version = ?`, append(cols, string(a.ID), was)...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}
