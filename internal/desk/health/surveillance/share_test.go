package surveillance

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
	"lintas/internal/workflow"
)

// outbox keeps what a desk sends.
type outbox struct {
	sink
	releases []exchange.Release
}

func (o *outbox) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	o.releases = append(o.releases, r)
	return nil
}

var (
	approver = access.Actor{Account: "approver", Member: "KH", Name: "Approver", Grants: []access.Grant{{Role: access.Approver}}}
	bothKH   = access.Actor{Account: "epi", Member: "KH", Name: "Both", Grants: []access.Grant{{Role: access.Epidemiologist}, {Role: access.Approver}}}
	dutyTH   = access.Actor{Account: "th", Member: "TH", Name: "Duty officer", Grants: []access.Grant{{Role: access.DutyOfficer}}}
)

// pair is two nodes and what goes between them.
type pair struct {
	*testing.T
	kh, th *Desk
	out    *outbox
	now    *clock.Manual
	set    Dataset
}

func newPair(t *testing.T, base *db.DB) *pair {
	d, now := newDesk(t, base)
	p := &pair{T: t, kh: d, out: &outbox{}, now: now}
	d.env.Send = p.out
	other := dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...)
	p.th = New(&desk.Env{Member: "TH", DB: other, Clock: now, Wall: now, IDs: &id.Maker{}, Send: sink{}})
	p.set = describe(t, d, "Dengue, weekly", sunday)
	return p
}

func (p *pair) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// deliver takes what waits to TH and gives it back.
func (p *pair) deliver() []exchange.Release {
	p.Helper()
	out := p.out.releases
	p.out.releases = nil
	for _, r := range out {
		p.must(p.receive(r))
	}
	return out
}

func (p *pair) receive(r exchange.Release) error {
	return p.th.env.DB.Write(p.Context(), func(tx *db.Tx) error {
		return p.th.receiveCounts(p.Context(), tx, exchange.Inbound{Release: r, Received: p.now.Now()})
	})
}

func (p *pair) week(name string, lines ...string) {
	p.Helper()
	if i := bring(p, p.kh, p.set, name, csv(append([]string{"Country,Province,Period,Disease,Cases"}, lines...)...), time.Time{}, nil); i.State != Applied {
		p.Fatal(i.State, i.Failure)
	}
}

func (p *pair) share(in ShareInput) Share {
	p.Helper()
	s, err := p.kh.ComposeShare(p.Context(), epi, in)
	p.must(err)
	_, err = p.kh.StepShare(p.Context(), epi, s.ID, 0, "submit", "")
	p.must(err)
	s, err = p.kh.StepShare(p.Context(), approver, s.ID, 0, "clear", "")
	p.must(err)
	p.kh.Work(p.Context())
	return s
}

func (p *pair) released() []Released {
	p.Helper()
	list, err := p.th.Released(p.Context(), dutyTH, ReleasedFilter{})
	p.must(err)
	return list
}

func (p *pair) input() ShareInput {
	return ShareInput{Dataset: p.set.ID, Disease: "dengue", Level: place.Unit, To: []access.Member{"TH", "VN"}, Floor: 5, Back: 10, Basis: "aphecs"}
}

// TestShareStory is the life of a standing release: refused to those who may
// not, cleared by a second person, sent, sent again with each revision, small
// cells withheld, and taken back.
func TestShareStory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		p := newPair(t, base)
		ctx := t.Context()
		p.week("1.csv", "KHM,Siem Reap,2024-W01,dengue,3", "KHM,Kampot,2024-W01,dengue,9", "KHM,Kandal,2024-W01,dengue,40", "KHM,Takeo,2024-W01,dengue,0",
			"KHM,,2024-W01,dengue,52", "KHM,Siem Reap,2024-W02,dengue,17", "KHM,Kandal,2024-W02,dengue,44", "KHM,,2024-W02,dengue,61")
		if _, err := p.kh.ComposeShare(ctx, duty, p.input()); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("a duty officer composed: %v", err)
		}
		for name, change := range map[string]func(*ShareInput){
			"disease": func(in *ShareInput) { in.Disease = "cholera" }, "floor": func(in *ShareInput) { in.Floor = 0 }, "level": func(in *ShareInput) { in.Level = place.Below },
			"to": func(in *ShareInput) { in.To = []access.Member{"KH"} }, "basis": func(in *ShareInput) { in.Basis = "" }, "back": func(in *ShareInput) { in.Back = 0 }, "dataset": func(in *ShareInput) { in.Dataset = "none" },
		} {
			in := p.input()
			if change(&in); true {
				if _, err := p.kh.ComposeShare(ctx, epi, in); !fault.Is(err, fault.Invalid) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		s, err := p.kh.ComposeShare(ctx, epi, p.input())
		p.must(err)
		for _, c := range []struct {
			who  access.Actor
			verb workflow.Verb
			kind fault.Kind
		}{{approver, "submit", fault.Forbidden}, {epi, "send", fault.NotFound}, {approver, "clear", fault.Conflict}} {
			if _, err := p.kh.StepShare(ctx, c.who, s.ID, 0, c.verb, ""); !fault.Is(err, c.kind) {
				t.Errorf("%s by %s: %v", c.verb, c.who.Name, err)
			}
		}
		s, err = p.kh.StepShare(ctx, epi, s.ID, s.Version, "submit", "")
		p.must(err)
		if _, err := p.kh.StepShare(ctx, epi, s.ID, 0, "clear", ""); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("an epidemiologist cleared: %v", err)
		}
		if _, err := p.kh.StepShare(ctx, bothKH, s.ID, 0, "clear", ""); !fault.Is(err, fault.Invalid) {
			t.Fatalf("cleared by who composed it: %v", err)
		}
		if todos, err := p.kh.Todos(ctx, approver); err != nil || len(todos) != 1 || todos[0].Key != "todo.surveillance.share" {
			t.Fatal(todos, err)
		}
		if _, err := p.kh.StepShare(ctx, approver, s.ID, 0, "return", ""); !fault.Is(err, fault.Invalid) {
			t.Fatalf("returned without a reason: %v", err)
		}
		p.kh.Work(ctx)
		if len(p.out.releases) != 0 {
			t.Fatal("it left before it was cleared")
		}
		s, err = p.kh.StepShare(ctx, approver, s.ID, s.Version, "clear", "")
		p.must(err)
		p.kh.Work(ctx)
		p.firstRelease(s)
		p.nextRevision(s)
		p.takenBack(s)
	}, schemas...)
}

// firstRelease checks the bytes that TH stores, one by one.
func (p *pair) firstRelease(s Share) {
	p.Helper()
	out := p.deliver()
	if len(out) != 1 || out[0].Kind != KindCounts || !slices.Equal(out[0].To, []access.Member{"TH", "VN"}) || out[0].Marking != access.TLPGreen || out[0].Supersedes != "" {
		p.Fatalf("%+v", out)
	}
	const rows = `"rows":[{"place":"KH-17","classes":["all"],"values":[-2,17]},{"place":"KH-21","classes":["all"],"values":[0,-1]},` +
		`{"place":"KH-7","classes":["all"],"values":[-2,-1]},{"place":"KH-8","classes":["all"],"values":[40,44]}]`
	var doc, all string
	p.must(p.th.env.DB.Read(p.Context(), func(tx *db.Tx) error {
		_, err := tx.Row(p.Context(), `SELECT doc FROM surveillance_released WHERE share = ?`, []any{string(s.ID)}, &doc)
		return err
	}))
	if doc != string(out[0].Body) || !strings.Contains(doc, rows) {
		p.Fatalf("TH holds %s", doc)
	}
	if all = doc[:strings.Index(doc, `"rows"`)]; strings.Contains(all, "52") || strings.Contains(doc, `52`) || strings.Contains(doc, "stratum") {
		p.Fatalf("more than the units left: %s", doc)
	}
	list := p.released()
	if len(list) != 1 || list[0].Owner != "KH" || list[0].Release != out[0].ID || list[0].KnownAt.IsZero() || !list[0].Received.Equal(p.now.Now()) {
		p.Fatalf("%+v", list)
	}
	if r := &list[0].Rows[2]; list[0].At(r, list[0].First) != Withheld || list[0].At(r, list[0].First+1) != NoReport || list[0].At(r, list[0].First+5) != NoReport {
		p.Fatal("withheld and not reported are not told apart")
	}
	if told, withheld := list[0].Cells(); told != 4 || withheld != 2 {
		p.Fatal(told, withheld)
	}
	if sets, err := p.th.Datasets(p.Context(), dutyTH); err != nil || len(sets) != 0 {
		p.Fatal("counts of KH are among TH's own", err)
	}
	only := dutyTH
	only.Grants = []access.Grant{{Role: access.DutyOfficer, Place: "TH-10"}}
	if list, err := p.th.Released(p.Context(), only, ReleasedFilter{}); err != nil || len(list) != 0 {
		p.Fatal("a reader of one province sees another member's counts", err)
	}
}

// nextRevision: a new week and a correction leave by themselves, once; what
// was known before can still be shown.
func (p *pair) nextRevision(s Share) {
	p.Helper()
	ctx := p.Context()
	p.kh.Work(ctx)
	p.must(p.kh.SendDue(ctx))
	if len(p.out.releases) != 0 {
		p.Fatal("the same revision left twice")
	}
	before := p.now.Now()
	p.now.Advance(7 * 24 * time.Hour)
	p.week("2.csv", "KHM,Siem Reap,2024-W01,dengue,31", "KHM,Siem Reap,2024-W03,dengue,20", "KHM,Kampot,2024-W03,dengue,50")
	first := p.released()[0].Release
	out := p.deliver()
	if len(out) != 1 || out[0].Supersedes != first {
		p.Fatalf("%+v", out)
	}
	now := p.released()[0]
	// Kampot's 9 stays withheld, or 52-40-9 would tell what Siem Reap was; and
	// another is withheld with it.
	if got := now.Rows[0].Values; !slices.Equal(got, []int32{Withheld, 17, 20}) || now.Rows[2].Values[0] != Withheld {
		p.Fatalf("%v %v", got, now.Rows[2].Values)
	}
	then, err := p.th.Released(ctx, dutyTH, ReleasedFilter{Known: before})
	p.must(err)
	if len(then) != 1 || then[0].Release != first {
		p.Fatalf("%+v", then)
	}
	page, err := p.kh.SharePage(ctx, epi, s.ID)
	p.must(err)
	if page.Sent.Rev != 2 || page.Sent.Release != out[0].ID || page.Failure != nil {
		p.Fatalf("%+v", page.Sent)
	}
	if preview, err := json.Marshal(&page.Body); err != nil || string(preview) != string(out[0].Body) {
		p.Fatalf("the page shows %s", preview)
	}
}

// takenBack: the counts are gone at the recipient, and an original that comes
// after its withdrawal is not taken.
func (p *pair) takenBack(s Share) {
	p.Helper()
	ctx := p.Context()
	if _, err := p.kh.StepShare(ctx, approver, s.ID, 0, "withdraw", " "); !fault.Is(err, fault.Invalid) {
		p.Fatalf("withdrawn without a reason: %v", err)
	}
	_, err := p.kh.StepShare(ctx, approver, s.ID, 0, "withdraw", "Case definition changed (sample).")
	p.must(err)
	out := p.deliver()
	if len(out) != 1 || out[0].Withdraws == "" || string(out[0].Body) != "null" {
		p.Fatalf("%+v", out)
	}
	list := p.released()
	if len(list) != 1 || list[0].Reason != "Case definition changed (sample)." || len(list[0].Rows) != 0 || list[0].Disease != "dengue" {
		p.Fatalf("%+v", list)
	}
	var left int64
	p.must(p.th.env.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := tx.Row(ctx, `SELECT COUNT(*) FROM surveillance_released WHERE doc <> '{}'`, nil, &left)
		return err
	}))
	if left != 0 {
		p.Fatalf("%d releases are still there", left)
	}
	p.week("3.csv", "KHM,Siem Reap,2024-W04,dengue,31")
	if len(p.out.releases) != 0 {
		p.Fatal("it goes on after it was withdrawn")
	}
	n := p.share(p.input()) // composed anew, its withdrawal comes first
	_, err = p.kh.StepShare(ctx, approver, n.ID, 0, "withdraw", "Mistaken (sample).")
	p.must(err)
	rs := p.out.releases
	p.must(p.receive(rs[1]))
	p.must(p.receive(rs[0]))
	if list := p.released(); len(list) != 2 || list[1].Reason == "" && list[0].Reason == "" || len(list[0].Rows)+len(list[1].Rows) != 0 {
		p.Fatalf("%+v", list)
	}
}

// TestStateLevel: the state's own count, or the sum of its units with how many
// of them reported.
func TestStateLevel(t *testing.T) {
	p := newPair(t, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...))
	p.week("1.csv", "KHM,Siem Reap,2024-W01,dengue,3", "KHM,Kampot,2024-W01,dengue,9", "KHM,Kampot,2024-W02,dengue,1", "VNM,,2024-W01,dengue,500")
	in := p.input()
	in.Level = place.State
	p.share(in)
	p.deliver()
	r := p.released()[0].Rows
	if len(r) != 1 || r[0].Place != "KH" || r[0].SumOf != 2 || !slices.Equal(r[0].Values, []int32{12, Withheld}) || !slices.Equal(r[0].Reported, []int32{2, 1}) {
		t.Fatalf("%+v", r)
	}
	p.now.Advance(time.Hour)
	p.week("2.csv", "KHM,,2024-W01,dengue,14", "KHM,,2024-W02,dengue,0")
	p.deliver()
	if r := p.released()[0].Rows; r[0].SumOf != 0 || !slices.Equal(r[0].Values, []int32{14, 0}) {
		t.Fatalf("%+v", r)
	}
}

// TestForeignBodies: what a member may not say is refused.
func TestForeignBodies(t *testing.T) {
	p := newPair(t, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...))
	p.week("1.csv", "KHM,Siem Reap,2024-W01,dengue,30", "KHM,Kampot,2024-W01,dengue,90")
	p.share(p.input())
	good := p.out.releases[0]
	for name, change := range map[string]func(*CountsBody){
		"another's place": func(b *CountsBody) { b.Rows[0].Place = "TH-10" }, "no such place": func(b *CountsBody) { b.Rows[0].Place = "KH-99" },
		"another level": func(b *CountsBody) { b.Rows[0].Place = "KH" }, "twice": func(b *CountsBody) { b.Rows[0].Place = b.Rows[1].Place },
		"no count": func(b *CountsBody) { b.Rows[0].Values[0] = -3 }, "other lengths": func(b *CountsBody) { b.Rows[0].Values = append(b.Rows[0].Values, 4) },
		"no rows": func(b *CountsBody) { b.Rows = nil }, "measure": func(b *CountsBody) { b.Measure = "rumours" }, "calendar": func(b *CountsBody) { b.Calendar.Weeks = "" },
		"start": func(b *CountsBody) { b.Start = "2024-01-01" }, "title": func(b *CountsBody) { b.Title = strings.Repeat("x", 500) }, "long": func(b *CountsBody) {
			for i := range b.Rows {
				b.Rows[i].Values = make([]int32, MaxBack+1)
			}
		},
	} {
		var b CountsBody
		p.must(json.Unmarshal(good.Body, &b))
		change(&b)
		r := good
		r.Body, _ = json.Marshal(&b)
		if err := p.receive(r); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.must(p.receive(good))
	bad := good
	bad.From, bad.ID = "VN", p.kh.env.IDs.New()
	if err := p.receive(bad); !fault.Is(err, fault.Forbidden) {
		t.Errorf("VN speaks for KH: %v", err)
	}
	bad.Withdraws, bad.Reason = good.ID, "x"
	if err := p.receive(bad); !fault.Is(err, fault.Forbidden) || len(p.released()[0].Rows) == 0 {
		t.Errorf("VN takes back what KH gave: %v", err)
	}
}

func FuzzCountsBody(f *testing.F) {
	f.Add([]byte(`{"title":"a","source":"b","measure":"cases","calendar":{"resolution":"week","weeks":"iso"},"disease":"dengue","level":1,"floor":5,"rev":1,"known_at":"2026-01-01T00:00:00Z","first":2800,"start":"2023-08-28","rows":[{"place":"KH-1","classes":["all"],"values":[1,-1,-2]}]}`))
	f.Add([]byte(`{"rows":[{}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := exchange.Release{From: "KH", Ref: exchange.Ref{ID: "0190a000-0000-7000-8000-000000000000"}, Body: body}
		b, err := readCounts(exchange.Inbound{Release: r})
		if err != nil {
			return
		}
		for i := range b.Rows {
			if place.Member(b.Rows[i].Place) != "KH" || len(b.Rows[i].Values) > MaxBack || b.At(&b.Rows[i], b.Last()) < Withheld {
				t.Fatalf("%+v", b.Rows[i])
			}
		}
	})
}
