package faults

import (
	"bytes"
	"context"
	"crypto/hpke"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/link"
	"lintas/internal/id"
	"lintas/internal/node"
)

// hostile is a member's node with all its valid keys and a program of its own.
type hostile struct {
	t    testing.TB
	me   access.Member
	keys envelope.Keys
	view *directory.View
	link *link.Link
	ids  id.Maker

	epoch, seq int64
	prev       string
}

func (r *region) hostile(m access.Member, v *directory.View) *hostile {
	r.t.Helper()
	k := r.keys(m)
	public, sign, err := hub.Signer(k.Seed)
	must(r.t, err)
	l, err := link.Connect(link.Config{URLs: r.hubs, Member: m, NKey: public, Sign: sign, PublishTimeout: 2 * time.Second})
	must(r.t, err)
	r.t.Cleanup(l.Close)
	until(r.t, 20*time.Second, "the hostile node connects", l.Up)
	return &hostile{t: r.t, me: m, keys: k.Member, view: v, link: l, epoch: time.Now().Unix()}
}

// put publishes bytes and returns the hub's answer.
func (h *hostile) put(subject string, raw []byte) error {
	h.t.Helper()
	done := make(chan error, 1)
	h.link.Publish(exchange.Message{Subject: subject, ID: string(h.ids.New()), Data: raw}, func(err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-time.After(20 * time.Second):
		h.t.Fatal("no answer of the hub")
		return nil
	}
}

// try is one message that it makes.
type try struct {
	name    string
	want    envelope.Reason // "" is applied
	change  func(*exchange.Release)
	header  func(*envelope.Header)
	keys    *envelope.Keys
	mangle  func([]byte) []byte
	subject string
	step    bool // takes its place in the sequence
}

// note is a good release to TH.
func (h *hostile) note(n int) exchange.Release {
	body, err := json.Marshal(note{From: h.me, N: n})
	must(h.t, err)
	return exchange.Release{ID: h.ids.New(), Kind: noteKind, Schema: 1, From: h.me, To: []access.Member{"TH"}, Purpose: "test",
		Marking: access.TLPGreen, Ref: exchange.Ref{Desk: "faults", Kind: noteKind, ID: h.ids.New(), Version: 1}, Basis: "test", Lang: "en",
		Issued: time.Now(), Body: body}
}

// send seals what the try describes, for TH, and returns the frame.
func (h *hostile) send(n int, y try) []byte {
	h.t.Helper()
	pk, ok := h.view.SealingKey("TH", time.Now())
	if !ok {
		h.t.Fatal("no sealing key of TH")
	}
	r := h.note(n)
	if y.change != nil {
		y.change(&r)
	}
	head := envelope.Header{Channel: "TH", Class: envelope.Sequenced, Epoch: h.epoch, Seq: h.seq + 1, Prev: h.prev, From: h.me,
		Release: r.ID, Time: clock.Micros(time.Now())}
	if y.header != nil {
		y.header(&head)
	}
	keys := h.keys
	if y.keys != nil {
		keys = *y.keys
	}
	s, err := envelope.NewSession(head.From, head.Channel, []hpke.PublicKey{pk})
	must(h.t, err)
	plain, err := envelope.Canonical(r)
	must(h.t, err)
	raw, hash, err := s.Seal(keys, head, "release", plain, true)
	must(h.t, err)
	if y.mangle != nil {
		raw = y.mangle(bytes.Clone(raw))
	}
	subject := y.subject
	if subject == "" {
		subject = exchange.Subject(h.me, "TH")
	}
	if err := h.put(subject, raw); err != nil {
		h.t.Fatalf("%s: the hub did not take it: %v", y.name, err)
	}
	if y.step {
		h.seq, h.prev = h.seq+1, hash
	}
	return raw
}

// tries are refused one and all, each for its reason.
func tries(other, stranger envelope.Keys) []try {
	in := func(change func(*exchange.Release)) func(*exchange.Release) { return change }
	body := func(kind, text string) func(*exchange.Release) {
		return func(r *exchange.Release) { r.Kind, r.Body = kind, json.RawMessage(text) }
	}
	return []try{
		{name: "garbage", want: envelope.Malformed, mangle: func([]byte) []byte { return []byte("not an envelope at all") }},
		{name: "cut short", want: envelope.Malformed, mangle: func(b []byte) []byte { return b[:len(b)/2] }},
		{name: "too large", want: envelope.Oversized, mangle: func(b []byte) []byte { return append(b, make([]byte, envelope.MaxFrame-len(b)+1)...) }},
		{name: "unsigned", want: envelope.Unsigned, mangle: func(b []byte) []byte { return append(b[:len(b)-65], 0) }},
		{name: "edited signature", want: envelope.BadSignature, mangle: func(b []byte) []byte { b[len(b)-1] ^= 1; return b }},
		{name: "signed with another's key", want: envelope.UnknownKey, keys: &other},
		{name: "signed with a stranger's key", want: envelope.UnknownKey, keys: &stranger},
		{name: "in another's name", want: envelope.WrongAddress, keys: &other, header: func(h *envelope.Header) { h.From = "SG" }},
		{name: "addressed to another", want: envelope.WrongAddress, header: func(h *envelope.Header) { h.Channel = "SG" }},
		{name: "future envelope", want: envelope.Future, mangle: func(b []byte) []byte { b[3] = 9; return b }},
		{name: "does not follow", want: envelope.Forked, header: func(h *envelope.Header) { h.Prev = string(bytes.Repeat([]byte("0"), 64)) }},
		{name: "a place that is taken", want: envelope.Equivocation, header: func(h *envelope.Header) { h.Seq = 1; h.Prev = "" }},
		{name: "future schema", want: envelope.Future, step: true, change: in(func(r *exchange.Release) { r.Schema = 99 })},
		{name: "expired", want: envelope.Expired, step: true, change: in(func(r *exchange.Release) { r.Expires = time.Now().Add(-time.Hour) })},
		{name: "unknown kind", want: envelope.UnknownKind, step: true, change: body("health.nothing", `{}`)},
		{name: "wrong recipients", want: envelope.WrongAddress, step: true, change: in(func(r *exchange.Release) { r.To = []access.Member{"SG"} })},
		{name: "the release names another sender", want: envelope.Lifted, step: true, change: in(func(r *exchange.Release) { r.From = "SG" })},
		{name: "no notification", want: envelope.Unapplied, step: true, change: body(health.KindNotification, `[1,2]`)},
		{name: "an empty notification", want: envelope.Unapplied, step: true, change: body(health.KindNotification, `{}`)},
		{name: "an answer that nobody asked for", want: envelope.Unapplied, step: true, change: body(health.KindAnswer, `{"question":"`+string((&id.Maker{}).New())+`","words":"x"}`)},
	}
}

// A member turns hostile: it has its keys and its place at the hub. Whatever it
// sends is refused for its reason, counted and shown; its own good releases and
// everybody else's go on.
func TestHostileMember(t *testing.T) {
	r := newRegion(t, nil, "KH", "SG", "TH")
	sg, th := r.open("SG", nil), r.open("TH", nil)
	h := r.hostile("KH", th.Directory.Current())
	stranger, err := envelope.NewKeys("KH")
	must(t, err)
	all := tries(r.keys("SG").Member, stranger)
	first := h.send(1, try{step: true})
	until(t, 20*time.Second, "a good note", func() bool { return slices.Equal(th.taken("KH"), []int{1}) })
	want := map[envelope.Reason]int64{}
	var ids id.Maker
	for i, y := range all {
		h.send(-1, y)
		want[y.want]++
		if y.name == "garbage" { // a flood of repeats makes no second row
			for range 100 {
				must(t, h.put(exchange.Subject("KH", "TH"), first))
			}
		}
		h.send(i+2, try{step: true})
		must(t, send(t.Context(), sg.Node, &ids, i+1, 100, []access.Member{"TH"}))
	}
	until(t, 30*time.Second, "the good ones after all", func() bool {
		return len(th.taken("KH")) == len(all)+1 && len(th.taken("SG")) == len(all)
	})
	if got := th.taken("KH"); !slices.Equal(got, numbers(1, len(all)+1)) {
		t.Errorf("of the hostile member's good notes TH has %v", got)
	}
	if got := th.taken("SG"); !slices.Equal(got, numbers(1, len(all))) {
		t.Errorf("of SG's notes TH has %v", got)
	}
	counted(t, th, want)
	revoked(t, r, h, th, sg)
	atTheHub(t, h, th)
}

// counted demands that refusals are counted and shown, each with its reason.
func counted(t *testing.T, l *live, want map[envelope.Reason]int64) {
	t.Helper()
	s, err := l.Exchange.Stats(t.Context())
	must(t, err)
	rows := map[envelope.Reason]int64{}
	for _, q := range quarantine(t, t.Context(), l.Node) {
		rows[q.Reason]++
		if q.Subject == "" || q.Detail == "" || q.Size == 0 {
			t.Errorf("a row without its facts: %+v", q)
		}
	}
	total := int64(0)
	for reason, n := range want {
		total += n
		if s.Refused[reason] != n || rows[reason] != n {
			t.Errorf("%s: counted %d, shown %d, sent %d", reason, s.Refused[reason], rows[reason], n)
		}
	}
	t.Logf("%d hostile messages of %d kinds refused, counted and shown: %v", total, len(want), s.Refused)
}

// revoked takes the hostile member's key out of the directory; it goes on with
// it, also dated back.
func revoked(t *testing.T, r *region, h *hostile, th, sg *live) {
	t.Helper()
	now := clock.System{}.Now()
	next, err := th.Directory.Current().Signed.Next(now, directory.Revoke("KH", h.keys.SignID(), now.Add(-time.Second)))
	must(t, err)
	raw, err := next.Sign(r.keys("SG").Member).Sign(r.keys("TH").Member).Encode()
	must(t, err)
	_, err = sg.AdoptVersions(t.Context(), [][]byte{raw}, true)
	must(t, err)
	until(t, 20*time.Second, "the new directory at TH", func() bool { return th.Directory.Current().Document.Version == 2 })
	h.send(-1, try{name: "revoked"})
	h.send(-1, try{name: "revoked, dated back", header: func(e *envelope.Header) { e.Time = clock.Micros(now.Add(-30 * time.Minute)) }})
	until(t, 20*time.Second, "both refused", func() bool { return reasons(t, th.Node)[envelope.RevokedKey] == 2 })
	if got := th.taken("KH"); slices.Contains(got, -1) {
		t.Error("applied with a revoked key")
	}
}

func reasons(t *testing.T, n *node.Node) map[envelope.Reason]int64 {
	t.Helper()
	s, err := n.Exchange.Stats(context.Background())
	must(t, err)
	return s.Refused
}

// atTheHub tries what the hub itself must not let through.
func atTheHub(t *testing.T, h *hostile, th *live) {
	t.Helper()
	before := len(quarantine(t, t.Context(), th.Node))
	if err := h.put("x.v1.SG.TH", []byte("as SG")); err == nil {
		t.Error("the hub let KH publish as SG")
	}
	if err := h.put(exchange.Subject("KH", "TH"), make([]byte, hub.MaxPayload+1)); err == nil {
		t.Error("the hub took more than its limit")
	}
	until(t, 20*time.Second, "still connected", h.link.Up)
	if after := len(quarantine(t, t.Context(), th.Node)); after != before {
		t.Errorf("%d more messages reached TH", after-before)
	}
	must(t, th.DB.Read(t.Context(), func(tx *db.Tx) error {
		_, err := th.Exchange.Status(t.Context(), tx)
		return err
	}))
}
