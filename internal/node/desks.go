package node

import (
	"slices"
	"sync"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/web/rest"
	"lintas/internal/history"
	"lintas/internal/people"
)

// Desks is the list of desks of a node; it is shared and must not be changed.
// It holds the digest of every workflow table, so it is made once.
var Desks = sync.OnceValue(func() []desk.Manifest {
	return append([]desk.Manifest{health.Manifest()}, manifests()...)
})

// Capabilities are all rows of the node, in the order of the page that shows
// them.
func Capabilities() access.Capabilities {
	out := slices.Concat(people.Capabilities, history.Capabilities)
	for _, d := range Desks() {
		out = append(out, d.Capabilities...)
	}
	return out
}

// Scopes are what an API token may carry.
func Scopes() []string {
	var out []string
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, c := range Capabilities() {
		add(c.Scope)
	}
	add(rest.Write)
	add(streamScope)
	return out
}

// schemaOf is the newest body version of a kind that this program reads.
func schemaOf(kind string) int {
	for _, d := range Desks() {
		for _, m := range d.Messages {
			if m.Kind == kind {
				return m.Schema
			}
		}
	}
	return 0
}

func shellSchemas() []db.Schema { return []db.Schema{api.Schema} }
