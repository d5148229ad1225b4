package directory

import (
	"context"
	"embed"
	"io/fs"
	"sync"
	"sync/atomic"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
)

//go:embed schema/*.sql
var embedded embed.FS

// Schema is the package's part of the database.
var Schema = db.Schema{Name: "directory", FS: sub()}

func sub() fs.FS {
	f, err := fs.Sub(embedded, "schema")
	if err != nil {
		panic(err) // the path is the one of the embed directive
	}
	return f
}

// Store keeps every accepted version and gives the current one. A version
// that is accepted takes effect at once for everyone who asks Current.
type Store struct {
	db    *db.DB
	clock clock.Clock

	mu      sync.Mutex // one load at a time
	current atomic.Pointer[View]
	changed func(*View)
}

// Open reads the stored versions and verifies their chain again.
func Open(ctx context.Context, d *db.DB, c clock.Clock) (*Store, error) {
	s := &Store{db: d, clock: c}
	return s, s.Reload(ctx)
}

// Reload reads what another process of the same node may have accepted.
func (s *Store) Reload(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var v *View
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var newest int
		found, err := tx.Row(ctx, "SELECT version FROM directory_version ORDER BY version DESC LIMIT 1", nil, &newest)
		if cur := s.current.Load(); err != nil || !found || cur != nil && newest <= cur.Document.Version {
			return err // the chain is not verified again for nothing
		}
		v, err = read(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	s.swap(v)
	return nil
}

func (s *Store) swap(v *View) {
	cur := s.current.Load()
	if v == nil || cur != nil && v.Document.Version <= cur.Document.Version {
		return
	}
	s.current.Store(v)
	if s.changed != nil {
		s.changed(v)
	}
}

// OnChange sets what is called when a new version took effect.
func (s *Store) OnChange(f func(*View)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = f
}

func read(ctx context.Context, tx *db.Tx) (*View, error) {
	var v *View
	err := tx.Each(ctx, "SELECT signed FROM directory_version ORDER BY version", nil, func(scan func(...any) error) error {
		var raw []byte
		if err := scan(&raw); err != nil {
			return err
		}
		next, _, err := Decode(raw)
		if err != nil {
			return err
		}
		v, err = Follow(v, next)
		return err
	})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "fault.directory.stored", err)
	}
	return v, nil
}

// Current is the version in force; nil until a first one was accepted.
func (s *Store) Current() *View { return s.current.Load() }

// Accept verifies a version against the stored one, stores it, and puts it
// into force when the transaction commits. The version that is in force
// already is accepted without effect.
func (s *Store) Accept(ctx context.Context, tx *db.Tx, next Signed) error {
	cur, err := read(ctx, tx)
	if err != nil {
		return err
	}
	v, err := Follow(cur, next)
	if err != nil || v == cur {
		return err
	}
	raw, err := v.Signed.Encode()
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, "INSERT INTO directory_version (version, hash, signed, accepted) VALUES (?, ?, ?, ?) ON CONFLICT (version) DO NOTHING",
		v.Document.Version, v.Hash, raw, clock.Micros(s.clock.Now()))
	if err != nil {
		return err
	}
	if err := db.Conflict(n); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.swap(v)
	})
	return nil
}

// Load reads a signed directory from the text of a file and accepts it.
func (s *Store) Load(ctx context.Context, raw []byte) error {
	next, _, err := Decode(raw)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.Accept(ctx, tx, next) })
}

// Versions are all accepted versions, oldest first; a node that missed some
// is sent those it lacks.
func (s *Store) Versions(ctx context.Context, tx *db.Tx, after int) ([]Signed, error) {
	var out []Signed
	err := tx.Each(ctx, "SELECT signed FROM directory_version WHERE version > ? ORDER BY version", []any{after}, func(scan func(...any) error) error {
		var raw []byte
		if err := scan(&raw); err != nil {
			return err
		}
		n, _, err := Decode(raw)
		out = append(out, n)
		return err
	})
	return out, err
}
