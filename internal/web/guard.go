package web

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// policy allows what the node itself serves, and nothing inline. Images may
// be data, since drawings are embedded in the style sheet.
var policy = strings.Join([]string{
	"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
	"connect-src 'self'", "manifest-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
}, "; ")

// sensors are browser features that no page of ours uses.
const sensors = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), " +
	"microphone=(), midi=(), payment=(), usb=(), browsing-topics=()"

// guard sets the headers that hold for every answer. Pages are not kept by
// caches, since they show what one reader may see; style sheets and the like
// set their own.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", sensors)
		h.Set("Cache-Control", "no-store")
		if s.cfg.TLS {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// compressor shrinks text. Pages hold no secret beside what their reader sent
// (there is no token in a form), so their length gives none away. Streams are
// not wrapped, since it holds back what is flushed.
func compressor() (func(http.Handler) http.HandlerFunc, error) {
	return gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.EnableZstd(true), gzhttp.PreferZstd(true),
		gzhttp.CompressionLevel(5), gzhttp.ContentTypes([]string{"text/html", "text/plain", "text/csv",
			"application/json", "application/problem+json", "application/fhir+json", "application/openapi+json", "application/openapi+yaml",
			"application/xml", "application/cap+xml", "application/atom+xml", "image/svg+xml"}))
}
