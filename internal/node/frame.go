package node

import (
	"strings"
	"sync"
	"time"
	"unicode"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/id"
	"lintas/internal/people"
	"lintas/internal/place"
	"lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/parts"
)

// frame fills what stands around every page: the node, the navigation that
// the person may use, the state of the other nodes.
func (n *Node) frame(r *web.Request, p *layout.Props) {
	code := string(n.Config.Member)
	p.Node = layout.Node{Name: r.Printer.T("node.name", "member", place.Name(code, r.Printer.Lang())), Agency: n.Config.Post, Code: code,
		Digest: health.Notices.Digest()[:12]}
	if n.Config.Demo {
		p.Exercise = &layout.Exercise{Name: r.Printer.T("node.demo")}
	}
	if !r.SignedIn() {
		return
	}
	reads := health.Capabilities.May(r.Actor, "health.read")
	p.Search = reads
	p.Account = &layout.Account{Initials: initials(r.Actor.Name), Role: roleOf(r), Detail: n.Config.Post, Href: "/account", SignOut: "/sign-out"}
	if reads {
		n.healthNav(r, p)
	}
	n.nodeNav(r, p)
	n.sync(r, p)
	for i := range p.Nav {
		mark(p.Nav[i].Items, r.URL.Path)
	}
}

func (n *Node) healthNav(r *web.Request, p *layout.Props) {
	todos := n.todos.of(r, n)
	open, err := n.Health.Count(r.Context(), r.Actor, health.Filter{Open: true})
	if err != nil {
		n.log.Error("counting open events", "error", err)
	}
	items := []layout.NavItem{{Text: r.Printer.T("nav.events"), Href: "/health/events", Icon: "siren", Count: open, Bar: true}}
	for _, part := range n.parts {
		if part.nav != nil {
			items = append(items, part.nav(r)...)
		}
	}
	items = append(items, layout.NavItem{Text: r.Printer.T("nav.search"), Href: "/search", Icon: "search", Bar: true})
	p.Nav = append(p.Nav,
		layout.NavGroup{Items: []layout.NavItem{{Text: r.Printer.T("nav.desk"), Href: "/", Icon: "layout-dashboard", Count: todos, Hot: todos > 0, Bar: true}}},
		layout.NavGroup{Title: r.Printer.T("nav.health"), Items: items})
}

// todoCounts keeps for each account how much needs action, until the desk has
// news: every page shows the number, and most pages change nothing.
type todoCounts struct {
	mu    sync.Mutex
	known map[id.ID]todoCount
}

type todoCount struct {
	n  int
	at time.Time
}

// countLife bounds how long a grant that was revoked, or a step that only time
// opens, can leave the number old.
const countLife = 20 * time.Second

func (c *todoCounts) of(r *web.Request, n *Node) int {
	now := n.wall.Now()
	c.mu.Lock()
	k, ok := c.known[r.Actor.Account]
	c.mu.Unlock()
	if ok && now.Sub(k.at) < countLife {
		return k.n
	}
	todos, err := n.Health.Todos(r.Context(), r.Actor)
	if err != nil { // the page itself will say that the database does not answer
		n.log.Error("counting what needs action", "error", err)
		return 0
	}
	others, err := n.todosOfParts(r.Context(), r.Actor)
	if err != nil {
		n.log.Error("counting what needs action", "error", err)
		return 0
	}
	count := len(todos) + len(others)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[id.ID]todoCount{}
	}
	c.known[r.Actor.Account] = todoCount{n: count, at: now}
	return count
}

func (c *todoCounts) forget(topic string) {
	if topic != "desk" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.known)
}

func (n *Node) nodeNav(r *web.Request, p *layout.Props) {
	g := layout.NavGroup{Title: r.Printer.T("nav.node")}
	add := func(capability, key, href, icon string) {
		if people.Capabilities.May(r.Actor, capability) {
			g.Items = append(g.Items, layout.NavItem{Text: r.Printer.T(key), Href: href, Icon: icon})
		}
	}
	add(people.ReadStatus, "nav.exchange", "/node/exchange", "network")
	add(people.ReadAudit, "nav.history", "/node/history", "scroll-text")
	add(people.AdministerAccounts, "nav.accounts", "/admin/accounts", "users")
	g.Items = append(g.Items, layout.NavItem{Text: r.Printer.T("nav.rules"), Href: "/node/rules", Icon: "shield-check"})
	g.Items = append(g.Items, layout.NavItem{Text: r.Printer.T("nav.account"), Href: "/account", Icon: "user-round", Bar: true})
	p.Nav = append(p.Nav, g)
}

// sync is the block that shows which nodes are in step.
func (n *Node) sync(r *web.Request, p *layout.Props) {
	nodes, err := n.nodes(r.Context())
	if err != nil {
		n.log.Error("reading the state of the nodes", "error", err)
		return
	}
	s := &layout.Sync{Href: "/node/exchange"}
	if !people.Capabilities.May(r.Actor, people.ReadStatus) {
		s.Href = ""
	}
	inStep := 0
	var away healthweb.Node
	for _, o := range nodes {
		plate := parts.Plate{Code: string(o.Member), Title: place.Name(string(o.Member), r.Printer.Lang())}
		switch o.State {
		case healthweb.InStep:
			inStep++
		case healthweb.Behind:
			plate.State = parts.Behind
		default:
			plate.State = parts.Missing
			if away.Member == "" || o.Heard.Before(away.Heard) {
				away = o
			}
		}
		s.Plates = append(s.Plates, plate)
	}
	s.Text = r.Printer.T("node.in_step", "n", inStep, "all", len(nodes))
	if away.Member != "" && !away.Heard.IsZero() {
		s.Detail = r.Printer.T("node.heard", "member", place.Name(string(away.Member), r.Printer.Lang()), "ago", r.Printer.Ago(away.Heard, n.wall.Now()))
	} else if away.Member != "" {
		s.Detail = r.Printer.T("node.never_heard", "member", place.Name(string(away.Member), r.Printer.Lang()))
	}
	p.Sync = s
}

// mark finds the item that the path belongs to: the longest that begins it.
func mark(items []layout.NavItem, path string) {
	for i := range items {
		h := items[i].Href
		items[i].Current = path == h || h != "/" && strings.HasPrefix(path, h+"/")
	}
}

func initials(name string) string {
	var out []rune
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if r := []rune(w)[0]; unicode.IsUpper(r) || len(out) < 2 {
			out = append(out, unicode.ToUpper(r))
		}
		if len(out) == 2 {
			break
		}
	}
	return string(out)
}

// roleOf is the first role of the person, in the order of the roles.
func roleOf(r *web.Request) string {
	for _, role := range access.Roles {
		if r.Actor.HasAny(role) {
			return r.Printer.T("role." + string(role))
		}
	}
	return r.Actor.Name
}
