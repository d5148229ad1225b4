package web

import (
	"net/http"
	"net/url"
	"time"

	"lintas/internal/fault"
	"lintas/internal/locale"
)

// Theme is how bright a page is; Auto follows the device.
type Theme string

const (
	Auto  Theme = "auto"
	Day   Theme = "day"
	Night Theme = "night"
)

const aYear = 365 * 24 * time.Hour

// language is the ?lang of the address, which is remembered, else the cookie,
// else what the browser asks for.
func (s *Server) language(w http.ResponseWriter, r *http.Request) string {
	accept := r.Header.Get("Accept-Language")
	if want := r.URL.Query().Get("lang"); want != "" && locale.Match(want, "") == want {
		s.setCookie(w, "lang", want, aYear)
		return want
	}
	chosen := ""
	if c, err := r.Cookie(s.cookieName("lang")); err == nil {
		chosen = c.Value
	}
	return locale.Match(chosen, accept)
}

func (s *Server) theme(r *http.Request) Theme {
	if c, err := r.Cookie(s.cookieName("theme")); err == nil {
		if t := Theme(c.Value); t.valid() {
			return t
		}
	}
	return Auto
}

func (t Theme) valid() bool { return t == Auto || t == Day || t == Night }

// preferences stores the language or the theme and goes back to where the
// switch was.
func (s *Server) preferences(w http.ResponseWriter, r *Request) error {
	var c fault.Check
	lang, theme := r.PostFormValue("lang"), r.PostFormValue("theme")
	c.That(lang == "" || locale.Match(lang, "") == lang, "lang", "fault.web.lang")
	c.That(theme == "" || Theme(theme).valid(), "theme", "fault.web.theme")
	if err := c.Err(); err != nil {
		return err
	}
	if lang != "" {
		s.setCookie(w, "lang", lang, aYear)
	}
	if theme != "" {
		s.setCookie(w, "theme", theme, aYear)
	}
	return r.Redirect(w, back(r))
}

func back(r *Request) string {
	u, err := url.Parse(Local(r.PostFormValue("back")))
	if err != nil {
		return "/"
	}
	q := u.Query()
	q.Del("lang") // an address must not undo the choice
	u.RawQuery = q.Encode()
	return u.String()
}
