// Package files keeps what people attach to a record until it is sent: in the
// database, in chunks, whole or not at all.
package files

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
)

//go:embed schema/*.sql
var embedded embed.FS

// Schema is the package's part of the database.
var Schema = db.Schema{Name: "files", FS: sub()}

func sub() fs.FS {
	s, err := fs.Sub(embedded, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return s
}

const (
	// MaxSize is the largest file.
	MaxSize = 25 << 20
	// ChunkSize is how much of a file one row holds.
	ChunkSize = 512 << 10
	// abandoned is when an upload that never ended is thrown away.
	abandoned = 24 * time.Hour
)

// Info is a file without its bytes.
type Info struct {
	ID     id.ID
	Record id.ID // that it is attached to
	Name   string
	Type   string
	Size   int64
	SHA256 string
	By     id.ID // the account that uploaded it
	At     time.Time

	chunks int
}

// Upload is what comes with the bytes. Name is as the browser sent it.
type Upload struct {
	Record id.ID
	Name   string
	By     id.ID
}

// Store keeps the files of one node.
type Store struct {
	DB    *db.DB
	Clock clock.Clock
	IDs   *id.Maker
}

// Put stores a file. Its chunks are written as they come, one transaction
// each, so that a slow upload holds up nobody; the file exists with the last
// transaction, in which then may change the record. What fails leaves nothing.
func (s *Store) Put(ctx context.Context, u Upload, r io.Reader, then func(context.Context, *db.Tx, Info) error) (Info, error) {
	f := Info{ID: s.IDs.New(), Record: u.Record, Name: CleanName(u.Name), By: u.By, At: s.Clock.Now()}
	err := s.put(ctx, &f, r, then)
	if err == nil {
		return f, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	clean := s.DB.Write(ctx, func(tx *db.Tx) error {
		// a commit whose outcome was unknown may have succeeded: then it stays
		return drop(ctx, tx, f.ID, "partial")
	})
	return Info{}, errors.Join(err, clean)
}

func (s *Store) put(ctx context.Context, f *Info, r io.Reader, then func(context.Context, *db.Tx, Info) error) error {
	if err := s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO files_blob (id, record, name, type, size, sha256, chunks, state, uploaded_by, at)
			VALUES (?, ?, ?, '', 0, '', 0, 'partial', ?, ?)`, f.ID, f.Record, f.Name, f.By, clock.Micros(f.At))
		return err
	}); err != nil {
		return err
	}
	sum, buf, text := sha256.New(), make([]byte, ChunkSize), true
	for last := false; !last; {
		n, err := io.ReadFull(r, buf)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			last = true
		case err != nil:
			return fmt.Errorf("files: read upload: %w", err)
		}
		if f.Size+int64(n) > MaxSize {
			return fault.New(fault.Invalid, "fault.files.size").With("max_mib", MaxSize>>20).With("name", f.Name)
		}
		if n == 0 {
			break
		}
		if f.chunks == 0 {
			f.Type = TypeOf(f.Name, buf[:n])
		}
		text = text && plain(buf[:n])
		sum.Write(buf[:n])
		f.Size += int64(n)
		if err := s.chunk(ctx, f, buf[:n]); err != nil {
			return err
		}
	}
	if f.Size == 0 {
		return fault.New(fault.Invalid, "fault.files.empty").With("name", f.Name)
	}
	if textual(f.Type) && !text {
		f.Type = Opaque
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return s.complete(ctx, f, then)
}

func (s *Store) chunk(ctx context.Context, f *Info, data []byte) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO files_chunk (blob, n, data) VALUES (?, ?, ?)`, f.ID, f.chunks, data)
		return err
	})
	f.chunks++
	return err
}

func (s *Store) complete(ctx context.Context, f *Info, then func(context.Context, *db.Tx, Info) error) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE files_blob SET type = ?, size = ?, sha256 = ?, chunks = ?, state = 'complete' WHERE id = ? AND state = 'partial'`,
			f.Type, f.Size, f.SHA256, f.chunks, f.ID)
		if err != nil {
			return err
		}
		if err := db.Conflict(n); err != nil {
			return err // swept meanwhile
		}
		if then == nil {
			return nil
		}
		return then(ctx, tx, *f)
	})
}

func notFound() error { return fault.New(fault.NotFound, "fault.files.none") }

// Get finds a complete file.
func Get(ctx context.Context, tx *db.Tx, file id.ID) (Info, error) {
	f, at := Info{ID: file}, int64(0)
	ok, err := tx.Row(ctx, `SELECT record, name, type, size, sha256, chunks, uploaded_by, at FROM files_blob WHERE id = ? AND state = 'complete'`,
		[]any{string(file)}, (*string)(&f.Record), &f.Name, &f.Type, &f.Size, &f.SHA256, &f.chunks, (*string)(&f.By), &at)
	if err == nil && !ok {
		err = notFound()
	}
	f.At = clock.FromMicros(at)
	return f, err
}

// Delete removes a file of a record. Whether it may go is the caller's to say.
func Delete(ctx context.Context, tx *db.Tx, record, file id.ID) error {
	f, err := Get(ctx, tx, file)
	if err != nil {
		return err
	}
	if f.Record != record {
		return notFound()
	}
	return drop(ctx, tx, file, "complete")
}

func drop(ctx context.Context, tx *db.Tx, file id.ID, state string) error {
	n, err := tx.Exec(ctx, `DELETE FROM files_blob WHERE id = ? AND state = ?`, file, state)
	if err != nil || n == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM files_chunk WHERE blob = ?`, file)
	return err
}

// Sweep throws away uploads that ended in a crash.
func (s *Store) Sweep(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		var old []id.ID
		err := tx.Each(ctx, `SELECT id FROM files_blob WHERE state = 'partial' AND at < ?`, []any{clock.Micros(s.Clock.Now().Add(-abandoned))},
			func(scan func(...any) error) error {
				var f string
				err := scan(&f)
				old = append(old, id.ID(f))
				return err
			})
		for _, f := range old {
			err = errors.Join(err, drop(ctx, tx, f, "partial"))
		}
		return err
	})
}

// Open reads a complete file, one chunk per transaction, so that a slow reader
// holds up nobody. The last read fails if the bytes are not what was stored.
func (s *Store) Open(ctx context.Context, file id.ID) (Info, io.Reader, error) {
	var f Info
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		f, err = Get(ctx, tx, file)
		return err
	})
	if err != nil {
		return Info{}, nil, err
	}
	return f, &reader{ctx: ctx, db: s.DB, f: f, sum: sha256.New()}, nil
}
