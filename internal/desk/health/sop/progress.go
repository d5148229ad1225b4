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
// members, as each member released it. Who is asked and released nothing has no
// column of zeros: it says "no report". A state is asked when the level of the
// family concerns it; a playbook on one event is the affair of its owner alone.
type Board struct {
	Code    string
	Title   string
	Scope   id.ID
	Subject string
	Family  bool // it is about a family, so that more than one state can be asked
	Digests int  // different texts among the members
	Steps   []BoardStep
	Members []BoardMember // those that are asked or reported, in the fixed order
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
	Back     time.Time // when it took back what it had told
	BackWhy  string
	States   map[id.ID]string // of its files: waiting, complete or damaged

	concerned []access.Member // of an own run: whom its level concerns
}

// Cell is what a member says of a step.
func (m *BoardMember) Cell(code string) (ProgressStep, bool) {
	i := slices.IndexFunc(m.Progress.Steps, func(s ProgressStep) bool { return s.Code == code })
	if i < 0 {
		return ProgressStep{}, false
	}
	return m.Progress.Steps[i], true
}

// Reports is how many states report, and how many are asked. The Secretariat is
// no state and is not counted.
func (b *Board) Reports() (n, of int) {
	for i := range b.Members {
		if b.Members[i].Member == access.ASEC {
			continue
		}
		if of++; b.Members[i].Reported {
			n++
		}
	}
	return n, of
}

// Secretariat is its column; nil where it has no part in it.
func (b *Board) Secretariat() *BoardMember {
	i := slices.IndexFunc(b.Members, func(m BoardMember) bool { return m.Member == access.ASEC })
	if i < 0 {
		return nil
	}
	return &b.Members[i]
}

// narrow leaves those that are asked, and whoever told something unasked.
func (b *Board) narrow(asked []access.Member) {
	b.Members = slices.DeleteFunc(b.Members, func(m BoardMember) bool {
		return m.Progress.Run == "" && !(b.Family && (m.Member == access.ASEC || len(asked) == 0 || slices.Contains(asked, m.Member)))
	})
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
			b := Board{Code: p.Code, Title: p.Title, Scope: p.scope(), Subject: p.Subject, Family: p.Family != ""}
			for _, x := range access.All() {
				b.Members = append(b.Members, BoardMember{Member: x})
			}
			out = append(out, b)
		}
		b := &out[i]
		k := slices.IndexFunc(b.Members, func(x BoardMember) bool { return x.Member == m.Member })
		if k < 0 || b.Members[k].Progress.Run != "" {
			continue
		}
		m.Reported = m.Back.IsZero()
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
				m := BoardMember{Member: got[i].Owner, Progress: got[i].ProgressView, Release: got[i].Release, Back: got[i].Back, BackWhy: got[i].BackWhy}
				if m.States, err = d.fileStates(ctx, tx, &got[i]); err != nil {
					return err
				}
				list = append(list, m)
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
	out := boards(list)
	for i := range out {
		var asked []access.Member
		if err == nil && out[i].Family && d.from.Asked != nil {
			asked, err = d.from.Asked(ctx, actor, out[i].Scope)
		}
		for j := range out[i].Members {
			if len(asked) == 0 { // the level is over
				asked = out[i].Members[j].concerned
			}
		}
		out[i].narrow(asked)
	}
	return out, err
}

// fileStates is how far the files of a received progress have come.
func (d *Desk) fileStates(ctx context.Context, tx *db.Tx, p *Received) (map[id.ID]string, error) {
	var out map[id.ID]string
	for _, f := range p.files() {
		s, err := d.fileState(ctx, tx, p.Owner, f)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = map[id.ID]string{}
		}
		out[f.ID] = s
	}
	return out, nil
}

func (d *Desk) ownProgress(ctx context.Context, tx *db.Tx, code string, now time.Time) ([]BoardMember, error) {
	runs, err := docs[Run](ctx, tx, `SELECT doc FROM sop_run WHERE (? = '' OR code = ?) ORDER BY started DESC, id LIMIT 200`, code, code)
	var out []BoardMember
	for i := range runs {
		tasks, err := tasksOf(ctx, tx, runs[i].ID)
		if err != nil {
			return nil, err
		}
		out = append(out, BoardMember{Member: d.env.Member, Here: true, Progress: viewProgress(&runs[i], tasks, now), concerned: runs[i].Concerned})
	}
	return out, err
}
