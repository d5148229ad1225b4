package exchange

import (
	"context"
	"sync"

	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
)

// reached is how far each of this node's channels has come at the hub. The
// store knows it too, but only by going through what waits.
type reached struct {
	mu sync.Mutex
	m  map[envelope.Channel]place
}

func (r *reached) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.m = nil
}

func (r *reached) add(out []*outgoing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range out {
		r.note(o.channel, o.place)
	}
}

func (r *reached) note(ch envelope.Channel, p place) {
	if r.m == nil {
		r.m = map[envelope.Channel]place{}
	}
	if was, known := r.m[ch]; !known || was.before(p) {
		r.m[ch] = p
	}
}

// place is how far a channel has come, from memory, or from the store once.
func (r *reached) place(ctx context.Context, tx *db.Tx, ch envelope.Channel, upto int64) (place, error) {
	r.mu.Lock()
	p, known := r.m[ch]
	r.mu.Unlock()
	if known {
		return p, nil
	}
	_, err := tx.Row(ctx, "SELECT epoch, seq, hash FROM exchange_envelope WHERE channel = ? AND ord <= ? ORDER BY epoch DESC, seq DESC LIMIT 1",
		[]any{string(ch), upto}, &p.Epoch, &p.Seq, &p.Hash)
	if err == nil {
		r.mu.Lock()
		r.note(ch, p)
		r.mu.Unlock()
	}
	return p, err
}
