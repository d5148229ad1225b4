package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"lintas/internal/fault"
)

// cookieName names a cookie: part "" is the session's. Over TLS the prefix
// __Host- ties it to this host; on loopback the member's code keeps the nodes
// of one machine apart, since browsers share cookies among ports.
func (s *Server) cookieName(part string) string {
	name := "lintas"
	if part != "" {
		name += "-" + part
	}
	if s.cfg.TLS {
		return "__Host-" + name
	}
	if s.cfg.Member != "" {
		name += "-" + strings.ToLower(string(s.cfg.Member))
	}
	return name
}

// setCookie stores a value; a zero age lasts until the browser closes.
// SameSite is Lax, so that a link in a mail finds its reader signed in.
func (s *Server) setCookie(w http.ResponseWriter, part, value string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(part), Value: value, Path: "/", MaxAge: int(age.Seconds()),
		HttpOnly: true, Secure: s.cfg.TLS, SameSite: http.SameSiteLaxMode})
}

func (s *Server) dropCookie(w http.ResponseWriter, part string) {
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(part), Path: "/", MaxAge: -1,
		HttpOnly: true, Secure: s.cfg.TLS, SameSite: http.SameSiteLaxMode})
}

// Keep gives the browser a value that only the node reads, such as the proof
// of a first factor. Each part of the shell uses a name of its own.
func (r *Request) Keep(w http.ResponseWriter, part, value string, age time.Duration) {
	r.server.setCookie(w, part, value, age)
}

// Forget takes it away.
func (r *Request) Forget(w http.ResponseWriter, part string) { r.server.dropCookie(w, part) }

// Kept is the value, or empty.
func (r *Request) Kept(part string) string {
	c, err := r.Cookie(r.server.cookieName(part))
	if err != nil {
		return ""
	}
	return c.Value
}

// StartSession gives the browser the secret of a new session.
func (r *Request) StartSession(w http.ResponseWriter, secret string) {
	r.server.setCookie(w, "", secret, 0)
}

// EndSession takes the secret away and closes the live streams of session,
// the name that Session.ID gave it.
func (r *Request) EndSession(w http.ResponseWriter, session string) {
	r.server.dropCookie(w, "")
	r.server.cfg.Hub.EndSession(session)
}

// aliveSession is what a stream asks from time to time. A database that does
// not answer for a moment does not end the stream.
func (s *Server) aliveSession(secret string) func(context.Context) bool {
	return func(ctx context.Context) bool {
		ses, err := s.cfg.Peek(ctx, secret)
		if err != nil {
			return fault.Is(err, fault.Internal) || fault.Is(err, fault.Unavailable)
		}
		return ses.ID != ""
	}
}

// EndStreams closes the live streams of another session.
func (r *Request) EndStreams(session string) { r.server.cfg.Hub.EndSession(session) }
