package region

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/people"
	"lintas/internal/web"
)

// ticket lets one browser into one node without a password, once.
type ticket struct {
	member  access.Member
	secret  string
	expires time.Time
}

const ticketLife = 15 * time.Second

func (r *Region) issue(q *web.Request, m access.Member, role access.Role) (string, error) {
	n := r.nodes[m]
	login, ok := logins[role]
	if !ok {
		return "", fault.New(fault.NotFound, "fault.not_found")
	}
	a, err := n.People.AccountByLogin(q.Context(), access.Node(m), login)
	if err != nil {
		return "", err
	}
	in, err := n.People.SignInAs(q.Context(), people.Visit{Address: q.Client, Agent: q.UserAgent()}, a.ID)
	if err != nil {
		return "", err
	}
	t := rand.Text()
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, old := range r.tickets {
		if time.Now().After(old.expires) {
			delete(r.tickets, k)
		}
	}
	r.tickets[t] = ticket{member: m, secret: in.Token, expires: time.Now().Add(ticketLife)}
	return t, nil
}

// enter takes a ticket at the node that it was made for.
func (r *Region) enter(m access.Member) web.Handler {
	return func(w http.ResponseWriter, q *web.Request) error {
		r.mu.Lock()
		t, ok := r.tickets[q.FormValue("ticket")]
		delete(r.tickets, q.FormValue("ticket"))
		r.mu.Unlock()
		if !ok || t.member != m || time.Now().After(t.expires) {
			return fault.New(fault.Forbidden, "fault.region.ticket")
		}
		q.StartSession(w, t.secret)
		return q.Redirect(w, "/")
	}
}

// Serve opens the web address of every node and the front page, and serves
// them until ctx ends. Ready is called with the front page's address.
func (r *Region) Serve(ctx context.Context, ready func(url string)) error {
	var servers []served
	defer func() { closeAll(servers) }()
	for _, m := range r.plan.Member {
		n := r.nodes[m]
		s, err := n.Web(ctx)
		if err != nil {
			return err
		}
		s.Mux().Open("GET /demo/enter", r.enter(m))
		sv, err := serve(r.plan.Web[m], s, r.log)
		if err != nil {
			return err
		}
		servers = append(servers, sv)
	}
	front, err := r.frontServer()
	if err != nil {
		return err
	}
	sv, err := serve(r.plan.Front, front, r.log)
	if err != nil {
		return err
	}
	servers = append(servers, sv)
	if ready != nil {
		ready("http://" + r.plan.Front)
	}
	<-ctx.Done()
	return nil
}

type served struct {
	shell *web.Server
	http  *http.Server
}

func serve(addr string, s *web.Server, log *slog.Logger) (served, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return served{}, err
	}
	h := web.HTTPServer(s, nil, log)
	go func() { // ends with closeAll, which its caller waits for
		if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("web server stopped", slog.String("address", addr), slog.Any("error", err))
		}
	}()
	return served{shell: s, http: h}, nil
}

// closeAll lets requests finish for a second and then ends them.
func closeAll(servers []served) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, s := range servers {
		s.shell.Close()
	}
	for _, s := range servers {
		if err := s.http.Shutdown(ctx); err != nil {
			_ = s.http.Close() // they had their second
		}
	}
}

// Address is the front page's.
func (r *Region) Address() string { return "http://" + r.plan.Front }

// NodeAddress is a node's web address.
func (r *Region) NodeAddress(m access.Member) string { return "http://" + r.plan.Web[m] }
