package operate

import (
	"net/http"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/history"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

// checkpointsView is who vouches for whose history.
type checkpointsView struct {
	historyView
	Facts    []parts.Definition
	Note     string
	Ours     parts.Table // what the others countersigned of ours, and what is held of theirs
	Heard    []parts.Definition
	Evidence []evidenceView
}

// evidenceView is a pair of notes that a member signed and that do not agree.
type evidenceView struct {
	Notice        parts.Notice
	Plate         parts.Plate
	At            string
	Held, Offered string
}

func (p *Pages) checkpoints(w http.ResponseWriter, r *web.Request) error {
	top, s, err := p.historyTop(r, "/checkpoints")
	if err != nil {
		return err
	}
	v := checkpointsView{historyView: top, Note: s.last.Full()}
	if s.last.Size > 0 {
		v.Facts = []parts.Definition{
			{Term: v.T("operate.checkpoint.size"), Text: v.Number(s.last.Size)},
			{Term: v.T("operate.epoch"), Text: v.Number(s.last.Epoch)},
			{Term: v.T("operate.checkpoint.at"), Text: v.Stamp(s.last.At)},
			{Term: v.T("operate.proof.root"), Body: code(s.last.Root.String())},
			{Term: v.T("operate.countersigned"), Body: plates(v.all(s.last.Countersigned))},
		}
	}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		held := map[access.Member]history.Checkpoint{}
		for _, m := range p.others() {
			c, _, err := history.HeldOf(r.Context(), tx, m)
			if err != nil {
				return err
			}
			held[m] = c
		}
		v.witnesses(s, p.others(), held)
		agreed, against, err := history.HeardFrom(r.Context(), tx)
		if s.head.Suspended {
			v.Heard = []parts.Definition{{Term: v.T("operate.heard.agreed"), Body: plates(v.all(agreed))}, {Term: v.T("operate.heard.against"), Body: plates(v.all(against))}}
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, e := range s.evidence {
		v.Evidence = append(v.Evidence, v.evidence(e))
	}
	return r.Show(w, web.Page{Title: v.Head.Title}, checkpointsPage(v))
}

// others are the members that witness, in the fixed order.
func (p *Pages) others() []access.Member {
	if d := p.Directory(); d != nil {
		out := d.Others(p.Member)
		slices.SortStableFunc(out, func(a, b access.Member) int { return order(a) - order(b) })
		return out
	}
	return nil
}

func (v historyView) all(ms []access.Member) []parts.Plate {
	ms = slices.SortedStableFunc(slices.Values(ms), func(a, b access.Member) int { return order(a) - order(b) })
	out := make([]parts.Plate, len(ms))
	for i, m := range ms {
		out[i] = v.plate(m, parts.Plain)
	}
	return out
}

func (v *checkpointsView) witnesses(s historyState, others []access.Member, held map[access.Member]history.Checkpoint) {
	v.Ours = parts.Table{Caption: v.T("operate.witnesses"), RowHead: true, Columns: []parts.Column{
		{Text: v.T("operate.member")}, {Text: v.T("operate.witness.of_us"), Number: true}, {Text: v.T("operate.state")},
		{Text: v.T("operate.witness.of_them"), Number: true}, {Text: v.T("operate.witness.at")}}}
	for _, m := range others {
		c, h := s.countersigned[m], held[m]
		row := []parts.Cell{{Body: plates([]parts.Plate{v.plate(m, parts.Plain)}), Text: " " + v.name(m)}, {Text: v.point(c)}, {Body: tags([]tag{v.witness(s, c)})}, {Text: v.point(h.Point())}, {At: h.At}}
		if h.Size == 0 {
			row[4] = parts.Cell{Text: "–"}
		}
		v.Ours.Rows = append(v.Ours.Rows, row)
	}
}

func (v historyView) point(p history.Point) string {
	if p.Size == 0 {
		return "–"
	}
	if p.Epoch > 1 {
		return v.T("operate.point", "size", p.Size, "epoch", p.Epoch)
	}
	return v.Number(p.Size)
}

// witness says how far a member vouches for our history.
func (v historyView) witness(s historyState, c history.Point) tag {
	switch {
	case c.Size == 0:
		return tag{parts.Warning, v.T("operate.witness.never")}
	case c == s.last.Point():
		return tag{parts.Good, v.T("operate.witness.last")}
	case c.Epoch < s.last.Epoch:
		return tag{parts.Watch, v.T("operate.witness.epoch")}
	}
	return tag{parts.Watch, v.T("operate.witness.behind", "n", s.last.Size-c.Size)}
}

func (v historyView) evidence(e history.Evidence) evidenceView {
	g, title := parts.Emergency, v.T("operate.evidence.of", "member", v.name(e.Member))
	if e.Outcome.Accepted() {
		g, title = parts.Watch, v.T("operate.evidence.reopened", "member", v.name(e.Member))
	}
	return evidenceView{Notice: parts.Notice{Grade: g, Title: title, Text: v.T("history.outcome." + string(e.Outcome))},
		Plate: v.plate(e.Member, parts.Plain), At: v.Stamp(e.Received), Held: e.Held, Offered: e.Offered}
}
