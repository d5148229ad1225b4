package desk

import (
	"context"

	"lintas/internal/db"
	"lintas/internal/id"
)

// IDs reads the first column of a query as identifiers.
func IDs(ctx context.Context, tx *db.Tx, query string, args ...any) ([]id.ID, error) {
	var out []id.ID
	err := tx.Each(ctx, query, args, func(scan func(...any) error) error {
		var s string
		err := scan(&s)
		out = append(out, id.ID(s))
		return err
	})
	return out, err
}
