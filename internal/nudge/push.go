package nudge

import (
	"context"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/SherClockHolmes/webpush-go"
)

// Services are the push services of the common browsers; a node talks to no
// other unless its configuration names it.
var Services = []string{"fcm.googleapis.com", "push.services.mozilla.com", "notify.windows.com", "push.apple.com"}

// WebPush sends to browsers (RFC 8030) as an application server that proves
// who it is (VAPID, RFC 8292).
type WebPush struct {
	private, public string
	subject         string
	services        []string
}

// NewWebPush derives the server's key from the node's own secret, so that it
// survives a restart and needs no file. subject is a mailto: or https: address
// where a push service finds the operator; services are host names, each with
// the hosts below it, Services when empty.
func NewWebPush(secret []byte, subject string, services []string) (*WebPush, error) {
	if len(services) == 0 {
		services = Services
	}
	for i := range 8 { // the chance that one try is no valid scalar is below 2^-32
		seed, err := hkdf.Key(sha256.New, secret, nil, fmt.Sprintf("lintas web push %d", i), 32)
		if err != nil {
			return nil, err
		}
		key, err := ecdh.P256().NewPrivateKey(seed)
		if err != nil {
			continue
		}
		enc := base64.RawURLEncoding
		return &WebPush{private: enc.EncodeToString(key.Bytes()), public: enc.EncodeToString(key.PublicKey().Bytes()),
			subject: strings.TrimPrefix(subject, "mailto:"), services: services}, nil
	}
	return nil, fmt.Errorf("nudge: no key could be derived")
}

// PublicKey is the uncompressed point, URL-safe base64.
func (w *WebPush) PublicKey() string { return w.public }

// Serves reports whether an endpoint belongs to a permitted service.
func (w *WebPush) Serves(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "https" || u.User != nil {
		return false
	}
	for _, s := range w.services {
		if u.Host == s || strings.HasSuffix(u.Host, "."+s) {
			return true
		}
	}
	return false
}

// Push sends one message, encrypted to the browser (RFC 8291).
func (w *WebPush) Push(ctx context.Context, d Device, payload []byte) error {
	if !w.Serves(d.Endpoint) {
		return ErrGone // the configuration permits its service no more
	}
	r, err := webpush.SendNotificationWithContext(ctx, payload, &webpush.Subscription{Endpoint: d.Endpoint,
		Keys: webpush.Keys{P256dh: d.Key, Auth: d.Auth}},
		&webpush.Options{Subscriber: w.subject, VAPIDPublicKey: w.public, VAPIDPrivateKey: w.private, TTL: 3600, Urgency: webpush.UrgencyHigh})
	if err != nil {
		return fmt.Errorf("nudge: the push service was not reached") // the cause may hold the endpoint, which is a secret
	}
	defer r.Body.Close()
	switch {
	case r.StatusCode == 404 || r.StatusCode == 410:
		return ErrGone
	case r.StatusCode >= 300:
		return fmt.Errorf("nudge: the push service answered %d", r.StatusCode)
	}
	return nil
}

// validKeys reports whether a browser's keys have the form of RFC 8291: an
// uncompressed P-256 point and 16 octets.
func validKeys(d Device) bool {
	decode := func(s string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
		if err != nil {
			return nil
		}
		return b
	}
	_, err := ecdh.P256().NewPublicKey(decode(d.Key))
	return err == nil && len(decode(d.Auth)) == 16
}
