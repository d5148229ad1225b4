// Package account is the pages about people: signing in with two factors,
// invitations, one's own account, and the administration of accounts, roles
// and agencies.
package account

import (
	"errors"
	"net/http"
	"time"

	"lintas/internal/clock"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/people"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

// Config is what the pages need.
type Config struct {
	People *people.People
	// Clock is the wall clock that People has.
	Clock clock.Clock
	// Scopes are those that a token may be given, as People has them.
	Scopes []string
}

// Pages are the pages.
type Pages struct{ cfg Config }

// New makes the pages.
func New(cfg Config) *Pages { return &Pages{cfg} }

// Names of the cookies beside the session's.
const (
	challengeCookie = "challenge" // a right password, for the page that asks for the code
	deviceCookie    = "device"    // this browser has signed in before
)

const (
	challengeAge = 5 * time.Minute
	deviceAge    = 180 * 24 * time.Hour
)

// Routes adds the pages.
func (p *Pages) Routes(m *web.Mux) {
	m.Open("GET /sign-in", p.signIn)
	m.Open("POST /sign-in", p.password)
	m.Open("GET /sign-in/code", p.codePage)
	m.Open("POST /sign-in/code", p.code)
	m.Open("GET /invitation", p.invitation)
	m.Open("POST /invitation", p.openInvitation)
	m.Open("POST /invitation/accept", p.accept)
	m.Page("POST /sign-out", p.signOut)

	m.Page("GET /account", p.own)
	m.Page("POST /account/password", p.changePassword)
	m.Page("POST /account/language", p.language)
	m.Page("GET /account/second-factor", p.secondFactor)
	m.Page("POST /account/second-factor", p.confirmSecondFactor)
	m.Page("POST /account/recovery", p.recovery)
	m.Page("POST /account/step-up", p.stepUp)
	m.Page("POST /account/sessions/end", p.endOthers)
	m.Page("POST /account/sessions/{id}/end", p.endSession)
	m.Page("POST /account/tokens", p.makeToken)
	m.Page("POST /account/tokens/{id}/revoke", p.revokeToken)

	m.Page("GET /admin/accounts", p.list)
	m.Page("GET /admin/accounts/new", p.newAccount)
	m.Page("POST /admin/accounts", p.create)
	m.Page("GET /admin/accounts/{id}", p.one)
	m.Page("POST /admin/accounts/{id}", p.edit)
	m.Page("POST /admin/accounts/{id}/grants", p.grant)
	m.Page("GET /admin/accounts/{id}/{verb}", p.confirm)
	m.Page("POST /admin/accounts/{id}/{verb}", p.step)
	m.Page("POST /admin/grants/{id}/{verb}", p.decide)
	m.Page("GET /admin/agencies", p.agencies)
	m.Page("POST /admin/agencies", p.saveAgency)
}

func visit(r *web.Request) people.Visit {
	return people.Visit{Address: r.Client, Agent: r.UserAgent(), Device: r.Kept(deviceCookie)}
}

func session(r *web.Request) id.ID { return id.ID(r.Session.ID) }

// shown splits errors into those that a form shows again with what was typed,
// and those that are the shell's.
func shown(r *web.Request, err error) (parts.Errors, error) {
	if err == nil {
		return parts.Errors{}, nil
	}
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind != fault.Internal && e.Kind != fault.NotFound {
		return parts.ErrorsOf(r.Printer, err), nil
	}
	return parts.Errors{}, err
}

func is(err error, key string) bool {
	e, ok := errors.AsType[*fault.Error](err)
	return ok && e.Key == key
}

// begin gives the browser a new session.
func (p *Pages) begin(w http.ResponseWriter, r *web.Request, in people.SignedIn) error {
	r.StartSession(w, in.Token)
	r.Keep(w, deviceCookie, in.Device, deviceAge)
	r.Forget(w, challengeCookie)
	_, actor, err := p.cfg.People.Session(r.Context(), in.Token)
	if err != nil {
		return err
	}
	a, err := p.cfg.People.Account(r.Context(), actor, actor.Account)
	if err == nil && a.Language != "" {
		r.Keep(w, "lang", a.Language, 365*24*time.Hour)
	}
	return err
}
