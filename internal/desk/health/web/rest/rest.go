// Package rest is the health desk for programs: the operations of the REST
// interface, alerts of the Common Alerting Protocol and the public feed. Like
// the pages, it is thin handlers over the desk's actions.
package rest

import (
	"context"
	"log/slog"
	"net/http"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/web"
)

// Scopes of a token. Write does not include read, and an account's roles
// limit both.
const (
	Read  = "health.read"
	Write = "health.write"
)

// Deps are what the operations need besides the desk.
type Deps struct {
	Member access.Member
	// URL is the node's public address, without a final slash.
	URL string
	// Exercise marks every alert of a node that is only for demonstration.
	Exercise bool
	// Token says whom a bearer token stands for.
	Token func(ctx context.Context, secret string) (access.Actor, id.ID, error)
	Log   *slog.Logger
}

// Desk is the REST side of a health desk.
type Desk struct {
	desk *health.Desk
	deps Deps
}

// New makes the REST side of a desk.
func New(d *health.Desk, deps Deps) *Desk { return &Desk{desk: d, deps: deps} }

// Add adds the operations to the interface.
func (d *Desk) Add(a *api.API) {
	d.addEvents(a)
	d.addMore(a)
	d.addNotifications(a)
	d.addNotices(a)
	d.addFiles(a)
	d.addQuestions(a)
	d.addRules(a)
}

// Routes adds the documents that are no operations: alerts and the feed.
func (d *Desk) Routes(m *web.Mux) {
	m.Open("GET /health/notifications/{id}/cap.xml", d.notificationAlert(asCAP))
	m.Open("GET /health/notices/{id}/cap.xml", d.noticeAlert(asCAP))
	m.Open("GET /health/notifications/{id}/fhir.json", d.notificationAlert(asFHIR))
	m.Open("GET /health/notices/{id}/fhir.json", d.noticeAlert(asFHIR))
	m.Bare("GET /health/feed.atom", http.HandlerFunc(d.feed))
	m.Bare("GET /health/feed/{file}", http.HandlerFunc(d.publicAlert))
}

// ByID is the input of an operation on one record.
type ByID struct {
	ID string `path:"id" format:"uuid" doc:"The record's identifier."`
}

// id of the record. One that cannot exist is one that does not.
func (in ByID) id() id.ID {
	v, err := id.Parse(in.ID)
	if err != nil {
		return ""
	}
	return v
}

// seen is the version of If-Match. There is no version 0: for the desk it
// would mean any.
func seen(c *api.Call) (int, error) {
	v, ok, err := c.Version()
	if err != nil {
		return 0, err
	}
	if !ok || v < 1 || v > 1<<31 {
		return -1, nil
	}
	return int(v), nil
}

// view is what may leave: every answer is one of these, so that a record
// cannot become JSON by accident.
type view interface{ view() }

func one[V view](version int, v V) *api.One[V] { return api.NewOne(int64(version), v) }

func made[V view](path string, version int, v V) *api.Made[V] {
	return api.NewMade(path, int64(version), v)
}

func list[V view](items []V, next string) *api.List[V] { return api.NewList(items, next) }

// each makes views of many.
func each[R any, V view](in []R, of func(*R) V) []V {
	out := make([]V, len(in))
	for i := range in {
		out[i] = of(&in[i])
	}
	return out
}
