package exchange

import (
	"context"
	"errors"
	"fmt"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// errNotCareful asks for the batch to be applied again, carefully.
var errNotCareful = errors.New("exchange: a desk failed")

// carefulTries is how often a batch is applied with savepoints before a
// conflict of a desk counts as its answer and not as a lost race.
const carefulTries = 3

// States of a row of the inbox.
const (
	stateApplied     = "applied"
	stateWithdrawn   = "withdrawn"   // withdrawn before or after it arrived
	stateRepeated    = "repeated"    // the same release once more, in a new epoch
	stateSkipped     = "skipped"     // on "all", from before this member joined
	stateQuarantined = "quarantined" // took its place, could not be applied
	stateControl     = "control"     // receipts, chunks, directories
)

// application applies one batch in one transaction.
type application struct {
	x       *Exchange
	careful bool
	final   bool // conflicts are answers now
	v       *directory.View

	pos      map[channelKey]*position
	known    map[releaseKey]bool // releases that the inbox has
	tombs    map[releaseKey]tombstone
	beats    map[access.Member]*item // the newest of each member
	resends  []*item
	refused  map[access.Member][]Receipt
	counts   map[envelope.Reason]int64
	advanced map[access.Member]int // messages that took their place, or were here already
	heard    []access.Member       // written down as heard of
	sent     map[id.ID]Release     // own releases, as they left
	gaps     map[channelKey]gap
	topics   []string
}

type channelKey struct {
	from access.Member
	ch   envelope.Channel
}

type releaseKey struct {
	from access.Member
	id   id.ID
}

type tombstone struct{ withdrawnBy, supersededBy id.ID }

// position is the last place taken in a channel of another member.
type position struct {
	place
	at    int64 // header time of the last envelope
	held  int64
	known bool
	dirty bool
}

func newApplication(x *Exchange, careful, final bool) *application {
	return &application{x: x, careful: careful, final: final, pos: map[channelKey]*position{}, known: map[releaseKey]bool{},
		tombs: map[releaseKey]tombstone{}, beats: map[access.Member]*item{}, refused: map[access.Member][]Receipt{},
		counts: map[envelope.Reason]int64{}, advanced: map[access.Member]int{}, sent: map[id.ID]Release{}, gaps: map[channelKey]gap{}}
}

// run applies the items up to a new directory, which the rest must be
// verified against, and returns how many it took.
func (a *application) run(ctx context.Context, tx *db.Tx, items []*item) (int, error) {
	var err error
	if a.v, err = a.x.dir(); err != nil {
		return 0, err
	}
	if err := a.prefetch(ctx, tx, items); err != nil {
		return 0, err
	}
	n := len(items)
	for i, it := range items {
		last, err := a.step(ctx, tx, it)
		if err != nil {
			return 0, err
		}
		if last {
			n = i + 1
			break
		}
	}
	return n, a.finish(ctx, tx)
}

// step takes one message and reports whether the batch must end with it.
func (a *application) step(ctx context.Context, tx *db.Tx, it *item) (last bool, err error) {
	if it.env != nil && it.env.From == a.x.me && it.err == nil {
		return false, nil
	}
	if !it.trusted {
		return false, a.quarantine(ctx, tx, it)
	}
	if it.carry {
		if err := storeSession(ctx, tx, it.env.From, it.env.Channel, it.env.Session, it.env.WrappedKeys(), it.env.Time); err != nil {
			return false, err
		}
	}
	if it.env.Class == envelope.Control {
		return false, a.controlMessage(ctx, tx, it)
	}
	return a.sequence(ctx, tx, it)
}

func (a *application) position(ctx context.Context, tx *db.Tx, k channelKey) (*position, error) {
	if p, ok := a.pos[k]; ok {
		return p, nil
	}
	p := &position{}
	found, err := tx.Row(ctx, "SELECT epoch, seq, hash, at, held FROM exchange_peer WHERE member = ? AND channel = ?",
		[]any{string(k.from), string(k.ch)}, &p.Epoch, &p.Seq, &p.Hash, &p.at, &p.held)
	p.known = found && p.Epoch > 0
	a.pos[k] = p
	return p, err
}

// sequence decides by an envelope's place: its turn, a repeat, too early, or
// something that must not be.
func (a *application) sequence(ctx context.Context, tx *db.Tx, it *item) (last bool, err error) {
	e, k := it.env, channelKey{it.env.From, it.env.Channel}
	p, err := a.position(ctx, tx, k)
	if err != nil {
		return false, err
	}
	if a.v.Revoked(e.From, e.Key) && e.Time < p.at {
		// A lost key can be used to sign with an older time, but the sequence
		// has gone on since.
		it.err = envelope.Refuse(envelope.RevokedKey, errors.New("dated before what came before it"))
		return false, a.quarantine(ctx, tx, it)
	}
	switch {
	case e.Epoch < p.Epoch, e.Epoch == p.Epoch && e.Seq <= p.Seq:
		return a.old(ctx, tx, it, e.Epoch < p.Epoch)
	case e.Epoch == p.Epoch && e.Seq == p.Seq+1 && p.known:
		if e.Prev != p.Hash {
			it.err = envelope.Refuse(envelope.Forked, fmt.Errorf("%s/%d/%d", e.Channel, e.Epoch, e.Seq))
			return false, a.quarantine(ctx, tx, it)
		}
	case e.Seq == 1:
		if err := a.newEpoch(ctx, tx, k, p, e.Epoch); err != nil {
			return false, err
		}
	default:
		return false, a.hold(ctx, tx, it, k, p)
	}
	if last, err = a.take(ctx, tx, it, p); err != nil || last || p.held == 0 {
		return last, err
	}
	return a.drain(ctx, tx, k, p)
}

// old is an envelope whose place was passed: nearly always a repeat.
func (a *application) old(ctx context.Context, tx *db.Tx, it *item, earlier bool) (bool, error) {
	e := it.env
	var hash string
	found, err := tx.Row(ctx, "SELECT hash FROM exchange_inbox WHERE from_member = ? AND channel = ? AND epoch = ? AND seq = ?",
		[]any{string(e.From), string(e.Channel), e.Epoch, e.Seq}, &hash)
	switch {
	case err != nil:
		return false, err
	case found && hash == e.Hash():
		a.advanced[e.From]++ // tell the sender again what is here
		return false, nil
	case found:
		it.err = envelope.Refuse(envelope.Equivocation, fmt.Errorf("%s/%d/%d", e.Channel, e.Epoch, e.Seq))
		return false, a.quarantine(ctx, tx, it)
	case earlier:
		return a.take(ctx, tx, it, nil) // left over from before the sender began anew
	}
	a.advanced[e.From]++ // its row was pruned
	return false, nil
}

// newEpoch notes that a sender began anew; what was held of its old sequence
// is applied as far as it came.
func (a *application) newEpoch(ctx context.Context, tx *db.Tx, k channelKey, p *position, epoch int64) error {
	if p.known {
		a.x.c.Log.Warn("exchange: a member began a new epoch", "member", k.from, "channel", k.ch, "was", p.Epoch, "is", epoch)
		a.topics = append(a.topics, TopicEpoch)
		if err := a.late(ctx, tx, k, p, epoch); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO exchange_peer_epoch (member, channel, epoch, at) VALUES (?, ?, ?, ?)
		ON CONFLICT (member, channel, epoch) DO NOTHING`, string(k.from), string(k.ch), epoch, clock.Micros(a.x.c.Wall.Now()))
	return err
}

// take gives an envelope its place and applies what it holds. Without a
// position the place is one of the past.
func (a *application) take(ctx context.Context, tx *db.Tx, it *item, p *position) (last bool, err error) {
	e := it.env
	state, last, err := a.content(ctx, tx, it)
	if err != nil {
		return false, err
	}
	row := inboxRow{kind: it.meta.Kind, state: state, plain: []byte{}}
	if it.meta.Kind == kindRelease && state != stateQuarantined {
		row.release(it)
	}
	if t, ok := a.tombs[releaseKey{e.From, e.Release}]; ok && it.meta.Kind == kindRelease {
		row.withdrawnBy, row.supersededBy = t.withdrawnBy, t.supersededBy
	}
	if err := row.insert(ctx, tx, it, clock.Micros(a.x.c.Clock.Now())); err != nil {
		return false, err
	}
	if it.err == nil {
		if err := a.settle(ctx, tx, e.Hash()); err != nil {
			return false, err
		}
	}
	if p != nil {
		p.place = place{Epoch: e.Epoch, Seq: e.Seq, Hash: e.Hash()}
		p.at, p.known, p.dirty = max(p.at, e.Time), true, true
	}
	a.advanced[e.From]++
	return last, nil
}

// content applies what an envelope holds and says in which state its row is.
func (a *application) content(ctx context.Context, tx *db.Tx, it *item) (state string, last bool, err error) {
	e := it.env
	if it.err == nil {
		if state, last, err = a.apply(ctx, tx, it); err == nil || !refused(err) {
			return state, last, err
		}
		it.err = err
	}
	if it.reason() == envelope.NoKey && e.Channel.Main() == envelope.All && !it.keyMissing {
		return stateSkipped, false, nil
	}
	if err := a.quarantine(ctx, tx, it); err != nil {
		return "", false, err
	}
	if e.Release != "" && (it.meta.Kind == kindRelease || it.meta.Kind == "") {
		a.refused[e.From] = append(a.refused[e.From], Receipt{Release: e.Release, Member: a.x.me, Stage: Refused,
			At: a.x.c.Clock.Now(), Role: nodeRole, Words: "exchange.reason." + string(it.reason())})
	}
	return stateQuarantined, false, nil
}

// apply hands what an envelope holds to whom it concerns.
func (a *application) apply(ctx context.Context, tx *db.Tx, it *item) (state string, last bool, err error) {
	switch it.meta.Kind {
	case kindRelease:
		state, err = a.applyRelease(ctx, tx, it)
	case kindReceipts:
		state, err = stateControl, a.applyReceipts(ctx, tx, it)
	case kindChunk:
		state, err = stateControl, a.applyChunk(ctx, tx, it)
	case kindDirectory:
		state, last, err = stateControl, true, a.applyDirectory(ctx, tx, it)
	default:
		err = envelope.Refuse(envelope.UnknownKind, fmt.Errorf("%q", it.meta.Kind))
	}
	return state, last, err
}

// guard lets a desk write. A *envelope.Refusal says that the desk refused; any
// other error ends the batch.
func (a *application) guard(ctx context.Context, tx *db.Tx, f func() error) error {
	if !a.careful {
		err := protect(f)
		if err == nil || transient(ctx, err) {
			return err
		}
		return errNotCareful
	}
	if _, err := tx.Exec(ctx, "SAVEPOINT exchange_apply"); err != nil {
		return err
	}
	err := protect(f)
	if err == nil {
		_, err = tx.Exec(ctx, "RELEASE SAVEPOINT exchange_apply")
		return err
	}
	if transient(ctx, err) {
		return err
	}
	if fault.Is(err, fault.Conflict) && !a.final {
		return errNotCareful
	}
	// What the desk queued is undone, and with it what may have carried a key.
	a.x.out.drop()
	if _, undo := tx.Exec(ctx, "ROLLBACK TO SAVEPOINT exchange_apply"); undo != nil {
		return errors.Join(undo, err)
	}
	if _, undo := tx.Exec(ctx, "RELEASE SAVEPOINT exchange_apply"); undo != nil {
		return undo
	}
	if refused(err) {
		return err
	}
	return envelope.Refuse(envelope.Unapplied, err)
}

func refused(err error) bool {
	var r *envelope.Refusal
	return errors.As(err, &r)
}

func transient(ctx context.Context, err error) bool {
	return ctx.Err() != nil || fault.Is(err, fault.Unavailable)
}

// protect turns a panic of a desk into an error: one release must not stop
// the node.
func protect(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("exchange: panic: %v", r)
		}
	}()
	return f()
}
