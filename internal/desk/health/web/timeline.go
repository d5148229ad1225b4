package web

import (
	"encoding/json"
	"slices"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/web/parts"
)

// decisions and alarms are how the entries of the history are drawn; all
// others are reports.
var (
	decisions = []string{"watch", "alert", "respond", "stabilise", "stand_down", "review", "close", "reopen",
		"clear", "release", "acknowledge", "record"}
	alarms = []string{"withdraw", "refuse", "return"}
)

// timeline is the event's history with that of its notifications, notices and
// questions, the newest first.
func (w words) timeline(p health.Page) []parts.Moment {
	titles := map[id.ID][2]string{}
	for _, n := range p.Notifications {
		titles[n.ID] = [2]string{n.Title, notePath(n.ID)}
	}
	for _, n := range p.Notices {
		titles[n.ID] = [2]string{n.Body.Title, "/health/notices/" + string(n.ID)}
	}
	for _, q := range p.Questions {
		titles[q.ID] = [2]string{clip(q.Words, 80), "/health/questions/" + string(q.ID)}
	}
	var out []parts.Moment
	for _, e := range slices.Backward(p.Timeline) {
		out = append(out, w.moment(e, p, titles))
	}
	return out
}

func (w words) moment(e history.Entry, p health.Page, titles map[id.ID][2]string) parts.Moment {
	verb := e.Action[strings.LastIndexByte(e.Action, '.')+1:]
	m := parts.Moment{At: e.At, Kind: parts.Report, Title: w.T("action." + e.Action)}
	if slices.Contains(decisions, verb) {
		m.Kind = parts.Decision
	}
	if slices.Contains(alarms, verb) {
		m.Kind = parts.Alarm
	}
	if t, ok := titles[e.Record.ID]; ok {
		m.Title, m.Href = w.T("health.timeline.of", "what", m.Title, "title", t[0]), t[1]
	}
	m.Plates = []parts.Plate{w.plate(e.Member, parts.Plain)}
	m.Text = w.momentText(e)
	switch {
	case e.Index < p.Sealed.Size && len(p.Sealed.Countersigned) > 0:
		m.Signed = w.T("health.timeline.witnessed", "n", len(p.Sealed.Countersigned), "entry", e.Index+1)
	case e.Index < p.Sealed.Size:
		m.Signed = w.T("health.timeline.signed", "entry", e.Index+1)
	}
	return m
}

// momentText is who acted, from which state to which, and the reason.
func (w words) momentText(e history.Entry) string {
	var out []string
	if e.From != e.To && e.From != "" && e.To != "" {
		out = append(out, w.T("health.timeline.move", "from", w.state(e.From), "to", w.state(e.To)))
	}
	var d struct {
		Reason string   `json:"reason"`
		Facts  int      `json:"facts"`
		Fields []string `json:"fields"`
		Member string   `json:"member"` // of a receipt
		Stage  string   `json:"stage"`
		Post   string   `json:"post"`
	}
	if len(e.Detail) > 0 && json.Unmarshal(e.Detail, &d) == nil {
		if d.Reason != "" {
			out = append(out, d.Reason)
		}
		if d.Member != "" {
			out = append(out, w.T("health.timeline.receipt", "member", w.name(d.Member), "stage", "health.timeline.stage."+d.Stage, "post", d.Post))
		}
		if d.Facts > 0 {
			out = append(out, w.T("health.timeline.facts", "n", d.Facts))
		}
		if len(d.Fields) > 0 {
			names := make([]string, len(d.Fields))
			for i, f := range d.Fields {
				names[i] = w.T("health.field." + f)
			}
			out = append(out, w.T("health.timeline.fields", "fields", strings.Join(names, ", ")))
		}
	}
	if e.Actor == "node" {
		out = append(out, w.T("health.timeline.node"))
	} else {
		out = append(out, w.T("health.timeline.by", "post", e.Actor))
	}
	return strings.Join(out, " · ")
}
