package rest

import (
	"net/http"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/cap"
	"lintas/internal/desk/health/fhir"
	"lintas/internal/fault"
	"lintas/internal/web"
)

// caller is who asks for a document: a person who is signed in, or a token
// with the scope to read.
func (d *Desk) caller(r *web.Request) (access.Actor, bool, error) {
	if r.SignedIn() {
		return r.Actor, true, nil
	}
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if secret = strings.TrimSpace(secret); !strings.EqualFold(scheme, "Bearer") || secret == "" || len(secret) > 512 || d.deps.Token == nil {
		return access.Actor{}, false, nil
	}
	actor, _, err := d.deps.Token(r.Context(), secret)
	if fault.Is(err, fault.Forbidden) {
		return access.Actor{}, false, nil
	}
	return actor, err == nil && actor.Scopes != nil && actor.InScope(Read), err
}

// document is a release in a standard's form.
type document struct {
	mime, suffix string
	encode       func(a *health.Alerted, exercise bool) ([]byte, error)
}

var (
	asCAP  = document{cap.MediaType, ".xml", func(a *health.Alerted, exercise bool) ([]byte, error) { return a.CAP(exercise).Encode() }}
	asFHIR = document{fhir.MediaType, ".json", func(a *health.Alerted, exercise bool) ([]byte, error) {
		b := a.FHIR(exercise)
		return b.Encode()
	}}
)

// alertOf answers with the release that read finds for the caller.
func (d *Desk) alertOf(w http.ResponseWriter, r *web.Request, as document, read func(access.Actor) (health.Alerted, error)) error {
	actor, ok, err := d.caller(r)
	if err != nil {
		return err
	}
	if !ok {
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, r.Printer.T("rest.token"), http.StatusUnauthorized)
		return nil
	}
	a, err := read(actor)
	if err != nil {
		return err
	}
	doc, err := as.encode(&a, d.deps.Exercise)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", as.mime)
	w.Header().Set("Content-Disposition", `attachment; filename="`+string(a.Release)+as.suffix+`"`)
	_, err = w.Write(doc)
	return err
}

// notificationAlert is what a recipient of a notification got. The query "to"
// names the recipient.
func (d *Desk) notificationAlert(as document) web.Handler {
	return func(w http.ResponseWriter, r *web.Request) error {
		nid, err := r.PathID("id")
		if err != nil {
			return err
		}
		to := access.Member(r.URL.Query().Get("to"))
		return d.alertOf(w, r, as, func(a access.Actor) (health.Alerted, error) { return d.desk.SentAlert(r.Context(), a, nid, to) })
	}
}

// noticeAlert is a received notification.
func (d *Desk) noticeAlert(as document) web.Handler {
	return func(w http.ResponseWriter, r *web.Request) error {
		nid, err := r.PathID("id")
		if err != nil {
			return err
		}
		return d.alertOf(w, r, as, func(a access.Actor) (health.Alerted, error) { return d.desk.ReceivedAlert(r.Context(), a, nid) })
	}
}
