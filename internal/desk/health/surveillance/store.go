package surveillance

import (
	"context"
	"encoding/json"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
)

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return string(b), nil
}

func decodeDoc(doc string, out any) error {
	if err := json.Unmarshal([]byte(doc), out); err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return nil
}

// load reads the document of one row.
func load(ctx context.Context, tx *db.Tx, query string, args []any, out any) error {
	var doc string
	ok, err := tx.Row(ctx, query, args, &doc)
	if err != nil {
		return err
	}
	if !ok {
		return desk.NotFound()
	}
	return decodeDoc(doc, out)
}

// loadAll reads the documents of many rows.
func loadAll[R any](ctx context.Context, tx *db.Tx, query string, args ...any) ([]R, error) {
	var out []R
	err := tx.Each(ctx, query, args, func(scan func(...any) error) error {
		var doc string
		if err := scan(&doc); err != nil {
			return err
		}
		var r R
		if err := decodeDoc(doc, &r); err != nil {
			return err
		}
		out = append(out, r)
		return nil
	})
	return out, err
}
