package exchange

import (
	"context"

	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
)

// Files leave, wait at the hub and are taken in by a flow of their own, on
// channels of their own: an alert that was queued after 25 MiB of files
// overtakes them at the sender, at the hub and at the recipient.

const (
	laneMain  = 0
	laneFiles = 1
)

// flow is one of the two queues in which messages leave.
type flow struct {
	lane  int64
	wake  chan struct{} // something was queued
	bytes int           // of one round: of files little, as the connection is shared
}

func newFlow(lane int64) flow {
	f := flow{lane: lane, wake: make(chan struct{}, 1), bytes: 32 << 20}
	if lane == laneFiles {
		f.bytes = 1 << 20
	}
	return f
}

func (x *Exchange) flowOf(ch envelope.Channel) *flow {
	if ch.IsFiles() {
		return &x.files
	}
	return &x.main
}

// published is how far the hub has confirmed.
func (f *flow) published(ctx context.Context, tx *db.Tx) (int64, error) {
	query := "SELECT upto FROM exchange_round ORDER BY upto DESC LIMIT 1"
	if f.lane == laneFiles {
		query = "SELECT upto FROM exchange_files_round WHERE id = 1"
	}
	var upto int64
	_, err := tx.Row(ctx, query, nil, &upto)
	return upto, err
}

// note stores how far the hub has confirmed. When it did is kept for what has
// receipts.
func (f *flow) note(ctx context.Context, tx *db.Tx, upto, at int64) error {
	var err error
	if f.lane == laneFiles {
		_, err = tx.Exec(ctx, "UPDATE exchange_files_round SET upto = ? WHERE id = 1", upto)
	} else {
		_, err = tx.Exec(ctx, "INSERT INTO exchange_round (upto, at) VALUES (?, ?) ON CONFLICT (upto) DO NOTHING", upto, at)
	}
	return err
}

// waiting is how many messages of both flows the hub does not have. Every
// place in the order has its envelope, so only those of files are counted.
func (x *Exchange) waiting(ctx context.Context, tx *db.Tx) (int64, error) {
	upto, err := x.main.published(ctx, tx)
	if err != nil {
		return 0, err
	}
	uptoFiles, err := x.files.published(ctx, tx)
	if err != nil {
		return 0, err
	}
	var last, since, files int64
	for _, q := range []struct {
		sql  string
		args []any
		into *int64
	}{
		{"SELECT ord FROM exchange_head WHERE id = 1", nil, &last},
		{"SELECT COUNT(*) FROM exchange_envelope WHERE lane = ? AND ord > ?", []any{laneFiles, upto}, &since},
		{"SELECT COUNT(*) FROM exchange_envelope WHERE lane = ? AND ord > ?", []any{laneFiles, uptoFiles}, &files},
	} {
		if _, err := tx.Row(ctx, q.sql, q.args, q.into); err != nil {
			return 0, err
		}
	}
	return max(last-upto-since, 0) + files, nil
}
