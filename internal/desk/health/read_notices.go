package health

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// SearchNotices finds received notifications in which every word of the query
// occurs, the newest first.
func (d *Desk) SearchNotices(ctx context.Context, actor access.Actor, query string, limit int) ([]Notice, error) {
	w := desk.Words(query)
	r := ReachOf(actor)
	if len(w) == 0 || r.None || r.Places != nil {
		return nil, nil
	}
	cond, args := []string{"1 = 1"}, []any{}
	if r.NoRed {
		cond, args = append(cond, "marking <> ?"), append(args, string(access.TLPRed))
	}
	for _, word := range w {
		cond, args = append(cond, `(needle LIKE ? ESCAPE '!' OR needle = '')`), append(args, desk.Like(word))
	}
	var out []Notice
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Each(ctx, `SELECT doc FROM health_notice WHERE `+strings.Join(cond, " AND ")+` ORDER BY changed DESC, id DESC`, args, func(scan func(...any) error) error {
			var doc string
			if err := scan(&doc); err != nil || len(out) >= limit {
				return cmp.Or(err, errEnough)
			}
			var n Notice
			if err := json.Unmarshal([]byte(doc), &n); err != nil {
				return fault.Wrap(fault.Internal, "fault.internal", err)
			}
			if r.SeesNotice(&n) && hasAll(noticeNeedle(&n), w) {
				out = append(out, n)
			}
			return nil
		})
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return out, err
}

// errEnough ends a query that has found what it may show.
var errEnough = errors.New("enough")

// noteWords writes what the search looks through for notices from before it
// was kept, a few at a time so that no transaction is long.
func (d *Desk) noteWords(ctx context.Context) error {
	const few = 200
	for {
		var left int
		err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
			old, err := loadAll[Notice](ctx, tx, `SELECT doc FROM health_notice WHERE needle = '' LIMIT ?`, few)
			left = len(old)
			for _, n := range old {
				if err == nil {
					_, err = tx.Exec(ctx, `UPDATE health_notice SET needle = ? WHERE id = ?`, noticeNeedle(&n), string(n.ID))
				}
			}
			return err
		})
		if err != nil || left < few {
			return err
		}
	}
}

// noticeNeedle is folded text as for events; it is never empty.
func noticeNeedle(n *Notice) string {
	e := &n.Body.Event
	return Fold(strings.Join([]string{n.Body.Title, n.Body.Message, e.Name, e.Summary, e.Agent, e.Hazard, e.GLIDE, e.ICD11, e.ICD10,
		strings.Join(e.Places, " "), string(n.From), string(n.ID), string(n.Release), string(n.Event)}, "\n"))
}

func hasAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// Answers tells for each of the events how far this node is with the newest
// notification of it that it received.
func (d *Desk) Answers(ctx context.Context, actor access.Actor, events []id.ID) (map[id.ID]workflow.State, error) {
	out := map[id.ID]workflow.State{}
	if len(events) == 0 {
		return out, nil
	}
	args := make([]any, len(events))
	for i, e := range events {
		args[i] = string(e)
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		ns, err := loadAll[Notice](ctx, tx, `SELECT doc FROM health_notice WHERE event IN (`+
			strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", ")+`) ORDER BY id`, args...)
		r := ReachOf(actor)
		for _, n := range ns {
			if r.SeesNotice(&n) {
				out[n.Event] = n.State
			}
		}
		return err
	})
	return out, err
}

// QuestionPage is a question with what the actor may do with it.
type QuestionPage struct {
	Question
	Event  EventView
	Offers []workflow.Offer
}

// QuestionPage reads one question, asked here or asked of this node.
func (d *Desk) QuestionPage(ctx context.Context, actor access.Actor, qid id.ID) (QuestionPage, error) {
	var p QuestionPage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		q, err := loadQuestion(ctx, tx, qid)
		if err != nil {
			return err
		}
		e, err := d.visible(ctx, tx, actor, q.Event)
		if err != nil {
			return err
		}
		p = QuestionPage{Question: q, Event: viewEvent(&e, nil)}
		if q.Owner == d.env.Member && q.To == d.env.Member {
			p.Offers = Answers.Offers(q, actor, d.env.Clock.Now())
		}
		return nil
	})
	return p, err
}

// MayRecord reports whether the actor may record an event somewhere.
func MayRecord(actor access.Actor) bool {
	row, ok := Events.Find("", "record")
	return ok && actor.HasAny(row.By...)
}

// Offered refuses, as the table would, a step that the actor cannot take now.
func (p *Page) Offered(verb string) error {
	for _, o := range p.Offers {
		if string(o.Verb) == verb {
			return nil
		}
	}
	if !p.Own {
		return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(p.View.Owner))
	}
	return refused(Events, p.View.State, workflow.Verb(verb))
}

// Offered refuses, as the table would, a step that the actor cannot take now.
func (s *Sent) Offered(verb string) error {
	for _, o := range s.Offers {
		if string(o.Verb) == verb {
			return nil
		}
	}
	return refused(Notifications, s.State, workflow.Verb(verb))
}

func refused[R any](t *workflow.Table[R], from workflow.State, verb workflow.Verb) error {
	if _, ok := t.Find(from, verb); !ok {
		return fault.New(fault.Conflict, "fault.wrong_state").With("verb", string(verb)).With("state", string(from))
	}
	return fault.New(fault.Forbidden, "fault.role").With("verb", string(verb))
}

// sentViews is what each group of recipients of a released notification got.
func sentViews(ctx context.Context, tx *db.Tx, n *Notification) ([]Preview, error) {
	var out []Preview
	err := tx.Each(ctx, `SELECT id, body FROM health_release WHERE notification = ? ORDER BY id`, []any{string(n.ID)}, func(scan func(...any) error) error {
		var rid, body string
		if err := scan(&rid, &body); err != nil {
			return err
		}
		var p Preview
		if err := json.Unmarshal([]byte(body), &p.View); err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", err)
		}
		for _, r := range n.Recipients {
			if string(r.Release) == rid {
				p.Members = append(p.Members, r.Member)
			}
		}
		out = append(out, p)
		return nil
	})
	return out, err
}
