// Package people keeps who works at a node: agencies, accounts, their roles
// at places, sign-in with two factors, sessions, invitations and API tokens.
package people

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
)

//go:embed schema/*.sql
var files embed.FS

// Schema is this package's part of the database.
var Schema = db.Schema{Name: "people", FS: sub(files, "schema")}

func sub(f fs.FS, dir string) fs.FS {
	s, err := fs.Sub(f, dir)
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return s
}

// KeySize is the length of the node key that seals second factors.
const KeySize = 32

// Config is what a node gives. Zero durations mean the defaults.
type Config struct {
	Member access.Member
	DB     *db.DB
	// Clock is the wall clock, never that of a scenario: sessions, second
	// factors and the validity of grants belong to the people who sit there.
	Clock clock.Clock
	IDs   *id.Maker
	Rand  io.Reader // nil: the system's
	// Key seals second factors in the database and binds device cookies; it is
	// kept outside the database. KeySize bytes.
	Key []byte
	// Hasher may be shared by several nodes of one process, so that all of
	// them together stay within its memory. Nil: NewHasher(Recommended, 2).
	Hasher *Hasher
	// Log appends to the history within the change's transaction.
	Log func(ctx context.Context, tx *db.Tx, e Event) error
	// Scopes are those that an API token may carry, as the desks declare them.
	Scopes []string
	// Demo permits sign-in without any factor. Sessions made so are refused
	// by a node that is not a demo.
	Demo     bool
	Idle     time.Duration // 30 minutes
	Absolute time.Duration // 12 hours
}

// People is a node's accounts.
type People struct {
	cfg    Config
	hasher *Hasher
	keys   keys
}

// keys are derived from the node key, one per purpose.
type keys struct{ seal, recovery, device, throttle, challenge []byte }

// New checks the configuration; it refuses rather than run without a key, a
// clock or a history.
func New(cfg Config) (*People, error) {
	switch {
	case cfg.DB == nil || cfg.Clock == nil || cfg.IDs == nil || cfg.Log == nil || cfg.Member == "":
		return nil, fault.Wrap(fault.Internal, "fault.internal", errors.New("people: member, database, clock, identifiers and history are required"))
	case len(cfg.Key) != KeySize:
		return nil, fault.Wrap(fault.Internal, "fault.internal", fmt.Errorf("people: the node key has %d bytes, want %d", len(cfg.Key), KeySize))
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Idle == 0 {
		cfg.Idle = 30 * time.Minute
	}
	if cfg.Absolute == 0 {
		cfg.Absolute = 12 * time.Hour
	}
	cfg.Scopes = slices.Clone(cfg.Scopes)
	p := &People{cfg: cfg, hasher: cfg.Hasher}
	if p.hasher == nil {
		p.hasher = NewHasher(Recommended, 2)
	}
	for purpose, dst := range map[string]*[]byte{
		"seal": &p.keys.seal, "recovery": &p.keys.recovery, "device": &p.keys.device,
		"throttle": &p.keys.throttle, "challenge": &p.keys.challenge,
	} {
		k, err := hkdf.Key(sha256.New, cfg.Key, nil, "lintas people "+purpose, 32)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "fault.internal", err)
		}
		*dst = k
	}
	return p, nil
}

// Demo reports whether the node lets people in without any factor.
func (p *People) Demo() bool { return p.cfg.Demo }

func (p *People) now() time.Time { return clock.Cut(p.cfg.Clock.Now()) }

func (p *People) random(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(p.cfg.Rand, b); err != nil {
		panic("people: no randomness: " + err.Error()) // the kernel's source does not fail
	}
	return b
}

// change is the one door of every write that people answer for: what f did
// and the entries it returns for the history are one transaction.
func (p *People) change(ctx context.Context, by access.Actor, f func(tx *db.Tx, now time.Time) ([]Event, error)) error {
	return border(p.cfg.DB.Write(ctx, func(tx *db.Tx) error {
		now := p.now()
		events, err := f(tx, now)
		if err != nil {
			return err
		}
		for _, e := range events {
			e.By, e.At = by, now
			if err := p.cfg.Log(ctx, tx, e); err != nil {
				return fmt.Errorf("people: history of %s: %w", e.Name, err)
			}
		}
		return nil
	}))
}

// keep is for wear that nobody answers for: counters of attempts, the time
// something was last used, and the removal of what has expired.
func (p *People) keep(ctx context.Context, f func(tx *db.Tx, now time.Time) error) error {
	return border(p.cfg.DB.Write(ctx, func(tx *db.Tx) error { return f(tx, p.now()) }))
}

func (p *People) read(ctx context.Context, f func(tx *db.Tx, now time.Time) error) error {
	return border(p.cfg.DB.Read(ctx, func(tx *db.Tx) error { return f(tx, p.now()) }))
}

// border classifies what leaves the package.
func border(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e
	}
	return fault.Wrap(fault.Internal, "fault.internal", err)
}

// Sweep removes what has expired; the node calls it every hour.
func (p *People) Sweep(ctx context.Context) error {
	return p.keep(ctx, func(tx *db.Tx, now time.Time) error {
		us := clock.Micros(now)
		for _, q := range []struct {
			sql  string
			args []any
		}{
			{`DELETE FROM people_session WHERE expires <= ? OR seen <= ?`, []any{us, clock.Micros(now.Add(-p.cfg.Idle))}},
			{`DELETE FROM people_invitation WHERE expires <= ?`, []any{us}},
			{`DELETE FROM people_throttle WHERE last <= ?`, []any{clock.Micros(now.Add(-forget))}},
		} {
			if _, err := tx.Exec(ctx, q.sql, q.args...); err != nil {
				return err
			}
		}
		return nil
	})
}
