package operate_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/history"
	"lintas/internal/web/operate"
)

var pages = []string{"/node/exchange", "/node/exchange/outbox", "/node/exchange/inbox", "/node/exchange/quarantine", "/node/exchange/files", "/node/exchange/directory",
	"/node/history", "/node/history/entries/1", "/node/history/checkpoints", "/node/history/verification", "/node/rules"}

func TestWhoMayOpenWhat(t *testing.T) {
	b := newBench(t)
	for _, path := range pages {
		for _, who := range []string{"admin", "auditor", "duty", ""} {
			want := http.StatusOK
			switch {
			case who == "":
				want = http.StatusSeeOther // to the sign-in page
			case who == "duty" && path != "/node/rules", who == "admin" && strings.Contains(path, "/entries/"):
				want = http.StatusForbidden
			}
			if a := b.do(who, http.MethodGet, path, nil); a.status != want {
				t.Errorf("%s as %q: %d, want %d", path, who, a.status, want)
			}
		}
	}
	if a := b.do("auditor", http.MethodPost, "/node/exchange/quarantine/"+string(b.held.ID)+"/retry", nil); a.status != http.StatusForbidden || len(b.retried) > 0 {
		t.Errorf("an auditor changes nothing: %d, %v", a.status, b.retried)
	}
	if a := b.do("duty", http.MethodPost, "/node/history/verification", nil); a.status != http.StatusForbidden {
		t.Errorf("verification by a duty officer: %d", a.status)
	}
	for _, path := range []string{"/node/history/entries/99", "/node/history/entries/x", "/node/history/entries/-1"} {
		if a := b.do("auditor", http.MethodGet, path, nil); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

// No page shows the content of a release, the name of a file, the words of a
// receipt, or the private part of a key.
func TestNoSecretIsShown(t *testing.T) {
	b := newBench(t)
	secrets := []string{secretBody, secretFile}
	for _, k := range b.keys {
		secrets = append(secrets, base64.StdEncoding.EncodeToString(k.Sign.Seed()), base64.StdEncoding.EncodeToString(k.Sign))
	}
	for _, path := range pages {
		for _, who := range []string{"admin", "auditor", "duty"} {
			body := b.do(who, http.MethodGet, path, nil).body
			for _, s := range secrets {
				if strings.Contains(body, s) {
					t.Errorf("%s as %s shows %q", path, who, s)
				}
			}
		}
	}
	if strings.Contains(b.get("auditor", "/node/exchange/quarantine").body, rawDetail) {
		t.Error("the raw cause is for those who run the node")
	}
}

func TestMembers(t *testing.T) {
	a := newBench(t).get("admin", "/node/exchange")
	a.has("#self", "Queue7")
	a.has("#self", "Down")
	a.has(".notice.g-warning", "7 messages wait here")
	rows := a.Find("#members tbody tr")
	if rows.Length() != 2 || !strings.Contains(rows.First().Text(), "Thailand") {
		t.Errorf("members in the fixed order: %s", rows.Text())
	}
	a.has("#members tbody tr:first-child", "In step")
	a.has("#members tbody tr:first-child", "+2 min")
	a.has("#members tbody tr:first-child", "epoch 9")
	a.has("#members tbody tr:first-child", "Same procedures as ours")
	a.has("#members tbody tr:last-child", "Unreachable")
	a.has("#members tbody tr:last-child", "3 messages are still to arrive there")
	a.has("#members tbody tr:last-child", "Procedures not seen yet")
	a.count("#members .pl.missing", 1)
	a.count("#epochs tbody tr", 1) // a first epoch is not news
	if on := a.Find("#members").AttrOr("hx-trigger", ""); !strings.Contains(on, "live-peer") {
		t.Errorf("the panel follows %q", on)
	}
}

func TestOtherProcedureIsSaid(t *testing.T) {
	b := newBench(t)
	b.in.Workflow = strings.Repeat("0", 64)
	b.get("admin", "/node/exchange").has("#members tbody tr:first-child", "Other procedures than ours")
	b.get("admin", "/node/exchange/inbox").has("#inbox tbody tr", "Other procedures than ours")
}

func TestBoxesShowTheCover(t *testing.T) {
	b := newBench(t)
	out := b.get("admin", "/node/exchange/outbox")
	out.has("#outbox tbody tr", "1 of 2 nodes have it")
	out.has("#outbox tbody tr", "TLP:AMBER · form 2")
	out.has("#outbox tbody tr .pl.missing", "VN")
	in := b.get("admin", "/node/exchange/inbox")
	in.has("#inbox tbody tr", "Applied")
	in.has("#inbox tbody tr", "all 1/5")
	files := b.get("admin", "/node/exchange/files")
	files.has("#files tbody tr", "1 of 4 parts")
	files.has("#files tbody tr", "text/csv")
}

func TestQuarantine(t *testing.T) {
	b := newBench(t)
	a := b.get("admin", "/node/exchange/quarantine")
	a.has("#quarantine tbody tr", "The desk could not apply it")
	a.has("#quarantine .raw", rawDetail)
	if first := a.Find("#reasons li").First().Text(); !strings.Contains(first, "9") {
		t.Errorf("the most frequent reason comes first: %q", first)
	}
	path := a.Find("#quarantine form.one").AttrOr("action", "")
	if done := b.do("admin", http.MethodPost, path, url.Values{}); done.status != http.StatusSeeOther || !slices.Contains(b.retried, b.held.ID) {
		t.Errorf("retry of %q: %d %v", path, done.status, b.retried)
	}
	b.refuse = errStill
	if done := b.do("admin", http.MethodPost, path, url.Values{}); done.status != http.StatusSeeOther {
		t.Errorf("still refused is an answer: %d", done.status)
	}
	b.refuse = errDisk
	if done := b.do("admin", http.MethodPost, path, url.Values{}); done.status != http.StatusInternalServerError {
		t.Errorf("a failure is not an answer: %d", done.status)
	}
	b.get("auditor", "/node/exchange/quarantine").count("#quarantine form.one", 0)
}

func TestDirectoryTellsKeysApart(t *testing.T) {
	a := newBench(t).get("auditor", "/node/exchange/directory")
	a.has("#directory", "2 of 3 members must sign")
	a.count("#keys tbody tr", 6)
	a.count("#keys .tag.g-good", 4)
	a.count("#keys .tag.g-emergency", 1)
	a.count("#keys .tag.g-info", 1)
}

func TestHistoryIsFilteredAndPaged(t *testing.T) {
	b := newBench(t)
	for query, want := range map[string]int{"": 3, "?action=people.": 1, "?action=x.": 2, "?record=" + string(b.out.ID): 1, "?exercise=drill": 1, "?exercise=-": 2,
		"?from=2026-11-24": 1, "?to=2026-11-23": 2, "?before=2": 2} {
		b.get("auditor", "/node/history"+query).count("#entries tbody tr", want)
	}
	b.get("auditor", "/node/history").has("#entries tbody tr:first-child", "drill")
	a := b.do("auditor", http.MethodGet, "/node/history?record=nonsense&from=soon", nil)
	if a.status != http.StatusBadRequest {
		t.Fatalf("a filter that cannot be read: %d", a.status)
	}
	a.count("#entries .summary li", 2)
	a.count("#entries tbody tr", 0)
	b.get("admin", "/node/history").has("#entries", "The entries are for auditors")
	b.get("admin", "/node/history").count("#entries tbody tr", 0)
}

func TestEntryIsProved(t *testing.T) {
	b := newBench(t)
	a := b.get("auditor", "/node/history/entries/1")
	a.has("#proof .notice.g-good", "Included, checked just now")
	a.has("#proof", "lintas/KH")
	a.count("#proof .astable .defs > div", 2) // of three leaves
	b.write(func(ctx context.Context, tx *db.Tx) error {
		_, err := history.Append(ctx, tx, history.Entry{At: start, Recorded: start, Member: "KH", Action: "x.doc.record"})
		return err
	})
	b.get("auditor", "/node/history/entries/3").has("#proof .notice", "Not signed yet")
	b.write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE history_entry SET actor = ? WHERE idx = ?`, "somebody else", 1)
		return err
	})
	b.get("auditor", "/node/history/entries/1").has("#proof .notice.g-emergency", "Not what was signed")
}

func TestForksAreRed(t *testing.T) {
	b := newBench(t)
	b.get("auditor", "/node/history").count(".notice.g-emergency", 0)
	b.write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO history_evidence (one, member, outcome, held, offered, received) VALUES (?, ?, ?, ?, ?, ?)`, "1", "TH", string(history.Fork), "note A", "note B", start.UnixMicro())
		return err
	})
	b.get("auditor", "/node/history").has(".notice.g-emergency", "does not continue")
	a := b.get("admin", "/node/history/checkpoints")
	a.has(`[data-evidence=TH] .notice.g-emergency`, "two different histories of the same length")
	a.has("#evidence .raw", "note A")
	a.has("#evidence .raw", "note B")
	a.count("#witnesses tbody tr", 2)
	b.write(func(ctx context.Context, tx *db.Tx) error { return history.Suspend(ctx, tx) })
	b.get("admin", "/node/exchange").has(".notice.g-emergency", "not being signed")
}

func TestOneVerificationAtATime(t *testing.T) {
	b := newBench(t)
	running, end, real := make(chan struct{}), make(chan struct{}), b.verify
	b.verify = func(ctx context.Context, f func(int64, int64)) (history.Report, error) {
		f(1, 3)
		running <- struct{}{}
		<-end
		return real(ctx, f)
	}
	if a := b.do("admin", http.MethodPost, "/node/history/verification", url.Values{}); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	<-running
	a := b.get("auditor", "/node/history/verification")
	a.has("#verification .notice", "Running: started by admin")
	a.count("#verification button[disabled]", 1)
	b.do("auditor", http.MethodPost, "/node/history/verification", url.Values{}) // a second run would wait on running for ever
	close(end)
	for range 200 {
		if a = b.get("auditor", "/node/history/verification"); a.Find("#verification .facts").Length() > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	a.has("#verification .facts", "Entries3")
	// The checkpoint's key is not among those that were given: it is a problem.
	a.has("#verification .notice.g-emergency", "problem")
	a.has("#verification .tl", "is not signed by this member")
}

func TestRulesShowTheTables(t *testing.T) {
	a := newBench(t).get("duty", "/node/rules")
	a.count("#roles thead th", len(access.Roles)+2)
	row := a.Find("#roles tbody tr").First()
	if row.Find(".gs").Length() != 1 {
		t.Errorf("accounts are for one role: %s", row.Text())
	}
	a.count("#table-x-doc-main table tbody tr", 3)
	a.has("#table-x-doc-main tbody tr:nth-child(2)", "Approver")
	a.has("#table-x-doc-main tbody tr:nth-child(2)", "A reason must be given.")
	a.has("#table-x-doc-main tbody tr:nth-child(2)", "National assessment")
	a.has("#table-x-doc-main tbody tr:nth-child(3)", "the other member's answer")
	a.has("#table-x-doc-main", operate.Table{Text: table()}.Digest())
	a.has("#table-x-doc-main .defs .pl", "TH")
	a.has("#table-x-doc-main .raw", "| from | verb |")
	a.has("#outgoing", "stage")
}

func TestOutgoingNamesEveryField(t *testing.T) {
	got := operate.OutgoingOf("release", 1, exchange.Release{}).Fields
	for _, f := range []string{"id", "to[]", "ref.desk", "issued", "files[].sha256", "body"} {
		if !slices.Contains(got, f) {
			t.Errorf("%s is missing in %v", f, got)
		}
	}
}
