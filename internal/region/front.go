package region

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/exchange/hub"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/region/scenario"
	"lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/parts"
)

// frontServer is the page from which the region is driven. It knows nobody:
// it is for a demonstration on this machine.
func (r *Region) frontServer() (*web.Server, error) {
	s, err := web.New(web.Config{
		Clock: clock.System{}, IDs: &id.Maker{}, Log: r.log,
		Session: func(context.Context, string) (web.Session, error) {
			return web.Session{}, fault.New(fault.Forbidden, "fault.web.signed_out")
		},
		Frame: func(q *web.Request, p *layout.Props) {
			p.Node = layout.Node{Name: q.Printer.T("region.name"), Agency: q.Printer.T("region.demo")}
			p.Exercise = &layout.Exercise{Name: q.Printer.T("region.exercise")}
		},
	})
	if err != nil {
		return nil, err
	}
	m := s.Mux()
	m.Open("GET /{$}", r.frontPage)
	m.Open("POST /play/{id}", r.postPlay)
	m.Open("POST /rate", r.postRate)
	m.Open("POST /network/{member}", r.postNetwork)
	m.Open("POST /enter/{member}", r.postEnter)
	return s, nil
}

func (r *Region) frontPage(w http.ResponseWriter, q *web.Request) error {
	v := frontView{P: q.Printer}
	all, err := r.scenarios()
	if err != nil {
		return err
	}
	playing, on := r.Playing()
	if on {
		v.Play = playOf(q.Printer, playing)
	}
	for _, s := range all {
		sv := scenarioView{s.ID, s.Title, s.Shows, s.Note, takes(q.Printer, s)}
		if !on {
			v.Scenarios = append(v.Scenarios, sv)
		} else if playing.ID != s.ID {
			v.Others = append(v.Others, sv)
		}
	}
	stats, err := r.hub.Stats(q.Context())
	if err != nil {
		return err
	}
	for _, m := range r.plan.Member {
		v.Nodes = append(v.Nodes, r.nodeOf(q.Printer, m, stats))
	}
	return q.Show(w, web.Page{Title: q.Printer.T("region.title"), Narrow: false}, frontPage(v))
}

// takes says how long a play lasts at the speed that the scenario asks for.
func takes(p *locale.Printer, s *scenario.Scenario) string {
	if seconds := s.Days() / s.Speed; seconds >= 90 {
		return p.T("region.takes_minutes", "n", int64(math.Round(seconds/60)))
	}
	return p.T("region.takes_minute")
}

func playOf(p *locale.Printer, pl Playing) *playView {
	v := &playView{Playing: pl, Percent: p.Percent(float64(pl.Played)/float64(max(1, pl.Steps)), 0)}
	for _, s := range []struct {
		key  string
		rate float64
	}{{"region.pause", 0}, {"region.hour", 3600}, {"region.quarter", DayPerSecond / 4}, {"region.day", DayPerSecond}, {"region.five", 5 * DayPerSecond}} {
		b := parts.Button{Text: p.T(s.key), Small: true, Post: "/rate?per_second=" + strconv.FormatFloat(s.rate, 'f', 0, 64)}
		if s.rate == 0 {
			b.Icon = "pause"
		}
		if pl.Rate == s.rate {
			b.Kind = parts.Primary
		}
		v.Speeds = append(v.Speeds, b)
	}
	switch {
	case pl.Done:
		v.Status = p.T("region.done")
	case pl.Rate == 0:
		v.Status = p.T("region.paused")
	case pl.Held:
		v.Status = p.T("region.held")
	default:
		v.Status = p.T("region.playing")
	}
	return v
}

func (r *Region) nodeOf(p *locale.Printer, m access.Member, stats hub.Stats) nodeView {
	n, code := r.nodes[m], string(m)
	v := nodeView{Code: code, Name: place.Name(code, p.Lang()), Post: post(m), Address: "http://" + r.plan.Web[m],
		Plate: parts.Plate{Code: code, Title: place.Name(code, p.Lang())}}
	var waiting uint64
	for _, s := range stats.Members {
		if s.Code == m {
			waiting = s.Waiting + uint64(max(0, s.Unacked))
		}
	}
	switch {
	case !n.Link.Up():
		v.State, v.Grade, v.Plate.State = p.T("region.unreachable"), parts.Warning, parts.Missing
		if waiting > 0 {
			v.Detail = p.T("region.waiting", "n", int64(waiting))
		}
	case waiting > 0:
		v.State, v.Grade, v.Plate.State = p.T("region.behind", "n", int64(waiting)), parts.Watch, parts.Behind
	default:
		v.State, v.Grade = p.T("region.in_step"), parts.Good
	}
	v.Network = parts.Button{Text: p.T("region.cut"), Icon: "unplug", Small: true, Post: "/network/" + code + "?cut=1", Label: p.T("region.cut_label", "node", v.Name)}
	if r.Cut(m) {
		v.Network = parts.Button{Text: p.T("region.reconnect"), Icon: "plug", Small: true, Post: "/network/" + code + "?cut=0", Label: p.T("region.reconnect_label", "node", v.Name)}
	}
	for _, s := range seats(m) {
		v.Seats = append(v.Seats, seatView{Role: string(s.role), Text: p.T("role." + string(s.role))})
	}
	return v
}

func (r *Region) postPlay(w http.ResponseWriter, q *web.Request) error {
	speed, err := r.speed(q.PathValue("id"))
	if err != nil {
		return err
	}
	if err := r.Play(q.PathValue("id"), speed); err != nil {
		return err
	}
	return q.Redirect(w, "/")
}

// speed is the rate that a scenario asks for.
func (r *Region) speed(id string) (float64, error) {
	all, err := r.scenarios()
	for _, s := range all {
		if s.ID == id {
			return s.Speed * DayPerSecond, err
		}
	}
	return DayPerSecond, err // Play says that there is no such scenario
}

func (r *Region) postRate(w http.ResponseWriter, q *web.Request) error {
	rate, err := strconv.ParseFloat(q.FormValue("per_second"), 64)
	if err != nil {
		return fault.Wrap(fault.Invalid, "fault.region.rate", err)
	}
	if err := r.Rate(rate); err != nil {
		return err
	}
	return q.Redirect(w, "/")
}

// member reads the member of the path; one that the region does not have is
// an address without a page.
func (r *Region) member(q *web.Request) (access.Member, error) {
	m := access.Member(strings.ToUpper(q.PathValue("member")))
	if r.nodes[m] == nil {
		return "", fault.New(fault.NotFound, "fault.not_found")
	}
	return m, nil
}

func (r *Region) postNetwork(w http.ResponseWriter, q *web.Request) error {
	m, err := r.member(q)
	if err != nil {
		return err
	}
	r.SetCut(m, q.FormValue("cut") == "1")
	return q.Redirect(w, "/")
}

// postEnter opens a session at a node and sends the browser there with a
// ticket that is good once and for a few seconds.
func (r *Region) postEnter(w http.ResponseWriter, q *web.Request) error {
	m, err := r.member(q)
	if err != nil {
		return err
	}
	t, err := r.issue(q, m, access.Role(q.FormValue("role")))
	if err != nil {
		return err
	}
	// A redirect would leave this origin, which the page's policy does not let a
	// form do; a refresh is a step of the browser's own.
	to := "http://" + r.plan.Web[m] + "/demo/enter?ticket=" + t
	w.Header().Set("Refresh", "0; url="+to)
	return q.Show(w, web.Page{Title: q.Printer.T("region.entering"), Narrow: true}, enterPage(q.Printer, to))
}
