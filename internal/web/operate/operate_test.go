package operate_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/mod/sumdb/note"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/exchange"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/people"
	"lintas/internal/web"
	"lintas/internal/web/operate"
	"lintas/internal/workflow"
)

const (
	secretBody = "patient-zero-of-village"
	secretFile = "list-of-contacts.xlsx"
	rawDetail  = "cbor: unexpected end at 17"
)

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

var roles = map[string]access.Role{"admin": access.Administrator, "auditor": access.Auditor, "duty": access.DutyOfficer}

// bench is a node's pages over a real history and made-up answers of the
// exchange.
type bench struct {
	t       *testing.T
	db      *db.DB
	clock   *clock.Manual
	ids     *id.Maker
	shell   *web.Server
	keys    map[access.Member]envelope.Keys
	view    *directory.View
	in      exchange.Inbound
	out     exchange.Release
	held    exchange.QuarantineRow
	digest  string // that the inbound release names
	retried []id.ID
	refuse  error
	verify  func(context.Context, func(int64, int64)) (history.Report, error)
}

func table() string {
	t := workflow.Table[int]{Record: "x.doc", Track: "main", Version: "1", Initial: "draft", Final: []workflow.State{"closed"}, State: func(int) workflow.State { return "draft" },
		Steps: []workflow.Step[int]{{From: []workflow.State{""}, Verb: "record", To: "draft", By: []access.Role{access.DutyOfficer}},
			{From: []workflow.State{"draft", "sent"}, Verb: "clear", To: "closed", By: []access.Role{access.Approver}, Tells: []string{"owner"},
				Needs: []workflow.Need[int]{{Name: "health.reason"}}, Within: &workflow.Within[int]{Name: "assess"}},
			{From: []workflow.State{"draft"}, Verb: "arrive", Other: true}}}
	return t.Markdown()
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, clock: clock.NewManual(start), keys: map[access.Member]envelope.Keys{}}
	b.ids = &id.Maker{Clock: b.clock}
	b.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema)
	b.members()
	b.digest = operate.Table{Text: table()}.Digest()
	b.in = exchange.Inbound{Received: start, Release: exchange.Release{ID: b.ids.New(), Kind: "x.note", Schema: 2, From: "TH", To: []access.Member{"KH"}, Marking: access.TLPAmber,
		Issued: start, Workflow: b.digest, Body: []byte(`{"text":"` + secretBody + `"}`), Reason: secretBody,
		Files: []exchange.File{{ID: b.ids.New(), Name: secretFile, Type: "text/csv", Size: 2048, SHA256: strings.Repeat("ab", 32)}}}}
	b.out = b.in.Release
	b.out.ID, b.out.From, b.out.To = b.ids.New(), "KH", []access.Member{"TH", "VN"}
	b.held = exchange.QuarantineRow{ID: b.ids.New(), Received: start, Reason: envelope.Unapplied, Detail: rawDetail, From: "VN", Release: b.ids.New(), Kind: "x.note", Size: 900, Seq: 4, Epoch: 1}
	b.verify = func(ctx context.Context, f func(int64, int64)) (history.Report, error) {
		return history.Verify(ctx, b.db, note.VerifierList(), f)
	}
	b.write(func(ctx context.Context, tx *db.Tx) error {
		_, err := history.AppendAll(ctx, tx, []history.Entry{
			{At: start, Recorded: start, Member: "KH", Actor: "Duty officer", Action: "people.grant.made", Record: history.Record{Desk: "people", Kind: "account", ID: b.ids.New(), Version: 1}},
			{At: start, Recorded: start.Add(time.Minute), Member: "KH", Actor: "Approver", Action: "x.doc.clear", Record: history.Record{Desk: "x", Kind: "x.doc", ID: b.out.ID, Version: 3}, To: "closed"},
			{At: start, Recorded: start.AddDate(0, 0, 1), Member: "KH", Actor: "node", Action: "x.doc.arrive", Exercise: "drill"}})
		if err != nil {
			return err
		}
		s, err := history.NewSigner("KH", b.keys["KH"].Sign)
		if err != nil {
			return err
		}
		_, _, err = history.Sign(ctx, tx, s, start)
		return err
	})
	b.serve()
	return b
}

func (b *bench) members() {
	var ms []directory.Member
	for _, m := range []access.Member{"KH", "TH", "VN"} {
		k, err := envelope.NewKeys(m)
		if err != nil {
			b.t.Fatal(err)
		}
		b.keys[m] = k
		ms = append(ms, directory.Member{Code: m, Name: string(m), Kind: directory.State, Signing: []directory.Key{directory.MakeKey(k.SignPublic(), start.AddDate(-1, 0, 0))},
			Sealing: []directory.Key{directory.MakeKey(k.SealPublic(), start.AddDate(-1, 0, 0))}})
	}
	ms[1].Signing[0].Revoked = start.AddDate(0, -1, 0)
	ms[2].Sealing[0].Until = start.AddDate(0, -1, 0)
	b.view = &directory.View{Document: directory.Document{Region: "test", Version: 3, Need: 2, Issued: start, Members: ms}, Hash: "beef"}
}

func (b *bench) serve() {
	s, err := web.New(web.Config{Member: "KH", Clock: b.clock, IDs: b.ids, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Session: func(_ context.Context, who string) (web.Session, error) {
			return web.Session{ID: who, Actor: access.Actor{Account: "a", Member: "KH", Name: who, Grants: []access.Grant{{Role: roles[who]}}}}, nil
		}})
	if err != nil {
		b.t.Fatal(err)
	}
	b.shell = s
	p := operate.New(b.t.Context(), operate.Deps{Member: "KH", DB: b.db, Wall: b.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Directory: func() *directory.View { return b.view }, Exchange: b.exchange(),
		Verify: func(ctx context.Context, f func(int64, int64)) (history.Report, error) { return b.verify(ctx, f) },
		Rules: operate.Rules{Capabilities: people.Capabilities, Tables: []operate.Table{{Desk: "x", Text: table()}}, Kinds: []string{"x.note"}, Followed: []string{"x.note"},
			Outgoing: []operate.Outgoing{operate.OutgoingOf("x.note", 2, exchange.Receipt{})}}})
	b.t.Cleanup(p.Close)
	p.Routes(s.Mux())
}

func (b *bench) exchange() operate.Exchange {
	return operate.Exchange{
		Self: func(context.Context, *db.Tx) (exchange.SelfStatus, error) {
			return exchange.SelfStatus{Waiting: 7, Directory: 3}, nil
		},
		Status: func(context.Context, *db.Tx) ([]exchange.PeerStatus, error) {
			return []exchange.PeerStatus{{Member: "VN", State: exchange.Unreachable, Behind: 3, LastHeard: start.Add(-time.Hour)},
				{Member: "TH", State: exchange.InStep, LastHeard: start, Skew: 2 * time.Minute}}, nil
		},
		Stats: func(context.Context) (exchange.Stats, error) {
			return exchange.Stats{Quarantined: 1, Refused: map[envelope.Reason]int64{envelope.Unapplied: 4, envelope.Expired: 9}}, nil
		},
		Inbox: func(_ context.Context, _ *db.Tx, f exchange.Filter) ([]exchange.InboxRow, error) {
			return []exchange.InboxRow{{Release: b.in.ID, From: "TH", Kind: "x.note", State: "applied", Received: start, Seq: 5, Epoch: 1, Channel: "all"}}, nil
		},
		Outbox: func(_ context.Context, _ *db.Tx, f exchange.Filter) ([]exchange.OutboxRow, error) {
			return []exchange.OutboxRow{{Release: b.out.ID, Kind: "x.note", Queued: start, Published: true, Recipients: 2}}, nil
		},
		Quarantine: func(context.Context, *db.Tx, exchange.Filter) ([]exchange.QuarantineRow, error) {
			return []exchange.QuarantineRow{b.held}, nil
		},
		Received: func(context.Context, *db.Tx, id.ID) (exchange.Inbound, bool, error) { return b.in, true, nil },
		Sent:     func(context.Context, *db.Tx, id.ID) (exchange.Release, bool, error) { return b.out, true, nil },
		Latest: func(context.Context, *db.Tx, id.ID) (map[access.Member]exchange.Receipt, error) {
			return map[access.Member]exchange.Receipt{"TH": {Stage: exchange.Question, Words: secretBody}, "VN": {Stage: exchange.Sent}}, nil
		},
		Epochs: func(context.Context, *db.Tx) ([]exchange.Epoch, error) {
			return []exchange.Epoch{{Member: "TH", Channel: "all", Epoch: 9, At: start}, {Member: "TH", Channel: "all", Epoch: 5, At: start}, {Member: "VN", Channel: "all", Epoch: 5, At: start}}, nil
		},
		FileStatus: func(_ context.Context, _ *db.Tx, _ access.Member, f id.ID) (exchange.FileStatus, bool, error) {
			return exchange.FileStatus{State: exchange.FilePartial, Have: 1, Chunks: 4}, true, nil
		},
		Retry: func(_ context.Context, row id.ID) error {
			b.retried = append(b.retried, row)
			return b.refuse
		},
	}
}

func (b *bench) write(f func(context.Context, *db.Tx) error) {
	b.t.Helper()
	if err := b.db.Write(b.t.Context(), func(tx *db.Tx) error { return f(b.t.Context(), tx) }); err != nil {
		b.t.Fatal(err)
	}
}

type answer struct {
	*goquery.Document
	t      *testing.T
	status int
	body   string
}

func (b *bench) do(who, method, path string, form url.Values) answer {
	b.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "lintas-kh", Value: who})
	}
	rec := httptest.NewRecorder()
	b.shell.ServeHTTP(rec, r)
	d, err := goquery.NewDocumentFromReader(strings.NewReader(rec.Body.String()))
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{d, b.t, rec.Code, rec.Body.String()}
}

func (b *bench) get(who, path string) answer {
	b.t.Helper()
	a := b.do(who, http.MethodGet, path, nil)
	if a.status != http.StatusOK {
		b.t.Fatalf("%s as %s: %d", path, who, a.status)
	}
	return a
}

func (a answer) has(selector, text string) {
	a.t.Helper()
	got := strings.Join(strings.Fields(a.Find(selector).Text()), " ")
	if !strings.Contains(got, text) {
		a.t.Errorf("%s holds %q, want %q", selector, got, text)
	}
}

func (a answer) count(selector string, want int) {
	a.t.Helper()
	if n := a.Find(selector).Length(); n != want {
		a.t.Errorf("%d elements match %s, want %d", n, selector, want)
	}
}

var errStill = fault.New(fault.Invalid, "fault.exchange.still_refused").With("reason", "exchange.reason.not_applied")

var errDisk = errors.New("disk")
