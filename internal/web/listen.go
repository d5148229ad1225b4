package web

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"time"
)

// HTTPServer is a server with limits for h; its owner gives it a listener and
// calls Server.Close before Shutdown, which would else wait for the streams.
// With a configuration TLS 1.3 is the least that is spoken.
func HTTPServer(h http.Handler, conf *tls.Config, log *slog.Logger) *http.Server {
	if conf != nil {
		conf = conf.Clone()
		conf.MinVersion = tls.VersionTLS13
	}
	return &http.Server{Handler: h, TLSConfig: conf, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
}
