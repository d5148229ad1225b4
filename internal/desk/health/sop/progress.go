package sop

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/id"
)

// Board is one playbook for one event or family over all members: steps by
// members, as each member released it. Who released nothing has no column of
// zeros: it says "no report".
type Board struct {
	Code    string
	Title   string
	Scope   id.ID
	Subject string
	Digests int // different texts among the members
	Steps   []BoardStep
	Members []BoardMember // every member, in the fixed order
}

// BoardStep is one line of the board. A step that some member's own version
// does not have is empty there.
type BoardStep struct{ Code, Title, Function string }

// BoardMember is one column.
type BoardMember struct {
	Member   access.Member
	Reported bool
	Here     bool // this node's own run, as it is now; nobody else may have it
	Progress ProgressView
	Release  id.ID
}

// Cell is what a member says of a step.
func (m *BoardMember) Cell(code string) (ProgressStep, bool) {
	i := slices.IndexFunc(m.Progress.Steps, func(s ProgressStep) bool { return s.Code == code })
	if i < 0 {
		return ProgressStep{}, false
	}
	return m.Progress.Steps[i], true
}

// Reports is how many members have a column.
func (b *Board) Reports() int {
	n := 0
	for i := range b.Members {
		if b.Members[i].Reported {
			n++
		}
	}
	return n
}

// boards groups what is known: pure, so that the order of arrival does not
// matter. Of several runs of one member for one thing the newest counts.
func boards(list []BoardMember) []Board {
	slices.SortStableFunc(list, func(a, b BoardMember) int {
		return cmp.Or(b.Progress.Started.Compare(a.Progress.Started), cmp.Compare(b.Progress.Run, a.Progress.Run))
	})
	var out []Board
	at := map[string]int{}
	for _, m := range list {
		p := &m.Progress
		key := p.Code + "|" + string(p.scope())
		i, ok := at[key]
		if !ok {
			i, at[key] = len(out), len(out)
			b := Board{Code: p.Code, Title: p.Title, Scope: p.scope(), Subject: p.Subject}
			for _, x := range access.All() {
				b.Members = append(b.Members, BoardMember{Member: x})
			}
			out = append(out, b)
		}
		b := &out[i]
		k := slices.IndexFunc(b.Members, func(x BoardMember) bool { return x.Member == m.Member })
		if k < 0 || b.Members[k].Reported {
			continue
		}
		m.Reported = true
		b.Members[k] = m
	}
	for i := range out {
		out[i].fill()
	}
	return out
}

// fill gives a board its lines: the steps of every column, in the order of the
// first that has them.
func (b *Board) fill() {
	seen, texts := map[string]bool{}, map[string]bool{}
	for i := range b.Members {
		m := &b.Members[i]
		if !m.Reported {
			continue
		}
		texts[m.Progress.Digest] = true
		for _, s := range m.Progress.Steps {
			if !seen[s.Code] {
				seen[s.Code] = true
				b.Steps = append(b.Steps, BoardStep{s.Code, s.Title, s.Function})
			}
		}
	}
	b.Digests = len(texts)
}

// Boards are what this node knows of the progress of playbooks in the region:
// what others released to it, and its own runs.
func (d *Desk) Boards(ctx context.Context, actor access.Actor, code string) ([]Board, error) {
	var list []BoardMember
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		r, now := reach(actor), d.env.Clock.Now()
		got, err := docs[Received](ctx, tx, `SELECT doc FROM sop_progress WHERE (? = '' OR code = ?) ORDER BY issued DESC, id LIMIT 2000`, code, code)
		if err != nil {
			return err
		}
		for i := range got {
			if seesProgress(r, got[i].Marking) {
				list = append(list, BoardMember{Member: got[i].Owner, Progress: got[i].ProgressView, Release: got[i].Release})
			}
		}
		own, err := d.ownProgress(ctx, tx, code, now)
		for i := range own {
			if seesProgress(r, own[i].Progress.Marking) {
				list = append(list, own[i])
			}
		}
		return err
	})
	return boards(list), err
}

func (d *Desk) ownProgress(ctx context.Context, tx *db.Tx, code string, now time.Time) ([]BoardMember, error) {
	runs, err := docs[Run](ctx, tx, `SELECT doc FROM sop_run WHERE (? = '' OR code = ?) ORDER BY started DESC, id LIMIT 200`, code, code)
	var out []BoardMember
	for i := range runs {
		tasks, err := tasksOf(ctx, tx, runs[i].ID)
		if err != nil {
			return nil, err
		}
		out = append(out, BoardMember{Member: d.env.Member, Here: true, Progress: viewProgress(&runs[i], tasks, now)})
	}
	return out, err
}
