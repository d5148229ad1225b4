package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Check is one thing that a node needs to work: its database, the exchange.
type Check struct {
	Name  string
	Needs bool // without it the node is not ready; otherwise it is only shown
	Probe func(context.Context) error
}

// Health are the checks of /readyz.
type Health struct{ Checks []Check }

const probeTime = 2 * time.Second

// alive says that the process answers.
func (s *Server) alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// ready says whether the node can do its work. Causes go to the log.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), probeTime)
	defer cancel()
	status, states := http.StatusOK, map[string]string{}
	for _, c := range s.cfg.Health.Checks {
		states[c.Name] = "ok"
		if err := c.Probe(ctx); err != nil {
			s.cfg.Log.Warn("not ready", "check", c.Name, "error", err.Error())
			states[c.Name] = "failed"
			if c.Needs {
				status = http.StatusServiceUnavailable
			}
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"ready": status == http.StatusOK, "checks": states})
}
