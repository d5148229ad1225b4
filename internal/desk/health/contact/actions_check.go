package contact

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/id"
)

// CheckInput is what a person chooses before the one press.
type CheckInput struct {
	To       []access.Member
	Role     Role
	Words    string
	Urgent   bool
	Exercise bool // an announced drill, marked so everywhere
	Within   time.Duration
}

// DrillMark is the exercise mark of a check that was called as a drill while
// no other exercise is played.
const DrillMark = "communication-drill"

// Call asks the members whether anybody is there.
func (d *Desk) Call(ctx context.Context, actor access.Actor, in CheckInput) (Check, error) {
	k := Check{To: in.To, Role: in.Role, Words: in.Words, Urgent: in.Urgent, Within: in.Within}
	k.Place, k.Marking = string(d.env.Member), access.TLPGreen
	if in.Exercise {
		k.Exercise = DrillMark
	}
	return desk.Create(ctx, d.env, d.checks, actor, k, "call", desk.Change[Check]{
		Edit: func(k *Check) error {
			k.Issued, k.Post, k.Release = d.env.Clock.Now(), actor.Name, d.env.IDs.New()
			k.By = k.Issued.Add(k.Within)
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, k *Check) error {
			for _, m := range k.To {
				if err := storeAnswer(ctx, tx, &Answer{Check: k.ID, Member: m}); err != nil {
					return err
				}
			}
			return d.sendCheck(ctx, tx, k)
		},
	})
}

// CallOff ends a running check with a reason.
func (d *Desk) CallOff(ctx context.Context, actor access.Actor, i id.ID, seen int, reason string) (Check, error) {
	var out Check
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if !reads(actor) {
			return desk.NotFound()
		}
		var err error
		out, err = desk.TakeIn(ctx, d.env, tx, d.checks, actor, i, seen, "call_off", desk.Change[Check]{
			Edit: func(k *Check) error { k.Reason = reason; return nil }, Detail: map[string]any{"reason": reason},
			Then: func(ctx context.Context, tx *db.Tx, k *Check) error { return d.sendOff(ctx, tx, k) },
		})
		return err
	})
	return out, err
}

// Lapse ends the checks whose time is over. Answers that come later are kept
// all the same, and marked late.
func (d *Desk) Lapse(ctx context.Context) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		ks, err := loadAll[Check](ctx, tx, `SELECT doc FROM contact_check WHERE state = ? AND due < ? ORDER BY due LIMIT 100`,
			string(Running), d.env.Clock.Now().UnixMicro())
		if err != nil {
			return err
		}
		for _, k := range ks {
			if _, err := desk.TakeIn(ctx, d.env, tx, d.checks, access.Node(d.env.Member), k.ID, 0, "lapse", desk.Change[Check]{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// OpenCall records that a person of this node saw the check.
func (d *Desk) OpenCall(ctx context.Context, actor access.Actor, i id.ID) (Call, error) {
	var out Call
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		k, err := d.visibleCall(ctx, tx, actor, i)
		if err != nil {
			return err
		}
		out = k
		if row, ok := Calls.Find(k.State, "open"); !ok || !Calls.Allowed(row, k, actor) {
			return nil
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.calls, actor, i, 0, "open", desk.Change[Call]{
			Then: func(ctx context.Context, tx *db.Tx, k *Call) error {
				return d.receipt(ctx, tx, actor, k, exchange.Opened, "")
			},
		})
		return err
	})
	return out, err
}

// Here answers a check: somebody is at the desk.
func (d *Desk) Here(ctx context.Context, actor access.Actor, i id.ID, words string) (Call, error) {
	var out Call
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := d.visibleCall(ctx, tx, actor, i); err != nil {
			return err
		}
		var err error
		out, err = desk.TakeIn(ctx, d.env, tx, d.calls, actor, i, 0, "here", desk.Change[Call]{
			Edit: func(k *Call) error {
				k.Answered, k.AnswerAs, k.Words = d.env.Clock.Now(), actor.Name, words
				return nil
			},
			Then: func(ctx context.Context, tx *db.Tx, k *Call) error {
				return d.receipt(ctx, tx, actor, k, exchange.Acknowledged, k.Words)
			},
		})
		return err
	})
	return out, err
}

func (d *Desk) receipt(ctx context.Context, tx *db.Tx, actor access.Actor, k *Call, stage exchange.Stage, words string) error {
	return d.env.Send.SendReceipt(ctx, tx, exchange.Receipt{Release: k.Release, Member: d.env.Member, Stage: stage, At: k.Changed.At, Role: actor.Name, Words: words})
}

func (d *Desk) visibleCall(ctx context.Context, tx *db.Tx, actor access.Actor, i id.ID) (Call, error) {
	k, err := loadCall(ctx, tx, i)
	if err != nil {
		return k, err
	}
	if !seesMarking(actor, k.Marking) {
		return Call{}, desk.NotFound()
	}
	return k, nil
}
