package db

import (
	"context"
	"crypto/rand"
	"sync"
	"sync/atomic"
	"time"

	"lintas/internal/fault"
)

// fullState remembers that the disk was full. While it does, writes are
// refused at once and reads go on. At most once per interval the next write
// tries a real one first; when that is durable, writing goes on by itself.
// The interval is real time, because an exercise may stop the clock.
type fullState struct {
	on       atomic.Bool
	refused  atomic.Int64
	mu       sync.Mutex
	since    time.Time
	next     time.Time
	interval time.Duration // 0 means one second
}

func (s *fullState) refusing() bool { return s.on.Load() }

// note returns err and remembers it when the disk is full.
func (s *fullState) note(err error) error {
	if !isFull(err) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.on.Load() {
		s.since = time.Now()
		s.on.Store(true)
	}
	s.next = time.Now().Add(s.pause())
	return err
}

func (s *fullState) pause() time.Duration {
	if s.interval == 0 {
		return time.Second
	}
	return s.interval
}

// mayProbe lets one caller per interval through.
func (s *fullState) mayProbe() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Before(s.next) {
		return false
	}
	s.next = now.Add(s.pause())
	return true
}

func (s *fullState) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on.Store(false)
	s.since = time.Time{}
}

// probe writes and commits as much as an ordinary write needs, then takes it
// away again. Two transactions, because pages freed in the transaction that
// took them never reach the disk.
func (d *DB) probe(ctx context.Context) error {
	full := fault.New(fault.Unavailable, "fault.db.disk_full")
	if !d.full.mayProbe() {
		d.full.refused.Add(1)
		return full
	}
	filler := make([]byte, 256<<10)
	rand.Read(filler) // never fails; random so that no engine compresses it
	_, err := d.inTurn(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO lintas_probe (name, filler) VALUES ('full', ?)
			ON CONFLICT (name) DO UPDATE SET filler = excluded.filler`, filler)
		return err
	})
	if err == nil {
		_, err = d.inTurn(ctx, func(tx *Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM lintas_probe WHERE name = 'full'`)
			return err
		})
	}
	if err != nil {
		d.full.refused.Add(1)
		return d.full.note(err)
	}
	d.full.clear()
	return nil
}

// State is what health pages and metrics show of the database.
type State struct {
	Engine Engine
	// Full says that writes are refused because the disk is full, since
	// FullSince; Refused counts the writes that were turned away so.
	Full      bool
	FullSince time.Time
	Refused   int64
	// Writes were committed, Failed rolled back; Reads were begun.
	Writes, Failed, Reads int64
}

// State tells how the database is.
func (d *DB) State() State {
	d.full.mu.Lock()
	since := d.full.since
	d.full.mu.Unlock()
	return State{
		Engine: d.engine, Full: d.full.on.Load(), FullSince: since, Refused: d.full.refused.Load(),
		Writes: d.writes.Load(), Failed: d.failed.Load(), Reads: d.reads.Load(),
	}
}
