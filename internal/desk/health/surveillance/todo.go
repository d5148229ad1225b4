package surveillance

import (
	"context"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
)

// Todos are the imports that wait for the actor.
func (d *Desk) Todos(ctx context.Context, a access.Actor) ([]desk.Todo, error) {
	list, err := d.WaitingImports(ctx, a)
	var out []desk.Todo
	for _, i := range list {
		out = append(out, desk.Todo{Key: "todo.surveillance.import", Title: i.Name, Owner: d.env.Member, Record: i.ID, Href: "/surveillance/imports/" + string(i.ID)})
	}
	if err != nil {
		return out, err
	}
	more, err := d.sharesWaiting(ctx, a)
	return append(out, more...), err
}

// Search finds datasets by their names and sources.
func (d *Desk) Search(ctx context.Context, a access.Actor, query string, limit int) ([]desk.Hit, error) {
	reach, err := reads(a)
	if err != nil {
		return nil, nil // there is nothing to find
	}
	query = strings.ToLower(strings.TrimSpace(query))
	var out []desk.Hit
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := loadAll[Dataset](ctx, tx, `SELECT doc FROM surveillance_dataset ORDER BY number`)
		for i, s := range all {
			if seesDataset(reach, &all[i]) && strings.Contains(strings.ToLower(s.Title+" "+s.Source), query) {
				out = append(out, desk.Hit{Key: "hit.surveillance", Title: s.Title, Text: s.Source, Owner: s.Owner, Href: "/surveillance/datasets/" + string(s.ID), At: s.Changed.At})
			}
		}
		return err
	})
	return slices.Clip(out[:min(len(out), max(limit, 0))]), err
}
