package web

import (
	"net/http"
	"path"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/contact"
	"lintas/internal/fault"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

type directoryView struct {
	words
	Head     parts.PageHead
	Path     string
	Filter   contact.Filter
	Members  []parts.Option
	Roles    []parts.Option
	Sections []sectionView
	Empty    []sectionView // members without a contact, in one panel
	Cover    []coverRow
	Codes    []parts.Plate
	Narrow   bool
	Query    string // of the downloads
	Gaps     int
}

// sectionView is one member of the directory.
type sectionView struct {
	Member access.Member
	Name   string
	Plate  parts.Plate
	Rows   []entryView
	Gaps   []string
	Drill  string
	Bad    bool // the newest check went badly
	Given  string
}

// entryView is one contact in words.
type entryView struct {
	Role, Order, Post, Organisation, Person, Valid, AsOf, Note, Quiet string
	Languages                                                         string
	Channels                                                          []channelView
	Standing                                                          string
	Grade                                                             parts.Grade
	Gone                                                              string // withdrawn, and why
}

type channelView struct {
	Kind, Text, Href string
	Night            bool
}

// coverRow is one role over all members.
type coverRow struct {
	Role  string
	Cells []coverCell
}

type coverCell struct{ Class, Mark, Words string }

func filterOf(r *shell.Request) contact.Filter {
	q := r.URL.Query()
	return contact.Filter{Member: access.Member(q.Get("member")), Role: contact.Role(q.Get("role")), Query: q.Get("q"), Past: q.Get("past") == "1"}
}

func (g *Pages) directory(w http.ResponseWriter, r *shell.Request) error {
	f := filterOf(r)
	sections, err := g.desk.Directory(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	v := directoryView{words: g.words(r), Path: r.URL.RequestURI(), Filter: f, Query: r.URL.RawQuery,
		Narrow: f.Member != "" || f.Role != "" || f.Query != "" || f.Past}
	v.Head = parts.PageHead{Title: v.T("contact.title"), Lede: v.T("contact.lede"), Actions: []parts.Button{
		{Text: v.T("contact.checks.title"), Icon: "activity", Href: checks, Kind: parts.Primary},
		{Text: v.T("contact.own.title"), Icon: "book-user", Href: own},
		{Text: v.T("contact.sheet.title"), Icon: "printer", Href: base + "/sheet"}}}
	for _, m := range access.All() {
		v.Members = append(v.Members, parts.Option{Value: string(m), Text: v.name(string(m)), Chosen: m == f.Member})
	}
	v.Roles = v.roles(string(f.Role))
	for _, s := range sections {
		v.Gaps += len(s.Gaps)
		switch {
		case len(s.Rows) > 0:
			v.Sections = append(v.Sections, v.section(s))
		case f.Query == "":
			v.Empty = append(v.Empty, v.section(s))
		}
	}
	if f.Query == "" && f.Member == "" {
		v.cover(sections)
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"contact:directory"}}, directoryPage(v))
}

func (w words) section(s contact.Section) sectionView {
	out := sectionView{Member: s.Member, Name: w.name(string(s.Member)), Plate: w.plate(s.Member, parts.Plain), Drill: w.drill(s.Drill)}
	if s.Member == w.self {
		out.Drill, out.Plate.State = "", parts.Lead
	}
	out.Bad = s.Drill != nil && (!s.Drill.Answered || s.Drill.Late)
	for _, e := range s.Rows {
		out.Rows = append(out.Rows, w.entry(e))
	}
	for _, r := range s.Gaps {
		out.Gaps = append(out.Gaps, w.T("contact.gap", "member", out.Name, "role", w.role(r)))
	}
	out.Given = w.T("contact.given.none")
	return out
}

// date is a day as pages write it.
func (w words) date(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return w.Day(t)
}

func (w words) entry(e contact.Entry) entryView {
	v := entryView{Role: w.role(e.Role), Post: e.Post, Organisation: e.Organisation, Person: e.Person, Note: e.Note,
		AsOf: w.T("contact.as_of", "time", w.Day(e.AsOf)), Standing: w.T("contact.standing." + string(e.Stands)), Grade: standingGrade(e.Stands)}
	if e.Unit != "" {
		v.Organisation += ", " + e.Unit
	}
	v.Order = w.T("contact.primary")
	if e.Order > 1 {
		v.Order = w.T("contact.alternate", "n", e.Order-1)
	}
	v.Valid = w.T("contact.valid", "from", w.date(e.From))
	if e.To != "" {
		v.Valid = w.T("contact.valid.to", "from", w.date(e.From), "to", w.date(e.To))
	}
	if q := e.Contact.Quiet; q.From != "" {
		v.Quiet = w.T("contact.quiet", "from", q.From, "to", q.To)
	}
	var langs []string
	for _, l := range e.Languages {
		langs = append(langs, languageName(l))
	}
	v.Languages = strings.Join(langs, ", ")
	for _, c := range e.Channels {
		v.Channels = append(v.Channels, channelView{Kind: w.T("contact.channel." + c.Kind), Text: spaced(c), Href: href(c), Night: c.Night})
	}
	if !e.Withdrawn.IsZero() {
		v.Gone = w.T("contact.withdrawn", "time", w.Stamp(e.Withdrawn), "reason", e.Reason)
		v.Standing, v.Grade = w.T("contact.standing.withdrawn"), parts.Ungraded
	}
	return v
}

// cover is the table of roles by members: whose gap is where.
func (v *directoryView) cover(sections []contact.Section) {
	for _, s := range sections {
		v.Codes = append(v.Codes, v.plate(s.Member, parts.Plain))
	}
	for _, row := range contact.RoleList {
		if v.Filter.Role != "" && v.Filter.Role != row.Role {
			continue
		}
		out := coverRow{Role: v.role(row.Role)}
		for _, s := range sections {
			out.Cells = append(out.Cells, v.cell(row, s))
		}
		v.Cover = append(v.Cover, out)
	}
}

func (v *directoryView) cell(row contact.RoleRow, s contact.Section) coverCell {
	best := contact.Standing("")
	n := 0
	for _, e := range s.Rows {
		if e.Role != row.Role || !e.Withdrawn.IsZero() {
			continue
		}
		if e.Stands == contact.Valid || e.Stands == contact.Stale {
			n++
		}
		if best == "" || e.Stands == contact.Valid || best == contact.Expired {
			best = e.Stands
		}
	}
	name := v.name(string(s.Member))
	switch {
	case s.Member == access.ASEC && row.States:
		return coverCell{"na", "", v.T("contact.cover.na")}
	case best == "" || best == contact.Expired || best == contact.Future:
		if row.Required {
			return coverCell{"hole", "–", v.T("contact.gap", "member", name, "role", v.role(row.Role))}
		}
		return coverCell{"none", "–", v.T("contact.cover.none", "member", name)}
	case best == contact.Stale:
		return coverCell{"stale", str(n), v.T("contact.cover.stale", "member", name)}
	}
	return coverCell{"ok", str(n), v.T("contact.cover.ok", "n", n, "member", name)}
}

// wallView is the sheet for the duty room: who is called first, and then.
type wallView struct {
	words
	Head     parts.PageHead
	Sections []sectionView
	Note     string
}

func (g *Pages) sheet(w http.ResponseWriter, r *shell.Request) error {
	sections, err := g.desk.Directory(r.Context(), r.Actor, contact.Filter{Role: contact.Role(r.URL.Query().Get("role"))})
	if err != nil {
		return err
	}
	v := wallView{words: g.words(r)}
	v.Head = parts.PageHead{Title: v.T("contact.sheet.title"), Note: v.T("contact.sheet.note", "time", v.Stamp(r.Now)),
		Crumbs: []parts.Link{{Text: v.T("contact.title"), Href: base}, {Text: v.T("contact.sheet.title")}}}
	for _, s := range sections {
		var rows []contact.Entry
		for _, e := range s.Rows {
			if e.Stands == contact.Valid || e.Stands == contact.Stale {
				rows = append(rows, e)
			}
		}
		s.Rows = rows
		v.Sections = append(v.Sections, v.section(s))
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"contact:directory"}, Marking: string(access.TLPGreen)}, wallPage(v))
}

func (g *Pages) download(w http.ResponseWriter, r *shell.Request) error {
	if !health.Capabilities.May(r.Actor, "health.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	sections, err := g.desk.Directory(r.Context(), r.Actor, filterOf(r))
	if err != nil {
		return err
	}
	ext := strings.TrimPrefix(path.Ext(r.URL.Path), ".")
	w.Header().Set("Content-Disposition", `attachment; filename="contacts-`+r.Now.UTC().Format("2006-01-02")+`.`+ext+`"`)
	if ext == "vcf" {
		var ks []contact.Contact
		for _, s := range sections {
			for _, e := range s.Rows {
				if e.Withdrawn.IsZero() {
					ks = append(ks, e.Contact)
				}
			}
		}
		w.Header().Set("Content-Type", contact.VCardType)
		v := g.words(r)
		_, err := w.Write(contact.Cards(ks, v.role))
		return err
	}
	return writeSheet(w, sheet.Format(ext), sections)
}

func writeSheet(w http.ResponseWriter, format sheet.Format, sections []contact.Section) error {
	w.Header().Set("Content-Type", format.MIME())
	out, err := sheet.Create(w, format, "contacts")
	if err != nil {
		return err
	}
	if err := out.Head("member", "role", "order", "organisation", "unit", "post", "person", "phone", "mobile", "email", "secure", "at_any_hour", "languages",
		"valid_from", "valid_to", "quiet_hours", "standing", "as_of", "note"); err != nil {
		return err
	}
	for _, s := range sections {
		for _, e := range s.Rows {
			by := map[string][]string{}
			var night []string
			for _, c := range e.Channels {
				by[c.Kind] = append(by[c.Kind], c.Value)
				if c.Night {
					night = append(night, c.Kind)
				}
			}
			all := func(kind string) string { return strings.Join(by[kind], "; ") }
			standing := string(e.Stands)
			if !e.Withdrawn.IsZero() {
				standing = "withdrawn"
			}
			quiet := ""
			if q := e.Contact.Quiet; q.From != "" {
				quiet = q.From + "-" + q.To
			}
			if err := out.Row(string(e.Member), string(e.Role), e.Order, e.Organisation, e.Unit, e.Post, e.Person, all("phone"), all("mobile"), all("email"),
				all("secure"), strings.Join(night, "; "), strings.Join(e.Languages, "; "), e.From, e.To, quiet, standing, e.AsOf, e.Note); err != nil {
				return err
			}
		}
		for _, r := range s.Gaps {
			if err := out.Row(string(s.Member), string(r), nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, "gap"); err != nil {
				return err
			}
		}
	}
	return out.Close()
}
