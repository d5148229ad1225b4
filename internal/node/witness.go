package node

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"time"

	"golang.org/x/mod/sumdb/note"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/history"
)

// witness signs the history at intervals, offers the checkpoint to the other
// members, countersigns theirs, and asks at the start what they hold of ours,
// so that a node restored from an old backup finds out.
type witness struct {
	n     *Node
	every time.Duration
}

func (w *witness) register(x *exchange.Exchange) {
	x.Handle(history.KindCheckpoint, 1, w.checkpoint)
	x.Handle(history.KindCountersign, 1, w.countersign)
	x.Handle(history.KindAsk, 1, w.ask)
	x.Handle(history.KindHeld, 1, w.held)
}

// verifiers are the keys of all members, former ones too: an old checkpoint
// stays checkable after a rotation.
func (n *Node) verifiers() (note.Verifiers, error) {
	var all []note.Verifier
	view := n.Directory.Current()
	if view == nil {
		return note.VerifierList(), nil
	}
	for _, m := range view.Members() {
		for _, k := range m.Signing {
			v, err := history.NewVerifier(m.Code, k.Bytes())
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
	}
	return note.VerifierList(all...), nil
}

// run asks once and then signs at intervals until ctx ends.
func (w *witness) run(ctx context.Context) {
	if err := w.n.DB.Write(ctx, func(tx *db.Tx) error {
		head, err := history.Now(ctx, tx)
		if err != nil {
			return err
		}
		// Asked at size 0 too: a node whose database was lost must hear of its
		// former history before it signs another.
		return w.send(ctx, tx, history.KindAsk, w.n.others(), history.AskBody{Epoch: head.Epoch, Size: head.Size})
	}); err != nil && ctx.Err() == nil {
		w.n.log.Error("asking for held checkpoints", slog.Any("error", err))
	}
	for {
		// A little chance keeps the nodes of a region from signing all at once.
		tick := time.NewTimer(w.every + rand.N(w.every/4+1))
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			if err := w.sign(ctx); err != nil && ctx.Err() == nil {
				w.n.log.Error("signing the history", slog.Any("error", err))
			}
		}
	}
}

// sign makes a checkpoint if the history has grown and offers it to all.
func (w *witness) sign(ctx context.Context) error {
	signer, err := history.NewSigner(w.n.Config.Member, w.n.keys().Member.Sign)
	if err != nil {
		return err
	}
	return w.n.DB.Write(ctx, func(tx *db.Tx) error {
		// After a restore nothing is signed until the administrator has seen
		// what the others hold; the pages and lintas verify say so.
		if head, err := history.Now(ctx, tx); err != nil || head.Suspended {
			return err
		}
		before, err := history.Last(ctx, tx)
		if err != nil {
			return err
		}
		_, fresh, err := history.Sign(ctx, tx, signer, w.n.wall.Now())
		if err != nil || !fresh {
			return err
		}
		body, err := history.Announce(ctx, tx, before.Point())
		if err != nil {
			return err
		}
		return w.send(ctx, tx, history.KindCheckpoint, w.n.others(), body)
	})
}

func (w *witness) send(ctx context.Context, tx *db.Tx, kind string, to []access.Member, body any) error {
	if len(to) == 0 {
		return nil
	}
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return w.n.Exchange.Queue(ctx, tx, exchange.Release{
		ID: w.n.ids.New(), Kind: kind, Schema: 1, From: w.n.Config.Member, To: to,
		Ref:     exchange.Ref{Desk: "history", Kind: kind, ID: w.n.ids.New(), Version: 1},
		Purpose: "assurance", Marking: access.TLPGreen, Basis: "aphecs", Lang: "en", Issued: w.n.clock.Now(), Body: b,
	})
}

func (w *witness) checkpoint(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	body, err := history.ParseBody[history.CheckpointBody](in.Body)
	if err != nil {
		return err
	}
	keys, err := w.n.verifiers()
	if err != nil {
		return err
	}
	signer, err := history.NewSigner(w.n.Config.Member, w.n.keys().Member.Sign)
	if err != nil {
		return err
	}
	got, err := history.Receive(ctx, tx, in.From, body, keys, signer, w.n.wall.Now())
	if err != nil {
		return err
	}
	if got.Outcome.Reported() {
		w.n.log.Error("history of another member does not continue", slog.String("member", string(in.From)), slog.String("outcome", string(got.Outcome)))
	}
	if got.Outcome == history.Stale {
		return nil
	}
	return w.send(ctx, tx, history.KindCountersign, []access.Member{in.From}, got.Answer)
}

func (w *witness) countersign(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	body, err := history.ParseBody[history.CountersignBody](in.Body)
	if err != nil {
		return err
	}
	keys, err := w.n.verifiers()
	if err != nil {
		return err
	}
	answered, err := history.Answer(ctx, tx, in.From, body, keys, w.n.wall.Now())
	if err != nil {
		return err
	}
	if answered.Outcome != history.NeedProof {
		return nil
	}
	again, err := history.Announce(ctx, tx, answered.Since)
	if err != nil {
		return err
	}
	return w.send(ctx, tx, history.KindCheckpoint, []access.Member{in.From}, again)
}

func (w *witness) ask(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	if _, err := history.ParseBody[history.AskBody](in.Body); err != nil {
		return err
	}
	_, held, err := history.HeldOf(ctx, tx, in.From)
	if err != nil {
		return err
	}
	return w.send(ctx, tx, history.KindHeld, []access.Member{in.From}, history.HeldBody{Note: held})
}

func (w *witness) held(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	body, err := history.ParseBody[history.HeldBody](in.Body)
	if err != nil {
		return err
	}
	keys, err := w.n.verifiers()
	if err != nil {
		return err
	}
	standing, _, err := history.Heard(ctx, tx, in.From, body, keys, w.n.wall.Now())
	if err != nil {
		return err
	}
	if standing == history.Tail || standing == history.Contradict {
		w.n.log.Error("another member holds a later checkpoint of our history; signing is suspended until lintas verify --reopen",
			slog.String("member", string(in.From)), slog.String("standing", string(standing)))
	}
	return nil
}
