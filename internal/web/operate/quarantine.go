package operate

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/people"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

// quarantine lists what was refused, in words; the raw cause is for those who
// administer the node.
func (p *Pages) quarantine(w http.ResponseWriter, r *web.Request) error {
	v, s, err := p.exchangeTop(r, "/quarantine")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	at, reason := before(r), q.Get("reason")
	v.Open = q.Get("settled") != "1"
	settled := ""
	if !v.Open {
		settled = "1"
	}
	v.Heads = heads{v.T("operate.quarantine"), v.T("operate.reason"), v.T("operate.state"), v.T("operate.what"), v.T("operate.received")}
	v.Counts = v.counted(s.stats.Refused, reason, settled)
	v.Filter = v.reasons(reason)
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		rows, err := p.Exchange.Quarantine(r.Context(), tx, exchange.Filter{Reason: envelope.Reason(reason), Open: v.Open, Before: at, Limit: perPage + 1})
		rows = page(&v, "/node/exchange/quarantine", at, rows, func(q exchange.QuarantineRow) id.ID { return q.ID }, "reason", reason, "settled", settled)
		for _, row := range rows {
			v.Rows = append(v.Rows, v.refused(row))
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.Show(w, web.Page{Title: v.T("operate.quarantine"), Topics: []string{topicQuarantine}}, quarantinePage(v))
}

func (v exchangeView) refused(row exchange.QuarantineRow) line {
	l := line{Title: v.T("exchange.reason." + string(row.Reason)), At: row.Received, Sub: string(row.Release)}
	if row.From != "" {
		l.Mark = plates([]parts.Plate{v.plate(row.From, parts.Plain)})
	}
	if row.Kind != "" {
		l.Sub = strings.TrimPrefix(v.kind(row.Kind)+" · "+l.Sub, " · ")
	}
	l.Texts = []string{v.T("operate.size", "size", v.Size(int64(row.Size)))}
	if row.Seq > 0 {
		l.Texts = append(l.Texts, v.T("operate.place.n", "epoch", row.Epoch, "seq", row.Seq, "channel", string(row.Channel)))
	}
	if v.Admin {
		l.Detail = row.Detail
	}
	if !row.Settled.IsZero() {
		l.tagged(parts.Good, v.T("operate.settled"))
		return l
	}
	l.tagged(parts.Warning, v.T("operate.open"))
	if v.Admin && row.Release != "" {
		l.Act = []parts.Button{{Text: v.T("operate.retry"), Icon: "rotate-ccw", Small: true, Post: "/node/exchange/quarantine/" + string(row.ID) + "/retry",
			Label: v.T("operate.retry.label", "member", v.name(row.From))}}
	}
	return l
}

// counted is how often each reason came since the node began, the most
// frequent first; each leads to its rows.
func (w words) counted(n map[envelope.Reason]int64, chosen, settled string) []parts.Link {
	reasons := slices.SortedFunc(maps.Keys(n), func(a, b envelope.Reason) int {
		return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b))
	})
	var out []parts.Link
	for _, reason := range reasons {
		if n[reason] > 0 {
			out = append(out, parts.Link{Text: w.T("operate.counted", "reason", w.T("exchange.reason."+string(reason)), "n", n[reason]),
				Href: with("/node/exchange/quarantine", "reason", string(reason), "settled", settled), Current: string(reason) == chosen})
		}
	}
	return out
}

func (w words) reasons(chosen string) parts.Select {
	s := parts.Select{Field: parts.Field{Name: "reason", Label: w.T("operate.reason")}, Blank: w.T("operate.any")}
	for _, r := range envelope.Reasons {
		s.Options = append(s.Options, parts.Option{Value: string(r), Text: w.T("exchange.reason." + string(r)), Chosen: string(r) == chosen})
	}
	return s
}

// retry applies a refused release again. That it is still refused is an
// answer, not a failure of the page.
func (p *Pages) retry(w http.ResponseWriter, r *web.Request) error {
	if err := need(r.Actor, people.AdministerNode); err != nil {
		return err
	}
	row, err := r.PathID("id")
	if err != nil {
		return err
	}
	err = p.Exchange.Retry(r.Context(), row)
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Key == "fault.exchange.still_refused" {
		p.Log.Warn("refused again", "quarantine", string(row), "error", err)
		r.Say(w, e.Key, e.Args)
		return r.Redirect(w, "/node/exchange/quarantine")
	}
	if err != nil {
		return err
	}
	r.Say(w, "operate.retried", nil)
	return r.Redirect(w, "/node/exchange/quarantine")
}
