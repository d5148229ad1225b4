package web

import (
	"net/http"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/ihr"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// articleView is the content of a notification under Article 6, for the
// screen, for paper and for copying.
type articleView struct {
	words
	C      ihr.Content6
	Head   parts.PageHead
	Notice parts.Notice
	Blocks []blockView
	Plain  string
	Own    bool
}

type blockView struct {
	Key, Title, Note string
	Lines            []string
	Gap              bool
	Complete         parts.Grade
	Word             string
}

func (g *Pages) article6(w http.ResponseWriter, r *shell.Request) error {
	eid, err := r.PathID("id")
	if err != nil {
		return err
	}
	c, err := g.desk.Article6(r.Context(), r.Actor, eid)
	if err != nil {
		return err
	}
	p, err := g.health.EventPage(r.Context(), r.Actor, eid)
	if err != nil {
		return err
	}
	_, mend := offered(p.Offers, "describe")
	v := g.words(r).article6(c, mend)
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"event:" + string(eid)}, Marking: string(c.Event.Marking)}, articlePage(v))
}

// article6 shows the content; mend says that the reader may fill its gaps.
func (w words) article6(c ihr.Content6, mend bool) articleView {
	e := c.Event
	v := articleView{words: w, C: c, Own: e.Owner == w.self}
	v.Head = parts.PageHead{Title: w.T("ihr.article6.title"), Lede: w.T("ihr.article6.lede", "event", e.Name),
		Note:   w.T("ihr.article6.note", "owner", w.name(e.Owner), "version", e.Version, "time", e.Changed),
		Crumbs: []parts.Link{{Text: w.T("ihr.title"), Href: base}, {Text: e.Name, Href: eventPath(e.ID)}, {Text: w.T("ihr.article6.short")}}}
	v.Notice = parts.Notice{Grade: parts.Good, Title: w.T("ihr.article6.whole")}
	if c.Gaps > 0 {
		v.Notice = parts.Notice{Grade: parts.Warning, Title: w.T("ihr.article6.gaps", "n", c.Gaps), Text: w.T("ihr.article6.gaps.text")}
		if v.Own {
			v.Notice.Actions = []parts.Button{{Text: w.T("ihr.article6.mend"), Small: true, Href: eventPath(e.ID)}}
		}
		if v.Own && mend {
			v.Notice.Actions = []parts.Button{{Text: w.T("health.verb.describe"), Small: true, Href: eventPath(e.ID) + "/describe"},
				{Text: w.T("health.verb.add_facts"), Small: true, Href: eventPath(e.ID) + "/facts"}}
		}
	}
	for i := range c.Blocks {
		v.Blocks = append(v.Blocks, w.block(e, &c.Blocks[i]))
	}
	v.Plain = w.plain(v)
	return v
}

func (w words) block(e health.EventView, b *ihr.Block) blockView {
	v := blockView{Key: b.Key, Title: w.T("ihr.block." + b.Key), Gap: b.Gap(), Complete: parts.Warning, Word: w.T("ihr.gap")}
	if b.Complete != "" {
		v.Word = w.T("complete." + string(b.Complete))
		v.Complete = map[health.Completeness]parts.Grade{health.Complete: parts.Good, health.Partial: parts.Watch, health.NotKnown: parts.Warning}[b.Complete]
	}
	if b.Text != "" {
		v.Lines = strings.Split(b.Text, "\n")
	}
	if b.Key == "source" {
		v.Lines = append([]string{w.T("ihr.type_of_risk", "hazard", w.T("hazard."+e.Hazard), "icd11", dash(e.ICD11), "icd10", dash(e.ICD10))}, v.Lines...)
	}
	for _, f := range b.Figures {
		class := w.T("class.any")
		if f.Class != "" {
			class = w.T("class." + f.Class)
		}
		v.Lines = append(v.Lines, w.T("ihr.figure", "indicator", w.T("indicator."+f.Indicator), "class", class, "value", f.Value, "time", f.AsOf))
	}
	for _, d := range b.Dates {
		v.Lines = append(v.Lines, w.T("health.field."+d.Key)+": "+w.date(d.Date))
	}
	for _, m := range b.Measures {
		v.Lines = append(v.Lines, w.T("ihr.taken", "type", w.T("ihr.type."+m.Content.Type), "title", m.Content.Title, "state", w.state(m.State)))
	}
	if v.Gap {
		v.Lines, v.Complete, v.Word = []string{w.T("ihr.gap.line")}, parts.Warning, w.T("ihr.gap")
		return v
	}
	switch {
	case b.Source != "" && !b.AsOf.IsZero():
		v.Note = w.T("ihr.source", "source", b.Source, "time", b.AsOf)
	case !b.AsOf.IsZero() && len(b.Figures) == 0: // a figure says it in its line
		v.Note = w.T("ihr.as_of", "time", b.AsOf)
	}
	return v
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// date says a date no more precisely than it is known.
func (w words) date(d health.Date) string {
	from, _, ok := d.Span()
	if !ok {
		return w.T("date.unknown")
	}
	if d.Precision == health.Approximate {
		return w.T("health.date.about", "date", w.day(d.On))
	}
	return w.Dated(from, string(d.Precision))
}

// plain is the same content as text, to be copied into a message.
func (w words) plain(v articleView) string {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	line(w.T("ihr.article6.title"))
	line(v.C.Event.Name + " · " + w.name(v.C.Event.Owner) + " · " + string(v.C.Event.Marking))
	line(v.Head.Note)
	if v.C.Event.Exercise != "" {
		line(w.T("health.exercise") + ": " + v.C.Event.Exercise)
	}
	for i, x := range v.Blocks {
		line("")
		line(str(i+1) + ". " + x.Title + " [" + x.Word + "]")
		for _, l := range x.Lines {
			line(l)
		}
		if x.Note != "" {
			line("(" + x.Note + ")")
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// message is the text as far as a notification can hold it.
func (v articleView) message() string {
	r := []rune(v.Plain)
	return string(r[:min(len(r), health.MaxMessage)])
}
