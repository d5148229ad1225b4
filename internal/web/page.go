package web

import (
	"bytes"
	"net/http"
	"net/url"
	"sync"

	"github.com/a-h/templ"

	"lintas/internal/locale"
	"lintas/internal/web/layout"
	"lintas/internal/web/parts"
)

type page = templ.Component

// Page is what a handler says about its page; the shell adds the rest.
type Page struct {
	Title   string
	Marking string
	Map     bool
	Topics  []string // of the live stream; without any the page has no stream
	Query   string
	Notices []parts.Notice
	Narrow  bool // without the rail
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Show renders a page around its content.
func (r *Request) Show(w http.ResponseWriter, p Page, content templ.Component) error {
	return r.ShowStatus(w, http.StatusOK, p, content)
}

// ShowStatus is Show with a status, such as 400 for a form with faults.
func (r *Request) ShowStatus(w http.ResponseWriter, status int, p Page, content templ.Component) error {
	v := r.frame(p)
	if p.Narrow {
		return r.server.renderErr(w, r, status, narrowPage(v, content))
	}
	return r.server.renderErr(w, r, status, widePage(v, content))
}

// Part renders a fragment without a frame.
func (r *Request) Part(w http.ResponseWriter, status int, content templ.Component) error {
	return r.server.renderErr(w, r, status, content)
}

// frame is all that stands around the content.
func (r *Request) frame(p Page) layout.Props {
	s := r.server
	v := layout.Props{P: r.Printer, Title: p.Title, Now: r.Now, Path: r.URL.RequestURI(),
		Languages: locale.Offered(), Query: p.Query, Notices: p.Notices, Map: p.Map, Marking: p.Marking}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		v.Path = r.Back("/") // an action's address cannot be come back to
	}
	if r.Theme != Auto {
		v.Theme = string(r.Theme)
	}
	if r.SignedIn() && len(p.Topics) > 0 {
		v.Stream = r.Live(p.Topics...)
	}
	if r.Notice != nil {
		n := parts.Notice{Grade: parts.Good, Title: r.Printer.With(r.Notice.Key, r.Notice.Args)}
		v.Notices = append([]parts.Notice{n}, v.Notices...)
	}
	v.Node = layout.Node{Code: string(s.cfg.Member)}
	if s.cfg.Frame != nil {
		s.cfg.Frame(r, &v)
	}
	return v
}

// Back is the page of this node that an action was sent from, or otherwise.
func (r *Request) Back(otherwise string) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host == "" || u.Host != r.Host {
		return otherwise
	}
	return Local(u.RequestURI())
}

// Address is the whole address of a path, for a link that is sent to somebody.
func (r *Request) Address(path string) string {
	scheme := "http"
	if r.server.cfg.TLS {
		scheme = "https"
	}
	return scheme + "://" + r.Host + path
}

// render is renderErr for pages that must not fail.
func (s *Server) render(w http.ResponseWriter, r *Request, status int, c templ.Component) {
	if err := s.renderErr(w, r, status, c); err != nil {
		s.cfg.Log.Error("error page failed", "request", r.ID, "error", err.Error())
		http.Error(w, http.StatusText(status), status)
	}
}

// renderErr builds the whole answer before it sends its first byte, so that a
// template that fails still ends in an error page.
func (s *Server) renderErr(w http.ResponseWriter, r *Request, status int, c templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := c.Render(r.Context(), b); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", r.Printer.Lang())
	h.Add("Vary", "Cookie, Accept-Language, HX-Request")
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = w.Write(b.Bytes()) // the browser left
	return nil
}

func escape(s string) string { return url.QueryEscape(s) }
