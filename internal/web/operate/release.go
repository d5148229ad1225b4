package operate

import (
	"context"
	"net/http"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/id"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

// perPage rows stand on one page of a list.
const perPage = 50

// cover is what an operator may know of a release: what stands on the outside
// of a letter. There is no field for its content, so no page can show it.
type cover struct {
	ID       id.ID
	Kind     string
	Schema   int
	From     access.Member
	To       []access.Member
	Marking  access.Marking
	Size     int
	Issued   time.Time
	Due      time.Time
	Expires  time.Time
	Workflow string
	Exercise string
	Files    []attachment
}

// attachment is a file without its name, which may tell what is in it.
type attachment struct {
	ID     id.ID
	Type   string
	Size   int64
	SHA256 string
}

func coverOf(r exchange.Release) cover {
	c := cover{ID: r.ID, Kind: r.Kind, Schema: r.Schema, From: r.From, To: r.To, Marking: r.Marking, Size: len(r.Body), Issued: r.Issued,
		Due: r.Due, Expires: r.Expires, Workflow: r.Workflow, Exercise: r.Exercise}
	for _, f := range r.Files {
		c.Files = append(c.Files, attachment{ID: f.ID, Type: f.Type, Size: f.Size, SHA256: f.SHA256})
	}
	return c
}

func (w words) outside(c cover) []string {
	out := []string{w.T("operate.schema", "marking", string(c.Marking), "version", c.Schema, "size", w.Size(int64(c.Size)))}
	if len(c.Files) > 0 {
		out = append(out, w.T("operate.attached", "n", len(c.Files)))
	}
	return out
}

// page cuts the row too many that tells whether there are more.
func page[T any](v *exchangeView, path string, before id.ID, rows []T, last func(T) id.ID, keep ...string) []T {
	if before != "" {
		v.Pager.Previous = with(path, keep...)
	}
	if len(rows) > perPage {
		rows = rows[:perPage]
		v.Pager.Next = with(path, append(keep, "before", string(last(rows[perPage-1])))...)
	}
	v.Pager.Text = v.T("operate.shown", "n", len(rows))
	return rows
}

// before is where a page begins; what is no identifier begins at the newest.
func before(r *web.Request) id.ID {
	v, err := id.Parse(r.URL.Query().Get("before"))
	if err != nil {
		return ""
	}
	return v
}

// outbox lists what this node released, with who has it.
func (p *Pages) outbox(w http.ResponseWriter, r *web.Request) error {
	v, _, err := p.exchangeTop(r, "/outbox")
	if err != nil {
		return err
	}
	at, kind := before(r), r.URL.Query().Get("kind")
	v.Heads = heads{v.T("operate.outbox"), v.T("operate.release"), v.T("operate.state"), v.T("operate.cover"), v.T("operate.queued")}
	v.Filter = v.kinds(p.Rules.Kinds, kind)
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		rows, err := p.Exchange.Outbox(r.Context(), tx, exchange.Filter{Kind: kind, Before: at, Limit: perPage + 1})
		if err != nil {
			return err
		}
		for _, row := range page(&v, "/node/exchange/outbox", at, rows, func(o exchange.OutboxRow) id.ID { return o.Release }, "kind", kind) {
			l, err := p.sent(r.Context(), tx, v.words, row)
			if err != nil {
				return err
			}
			v.Rows = append(v.Rows, l)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.Show(w, web.Page{Title: v.T("operate.outbox"), Topics: []string{exchange.TopicOutbox, exchange.TopicReceipt, topicPeer}},
		listPage(v, parts.Panel{ID: "outbox", Title: v.T("operate.outbox"), Live: v.Path, On: topicsOfOutbox}, parts.Empty{Title: v.T("operate.outbox.none"), Text: v.T("operate.outbox.none.text")}))
}

func (p *Pages) sent(ctx context.Context, tx *db.Tx, w words, row exchange.OutboxRow) (line, error) {
	l := line{Title: w.kind(row.Kind), At: row.Queued, Sub: string(row.Release)}
	rel, found, err := p.Exchange.Sent(ctx, tx, row.Release)
	if err != nil {
		return l, err
	}
	if found {
		l.Texts = w.outside(coverOf(rel))
		l.Mark = plates([]parts.Plate{w.addressed(rel.To)})
	}
	latest, err := p.Exchange.Latest(ctx, tx, row.Release)
	if err != nil {
		return l, err
	}
	arrived := 0
	var missing []parts.Plate
	for _, m := range rel.To {
		switch s := latest[m].Stage; {
		case s == exchange.Refused && latest[m].Role == "node":
			missing = append(missing, parts.Plate{Code: string(m), Title: w.T("operate.plate.refused", "member", w.name(m)), State: parts.Missing})
		case s == "" || s == exchange.Queued || s == exchange.Sent:
			missing = append(missing, parts.Plate{Code: string(m), Title: w.T("operate.plate.missing", "member", w.name(m)), State: parts.Missing})
		default:
			arrived++
		}
	}
	if len(missing) > 0 && len(rel.To) > 1 {
		l.Texts = append(l.Texts, w.T("operate.arrived.n", "n", arrived, "all", len(rel.To)))
	}
	l.Plates = missing
	switch {
	case row.WithdrawnBy != "":
		l.tagged(parts.Watch, w.T("operate.withdrawn"))
	case row.SupersededBy != "":
		l.tagged(parts.Information, w.T("operate.superseded"))
	case !row.Published:
		l.tagged(parts.Warning, w.T("operate.unpublished"))
	case len(missing) > 0:
		l.tagged(parts.Watch, w.T("operate.underway"))
	default:
		l.tagged(parts.Good, w.T("operate.arrived.all"))
	}
	return l, nil
}

// addressed is the recipient, or how many there are.
func (w words) addressed(to []access.Member) parts.Plate {
	if len(to) == 1 {
		return w.plate(to[0], parts.Plain)
	}
	return parts.Plate{Code: w.Number(int64(len(to))), Title: w.T("operate.recipients", "n", len(to))}
}

// inbox lists what arrived and what came of it.
func (p *Pages) inbox(w http.ResponseWriter, r *web.Request) error {
	v, _, err := p.exchangeTop(r, "/inbox")
	if err != nil {
		return err
	}
	at, kind := before(r), r.URL.Query().Get("kind")
	v.Heads = heads{v.T("operate.inbox"), v.T("operate.release"), v.T("operate.state"), v.T("operate.cover"), v.T("operate.received")}
	v.Filter = v.kinds(p.Rules.Kinds, kind)
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		rows, err := p.Exchange.Inbox(r.Context(), tx, exchange.Filter{Kind: kind, Before: at, Limit: perPage + 1})
		if err != nil {
			return err
		}
		for _, row := range page(&v, "/node/exchange/inbox", at, rows, func(i exchange.InboxRow) id.ID { return i.Release }, "kind", kind) {
			l, err := p.received(r.Context(), tx, v.words, row)
			if err != nil {
				return err
			}
			v.Rows = append(v.Rows, l)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.Show(w, web.Page{Title: v.T("operate.inbox"), Topics: []string{topicsOfInbox}},
		listPage(v, parts.Panel{ID: "inbox", Title: v.T("operate.inbox"), Live: v.Path, On: topicsOfInbox}, parts.Empty{Title: v.T("operate.inbox.none"), Text: v.T("operate.inbox.none.text")}))
}

func (p *Pages) received(ctx context.Context, tx *db.Tx, w words, row exchange.InboxRow) (line, error) {
	l := line{Mark: plates([]parts.Plate{w.plate(row.From, parts.Plain)}), Title: w.kind(row.Kind), At: row.Received, Sub: string(row.Release)}
	in, found, err := p.Exchange.Received(ctx, tx, row.Release)
	if err != nil {
		return l, err
	}
	if found && in.Marking != "" { // of a withdrawn one only the outside of the row is left
		c := coverOf(in.Release)
		l.Texts = w.outside(c)
		if c.Workflow != "" && !slices.Contains(p.ours, c.Workflow) {
			l.Texts = append(l.Texts, w.T("operate.follows.differ"))
		}
	}
	l.Texts = append(l.Texts, w.T("operate.place.n", "epoch", row.Epoch, "seq", row.Seq, "channel", string(row.Channel)))
	l.tagged(w.came(row))
	return l, nil
}

// came is what became of a release that arrived.
func (w words) came(row exchange.InboxRow) (parts.Grade, string) {
	switch {
	case row.State == "quarantined":
		return parts.Warning, w.T("operate.came.quarantined")
	case row.State == "withdrawn" || row.WithdrawnBy != "":
		return parts.Watch, w.T("operate.withdrawn")
	case row.SupersededBy != "":
		return parts.Information, w.T("operate.superseded")
	case row.Withdraws != "":
		return parts.Watch, w.T("operate.came.withdraws")
	case row.State == "applied":
		return parts.Good, w.T("operate.came.applied")
	case row.State == "repeated":
		return parts.Information, w.T("operate.came.repeated")
	case row.State == "skipped":
		return parts.Information, w.T("operate.came.skipped")
	}
	return parts.Ungraded, row.State
}

// kinds is the filter by kind of release.
func (w words) kinds(list []string, chosen string) parts.Select {
	s := parts.Select{Field: parts.Field{Name: "kind", Label: w.T("operate.kind")}, Blank: w.T("operate.any")}
	for _, k := range list {
		s.Options = append(s.Options, parts.Option{Value: k, Text: w.kind(k), Chosen: k == chosen})
	}
	return s
}
