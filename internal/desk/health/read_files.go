package health

import (
	"bytes"
	"context"
	"io"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/id"
)

// FileState is how far a file is; the catalogue has "health.file.<state>".
type FileState string

const (
	FileHere     FileState = "here"     // at the sender, not released
	FileSending  FileState = "sending"  // released, Have of Chunks parts are with the exchange
	FileSent     FileState = "sent"     // all parts are with the exchange
	FileArrived  FileState = "arrived"  // every recipient reported to have it whole
	FileWaiting  FileState = "waiting"  // at the recipient, Have of Chunks parts arrived
	FileComplete FileState = "complete" // at the recipient, whole
	FileDamaged  FileState = "damaged"  // at the recipient, not what the sender announced
	FileStopped  FileState = "stopped"  // withdrawn
)

// Attached is a file with how far it is.
type Attached struct {
	exchange.File
	State        FileState
	Have, Chunks int
	// Arrivals are how many parts each recipient reported to have, at the sender.
	Arrivals []Arrival
}

// Arrival is how far one recipient has come with a file.
type Arrival struct {
	Member access.Member
	Have   int
	Whole  bool
}

// Readable reports whether the bytes can be had here.
func (a *Attached) Readable() bool {
	return a.State != FileWaiting && a.State != FileDamaged
}

func parts(size int64) int { return max(1, int((size+exchange.ChunkSize-1)/exchange.ChunkSize)) }

// sentFiles are the files of an own notification.
func (d *Desk) sentFiles(ctx context.Context, tx *db.Tx, n *Notification) ([]Attached, error) {
	var out []Attached
	for _, f := range n.Files {
		a := Attached{File: f, State: FileHere, Chunks: parts(f.Size)}
		if !n.Released.IsZero() && d.env.Carry != nil {
			s, found, err := d.env.Carry.FileStatus(ctx, tx, d.env.Member, f.ID)
			if err != nil {
				return nil, err
			}
			if a.State = FileSending; found {
				a.Have = s.Have
			}
			if a.Have == a.Chunks {
				a.State = FileSent
			} else if n.State == Withdrawn {
				a.State = FileStopped
			}
			if a.Arrivals, err = d.arrivals(ctx, tx, n, f); err != nil {
				return nil, err
			}
			if a.State == FileSent && !slices.ContainsFunc(a.Arrivals, func(r Arrival) bool { return !r.Whole }) {
				a.State = FileArrived
			}
		}
		out = append(out, a)
	}
	return out, nil
}

// arrivals are what the recipients of a notification reported of a file;
// nobody is left out.
func (d *Desk) arrivals(ctx context.Context, tx *db.Tx, n *Notification, f exchange.File) ([]Arrival, error) {
	have, err := d.env.Carry.Arrivals(ctx, tx, f.ID)
	if err != nil {
		return nil, err
	}
	var out []Arrival
	for _, r := range n.Recipients {
		out = append(out, Arrival{Member: r.Member, Have: have[r.Member], Whole: have[r.Member] == parts(f.Size)})
	}
	return out, nil
}

// arrived are the files of a notice. Names and types are the sender's words
// and are made harmless before anybody sees them.
func (d *Desk) arrived(ctx context.Context, tx *db.Tx, n *Notice) ([]Attached, error) {
	var out []Attached
	for _, f := range n.Files {
		a, err := d.arrival(ctx, tx, n.From, f)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// arrival is how far one file is. What came must be what the signed release
// announced: number, name, type, size and digest.
func (d *Desk) arrival(ctx context.Context, tx *db.Tx, from access.Member, f exchange.File) (Attached, error) {
	a := Attached{File: harmless(f), State: FileWaiting, Chunks: parts(f.Size)}
	if d.env.Carry == nil {
		return a, nil
	}
	s, found, err := d.env.Carry.FileStatus(ctx, tx, from, f.ID)
	if err != nil || !found {
		return a, err
	}
	a.Have = s.Have
	switch {
	case s.File != f, s.State == exchange.FileDamaged:
		a.State = FileDamaged
	case s.State == exchange.FileComplete:
		a.State = FileComplete
	}
	return a, nil
}

func harmless(f exchange.File) exchange.File {
	f.Name, f.Type = files.CleanName(f.Name), files.SafeType(f.Type)
	return f
}

func noFile() error { return fault.New(fault.NotFound, "fault.files.none") }

func find(list []exchange.File, file id.ID) (exchange.File, error) {
	i := slices.IndexFunc(list, func(f exchange.File) bool { return f.ID == file })
	if i < 0 {
		return exchange.File{}, noFile()
	}
	return list[i], nil
}

// NotificationFile reads a file of an own notification.
func (d *Desk) NotificationFile(ctx context.Context, actor access.Actor, nid, file id.ID) (exchange.File, io.Reader, error) {
	var f exchange.File
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		n, err := d.ownNotification(ctx, tx, actor, nid)
		if err != nil {
			return err
		}
		f, err = find(n.Files, file)
		return err
	})
	if err != nil {
		return f, nil, err
	}
	_, r, err := d.files.Open(ctx, file)
	return harmless(f), r, err
}

// NoticeFile reads a file of a received notification, once it is whole. It is
// checked to its end before the first byte is given out.
func (d *Desk) NoticeFile(ctx context.Context, actor access.Actor, nid, file id.ID) (exchange.File, io.Reader, error) {
	var f exchange.File
	var whole bytes.Buffer
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		n, err := d.visibleNotice(ctx, tx, actor, nid)
		if err != nil {
			return err
		}
		if f, err = find(n.Files, file); err != nil {
			return err
		}
		a, err := d.arrival(ctx, tx, n.From, f)
		if err != nil {
			return err
		}
		switch a.State {
		case FileWaiting:
			return fault.New(fault.Conflict, "fault.health.file_waiting")
		case FileDamaged:
			return fault.New(fault.Conflict, "fault.health.file_damaged")
		}
		f = a.File
		whole.Grow(int(min(f.Size, exchange.MaxFile)))
		return d.env.Carry.ReadFile(ctx, tx, n.From, file, &whole)
	})
	return f, &whole, err
}
