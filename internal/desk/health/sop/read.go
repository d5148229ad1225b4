package sop

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Key is where a list went on: the sort keys of the last row that was seen.
type Key struct {
	At int64
	ID id.ID
}

// Filter narrows the lists, which come newest first.
type Filter struct {
	Query string
	State workflow.State
	Owner access.Member // of playbooks
	Code  string
	Event id.ID // of runs
	Open  bool  // of runs: open ones; of playbooks: what is in use or on its way
	After Key
	Limit int
}

// PageSize is how many rows a list shows.
const PageSize = 50

func (f *Filter) limit() int {
	if f.Limit > 0 {
		return f.Limit
	}
	return PageSize
}

type where struct {
	cond []string
	args []any
}

func (w *where) add(on bool, cond string, args ...any) {
	if on {
		w.cond, w.args = append(w.cond, cond), append(w.args, args...)
	}
}

func (w *where) words(query string) {
	for _, s := range desk.Words(query) {
		w.add(true, `needle LIKE ? ESCAPE '!'`, desk.Like(s))
	}
}

// after goes on behind a row in a list that is sorted by a column, the newest
// first.
func (w *where) after(column string, k Key) {
	w.add(k.ID != "", "("+column+" < ? OR "+column+" = ? AND id < ?)", k.At, k.At, string(k.ID))
}

func (w *where) sql() string {
	if len(w.cond) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.cond, " AND ")
}

// paged reads rows until the limit is full of rows that the actor may see.
func paged[R any](ctx context.Context, tx *db.Tx, query, column string, w where, f *Filter, sees func(*R) bool, key func(*R) Key) ([]R, Key, error) {
	var out []R
	for k := f.After; ; {
		at := where{slices.Clone(w.cond), slices.Clone(w.args)}
		at.after(column, k)
		rows, err := docs[R](ctx, tx, query+at.sql()+` ORDER BY `+column+` DESC, id DESC LIMIT ?`, append(at.args, f.limit()+1)...)
		if err != nil {
			return nil, Key{}, err
		}
		for i := range rows {
			if len(out) == f.limit() {
				return out, key(&out[len(out)-1]), nil
			}
			if sees(&rows[i]) {
				out = append(out, rows[i])
			}
			k = key(&rows[i])
		}
		if len(rows) <= f.limit() {
			return out, Key{}, nil
		}
	}
}

// PlaybookPage is a playbook as an actor sees it.
type PlaybookPage struct {
	PlaybookView
	Own        bool
	Plan       Plan
	Offers     []workflow.Offer
	To         []access.Member
	Before     *PlaybookView // the version that this one follows
	Origin     *Origin
	Adopted    *PlaybookView // of another member's playbook: the own one taken from it
	Running    int           // open runs of this version
	Next       id.ID         // a draft that follows this version
	Authors    int
	Author     bool // the actor is one of them
	Supersedes id.ID
}

// ListPlaybooks are the playbooks that the actor may see.
func (d *Desk) ListPlaybooks(ctx context.Context, actor access.Actor, f Filter) ([]PlaybookPage, Key, error) {
	var out []PlaybookPage
	var next Key
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var w where
		w.add(true, "state <> ?", string(Discarded))
		w.add(f.State != "", "state = ?", string(f.State))
		w.add(f.Open, "state <> ?", string(Retired))
		w.add(f.Owner != "", "owner = ?", string(f.Owner))
		w.add(f.Code != "", "code = ?", f.Code)
		w.words(f.Query)
		r := reach(actor)
		list, k, err := paged(ctx, tx, `SELECT doc FROM sop_playbook`, "changed", w, &f, func(p *Playbook) bool { return seesPlaybook(r, p.Marking) },
			func(p *Playbook) Key { return Key{clock.Micros(p.Changed.At), p.ID} })
		next = k
		for i := range list {
			out = append(out, PlaybookPage{PlaybookView: viewPlaybook(&list[i]), Own: list[i].Own()})
		}
		return err
	})
	return out, next, err
}

// PlaybookPage reads a playbook, own or received.
func (d *Desk) PlaybookPage(ctx context.Context, actor access.Actor, pid id.ID) (PlaybookPage, error) {
	var out PlaybookPage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := loadPlaybook(ctx, tx, pid)
		if err == nil && (!seesPlaybook(reach(actor), p.Marking) || p.State == Discarded) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		out = PlaybookPage{PlaybookView: viewPlaybook(&p), Own: p.Own(), To: p.To, Origin: p.Origin, Authors: len(p.Authors), Author: slices.Contains(p.Authors, actor.Account), Supersedes: p.Supersedes}
		if out.Plan, err = p.Plan(); err != nil {
			return err
		}
		if p.Own() {
			out.Offers = Playbooks.Offers(p, actor, d.env.Clock.Now())
		}
		return d.around(ctx, tx, &p, &out)
	})
	return out, err
}

// around reads what stands beside a playbook: versions before and after it,
// and what was made of it here.
func (d *Desk) around(ctx context.Context, tx *db.Tx, p *Playbook, out *PlaybookPage) error {
	if p.Supersedes != "" {
		before, err := one[Playbook](ctx, tx, `SELECT doc FROM sop_playbook WHERE id = ?`, string(p.Supersedes))
		if err != nil {
			return err
		}
		v := viewPlaybook(&before)
		out.Before = &v
	}
	all, err := docs[Playbook](ctx, tx, `SELECT doc FROM sop_playbook WHERE copy_of = '' AND state IN (?, ?, ?) ORDER BY changed, id`, string(Draft), string(Review), string(Published))
	if err != nil {
		return err
	}
	for i := range all {
		x := &all[i]
		if x.Supersedes == p.ID && x.State != Published {
			out.Next = x.ID
		}
		if !p.Own() && x.Origin != nil && x.Origin.ID == p.ID {
			v := viewPlaybook(x)
			out.Adopted = &v
		}
	}
	_, err = tx.Row(ctx, `SELECT COUNT(*) FROM sop_run WHERE playbook = ? AND state = ?`, []any{string(p.ID), string(Open)}, &out.Running)
	return err
}

// Versions are the own versions of a code that were published, the newest first.
func (d *Desk) Versions(ctx context.Context, actor access.Actor, code string) ([]PlaybookView, error) {
	list, _, err := d.ListPlaybooks(ctx, actor, Filter{Code: code, Owner: d.env.Member, Limit: 200})
	var out []PlaybookView
	for i := range list {
		if list[i].Number > 0 {
			out = append(out, list[i].PlaybookView)
		}
	}
	slices.SortFunc(out, func(a, b PlaybookView) int { return cmp.Compare(b.Number, a.Number) })
	return out, err
}

// DriftPage is how a version of a playbook went.
type DriftPage struct {
	PlaybookPage
	Runs  int
	Steps []Drift
}

// Drift compares a version of an own playbook with the runs that the actor may
// see.
func (d *Desk) Drift(ctx context.Context, actor access.Actor, pid id.ID) (DriftPage, error) {
	p, err := d.PlaybookPage(ctx, actor, pid)
	if err == nil && !p.Own {
		err = desk.NotFound()
	}
	if err != nil {
		return DriftPage{}, err
	}
	out := DriftPage{PlaybookPage: p}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		runs, err := docs[Run](ctx, tx, `SELECT doc FROM sop_run WHERE playbook = ? ORDER BY started, id`, string(pid))
		if err != nil {
			return err
		}
		var facts []Fact
		r := reach(actor)
		for i := range runs {
			if !seesRun(r, &runs[i].Head) {
				continue
			}
			out.Runs++
			list, err := tasksOf(ctx, tx, runs[i].ID)
			if err != nil {
				return err
			}
			for j := range list {
				facts = append(facts, list[j].fact(&runs[i]))
			}
		}
		out.Steps = DriftOf(&p.Plan, facts, d.env.Clock.Now())
		return nil
	})
	return out, err
}

// MayWrite reports whether the actor may begin a playbook.
func MayWrite(actor access.Actor) bool { return actor.HasAny(writers...) }

// MayStart reports whether the actor may start a playbook by hand.
func MayStart(actor access.Actor) bool { return actor.HasAny(starters...) }

// Addresses of the pages.
func PlaybookPath(pid id.ID) string { return "/health/sops/" + string(pid) }

// RunPath is the page of a run.
func RunPath(rid id.ID) string { return "/health/sop-runs/" + string(rid) }

// TaskPath is the page of a task.
func TaskPath(tid id.ID) string { return "/health/sop-tasks/" + string(tid) }

// Search finds playbooks and runs in which every word of the query occurs.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	if strings.TrimSpace(query) == "" {
		return nil, nil
	}
	books, _, err := d.ListPlaybooks(ctx, actor, Filter{Query: query, Limit: limit})
	if err != nil {
		return nil, err
	}
	var out []desk.Hit
	for i := range books {
		b := &books[i]
		out = append(out, desk.Hit{Key: "hit.sop", Title: b.Title, Text: b.Code + " " + version(b.Number), Owner: b.Owner, Href: PlaybookPath(b.ID), At: b.Changed})
	}
	runs, _, err := d.ListRuns(ctx, actor, Filter{Query: query, Limit: limit})
	for i := range runs {
		out = append(out, desk.Hit{Key: "hit.sop_run", Title: runs[i].Title, Text: runs[i].Subject, Owner: d.env.Member, Href: RunPath(runs[i].ID), At: runs[i].Started})
	}
	return out[:min(len(out), limit)], err
}

func version(n int) string {
	if n == 0 {
		return ""
	}
	return "v" + strconv.Itoa(n)
}
