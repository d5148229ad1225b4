package web

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/place"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// date says a date no more precisely than it is known; empty when not given.
func (w words) date(d health.Date) string {
	t, err := time.Parse(time.DateOnly, d.On)
	switch {
	case d.IsZero():
		return ""
	case err != nil || d.Precision == health.Unknown:
		return w.T("date.unknown")
	case d.Precision == health.Approximate:
		return w.T("health.date.about", "date", w.Day(t))
	}
	return w.Dated(t, string(d.Precision))
}

func (w words) plate(m access.Member, state parts.PlateState) parts.Plate {
	title := w.name(string(m))
	if state == parts.Lead {
		title = w.T("health.plate.owner", "name", title)
	}
	return parts.Plate{Code: string(m), Title: title, State: state}
}

func (w words) members(ms []access.Member) string {
	names := make([]string, len(ms))
	for i, m := range ms {
		names[i] = w.name(string(m))
	}
	return strings.Join(names, ", ")
}

// places names the units of an event, the first few of many.
func (w words) places(codes []string, most int) string {
	var names []string
	for i, c := range codes {
		if i == most && len(codes) > most+1 {
			names = append(names, w.T("health.places.more", "n", len(codes)-most))
			break
		}
		names = append(names, w.name(c))
	}
	return strings.Join(names, ", ")
}

func (w words) placesFull(codes []string) string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = place.Full(c, w.Lang())
	}
	return strings.Join(names, "; ")
}

func (w words) hazard(key string) string { return w.T("hazard." + key) }

func (w words) state(s workflow.State) string { return w.T("health.state." + string(s)) }

// indicator is "Cases, confirmed".
func (w words) indicator(indicator, class string) string {
	if class == "" {
		return w.T("indicator." + indicator)
	}
	return w.T("health.indicator.class", "indicator", w.T("indicator."+indicator), "class", w.T("class."+class))
}

// spare are the needs that the form of a step itself fulfils: the words come
// with the press.
var spare = []string{"health.reason", "health.words"}

// unmet are the sentences of the needs that keep a button disabled.
func (w words) unmet(o workflow.Offer) []string {
	var out []string
	for _, n := range o.Unmet {
		if !slices.Contains(spare, n) {
			out = append(out, w.T("need."+n))
		}
	}
	return out
}

func offered(offers []workflow.Offer, verb workflow.Verb) (workflow.Offer, bool) {
	i := slices.IndexFunc(offers, func(o workflow.Offer) bool { return o.Verb == verb })
	if i < 0 {
		return workflow.Offer{}, false
	}
	return offers[i], true
}

// ackState is the cell of the strip for a stage.
func ackState(s exchange.Stage) parts.AckState {
	switch s {
	case exchange.Acknowledged:
		return parts.Acted
	case exchange.Question:
		return parts.Asked
	case exchange.Refused:
		return parts.Refused
	case exchange.Opened:
		return parts.Read
	}
	return parts.Waiting
}

// acks is the strip: every state in the fixed order, the Secretariat only if
// it was asked or asks.
func (w words) acks(owner access.Member, cells []health.AckCell, due time.Time) []parts.Ack {
	var out []parts.Ack
	for _, m := range access.All() {
		i := slices.IndexFunc(cells, func(c health.AckCell) bool { return c.Member == m })
		a := parts.Ack{Code: string(m), Name: w.name(string(m)), State: parts.NotAsked}
		switch {
		case m == owner:
			a.State = parts.Own
		case i >= 0:
			a = w.ack(a, cells[i], due)
		case m == access.ASEC:
			continue
		}
		out = append(out, a)
	}
	return out
}

func (w words) ack(a parts.Ack, c health.AckCell, due time.Time) parts.Ack {
	a.State, a.Late = ackState(c.Stage), c.Late
	a.Detail = w.T("health.stage."+string(c.Stage), "time", w.ShortStamp(c.At), "post", c.Role)
	if c.Role == "" {
		a.Detail = w.T("health.stage."+string(c.Stage)+".nobody", "time", w.ShortStamp(c.At))
	}
	if c.Words != "" {
		a.Detail = w.T("health.stage.words", "stage", a.Detail, "words", c.Words)
	}
	switch {
	case c.Late:
		a.When = w.Left(due, w.now)
	case due.IsZero() && a.State == parts.Waiting: // the state says that nobody opened it
	case !due.IsZero() && (a.State == parts.Waiting || a.State == parts.Read):
		a.When = w.T("health.ack.left", "time", w.Left(due, w.now))
	default:
		a.When = w.ShortStamp(c.At)
	}
	return a
}

// ownAck is the one cell of a foreign event: what this node answered.
func (w words) ownAck(s workflow.State) []parts.Ack {
	a := parts.Ack{Code: string(w.self), Name: w.name(string(w.self)), State: parts.Waiting}
	switch s {
	case health.NoticeAcknowledged:
		a.State = parts.Acted
	case health.NoticeQuestion:
		a.State = parts.Asked
	case health.NoticeRefused:
		a.State = parts.Refused
	case health.NoticeOpened:
		a.State = parts.Read
	case health.Withdrawn, health.Updated, "":
		return nil
	}
	return []parts.Ack{a}
}
