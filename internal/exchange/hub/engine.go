package hub

import (
	"fmt"
	"log/slog"
	"net/url"
	"sync"

	"github.com/nats-io/nats-server/v2/server"
)

// engineLog passes on what the engine warns of. Its notices are about every
// start and reload, and are of interest only when something is wrong.
type engineLog struct {
	log *slog.Logger

	mu     sync.Mutex
	failed string
}

func (l *engineLog) Noticef(format string, v ...any) {
	l.log.Debug("nats: " + fmt.Sprintf(format, v...))
}
func (l *engineLog) Warnf(format string, v ...any) { l.log.Warn("nats: " + fmt.Sprintf(format, v...)) }
func (l *engineLog) Debugf(string, ...any)         {}
func (l *engineLog) Tracef(string, ...any)         {}

func (l *engineLog) Errorf(format string, v ...any) { l.keep("nats: " + fmt.Sprintf(format, v...)) }

// Fatalf only notes the failure: the engine stops by itself, and a library
// must not end the process.
func (l *engineLog) Fatalf(format string, v ...any) { l.keep("nats: " + fmt.Sprintf(format, v...)) }

func (l *engineLog) keep(text string) {
	l.log.Error(text)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = text
}

func (l *engineLog) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// socketAddress is the host:port that the WebSocket listener took.
func socketAddress(srv *server.Server) (string, error) {
	u, err := url.Parse(srv.WebsocketURL())
	if err != nil {
		return "", err
	}
	return u.Host, nil
}
