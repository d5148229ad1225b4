// Package nudges is the page on which a person chooses when to be told of what
// waits, and the worker that shows web push in the browser.
package nudges

import (
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"time"

	"lintas/internal/fault"
	"lintas/internal/locale"
	"lintas/internal/nudge"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

//go:embed worker.js
var worker []byte

const base = "/account/nudges"

// Pages are the handlers.
type Pages struct{ n *nudge.Nudges }

// New makes the pages of a node's nudges.
func New(n *nudge.Nudges) *Pages { return &Pages{n} }

// Routes adds the pages. The worker lies at the root, since a worker serves
// the pages below its own address.
func (p *Pages) Routes(m *web.Mux) {
	m.Page("GET "+base, p.show)
	m.Page("POST "+base, p.prefer)
	m.Page("POST "+base+"/devices", p.subscribe)
	m.Page("POST "+base+"/devices/{id}/remove", p.unsubscribe)
	m.Bare("GET /nudge-worker.js", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write(worker)
	}))
}

type view struct {
	*locale.Printer
	Head     parts.PageHead
	Mail     bool
	Push     bool
	Key      string
	P        nudge.Preference
	Daily    string
	From, To string
	Devices  []nudge.Device
	Errors   parts.Errors
	Device   parts.Errors
}

func (p *Pages) show(w http.ResponseWriter, r *web.Request) error {
	pref, err := p.n.Preference(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	return p.page(w, r, http.StatusOK, pref, nil, nil)
}

func (p *Pages) page(w http.ResponseWriter, r *web.Request, status int, pref nudge.Preference, cause, device error) error {
	v := view{Printer: r.Printer, P: pref, Errors: parts.ErrorsOf(r.Printer, cause), Device: parts.ErrorsOf(r.Printer, device),
		Key: p.n.PublicKey(), From: minute(pref.QuietFrom), To: minute(pref.QuietTo)}
	v.Mail, v.Push = p.n.Ways()
	if pref.Daily != nudge.NoDaily {
		v.Daily = minute(pref.Daily)
	}
	if cause != nil {
		v.Daily, v.From, v.To = r.PostFormValue("daily"), r.PostFormValue("quiet_from"), r.PostFormValue("quiet_to")
	}
	var err error
	if v.Devices, err = p.n.Devices(r.Context(), r.Actor); err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.T("nudge.title"), Lede: v.T("nudge.lede"),
		Crumbs: []parts.Link{{Text: v.T("account.own"), Href: "/account"}, {Text: v.T("nudge.title")}}}
	return r.ShowStatus(w, status, web.Page{Title: v.Head.Title}, page(v))
}

func (p *Pages) prefer(w http.ResponseWriter, r *web.Request) error {
	pref, err := read(r)
	if err == nil {
		err = p.n.Prefer(r.Context(), r.Actor, pref)
	}
	if fault.Is(err, fault.Invalid) {
		return p.page(w, r, http.StatusBadRequest, pref, err, nil)
	}
	if err != nil {
		return err
	}
	r.Say(w, "nudge.said.saved", nil)
	return r.Redirect(w, base)
}

// read takes the form; an empty hour of the summary means none.
func read(r *web.Request) (nudge.Preference, error) {
	pref := nudge.Preference{Account: r.Actor.Account, Mail: strings.TrimSpace(r.PostFormValue("mail")), Flash: nudge.Flash(r.PostFormValue("flash")),
		Daily: nudge.NoDaily, Lang: r.Printer.Lang()}
	var c fault.Check
	for _, f := range []struct {
		name string
		to   *int
	}{{"daily", &pref.Daily}, {"quiet_from", &pref.QuietFrom}, {"quiet_to", &pref.QuietTo}} {
		if s := r.PostFormValue(f.name); s != "" {
			at, err := time.Parse("15:04", s)
			c.That(err == nil, f.name, "fault.nudge.time")
			*f.to = at.Hour()*60 + at.Minute()
		}
	}
	return pref, c.Err()
}

func (p *Pages) subscribe(w http.ResponseWriter, r *web.Request) error {
	err := p.n.Subscribe(r.Context(), r.Actor, nudge.Device{Endpoint: r.PostFormValue("endpoint"), Key: r.PostFormValue("key"), Auth: r.PostFormValue("auth")})
	if fault.Is(err, fault.Invalid) {
		pref, perr := p.n.Preference(r.Context(), r.Actor)
		if perr != nil {
			return perr
		}
		return p.page(w, r, http.StatusBadRequest, pref, nil, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "nudge.said.subscribed", nil)
	return r.Redirect(w, base)
}

func (p *Pages) unsubscribe(w http.ResponseWriter, r *web.Request) error {
	did, err := r.PathID("id")
	if err != nil {
		return err
	}
	if err := p.n.Unsubscribe(r.Context(), r.Actor, did); err != nil {
		return err
	}
	r.Say(w, "nudge.said.removed", nil)
	return r.Redirect(w, base)
}

func minute(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }

func (v view) flash() parts.Choices {
	c := parts.Choices{Field: parts.Field{Name: "flash", Label: v.T("nudge.flash.label"), Error: v.Errors.Of("flash")}}
	for _, f := range nudge.Flashes {
		c.Options = append(c.Options, parts.Option{Value: string(f), Text: v.T("nudge.flash." + string(f)), Hint: v.T("nudge.flash." + string(f) + ".hint"), Chosen: f == v.P.Flash})
	}
	return c
}

func (v view) mail() parts.Input {
	return parts.Input{Field: parts.Field{Name: "mail", Label: v.T("nudge.field.mail"), Hint: v.T("nudge.hint.mail"), Error: v.Errors.Of("mail"), Optional: true},
		Type: "email", Value: v.P.Mail, Autocomplete: "email", MaxLength: 200, Width: "medium"}
}

func (v view) hour(name, value string) parts.Input {
	return parts.Input{Field: parts.Field{Name: name, Label: v.T("nudge.field." + name), Hint: v.T("nudge.hint." + name), Error: v.Errors.Of(name), Optional: true},
		Type: "time", Value: value, Width: "short"}
}
