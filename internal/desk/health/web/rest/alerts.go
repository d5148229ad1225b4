package rest

import (
	"net/http"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/cap"
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

// alertOf answers with the alert that read finds for the caller.
func (d *Desk) alertOf(w http.ResponseWriter, r *web.Request, read func(access.Actor) (health.Alerted, error)) error {
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
	doc, err := a.CAP(d.deps.Exercise).Encode()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", cap.MediaType)
	w.Header().Set("Content-Disposition", `attachment; filename="`+string(a.Release)+`.xml"`)
	_, err = w.Write(doc)
	return err
}

// notificationAlert is what a recipient of a notification got, as an alert.
// The query "to" names the recipient.
func (d *Desk) notificationAlert(w http.ResponseWriter, r *web.Request) error {
	nid, err := r.PathID("id")
	if err != nil {
		return err
	}
	to := access.Member(r.URL.Query().Get("to"))
	return d.alertOf(w, r, func(a access.Actor) (health.Alerted, error) { return d.desk.SentAlert(r.Context(), a, nid, to) })
}

// noticeAlert is a received notification as an alert.
func (d *Desk) noticeAlert(w http.ResponseWriter, r *web.Request) error {
	nid, err := r.PathID("id")
	if err != nil {
		return err
	}
	return d.alertOf(w, r, func(a access.Actor) (health.Alerted, error) { return d.desk.ReceivedAlert(r.Context(), a, nid) })
}
