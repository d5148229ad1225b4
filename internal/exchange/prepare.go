package exchange

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
)

// item is one delivered message on its way through: parsed, verified, opened.
type item struct {
	subject string
	raw     []byte
	env     *envelope.Envelope // nil when raw cannot be read
	trusted bool               // the signature was verified
	key     []byte             // the message key
	carry   bool               // its wraps must be stored
	// keyMissing: sealed to a key that the directory gives this node and that
	// its process has not loaded yet.
	keyMissing bool
	meta       envelope.Meta
	body       []byte
	release    Release
	err        error
}

func (it *item) reason() envelope.Reason { return envelope.ReasonOf(it.err) }

// keyring holds the message keys of others that were unwrapped lately.
type keyring struct {
	mu sync.Mutex
	m  map[string][]byte
}

const keyringSize = 4096

func ringKey(from access.Member, ch envelope.Channel, session string) string {
	return string(from) + "|" + string(ch) + "|" + session
}

func (k *keyring) get(name string) ([]byte, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.m[name]
	return v, ok
}

func (k *keyring) put(name string, v []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.m == nil || len(k.m) >= keyringSize {
		k.m = map[string][]byte{}
	}
	k.m[name] = v
}

// prepared is a batch that only needs to be applied. It holds for the
// directory under which it was verified.
type prepared struct {
	items []*item
	dir   string
}

// prepare verifies and opens messages, on all cores. Nothing is stored.
func (x *Exchange) prepare(ctx context.Context, items []*item) (prepared, error) {
	v, err := x.dir()
	if err != nil {
		return prepared{}, err
	}
	parallel(items, 8, x.parse)
	parallel(x.runs(items), 2, func(run []*item) { verifyRun(run, v) })
	for _, it := range items { // in order: a key may be carried by an earlier message
		if it.err != nil || it.env == nil {
			continue
		}
		if err := x.findKey(ctx, it); err != nil {
			return prepared{}, err
		}
	}
	parallel(items, 8, (*item).open)
	return prepared{items: items, dir: v.Hash}, nil
}

// parallel does something for each of ts, by as many goroutines as there are
// cores if each of them gets at least some.
func parallel[T any](ts []T, some int, f func(T)) {
	n := min(runtime.GOMAXPROCS(0), (len(ts)+some-1)/some)
	if n <= 1 {
		for _, t := range ts {
			f(t)
		}
		return
	}
	var wg sync.WaitGroup
	for w := range n {
		wg.Go(func() {
			for i := w; i < len(ts); i += n {
				f(ts[i])
			}
		})
	}
	wg.Wait()
}

// parse takes a message apart and checks for whom it is.
func (x *Exchange) parse(it *item) {
	it.err, it.trusted, it.key, it.carry, it.keyMissing = nil, false, nil, false, false
	env, err := envelope.Parse(it.raw)
	if env != nil && env.V > 0 {
		it.env = env
	}
	if err != nil {
		it.err = err
		return
	}
	if env.From == x.me {
		return // an echo of what this node sent to all
	}
	if !x.mine(env.Channel) {
		it.err = envelope.Refuse(envelope.WrongAddress, fmt.Errorf("for %s", env.Channel))
		return
	}
	// The hub states who published; an envelope under somebody else's subject
	// is refused even with a good signature.
	if it.subject != Subject(env.From, x.own(env.Channel)) && it.subject != Subject(env.From, env.Channel) {
		it.err = envelope.Refuse(envelope.WrongAddress, fmt.Errorf("published on %s", it.subject))
	}
}

// mine reports whether a channel of another member is for this one.
func (x *Exchange) mine(ch envelope.Channel) bool {
	return ch.Main() == envelope.All || access.Member(ch.Main()) == x.me
}

// own is the channel for this node alone beside another of a member.
func (x *Exchange) own(ch envelope.Channel) envelope.Channel {
	if ch.IsFiles() {
		return envelope.Channel(x.me).Files()
	}
	return envelope.Channel(x.me)
}

// findKey gets the message key: from memory, from the envelope, from the store.
func (x *Exchange) findKey(ctx context.Context, it *item) error {
	e := it.env
	if e.From == x.me || !it.trusted {
		return nil
	}
	name := ringKey(e.From, e.Channel, e.Session)
	if k, ok := x.in.get(name); ok {
		it.key = k
		return nil
	}
	wraps := e.WrappedKeys()
	if len(wraps) == 0 {
		err := x.c.DB.Read(ctx, func(tx *db.Tx) error {
			_, err := tx.Row(ctx, "SELECT wraps FROM exchange_session WHERE from_member = ? AND channel = ? AND session = ?",
				[]any{string(e.From), string(e.Channel), e.Session}, &wraps)
			return err
		})
		if err != nil {
			return err
		}
	} else {
		it.carry = e.Class == envelope.Sequenced
	}
	k, err := envelope.Unwrap(e.From, e.Channel, e.Session, wraps, *x.keys.Load())
	if err != nil {
		// Without a key the wraps are kept: a rotation may bring it.
		noKey := envelope.ReasonOf(err) == envelope.NoKey
		it.err, it.carry = err, it.carry && noKey
		it.keyMissing = noKey && x.awaits(wraps)
		return nil
	}
	it.key = k
	x.in.put(name, k)
	return nil
}

// awaits reports whether wraps are for a key that the directory gives this
// node. It is asked only when none of the node's own keys fits.
func (x *Exchange) awaits(wraps []byte) bool {
	v, err := x.dir()
	if err != nil {
		return false
	}
	me, _ := v.Member(x.me)
	for _, k := range me.Sealing {
		if envelope.WrappedFor(wraps, k.ID) {
			return true
		}
	}
	return false
}

func (it *item) open() {
	if it.err != nil || it.key == nil {
		return
	}
	if it.meta, it.body, it.err = it.env.Open(it.key); it.err != nil {
		return
	}
	if it.meta.Kind == kindRelease {
		var err error
		if it.release, err = decodeRelease(it.body); err != nil {
			it.err = envelope.Refuse(envelope.BadContent, err)
			return
		}
		if it.release.ID != it.meta.Release || it.release.From != it.env.From {
			it.err = envelope.Refuse(envelope.Lifted, errors.New("the release names another sender or id"))
		}
	}
}
