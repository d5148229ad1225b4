package scripts

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/rogpeppe/go-internal/testscript"

	"lintas/internal/node"
	"lintas/internal/people"
)

// seat is one person's way into a running node: an API token.
type seat struct {
	ts            *testscript.TestScript
	client        *http.Client
	base, secret  string
	machine, post string
}

// cmdAlert has KH notify LA through the REST interfaces of the running nodes,
// with people that the command line made; an argument makes other people.
func cmdAlert(ts *testscript.TestScript, _ bool, args []string) {
	g := ts.Value(guideKey{}).(*guide)
	client := g.client(ts)
	duty := g.seat(ts, client, "kh", "duty"+strings.Join(args, ""), "duty_officer")
	approver := g.seat(ts, client, "kh", "approver"+strings.Join(args, ""), "approver")
	other := g.seat(ts, client, "la", "duty"+strings.Join(args, ""), "duty_officer")

	event, _ := duty.call("POST", "/health/events", `{"name":"Cholera (sample)","summary":"Three cases after a wedding.","lang":"en",
		"hazard":"cholera","grade":"warning","marking":"TLP:AMBER","places":["KH-19"]}`, "")
	note, tag := duty.call("POST", "/health/events/"+event["id"].(string)+"/notifications", `{"title":"Cholera (sample)","message":"Please acknowledge.",
		"lang":"en","purpose":"early_warning","basis":"aphecs","marking":"TLP:AMBER","recipients":[{"member":"LA","blocks":["summary","places"]}]}`, "")
	steps := "/health/notifications/" + note["id"].(string) + "/steps"
	_, tag = duty.call("POST", steps, `{"verb":"submit"}`, tag)
	_, tag = approver.call("POST", steps, `{"verb":"clear"}`, tag)
	duty.call("POST", steps, `{"verb":"release"}`, tag)

	var notice string
	wait(ts, "the notice at LA", func() bool {
		list, _ := other.call("GET", "/health/notices?waiting=true", "", "")
		items, _ := list["items"].([]any)
		for _, i := range items {
			notice = i.(map[string]any)["id"].(string)
		}
		return notice != ""
	})
	_, tag = other.call("POST", "/health/notices/"+notice+"/open", "", "")
	if tag == "" {
		_, tag = other.call("GET", "/health/notices/"+notice, "", "")
	}
	other.call("POST", "/health/notices/"+notice+"/steps", `{"verb":"acknowledge","words":"Seen."}`, tag)
	wait(ts, "the acknowledgement at KH", func() bool {
		answers, _ := duty.call("GET", "/health/notifications/"+note["id"].(string)+"/answers", "", "")
		return strings.Contains(fmt.Sprint(answers), "acted")
	})
}

func wait(ts *testscript.TestScript, what string, ok func() bool) {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if ok() {
			return
		}
	}
	ts.Fatalf("%s did not come within 30 s", what)
}

// client trusts the small authorities of the story.
func (g *guide) client(ts *testscript.TestScript) *http.Client {
	pool := x509.NewCertPool()
	for _, f := range []string{"hub/var/lib/lintas-hub/authority.pem", "kh/var/lib/lintas/authority.pem"} {
		b, err := os.ReadFile(filepath.Join(g.work, f))
		ts.Check(err)
		pool.AppendCertsFromPEM(b)
	}
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}}}
}

// seat makes an account, accepts its invitation and makes a token, with the
// program beside the running node.
func (g *guide) seat(ts *testscript.TestScript, client *http.Client, machine, login, role string) *seat {
	dir := filepath.Join(g.work, machine, "var/lib/lintas")
	run := func(args ...string) string {
		b, err := exec.Command(program, args...).Output()
		if err != nil {
			ts.Fatalf("lintas %s: %v", strings.Join(args[:2], " "), err)
		}
		return strings.TrimSpace(string(b))
	}
	_, token, _ := strings.Cut(run("account", "create", "--dir", dir, "--login", login, "--post", login, "--role", role), "/invitation#")
	ts.Check(accept(dir, token))
	out := run("token", "create", "--dir", dir, "--login", login, "--name", "story", "--scope", "health.read,health.write")
	lines := strings.Split(out, "\n")
	return &seat{ts: ts, client: client, base: "https://" + g.ports[machine+":443"] + "/api/v1", secret: lines[len(lines)-1], machine: machine, post: login}
}

func accept(dir, token string) error {
	ctx := context.Background()
	n, err := node.Attend(ctx, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer n.Close()
	i, err := n.People.OpenLink(ctx, token)
	if err != nil {
		return err
	}
	code, err := totp.GenerateCode(i.Enrolment.Secret, time.Now())
	if err != nil {
		return err
	}
	_, _, err = n.People.AcceptLink(ctx, people.Visit{Address: netip.MustParseAddr("127.0.0.1"), Agent: "story"},
		people.Acceptance{Token: token, Password: "nine purple kettles sing", Code: code})
	return err
}

// call wants success and returns the document and its version.
func (s *seat) call(method, path, body, match string) (map[string]any, string) {
	q, err := http.NewRequest(method, s.base+path, bytes.NewBufferString(body))
	s.ts.Check(err)
	q.Header.Set("Authorization", "Bearer "+s.secret)
	if body != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	if match != "" {
		q.Header.Set("If-Match", match)
	}
	r, err := s.client.Do(q)
	s.ts.Check(err)
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	s.ts.Check(err)
	if r.StatusCode >= 300 {
		s.ts.Fatalf("%s of %s: %s %s: %s\n%s", s.post, s.machine, method, path, r.Status, b)
	}
	var doc map[string]any
	if len(b) > 0 {
		s.ts.Check(json.Unmarshal(b, &doc))
	}
	return doc, r.Header.Get("ETag")
}
