package region

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// A large attachment travels between two real nodes, is cut off on its way,
// goes on by itself, and arrives as it was sent; a withdrawal takes it away.
func TestAttachmentArrivesWholeAfterACut(t *testing.T) {
	r := open(t, "TH", "KH")
	ctx := t.Context()
	th, err := r.cast(ctx, "TH")
	if err != nil {
		t.Fatal(err)
	}
	kh, err := r.cast(ctx, "KH")
	if err != nil {
		t.Fatal(err)
	}
	e, err := th.desk.RecordEvent(ctx, th.duty, health.EventInput{Name: "Cholera (sample)", Lang: "en", Hazard: "cholera",
		Grade: health.Warning, Marking: access.TLPAmber, Places: []string{"TH-10"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	n, err := th.desk.Compose(ctx, th.duty, e.ID, "", health.NotificationInput{Title: "Cholera (sample)", Message: "Please acknowledge.", Lang: "en",
		Purpose: "early_warning", Basis: "aphecs", Marking: access.TLPAmber, AckWithin: 24 * time.Hour,
		Recipients: []health.Recipient{{Member: "KH", Blocks: health.Blocks}}})
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 3<<20+17)
	_, _ = rand.NewChaCha8([32]byte{3}).Read(data)
	f, err := th.desk.Attach(ctx, th.duty, n.ID, "sequences.bin", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	release(t, th, n.ID)
	var notice health.Notice
	within(t, 10*time.Second, "delivery to KH", func() bool {
		notice, err = kh.desk.FindNotice(ctx, kh.duty, e.ID, n.ID)
		return err == nil
	})
	r.SetCut("KH", true)
	within(t, 20*time.Second, "queueing the file while KH is away", func() bool {
		p, err := th.desk.NotificationPage(ctx, th.duty, n.ID)
		return err == nil && p.Attached[0].State == health.FileSent
	})
	t.Logf("cut off with %d of %d parts", have(t, kh, notice).Have, have(t, kh, notice).Chunks)
	r.SetCut("KH", false)
	within(t, 30*time.Second, "the whole file at KH", func() bool { return have(t, kh, notice).State == health.FileComplete })
	got, body, err := kh.desk.NoticeFile(ctx, kh.duty, notice.ID, f.ID)
	if err != nil || got.SHA256 != f.SHA256 {
		t.Fatalf("%+v: %v", got, err)
	}
	if b, err := io.ReadAll(body); err != nil || !bytes.Equal(b, data) {
		t.Fatalf("%d other bytes arrived: %v", len(b), err)
	}
	if _, err := th.desk.Withdraw(ctx, th.duty, n.ID, 0, "Sample."); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, "the withdrawal at KH", func() bool {
		_, _, err := kh.desk.NoticeFile(ctx, kh.duty, notice.ID, f.ID)
		return fault.Is(err, fault.NotFound)
	})
	readsWithdrawal(t, th, kh, n.ID, notice.ID)
}

// readsWithdrawal: what was taken back stands on the desk of who had it until
// somebody opens it, and the sender sees that.
func readsWithdrawal(t *testing.T, from, to *cast, sent, notice id.ID) {
	t.Helper()
	ctx := t.Context()
	listed := func() bool {
		todos, err := to.desk.Todos(ctx, to.duty)
		return err == nil && slices.ContainsFunc(todos, func(x health.Todo) bool { return x.Kind == "withdrawn" && x.Record == notice })
	}
	stage := func(want exchange.Stage) func() bool {
		return func() bool {
			p, err := from.desk.NotificationPage(ctx, from.duty, sent)
			return err == nil && len(p.Sent.Acks) > 0 && p.Sent.Acks[0].Stage == want
		}
	}
	within(t, 10*time.Second, "the sender to learn that the withdrawal arrived", stage(exchange.Delivered))
	if !listed() {
		t.Error("a withdrawal is not on the desk of the recipient")
	}
	for range 2 { // the second time is no step
		if got, err := to.desk.OpenNotice(ctx, to.duty, notice); err != nil || !got.WithdrawalRead || got.State != health.Withdrawn {
			t.Fatalf("%+v: %v", got, err)
		}
	}
	if listed() {
		t.Error("a withdrawal that was read is still on the desk")
	}
	within(t, 10*time.Second, "the sender to learn that the withdrawal was read", stage(exchange.Opened))
}

func release(t *testing.T, c *cast, n id.ID) {
	t.Helper()
	_, err := c.desk.Submit(t.Context(), c.duty, n, 0)
	if err == nil {
		_, err = c.desk.Clear(t.Context(), c.approver, n, 0)
	}
	if err == nil {
		_, err = c.desk.Release(t.Context(), c.duty, n, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func have(t *testing.T, c *cast, n health.Notice) health.Attached {
	t.Helper()
	p, err := c.desk.NoticePage(t.Context(), c.duty, n.ID)
	if err != nil || len(p.Attached) != 1 {
		t.Fatalf("%d files: %v", len(p.Attached), err)
	}
	return p.Attached[0]
}
