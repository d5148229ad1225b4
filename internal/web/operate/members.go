package operate

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/history"
	"lintas/internal/people"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

// exchangeView is what all pages about the exchange show: how this node itself
// stands, and the way to the other lists.
type exchangeView struct {
	words
	Path    string // of this page, to load it again
	Head    parts.PageHead
	Tabs    []parts.Tab
	Figures []parts.Figure
	Notices []parts.Notice
	Rows    []line
	Heads   heads
	Pager   parts.Pager
	Filter  parts.Select
	Counts  []parts.Link
	Open    bool     // the quarantine without what is settled
	Digests []string // of this node's tables
	Admin   bool
}

// standing is what a page reads about the node before anything else.
type standing struct {
	self    exchange.SelfStatus
	peers   []exchange.PeerStatus
	history history.Head
	stats   exchange.Stats
}

func (p *Pages) standing(ctx context.Context) (standing, error) {
	var s standing
	err := p.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if s.self, err = p.Exchange.Self(ctx, tx); err != nil {
			return err
		}
		if s.peers, err = p.Exchange.Status(ctx, tx); err != nil {
			return err
		}
		s.history, err = history.Now(ctx, tx)
		return err
	})
	if err != nil {
		return s, err
	}
	s.stats, err = p.Exchange.Stats(ctx)
	return s, err
}

// exchangeTop begins a page about the exchange, or refuses it.
func (p *Pages) exchangeTop(r *web.Request, tab string) (exchangeView, standing, error) {
	v := exchangeView{words: p.words(r), Path: r.URL.RequestURI(), Digests: p.ours, Admin: may(r.Actor, people.AdministerNode)}
	if err := need(r.Actor, people.ReadStatus); err != nil {
		return v, standing{}, err
	}
	s, err := p.standing(r.Context())
	if err != nil {
		return v, s, err
	}
	v.Head = parts.PageHead{Title: v.T("operate.exchange"), Note: v.T("operate.exchange.note")}
	for _, t := range []struct {
		name, text string
		n          int
	}{
		{"", v.T("operate.members"), -1}, {"/outbox", v.T("operate.outbox"), -1}, {"/inbox", v.T("operate.inbox"), -1},
		{"/quarantine", v.T("operate.quarantine"), s.stats.Quarantined}, {"/files", v.T("operate.files"), -1}, {"/directory", v.T("operate.directory"), -1},
	} {
		v.Tabs = append(v.Tabs, parts.Tab{Text: t.text, Href: "/node/exchange" + t.name, Count: t.n, Current: t.name == tab})
	}
	v.figures(s)
	v.warn(s)
	return v, s, nil
}

func (v *exchangeView) figures(s standing) {
	link, inStep := v.T("operate.link.down"), 0
	if s.self.Connected {
		link = v.T("operate.link.up")
	}
	for _, m := range s.peers {
		if m.State == exchange.InStep {
			inStep++
		}
	}
	signed := v.T("operate.history.signed")
	if s.history.Suspended {
		signed = v.T("operate.history.suspended")
	}
	v.Figures = []parts.Figure{
		{Label: v.T("operate.link"), Value: link, Note: v.T("operate.link.note")},
		{Label: v.T("operate.queue"), Value: v.Number(int64(s.self.Waiting)), Note: v.T("operate.queue.note")},
		{Label: v.T("operate.instep"), Value: v.T("operate.of", "n", inStep, "all", len(s.peers)), Note: v.T("operate.instep.note")},
		{Label: v.T("operate.quarantined"), Value: v.Number(int64(s.stats.Quarantined)), Note: v.T("operate.quarantined.note")},
		{Label: v.T("operate.history"), Value: signed, Note: v.T("operate.history.size", "n", s.history.Size)},
		{Label: v.T("operate.directory"), Value: v.T("operate.version", "n", s.self.Directory), Note: v.T("operate.directory.note")},
	}
}

func (v *exchangeView) warn(s standing) {
	if !s.self.Connected {
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Warning, Title: v.T("operate.offline"), Text: v.T("operate.offline.text", "n", s.self.Waiting)})
	}
	if s.history.Suspended {
		v.Notices = append(v.Notices, suspended(v.words))
	}
}

func suspended(w words) parts.Notice {
	return parts.Notice{Grade: parts.Emergency, Title: w.T("operate.suspended"), Text: w.T("operate.suspended.text")}
}

// members is the state of every other node.
func (p *Pages) members(w http.ResponseWriter, r *web.Request) error {
	v, s, err := p.exchangeTop(r, "")
	if err != nil {
		return err
	}
	var epochs []exchange.Epoch
	var follows map[access.Member]follow
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		if epochs, err = p.Exchange.Epochs(r.Context(), tx); err != nil {
			return err
		}
		follows, err = p.followed(r.Context(), tx)
		return err
	})
	if err != nil {
		return err
	}
	v.Heads = heads{v.T("operate.members.caption"), v.T("operate.member"), v.T("operate.state"), v.T("operate.messages"), v.T("operate.heard")}
	slices.SortStableFunc(s.peers, func(a, b exchange.PeerStatus) int { return order(a.Member) - order(b.Member) })
	for _, m := range s.peers {
		v.Rows = append(v.Rows, v.member(m, epochs, follows[m.Member]))
	}
	return r.Show(w, web.Page{Title: v.Head.Title, Topics: []string{topicPeer, exchange.TopicEpoch, exchange.TopicQuarantine}}, membersPage(v, v.later(p.Member, epochs)))
}

func (v exchangeView) member(m exchange.PeerStatus, epochs []exchange.Epoch, f follow) line {
	l := line{Mark: plates([]parts.Plate{v.plate(m.Member, plateOf(m.State))}), Title: v.name(m.Member), At: m.LastHeard, Ago: true}
	switch m.State {
	case exchange.InStep:
		l.tagged(parts.Good, v.T("operate.state.in_step"))
	case exchange.Behind:
		l.tagged(parts.Watch, v.T("operate.state.behind", "n", m.Behind))
	case exchange.Unreachable:
		l.tagged(parts.Warning, v.T("operate.state.unreachable"))
	default:
		l.tagged(parts.Warning, v.T("operate.state.never"))
	}
	if m.State != exchange.Never {
		l.Sub = v.T("operate.clock", "skew", v.skew(m.Skew))
	}
	for _, e := range epochs {
		if e.Member == m.Member { // the list is newest first
			l.Sub = strings.TrimPrefix(l.Sub+" · "+v.T("operate.epoch.n", "n", e.Epoch), " · ")
			break
		}
	}
	switch {
	case m.Behind == 0 && m.Missing == 0:
		l.Texts = append(l.Texts, v.T("operate.messages.all"))
	case m.Behind > 0:
		l.Texts = append(l.Texts, v.T("operate.messages.behind", "n", m.Behind))
	}
	if m.Missing > 0 {
		l.Texts = append(l.Texts, v.T("operate.messages.held", "n", m.Missing))
	}
	l.Texts = append(l.Texts, v.follows(f))
	return l
}

func plateOf(s exchange.PeerState) parts.PlateState {
	switch s {
	case exchange.InStep:
		return parts.Plain
	case exchange.Behind:
		return parts.Behind
	}
	return parts.Missing
}

// skew says how far a clock is ahead (+) or behind, with the way of the
// message in it; a tenth of a second is as fine as that allows.
func (v exchangeView) skew(d time.Duration) string {
	if d.Abs() >= time.Minute {
		sign := "+"
		if d < 0 {
			sign = "−"
		}
		return sign + v.Duration(d)
	}
	if d.Abs() < 50*time.Millisecond {
		return "0 s"
	}
	s := fmt.Sprintf("%+.1f s", d.Seconds())
	if s[0] == '-' {
		s = "−" + s[1:]
	}
	return s
}

// later are the sequences that began anew: each has a reason that an operator
// should know. That a sequence began at all is not one.
func (v exchangeView) later(me access.Member, list []exchange.Epoch) []line {
	type sequence struct {
		member  access.Member
		channel string
	}
	begun := map[sequence]bool{}
	var out []line
	for _, e := range slices.Backward(list) { // the list is newest first
		s := sequence{e.Member, string(e.Channel)}
		if begun[s] {
			out = append(out, line{Mark: plates([]parts.Plate{v.plate(e.Member, ownPlate(e.Member == me))}), Title: v.name(e.Member),
				Sub: v.T("operate.epoch.n", "n", e.Epoch), Tags: []tag{{parts.Watch, v.T("operate.channel", "channel", s.channel)}}, Texts: []string{e.Reason}, At: e.At})
		}
		begun[s] = true
	}
	slices.Reverse(out)
	return out
}

func ownPlate(own bool) parts.PlateState {
	if own {
		return parts.Lead
	}
	return parts.Plain
}
