package mapview

import (
	"slices"
	"strings"
	"sync"

	"lintas/internal/place"
)

// Ground is the boundaries of one node, where it replaced those of some states
// by its own. The zero value of Map.Ground draws the built-in ones.
type Ground struct {
	overview *place.Outlines
	detail   *place.Outlines
	source   string // words for the attribution
	states   []string

	mu    sync.Mutex
	bases map[string]*base
	order []string
}

// NewGround makes the boundaries of a node; source names the editions, as every
// map says it.
func NewGround(editions []*place.Edition, source string) *Ground {
	if len(editions) == 0 {
		return nil
	}
	g := &Ground{overview: place.Overview().With(editions, .04), detail: place.Detail().With(editions, .004), source: source, bases: map[string]*base{}}
	for _, e := range editions {
		g.states = append(g.states, e.State)
	}
	return g
}

// Source names the editions.
func (g *Ground) Source() string {
	if g == nil {
		return ""
	}
	return g.source
}

// draws reports whether a place has an outline.
func (g *Ground) draws(p place.Place) bool {
	if g == nil || !slices.Contains(g.states, place.Member(p.Code)) {
		return p.Drawn
	}
	_, ok := g.detail.Unit(p.Code)
	return ok
}

// base is what never changes on a map of the ground, kept for the next one.
func (g *Ground) base(v projection, zoom []string) *base {
	key := strings.Join(slices.Sorted(slices.Values(zoom)), " ")
	if v.w > 600 {
		key += " wide"
	}
	g.mu.Lock()
	b := g.bases[key]
	g.mu.Unlock()
	if b != nil {
		return b
	}
	o := g.detail
	if len(zoom) == 0 {
		o = g.overview
	}
	b = newBase(v, o) // outside the lock: two at once do the same work
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.bases[key] == nil {
		g.order = append(g.order, key)
	}
	g.bases[key] = b
	if len(g.order) > keep {
		delete(g.bases, g.order[0])
		g.order = g.order[1:]
	}
	return b
}
