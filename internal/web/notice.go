package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"lintas/internal/fault"
)

// A Notice is one sentence that the page after an action shows once. It
// travels in a cookie of one minute, never in an address, and holds a key and
// plain values, which the page escapes.
type Notice struct {
	Key  string         `json:"k"`
	Args map[string]any `json:"a,omitempty"`
}

const noticeBytes = 1024

// Say leaves a notice for the next page.
func (r *Request) Say(w http.ResponseWriter, key string, args fault.Args) {
	b, err := json.Marshal(Notice{Key: key, Args: args})
	if err != nil || len(b) > noticeBytes {
		b, _ = json.Marshal(Notice{Key: key}) // a string always marshals
	}
	r.server.setCookie(w, "notice", base64.RawURLEncoding.EncodeToString(b), time.Minute)
}

// takeNotice reads and removes the notice, but leaves it for the page when
// only a part of one is fetched.
func (s *Server) takeNotice(w http.ResponseWriter, r *http.Request) *Notice {
	if r.Method != http.MethodGet || r.Header.Get("HX-Request") == "true" || r.Header.Get("Sec-Fetch-Dest") == "empty" {
		return nil
	}
	c, err := r.Cookie(s.cookieName("notice"))
	if err != nil {
		return nil
	}
	s.dropCookie(w, "notice")
	return parseNotice(c.Value)
}

// parseNotice refuses what Say did not write.
func parseNotice(v string) *Notice {
	if len(v) > 2*noticeBytes {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(v)
	if err != nil {
		return nil
	}
	var n Notice
	if json.Unmarshal(b, &n) != nil || n.Key == "" {
		return nil
	}
	for _, a := range n.Args {
		switch a.(type) {
		case string, float64, bool:
		default:
			return nil
		}
	}
	return &n
}
