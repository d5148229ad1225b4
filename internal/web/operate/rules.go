package operate

import (
	"net/http"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

// rulesView is who may do what, and what may leave, as the program enforces
// it: the page reads the same tables.
type rulesView struct {
	words
	Head     parts.PageHead
	Jump     []parts.Button
	Roles    parts.Table
	Tables   []tableView
	Outgoing []outgoingView
}

type tableView struct {
	ID, Title, Record string
	Facts             []parts.Definition
	Steps             parts.Table
	Read              bool // the text had the form that it should have
	Text              string
}

type outgoingView struct {
	Title, Kind string
	Fields      []string
}

// rules is for everybody who is signed in: a rule that is not known is none.
func (p *Pages) rules(w http.ResponseWriter, r *web.Request) error {
	v := rulesView{words: p.words(r)}
	v.Head = parts.PageHead{Title: v.T("operate.rules"), Lede: v.T("operate.rules.lede")}
	v.roles(p.Rules.Capabilities)
	v.Jump = []parts.Button{{Text: v.T("operate.rules.roles"), Href: "#roles", Small: true}}
	var follows map[access.Member]follow
	err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		var err error
		follows, err = p.followed(r.Context(), tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, t := range p.Rules.Tables {
		tv := v.table(t, p.others(), follows)
		v.Tables = append(v.Tables, tv)
		v.Jump = append(v.Jump, parts.Button{Text: tv.Title, Href: "#" + tv.ID, Small: true})
	}
	for _, o := range p.Rules.Outgoing {
		v.Outgoing = append(v.Outgoing, outgoingView{Title: v.kind(o.Kind), Kind: v.T("operate.outgoing.kind", "kind", o.Kind, "version", o.Schema), Fields: o.Fields})
	}
	if len(v.Outgoing) > 0 {
		v.Jump = append(v.Jump, parts.Button{Text: v.T("operate.outgoing"), Href: "#outgoing", Small: true})
	}
	return r.Show(w, web.Page{Title: v.Head.Title}, rulesPage(v))
}

// roles is the table of capabilities: a row for each, a column for each role.
func (v *rulesView) roles(list access.Capabilities) {
	v.Roles = parts.Table{Caption: v.T("operate.rules.roles"), RowHead: true, Columns: []parts.Column{{Text: v.T("operate.capability")}}}
	for _, role := range access.Roles {
		v.Roles.Columns = append(v.Roles.Columns, parts.Column{Text: v.role(role)})
	}
	v.Roles.Columns = append(v.Roles.Columns, parts.Column{Text: v.T("operate.scope")})
	for _, c := range list {
		row := []parts.Cell{{Text: v.say(c.Name, "verb."+c.Name), Note: c.Name}}
		for _, role := range access.Roles {
			cell := parts.Cell{Text: "–"}
			if slices.Contains(c.By, role) {
				cell = parts.Cell{Body: yes(v.T("operate.may"))}
			}
			row = append(row, cell)
		}
		scope := parts.Cell{Text: v.T("operate.scope.none")}
		if c.Scope != "" {
			scope = parts.Cell{Body: code(c.Scope)}
		}
		v.Roles.Rows = append(v.Roles.Rows, append(row, scope))
	}
}

func (v rulesView) table(t Table, others []access.Member, follows map[access.Member]follow) tableView {
	s, ok := t.read()
	digest := t.Digest()
	out := tableView{ID: "table-" + short(digest), Title: v.T("operate.table.unread"), Record: t.Desk, Read: ok, Text: t.Text}
	if !ok {
		return out
	}
	out.Title, out.Record = v.kind(s.Record), s.Record
	out.ID = "table-" + strings.ReplaceAll(s.Record+"-"+s.Track, ".", "-")
	var ends []string
	for _, f := range s.Final {
		ends = append(ends, v.state(s.Record, f))
	}
	out.Facts = []parts.Definition{
		{Term: v.T("operate.table.record"), Text: v.T("operate.table.version", "record", s.Record, "track", s.Track, "version", s.Version)},
		{Term: v.T("operate.table.begins"), Text: v.state(s.Record, s.Initial)},
		{Term: v.T("operate.table.ends"), Text: strings.Join(ends, ", ")},
		{Term: v.T("operate.table.digest"), Body: code(digest)},
	}
	if same := sameAt(others, follows, digest); len(same) > 0 {
		var at []parts.Plate
		for _, m := range same {
			at = append(at, v.plate(m, parts.Plain))
		}
		out.Facts = append(out.Facts, parts.Definition{Term: v.T("operate.table.same"), Body: plates(at)})
	}
	out.Steps = v.steps(s)
	return out
}

// sameAt are the members whose newest releases named this very table.
func sameAt(others []access.Member, follows map[access.Member]follow, digest string) []access.Member {
	var out []access.Member
	for _, m := range others {
		for _, d := range follows[m] {
			if d == digest {
				out = append(out, m)
				break
			}
		}
	}
	return out
}

func (v rulesView) steps(s steps) parts.Table {
	t := parts.Table{Caption: v.T("operate.table.steps", "record", v.kind(s.Record)), RowHead: true, Columns: []parts.Column{
		{Text: v.T("operate.step.verb")}, {Text: v.T("operate.step.from")}, {Text: v.T("operate.step.to")}, {Text: v.T("operate.step.by")},
		{Text: v.T("operate.step.needs")}, {Text: v.T("operate.step.within")}, {Text: v.T("operate.step.tells")}}}
	for _, r := range s.Rows {
		var from, by, needs, tells []string
		for _, f := range r.From {
			from = append(from, v.state(s.Record, f))
		}
		if len(from) == 0 {
			from = []string{v.T("operate.step.new")}
		}
		to := parts.Cell{Text: v.T("operate.step.stays")}
		if r.To != "" {
			to = parts.Cell{Body: tags([]tag{{parts.Ungraded, v.state(s.Record, r.To)}})}
		}
		for _, role := range r.By {
			by = append(by, v.role(access.Role(role)))
		}
		if r.Other {
			by = []string{v.T("operate.step.theirs")}
		}
		for _, n := range r.Needs {
			needs = append(needs, v.say(n, "need."+n))
		}
		for _, a := range r.Tells {
			tells = append(tells, v.say(a, "audience."+strings.ReplaceAll(a, " ", "_")))
		}
		within := ""
		if r.Within != "" {
			within = v.say(r.Within, "clock."+r.Within)
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.verb(s.Record, r.Verb), Note: r.Verb}, {Body: several(from)}, to, {Body: several(by)}, {Body: several(needs)},
			{Text: within}, {Body: several(tells)}})
	}
	return t
}
