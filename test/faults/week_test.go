package faults

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/id"
)

// notify composes, submits, clears by a second person and releases, as the
// pages do.
func (l *live) notify(event, supersedes id.ID, title string, to ...access.Member) health.Notification {
	l.t.Helper()
	ctx := context.Background()
	in := health.NotificationInput{Title: title, Message: "Sample: " + title, Lang: "en", Purpose: "early_warning", Basis: "aphecs",
		Marking: access.TLPAmber, AckWithin: 24 * time.Hour}
	for _, m := range to {
		in.Recipients = append(in.Recipients, health.Recipient{Member: m, Blocks: health.Blocks})
	}
	n, err := l.Health.Compose(ctx, l.duty, event, supersedes, in)
	must(l.t, err)
	_, err = l.Health.Submit(ctx, l.duty, n.ID, 0)
	must(l.t, err)
	_, err = l.Health.Clear(ctx, l.approver, n.ID, 0)
	must(l.t, err)
	n, err = l.Health.Release(ctx, l.duty, n.ID, 0)
	must(l.t, err)
	return n
}

func (l *live) record(name string, class int64) health.Event {
	l.t.Helper()
	m := string(l.Config.Member)
	e, err := l.Health.RecordEvent(context.Background(), l.duty, health.EventInput{Name: name, Lang: "en", Hazard: "cholera",
		Grade: health.Warning, Marking: access.TLPAmber, Places: []string{m}},
		[]health.Fact{{Indicator: "cases", Class: "confirmed", Place: m, Value: class, Source: "sample", AsOf: l.Clock().Now().Add(-time.Hour)}})
	must(l.t, err)
	return e
}

// find waits for a notification of another member to arrive.
func (l *live) find(event, notification id.ID) health.Notice {
	l.t.Helper()
	var out health.Notice
	until(l.t, 30*time.Second, "a notification at "+string(l.Config.Member), func() bool {
		n, err := l.Health.FindNotice(context.Background(), l.duty, event, notification)
		out = n
		return err == nil
	})
	return out
}

// Three nodes, one of them cut off for a week in which the others notify,
// update, withdraw, ask and answer, and it records for itself. After the
// reconnection everybody has everything, once and in order.
func TestCutOffForAWeek(t *testing.T) {
	now := &shifted{}
	r := newRegion(t, nil, "KH", "SG", "TH")
	kh, sg, th := r.open("KH", now), r.open("SG", now), r.open("TH", now)
	ctx := t.Context()

	// Before: TH notifies both, KH acknowledges.
	e := th.record("Cholera (sample)", 3)
	first := th.notify(e.ID, "", "First", "KH", "SG")
	n := kh.find(e.ID, first.ID)
	_, err := kh.Health.Acknowledge(ctx, kh.duty, n.ID, 0, "Seen.")
	must(t, err)
	sg.find(e.ID, first.ID)

	kh.Link.Cut()
	second := th.record("Dengue (sample)", 8)
	wrong := th.notify(second.ID, "", "In error", "KH", "SG")
	own := kh.record("Measles (sample)", 1)
	fromKH := kh.notify(own.ID, "", "From the cut-off node", "SG", "TH")
	last := first
	for day := range 7 {
		now.pass(24 * time.Hour)
		_, err := th.Health.AddFacts(ctx, th.duty, e.ID, 0, []health.Fact{{Indicator: "cases", Class: "confirmed", Place: "TH",
			Value: int64(10 + day), Source: "sample", AsOf: now.Now().Add(-time.Hour)}})
		must(t, err)
		last = th.notify(e.ID, last.ID, fmt.Sprint("Update ", day+1), "KH", "SG")
	}
	_, err = th.Health.Withdraw(ctx, th.duty, wrong.ID, 0, "Laboratory error")
	must(t, err)
	sgNote := sg.find(e.ID, last.ID)
	_, err = sg.Health.Ask(ctx, sg.duty, sgNote.ID, 0, "Which serogroup?")
	must(t, err)
	silent(t, th, last, "KH", true)
	if err := notHere(ctx, sg, own.ID, fromKH.ID); err != nil {
		t.Error(err)
	}

	kh.Link.Mend()
	began := time.Now()
	until(t, time.Minute, "KH has the last update", func() bool {
		n, err := kh.Health.FindNotice(ctx, kh.duty, e.ID, last.ID)
		return err == nil && n.State == health.NoticeDelivered
	})
	t.Logf("in step %v after the reconnection", time.Since(began).Round(time.Millisecond))
	sg.find(own.ID, fromKH.ID)
	th.find(own.ID, fromKH.ID)
	silent(t, th, last, "KH", false)
	afterTheWeek(t, kh, sg, e.ID, wrong)
}

func notHere(ctx context.Context, l *live, event, notification id.ID) error {
	if _, err := l.Health.FindNotice(ctx, l.duty, event, notification); err == nil {
		return fmt.Errorf("%s has what the cut-off node could not send", l.Config.Member)
	}
	return nil
}

// silent waits until the sender sees a recipient as not reached, or reached.
func silent(t *testing.T, l *live, n health.Notification, m access.Member, want bool) {
	t.Helper()
	until(t, 30*time.Second, fmt.Sprintf("%s silent: %v", m, want), func() bool {
		p, err := l.Health.NotificationPage(t.Context(), l.duty, n.ID)
		must(t, err)
		for _, c := range p.Acks {
			if c.Member == m {
				away := c.Stage == exchange.Queued || c.Stage == exchange.Sent
				return away == want
			}
		}
		return false
	})
}

// afterTheWeek demands that the node that was cut off has the same releases of
// TH in the same order as the one that was not, each once.
func afterTheWeek(t *testing.T, kh, sg *live, event id.ID, wrong health.Notification) {
	t.Helper()
	order := func(l *live) []string {
		var out []string
		rows := l.inbox(exchange.Filter{Member: "TH", Limit: 1000})
		rows = slices.DeleteFunc(rows, func(r exchange.InboxRow) bool { return r.Kind != health.KindNotification })
		slices.SortFunc(rows, func(a, b exchange.InboxRow) int { return int(a.Seq - b.Seq) })
		for _, r := range rows {
			out = append(out, string(r.Release)+" "+r.State)
		}
		return out
	}
	got, want := order(kh), order(sg)
	t.Logf("releases of TH at KH %d, at SG %d", len(got), len(want))
	if len(want) != 10 || !slices.Equal(got, want) { // first, in error, seven updates, a withdrawal
		t.Errorf("KH has %v\nSG has %v", got, want)
	}
	page, err := kh.Health.EventPage(t.Context(), kh.duty, event)
	must(t, err)
	newest := int64(0)
	for _, f := range page.View.Facts {
		newest = max(newest, f.Value)
	}
	if newest != 16 {
		t.Errorf("the newest figure at KH is %d, not that of the seventh day", newest)
	}
	n, err := kh.Health.FindNotice(t.Context(), kh.duty, wrong.Event, wrong.ID)
	must(t, err)
	if n.State != health.Withdrawn || n.Body.Message != "" || n.Words != "Laboratory error" {
		t.Errorf("the withdrawn notice at KH: %s, %q, %q", n.State, n.Body.Message, n.Words)
	}
	for _, l := range []*live{kh, sg} {
		if q := quarantine(t, t.Context(), l.Node); len(q) > 0 {
			t.Errorf("%s refused %d, such as %s %s", l.Config.Member, len(q), q[0].Reason, q[0].Detail)
		}
	}
}
