package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lintas/internal/clock"
	"lintas/internal/db"
)

// A POST with an Idempotency-Key is done at most once. Before the action the
// key is reserved; after it the answer is stored and given to every
// repetition for a day. In between lies one gap: if the node dies after the
// action's commit and before the answer is stored, the outcome is not known,
// and a repetition is refused (problem 15) rather than done twice. An action
// that calls Call.Settle in its own transaction has no such gap: action and
// answer are one commit, and a repetition gets the answer.
//
// Refusals (any answer below 500 but success, and 503) changed nothing, so
// they free the key. 500 leaves it reserved: what happened is not known.

const (
	keep  = 24 * time.Hour
	grace = 5 * time.Second // beyond the time that a call may take
)

type onceKey struct{ token, key string }

type stored struct {
	digest  string
	status  int
	header  map[string]string
	body    []byte
	created time.Time
}

// parseKey takes 1 to 255 visible ASCII characters, quoted or not
// (draft-ietf-httpapi-idempotency-key-header writes a quoted string).
func parseKey(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	if len(s) == 0 || len(s) > 255 {
		return "", false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return "", false
		}
	}
	return s, true
}

func (a *API) once(w http.ResponseWriter, r *http.Request, call *Call) {
	key, ok := parseKey(r.Header.Get("Idempotency-Key"))
	if !ok {
		malformed.problem(call.Printer, "api.key.malformed", nil).write(w)
		return
	}
	body, err := a.whole(r, call)
	if err != nil {
		k := malformed
		if large(err) {
			k = tooLarge
		}
		k.problem(call.Printer, "", nil).write(w)
		return
	}
	k := onceKey{string(call.Token), key}
	digest := requestDigest(r, body)
	before, err := a.reserve(call.ctx, k, digest)
	if err != nil {
		a.cfg.Log.Error("idempotency", "error", err.Error())
		call.problemOf(err).write(w)
		return
	}
	if before != nil {
		a.again(w, call, before, digest)
		return
	}
	call.once = &k
	rec := &capture{header: w.Header()}
	if !call.file {
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	a.serve(rec, r, call)
	a.settle(call, k, rec)
	w.WriteHeader(rec.status)
	_, _ = w.Write(rec.body.Bytes()) // the client left; it can ask again
}

// whole is the body, by which a repetition is known. A file is not read for
// that: its length and the digest that the caller gives stand for it.
func (a *API) whole(r *http.Request, call *Call) ([]byte, error) {
	if call.file {
		return []byte(strconv.FormatInt(r.ContentLength, 10) + "\n" + r.Header.Get("Content-Digest")), nil
	}
	return io.ReadAll(r.Body)
}

// large reports whether a body was longer than it may be.
func large(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}

func requestDigest(r *http.Request, body []byte) string {
	h := sha256.New()
	for _, s := range []string{r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), r.Header.Get("If-Match")} {
		io.WriteString(h, s+"\n") //nolint:errcheck // a hash does not fail
	}
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// reserve returns nil if the key is now this call's, else what it stands for.
func (a *API) reserve(ctx context.Context, k onceKey, digest string) (before *stored, err error) {
	now := a.cfg.Clock.Now()
	err = a.cfg.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM api_idempotency WHERE token = ? AND key = ? AND expires <= ?`,
			k.token, k.key, clock.Micros(now)); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `INSERT INTO api_idempotency (token, key, digest, status, header, body, created, expires)
			VALUES (?, ?, ?, 0, '', NULL, ?, ?) ON CONFLICT (token, key) DO NOTHING`,
			k.token, k.key, digest, clock.Micros(now), clock.Micros(now.Add(keep)))
		if err != nil || n == 1 {
			return err
		}
		before, err = load(ctx, tx, k)
		return err
	})
	return before, err
}

func load(ctx context.Context, tx *db.Tx, k onceKey) (*stored, error) {
	var s stored
	var header string
	var created int64
	if _, err := tx.Row(ctx, `SELECT digest, status, header, body, created FROM api_idempotency WHERE token = ? AND key = ?`,
		[]any{k.token, k.key}, &s.digest, &s.status, &header, &s.body, &created); err != nil {
		return nil, err
	}
	s.created = clock.FromMicros(created)
	if header != "" {
		if err := json.Unmarshal([]byte(header), &s.header); err != nil {
			return nil, err
		}
	}
	return &s, nil
}

// again answers a repetition.
func (a *API) again(w http.ResponseWriter, call *Call, s *stored, digest string) {
	switch {
	case s.digest != digest:
		keyReused.problem(call.Printer, "", nil).write(w)
	case s.status == 0 && a.cfg.Clock.Now().Sub(s.created) < call.within+grace:
		p := keyOpen.problem(call.Printer, "api.key.running", nil)
		p.retry = 2
		p.write(w)
	case s.status == 0:
		keyOpen.problem(call.Printer, "api.key.unknown", nil).write(w)
	default:
		for name, v := range s.header {
			w.Header().Set(name, v)
		}
		w.Header().Set("Idempotency-Replayed", "true")
		w.WriteHeader(s.status)
		_, _ = w.Write(s.body)
	}
}

// settle stores or frees the key after the action. The client having left
// does not matter: the action is done.
func (a *API) settle(call *Call, k onceKey, rec *capture) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(call.ctx), 5*time.Second)
	defer cancel()
	var err error
	switch {
	case rec.status >= 200 && rec.status < 300:
		if !call.settled {
			header := map[string]string{}
			for _, name := range []string{"Content-Type", "ETag", "Location"} {
				if v := rec.header.Get(name); v != "" {
					header[name] = v
				}
			}
			err = a.cfg.DB.Write(ctx, func(tx *db.Tx) error { return store(ctx, tx, k, rec.status, header, rec.body.Bytes()) })
		}
	case rec.status == http.StatusInternalServerError:
		// stays reserved
	default:
		err = a.cfg.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM api_idempotency WHERE token = ? AND key = ? AND status = 0`, k.token, k.key)
			return err
		})
	}
	if err != nil { // the answer stands; a repetition will be refused
		a.cfg.Log.Error("idempotency: answer not stored", "error", err.Error())
	}
}

func store(ctx context.Context, tx *db.Tx, k onceKey, status int, header map[string]string, body []byte) error {
	h, err := json.Marshal(header)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE api_idempotency SET status = ?, header = ?, body = ? WHERE token = ? AND key = ? AND status = 0`,
		status, string(h), body, k.token, k.key)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// Settle stores the answer of an idempotent call in the transaction of its
// action. Without a key it does nothing.
func (c *Call) Settle(ctx context.Context, tx *db.Tx, out Answer) error {
	if c.once == nil {
		return nil
	}
	header, body := out.answer()
	var b bytes.Buffer
	if body != nil {
		if header == nil {
			header = map[string]string{}
		}
		header["Content-Type"] = "application/json"
		if err := huma.DefaultJSONFormat.Marshal(&b, body); err != nil {
			return err
		}
	}
	if err := store(ctx, tx, *c.once, c.op.Status, header, b.Bytes()); err != nil {
		return err
	}
	c.settled = true
	return nil
}

// Sweep removes answers that are no longer kept; the node calls it hourly.
func (a *API) Sweep(ctx context.Context) error {
	return a.cfg.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM api_idempotency WHERE expires <= ?`, clock.Micros(a.cfg.Clock.Now()))
		return err
	})
}

// capture holds an answer back until it is stored.
type capture struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (c *capture) Header() http.Header { return c.header }
func (c *capture) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
}
func (c *capture) Write(b []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	return c.body.Write(b)
}
