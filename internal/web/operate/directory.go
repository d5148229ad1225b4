package operate

import (
	"net/http"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/exchange"
	"lintas/internal/exchange/directory"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

// directoryView is the version in force, with the keys of every member.
type directoryView struct {
	exchangeView
	None    bool
	Facts   []parts.Definition
	Members []memberKeys
}

type memberKeys struct {
	Plate   parts.Plate
	Name    string
	Legal   string
	Address string
	Keys    parts.Table
}

func (p *Pages) directory(w http.ResponseWriter, r *web.Request) error {
	top, _, err := p.exchangeTop(r, "/directory")
	if err != nil {
		return err
	}
	v := directoryView{exchangeView: top}
	d := p.Directory()
	if d == nil {
		v.None = true
	} else {
		v.facts(d)
		members := slices.Clone(d.Members())
		slices.SortStableFunc(members, func(a, b directory.Member) int { return order(a.Code) - order(b.Code) })
		for _, m := range members {
			v.Members = append(v.Members, v.keys(m, p.Member))
		}
	}
	return r.Show(w, web.Page{Title: v.T("operate.directory"), Topics: []string{exchange.TopicDirectory}}, directoryPage(v))
}

func (v *directoryView) facts(d *directory.View) {
	doc := d.Document
	var signed []parts.Plate
	for _, s := range d.Signed.Signatures {
		signed = append(signed, v.plate(s.Member, parts.Lead))
	}
	v.Facts = []parts.Definition{
		{Term: v.T("operate.directory.region"), Text: doc.Region},
		{Term: v.T("operate.directory.version"), Text: v.Number(int64(doc.Version))},
		{Term: v.T("operate.directory.issued"), Text: v.Stamp(doc.Issued)},
		{Term: v.T("operate.directory.need"), Text: v.T("operate.directory.need.n", "n", doc.Need, "all", len(doc.Members))},
		{Term: v.T("operate.directory.signed"), Body: plates(signed)},
		{Term: v.T("operate.directory.hash"), Body: code(d.Hash)},
	}
	if doc.Previous != "" {
		v.Facts = append(v.Facts, parts.Definition{Term: v.T("operate.directory.previous"), Body: code(doc.Previous)})
	}
}

func (v directoryView) keys(m directory.Member, me access.Member) memberKeys {
	out := memberKeys{Plate: v.plate(m.Code, ownPlate(m.Code == me)), Name: v.name(m.Code), Legal: m.LegalName, Address: m.Address}
	out.Keys = parts.Table{Caption: v.T("operate.keys.of", "member", out.Name), Columns: []parts.Column{
		{Text: v.T("operate.key.use")}, {Text: v.T("operate.key.id")}, {Text: v.T("operate.state")}, {Text: v.T("operate.key.from")}, {Text: v.T("operate.key.until")}}}
	for _, k := range m.Signing {
		out.Keys.Rows = append(out.Keys.Rows, v.key(v.T("operate.key.signing"), k))
	}
	for _, k := range m.Sealing {
		out.Keys.Rows = append(out.Keys.Rows, v.key(v.T("operate.key.sealing"), k))
	}
	return out
}

func (v directoryView) key(use string, k directory.Key) []parts.Cell {
	return []parts.Cell{{Text: use}, {Body: code(k.ID)}, {Body: tags([]tag{v.keyState(k)})}, {Text: v.day(k.From)}, {Text: v.until(k)}}
}

// keyState: a revoked key is never accepted again; a rotated one still checks
// what it signed in its time.
func (v directoryView) keyState(k directory.Key) tag {
	switch {
	case !k.Revoked.IsZero() && !v.now.Before(k.Revoked):
		return tag{parts.Emergency, v.T("operate.key.revoked")}
	case !k.Until.IsZero() && !v.now.Before(k.Until):
		return tag{parts.Information, v.T("operate.key.rotated")}
	case v.now.Before(k.From):
		return tag{parts.Watch, v.T("operate.key.later")}
	}
	return tag{parts.Good, v.T("operate.key.valid")}
}

func (v directoryView) day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return v.Stamp(t)
}

func (v directoryView) until(k directory.Key) string {
	if !k.Revoked.IsZero() {
		return v.day(k.Revoked)
	}
	return v.day(k.Until)
}
