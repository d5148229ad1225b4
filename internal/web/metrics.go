package web

import (
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"lintas/internal/web/live"
)

// Sample is one value of a measure, with a value for each of its labels.
type Sample struct {
	Labels []string
	Value  float64
}

// Measure is something that another part of the node counts, such as the
// depth of the outbox by member. Read is called at each scrape.
type Measure struct {
	Name    string // lintas_exchange_outbox_depth
	Help    string
	Labels  []string
	Counter bool // only ever grows
	Read    func() []Sample
}

// Metrics says what /metrics shows and to whom: without a token only to
// clients on this machine.
type Metrics struct {
	Token    string
	Measures []Measure
}

type meters struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMeters(m Metrics, hub *live.Hub) *meters {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	out := &meters{registry: reg, requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "lintas_http_request_seconds", Help: "Time to answer, by route.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"route", "method", "status"})}
	reg.MustRegister(out.requests, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "lintas_live_streams", Help: "Open live streams of browsers.",
	}, func() float64 { return float64(hub.Open()) }))
	for _, one := range m.Measures {
		reg.MustRegister(newMeasured(one))
	}
	return out
}

func (m *meters) request(route, meth string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method(meth), strconv.Itoa(status)).Observe(took.Seconds())
}

// handler guards the registry. Behind a proxy on the same machine everybody
// seems to be local, so a forwarded request always needs the token.
func (m *meters) handler(cfg Metrics) http.Handler {
	h := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{DisableCompression: true})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !mayScrape(cfg.Token, r) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func mayScrape(token string, r *http.Request) bool {
	if token != "" {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		return ok && subtle.ConstantTimeCompare([]byte(given), []byte(token)) == 1
	}
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	forwarded := r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != ""
	return err == nil && at.Addr().Unmap().IsLoopback() && !forwarded
}

// measured reads a Measure at each scrape.
type measured struct {
	Measure
	desc *prometheus.Desc
}

func newMeasured(m Measure) *measured {
	return &measured{m, prometheus.NewDesc(m.Name, m.Help, m.Labels, nil)}
}

func (m *measured) Describe(ch chan<- *prometheus.Desc) { ch <- m.desc }

func (m *measured) Collect(ch chan<- prometheus.Metric) {
	kind := prometheus.GaugeValue
	if m.Counter {
		kind = prometheus.CounterValue
	}
	for _, s := range m.Read() {
		ch <- prometheus.MustNewConstMetric(m.desc, kind, s.Value, s.Labels...)
	}
}
