package web

import (
	"net/url"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health/verification"
	"lintas/internal/id"
	shell "lintas/internal/web"
)

// AboutSignal is what a request begins with when a signal makes somebody ask.
// Nothing of it leaves before the request is sent.
type AboutSignal struct {
	ID                               id.ID
	Title, Text, Hazard, Place, Lang string
	Marking                          access.Marking
	Open                             bool // still to be verified
}

// maxCarried keeps the words that come along in an address short.
const maxCarried = 1500

// SignalPanel is what the page of a signal shows of this part: the exchanges
// about it and the way to ask another state; nil for nothing.
func (g *Pages) SignalPanel(r *shell.Request, s AboutSignal) (templ.Component, error) {
	found, _, err := g.desk.List(r.Context(), r.Actor, verification.Filter{Signal: s.ID})
	if err != nil {
		return nil, err
	}
	may := s.Open && verification.MayCompose(r.Actor)
	if len(found) == 0 && !may {
		return nil, nil
	}
	w := g.words(r)
	var list []row
	for i := range found {
		list = append(list, w.row(&found[i]))
	}
	q := url.Values{"signal": {string(s.ID)}}
	for k, v := range map[string]string{"title": s.Title, "context": s.Text, "place": s.Place, "lang": s.Lang, "marking": string(s.Marking)} {
		if c := []rune(v); len(c) > maxCarried {
			v = string(c[:maxCarried]) + "…"
		}
		q.Set(k, v)
	}
	if s.Hazard != "unknown" {
		q.Set("hazard", s.Hazard)
	}
	return signalPanel(w, list, may, base+"/new?"+q.Encode()), nil
}
