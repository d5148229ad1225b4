package files

import (
	"context"
	"encoding/hex"
	"hash"
	"io"

	"lintas/internal/db"
	"lintas/internal/fault"
)

// reader gives the chunks of one file in order.
type reader struct {
	ctx  context.Context
	db   *db.DB
	f    Info
	sum  hash.Hash
	next int
	rest []byte
}

func (r *reader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.next == r.f.chunks {
			return 0, io.EOF
		}
		if err := r.load(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *reader) load() error {
	var data []byte
	err := r.db.Read(r.ctx, func(tx *db.Tx) error {
		ok, err := tx.Row(r.ctx, `SELECT data FROM files_chunk WHERE blob = ? AND n = ?`, []any{string(r.f.ID), r.next}, &data)
		if err == nil && !ok {
			err = notFound() // removed meanwhile
		}
		return err
	})
	if err != nil {
		return err
	}
	r.sum.Write(data)
	r.next++
	if r.next == r.f.chunks && hex.EncodeToString(r.sum.Sum(nil)) != r.f.SHA256 {
		return fault.New(fault.Internal, "fault.files.damaged")
	}
	r.rest = data
	return nil
}
