package web

import (
	"encoding/json"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/web/parts"
)

// content is a notification as a recipient sees it. The preview and the
// recipient's page draw the same value with the same template, and the release
// carries the same view.
type content struct {
	words
	Body    health.NotificationView
	Lang    string // of the message; the event has its own
	Grade   parts.Grade
	Facts   parts.Table
	Figures []parts.Figure
	More    parts.Table
	Bands   []parts.Table
	Merged  []mergedView
	About   []parts.Definition // the envelope: from, purpose, marking, due
	Event   []parts.Definition
	Files   []fileLine
}

// envelope is what stands around the body of a release.
type envelope struct {
	From    access.Member
	Purpose string
	Basis   string
	Lang    string
	Marking access.Marking
	Issued  time.Time // zero: not yet released
	Due     time.Time
	Within  time.Duration // of the preview
	Files   []fileLine
}

func (w words) content(b health.NotificationView, e envelope) content {
	c := content{words: w, Body: b, Lang: e.Lang, Grade: parts.Grade(b.Event.Grade), Figures: w.figures(b.Event.Facts)}
	c.Facts, _ = w.factTables(b.Event.Facts)
	c.More, _ = w.factTables(b.Event.More)
	c.More.Caption = w.T("health.facts.more")
	c.Bands, c.Merged = w.bands(b.Event.More), w.merged(b.Event, false)
	def := func(to *[]parts.Definition, key, text string) {
		if text != "" {
			*to = append(*to, parts.Definition{Term: w.T("health.field." + key), Text: text})
		}
	}
	if e.Issued.IsZero() {
		def(&c.About, "from", w.T("health.content.releaser", "member", w.name(string(e.From))))
		def(&c.About, "issued", w.T("health.content.unreleased"))
		def(&c.About, "due", w.T("health.content.within", "time", e.Within))
	} else {
		def(&c.About, "from", w.T("health.content.from", "member", w.name(string(e.From)), "post", b.Post))
		def(&c.About, "issued", w.Stamp(e.Issued))
		if !e.Due.IsZero() {
			def(&c.About, "due", w.Stamp(e.Due))
		}
	}
	def(&c.About, "purpose", w.T("purpose."+e.Purpose))
	def(&c.About, "basis", w.T("basis."+e.Basis))
	def(&c.About, "marking", w.marking(e.Marking))
	def(&c.About, "lang", languageName(e.Lang))
	v := b.Event
	def(&c.Event, "state", w.state(v.State))
	def(&c.Event, "hazard", w.hazard(v.Hazard))
	def(&c.Event, "agent", v.Agent)
	def(&c.Event, "icd11", v.ICD11)
	def(&c.Event, "icd10", v.ICD10)
	def(&c.Event, "glide", v.GLIDE)
	def(&c.Event, "places", w.placesFull(v.Places))
	def(&c.Event, "onset", w.date(v.Onset))
	def(&c.Event, "emergence", w.date(v.Emergence))
	def(&c.Event, "detection", w.date(v.Detection))
	def(&c.Event, "notified", w.date(v.Notified))
	if b.Event.MergedInto != "" {
		def(&c.Event, "merged_into", string(b.Event.MergedInto))
	}
	def(&c.Event, "version", w.T("health.version", "n", v.Version, "time", v.Changed))
	for _, x := range v.Withheld {
		def(&c.Event, "withheld", w.T("block."+string(x)))
	}
	c.Files = e.Files
	return c
}

// raw is the body as it travels, laid out for reading.
func raw(v health.NotificationView) string {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return ""
	}
	return string(b)
}
