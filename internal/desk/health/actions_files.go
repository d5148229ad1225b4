package health

import (
	"context"
	"io"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/id"
)

// Attach adds a file to a draft. Who may not edit the draft is refused before
// the first byte is read.
func (d *Desk) Attach(ctx context.Context, actor access.Actor, nid id.ID, name string, r io.Reader) (exchange.File, error) {
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		n, err := d.ownNotification(ctx, tx, actor, nid)
		if err != nil {
			return err
		}
		if _, err := Notifications.Authorise(n, "edit", actor); err != nil {
			return err
		}
		return roomForFile(&n)
	})
	if err != nil {
		return exchange.File{}, err
	}
	var f exchange.File
	_, err = d.files.Put(ctx, files.Upload{Record: nid, Name: name, By: actor.Account}, r, func(ctx context.Context, tx *db.Tx, in files.Info) error {
		f = exchange.File{ID: in.ID, Name: in.Name, Type: in.Type, Size: in.Size, SHA256: in.SHA256}
		return d.attach(ctx, tx, actor, nid, f)
	})
	return f, err
}

func (d *Desk) attach(ctx context.Context, tx *db.Tx, actor access.Actor, nid id.ID, f exchange.File) error {
	if _, err := d.ownNotification(ctx, tx, actor, nid); err != nil {
		return err
	}
	detail := map[string]any{}
	detailFiles(detail, "attached", []exchange.File{f})
	_, err := desk.TakeIn(ctx, d.env, tx, d.notifications, actor, nid, 0, "edit", desk.Change[Notification]{
		Edit: func(n *Notification) error {
			if slices.ContainsFunc(n.Files, func(o exchange.File) bool { return o.SHA256 == f.SHA256 }) {
				return fault.New(fault.Conflict, "fault.health.file_twice").With("name", f.Name)
			}
			if err := roomForFile(n); err != nil {
				return err
			}
			n.Files = append(n.Files, f)
			return nil
		},
		Detail: detail,
	})
	return err
}

func roomForFile(n *Notification) error {
	if len(n.Files) < MaxFiles {
		return nil
	}
	return fault.New(fault.Invalid, "fault.health.files_many").With("max", MaxFiles)
}

// Detach takes a file from a draft; its bytes are deleted.
func (d *Desk) Detach(ctx context.Context, actor access.Actor, nid, file id.ID) error {
	detail := map[string]any{}
	var gone []exchange.File
	_, err := d.notify(ctx, actor, nid, 0, "edit", desk.Change[Notification]{
		Edit: func(n *Notification) error {
			i := slices.IndexFunc(n.Files, func(f exchange.File) bool { return f.ID == file })
			if i < 0 {
				return fault.New(fault.NotFound, "fault.files.none")
			}
			gone = []exchange.File{n.Files[i]}
			n.Files = slices.Delete(slices.Clone(n.Files), i, i+1)
			detailFiles(detail, "removed", gone)
			return nil
		},
		Detail: detail,
		Then:   func(ctx context.Context, tx *db.Tx, n *Notification) error { return deleteFiles(ctx, tx, nid, gone) },
	})
	return err
}

func deleteFiles(ctx context.Context, tx *db.Tx, nid id.ID, gone []exchange.File) error {
	for _, f := range gone {
		if err := files.Delete(ctx, tx, nid, f.ID); err != nil {
			return err
		}
	}
	return nil
}

// detailFiles is what the history says of files. A name is content, and
// content may have to be deleted: size and digest are enough to prove which
// file it was.
func detailFiles(detail map[string]any, key string, list []exchange.File) {
	type digest struct {
		ID     id.ID  `json:"id"`
		Size   int64  `json:"size"`
		SHA256 string `json:"sha256"`
	}
	var out []digest
	for _, f := range list {
		out = append(out, digest{f.ID, f.Size, f.SHA256})
	}
	if len(out) > 0 {
		detail[key] = out
	}
}

// ownNotification loads a notification that the actor may know of.
func (d *Desk) ownNotification(ctx context.Context, tx *db.Tx, actor access.Actor, nid id.ID) (Notification, error) {
	n, err := loadNotification(ctx, tx, nid)
	if err == nil && !ReachOf(actor).Sees(n.event) {
		err = desk.NotFound()
	}
	return n, err
}
