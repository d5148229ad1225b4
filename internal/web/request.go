package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/web/live"
)

// Request is one request of a page with what the shell found out about it.
type Request struct {
	*http.Request
	ID      string       // the reference number of log and error page
	Actor   access.Actor // zero when nobody is signed in
	Session Session
	Printer *locale.Printer
	Theme   Theme
	Now     time.Time // of the domain's clock
	Client  netip.Addr
	Notice  *Notice // what the previous action has to say, shown once

	server   *Server
	position string // of the live hub when the request came
}

// request resolves who asks, in which language and when. On an error the
// request is still good enough to render it.
func (s *Server) request(w http.ResponseWriter, hr *http.Request) (*Request, error) {
	r := &Request{Request: hr, ID: requestID(hr), server: s, Now: s.cfg.Clock.Now(),
		Client: s.client(hr), position: s.cfg.Hub.Position()}
	r.Printer = locale.New(s.language(w, hr), s.cfg.Zone, s.cfg.Place)
	r.Theme = s.theme(hr)
	r.Notice = s.takeNotice(w, hr)
	c, err := hr.Cookie(s.cookieName(""))
	if err != nil || c.Value == "" {
		return r, nil
	}
	find := s.cfg.Session
	if quietRefresh(r) || strings.Contains(hr.Header.Get("Accept"), "text/event-stream") {
		find = s.cfg.Peek
	}
	session, err := find(hr.Context(), c.Value)
	switch {
	case err == nil:
		r.Session, r.Actor = session, session.Actor
		return r, nil
	case fault.Is(err, fault.Internal), fault.Is(err, fault.Unavailable):
		return r, err
	}
	s.dropCookie(w, "") // the session is over
	return r, nil
}

// SignedIn reports whether the request has a session.
func (r *Request) SignedIn() bool { return r.Session.ID != "" }

// Fragment reports whether script asks for a part of a page.
func (r *Request) Fragment() bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-Boosted") == "" &&
		r.Header.Get("HX-Request-Type") != "full"
}

// ID of the record that a page is about, from the path.
func (r *Request) PathID(name string) (id.ID, error) {
	v, err := id.Parse(r.PathValue(name))
	if err != nil { // an address that cannot exist is an address without a page
		return "", fault.Wrap(fault.NotFound, "fault.web.no_page", err)
	}
	return v, nil
}

// Live is the address of a stream of topics that misses nothing since this
// request came.
func (r *Request) Live(topics ...string) string {
	return "/live?topics=" + url.QueryEscape(strings.Join(topics, ",")) + "&since=" + r.position
}

// Redirect answers an action: the browser goes on to path, which must be one
// of this node.
func (r *Request) Redirect(w http.ResponseWriter, path string) error {
	path = Local(path)
	if r.Header.Get("HX-Request") == "true" {
		w.Header().Set("HX-Redirect", path)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// Local is path if it leads to this node, else "/". A next page that came
// from outside must not send people elsewhere.
func Local(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil ||
		!strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

func (s *Server) live(w http.ResponseWriter, r *Request) error {
	topics, err := live.ParseTopics(r.FormValue("topics"))
	if err != nil {
		return err
	}
	since := r.Header.Get("Last-Event-ID")
	if since == "" {
		since = r.FormValue("since")
	}
	secret := r.Kept("")
	return s.cfg.Hub.Serve(w, r.Request, live.Stream{
		Session: r.Session.ID, Topics: topics, Since: since,
		Alive: s.aliveSession(secret),
	})
}
