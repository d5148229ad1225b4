package operate

import (
	"context"
	"net/http"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/id"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

// filesIn is how many releases of each direction are looked through for files.
const filesIn = 200

// files lists the attachments of the newest releases with how much of them is
// here. Their names are content and are not shown.
func (p *Pages) files(w http.ResponseWriter, r *web.Request) error {
	v, _, err := p.exchangeTop(r, "/files")
	if err != nil {
		return err
	}
	v.Heads = heads{v.T("operate.files"), v.T("operate.file"), v.T("operate.state"), v.T("operate.file.release"), v.T("operate.file.at")}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		seen := map[id.ID]bool{}
		in, err := p.Exchange.Inbox(r.Context(), tx, exchange.Filter{State: "applied", Limit: filesIn})
		if err != nil {
			return err
		}
		for _, row := range in {
			rel, found, err := p.Exchange.Received(r.Context(), tx, row.Release)
			if err != nil {
				return err
			}
			if found {
				if err := p.attached(r.Context(), tx, &v, row.From, coverOf(rel.Release), seen); err != nil {
					return err
				}
			}
		}
		return p.ownFiles(r.Context(), tx, &v, seen)
	})
	if err != nil {
		return err
	}
	return r.Show(w, web.Page{Title: v.T("operate.files"), Topics: []string{exchange.TopicFile}},
		listPage(v, parts.Panel{ID: "files", Title: v.T("operate.files"), Live: v.Path, On: exchange.TopicFile}, parts.Empty{Title: v.T("operate.files.none"), Text: v.T("operate.files.none.text")}))
}

func (p *Pages) ownFiles(ctx context.Context, tx *db.Tx, v *exchangeView, seen map[id.ID]bool) error {
	out, err := p.Exchange.Outbox(ctx, tx, exchange.Filter{Limit: filesIn})
	if err != nil {
		return err
	}
	for _, row := range out {
		rel, found, err := p.Exchange.Sent(ctx, tx, row.Release)
		if err != nil {
			return err
		}
		if found {
			if err := p.attached(ctx, tx, v, p.Member, coverOf(rel), seen); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Pages) attached(ctx context.Context, tx *db.Tx, v *exchangeView, from access.Member, c cover, seen map[id.ID]bool) error {
	for _, f := range c.Files {
		if seen[f.ID] {
			continue
		}
		seen[f.ID] = true
		s, found, err := p.Exchange.FileStatus(ctx, tx, from, f.ID)
		if err != nil {
			return err
		}
		l := line{Mark: plates([]parts.Plate{v.plate(from, ownPlate(from == p.Member))}), Title: v.T("operate.file.title", "type", f.Type, "size", v.Size(f.Size)),
			Sub: short(f.SHA256), Texts: []string{v.kind(c.Kind), v.T("operate.file.marking", "marking", string(c.Marking))}, At: c.Issued}
		switch {
		case !found:
			l.tagged(parts.Watch, v.T("operate.file.nothing"))
		case s.State == exchange.FileDamaged:
			l.tagged(parts.Emergency, v.T("operate.file.damaged"))
		case s.State == exchange.FileComplete:
			l.tagged(parts.Good, v.T("operate.file.complete"))
		default:
			l.tagged(parts.Watch, v.T("operate.file.partial", "have", s.Have, "all", s.Chunks))
		}
		v.Rows = append(v.Rows, l)
	}
	return nil
}
