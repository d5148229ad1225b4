package contact

import (
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/emersion/go-vcard"

	"lintas/internal/access"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// A communication check from the one press to the list of past ones, refusals
// included.
func TestCheckStory(t *testing.T) {
	each(t, func(w *wire) {
		ctx, kh, th := w.Context(), w.desks["KH"], w.desks["TH"]
		alternates(w)
		in := CheckInput{To: []access.Member{"TH", "VN", "SG"}, Role: EOC, Urgent: true, Exercise: true, Within: time.Hour}
		_, err := kh.Call(ctx, epi, in)
		w.refused(fault.Forbidden, err)
		_, err = kh.Call(ctx, duty, CheckInput{Within: time.Hour})
		w.refused(fault.Invalid, err)
		_, err = kh.Call(ctx, duty, CheckInput{To: []access.Member{"KH"}, Within: time.Hour})
		w.refused(fault.Invalid, err)
		_, err = kh.Call(ctx, duty, CheckInput{To: in.To, Within: time.Minute})
		w.refused(fault.Invalid, err)
		k, err := kh.Call(ctx, duty, in)
		w.must(err)
		if k.Exercise != DrillMark || !k.Due.Equal(w.clock.Now().Add(time.Hour)) {
			t.Fatalf("%+v", k)
		}
		w.deliver("KH")
		todos, err := th.Todos(ctx, duty)
		w.must(err)
		if len(todos) != 1 || todos[0].Key != "todo.contact.call" || todos[0].Grade != "emergency" {
			t.Fatalf("%+v", todos)
		}
		w.clock.Advance(3 * time.Minute)
		_, err = th.OpenCall(ctx, duty, k.ID)
		w.must(err)
		_, err = th.Here(ctx, auditor, k.ID, "")
		w.refused(fault.Forbidden, err)
		_, err = th.Here(ctx, duty, k.ID, "All well.")
		w.must(err)
		_, err = th.Here(ctx, duty, k.ID, "")
		w.refused(fault.Conflict, err)
		w.deliver("TH")
		halfTime(w, k.ID)
		lateAnswer(w, k.ID)
	})
}

// alternates give TH and VN an order of escalation that KH knows.
func alternates(w *wire) {
	for i, post := range []string{"First", "Second", "Third"} {
		in := sample(EOC, i+1, "KH")
		in.Contact.Post = post
		w.given("VN", in)
	}
}

// halfTime: the page names the alternate to call, in order.
func halfTime(w *wire, i id.ID) {
	w.Helper()
	ctx, kh := w.Context(), w.desks["KH"]
	p, err := kh.CheckPage(ctx, duty, i)
	w.must(err)
	if p.Replied != 1 || p.Results[0].Member != "SG" || p.Results[1].Took != 3 || p.Results[1].Post != duty.Name || p.Results[2].Next.Post != "First" {
		w.Fatalf("%+v", p.Results)
	}
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{26 * time.Minute, "First"}, {2 * time.Minute, "Second"}, {15 * time.Minute, "Third"}, {13 * time.Minute, "Third"}} {
		w.clock.Advance(c.after)
		p, err := kh.CheckPage(ctx, duty, i)
		w.must(err)
		if p.Results[2].Next == nil || p.Results[2].Next.Post != c.want || p.Results[0].Next != nil {
			w.Fatalf("after %s: %+v", c.after, p.Results[2].Next)
		}
	}
	todos, err := kh.Todos(ctx, duty)
	w.must(err)
	if len(todos) != 1 || todos[0].Key != "todo.contact.silent" || !slices.Equal(todos[0].Members, []access.Member{"SG", "VN"}) {
		w.Fatalf("%+v", todos)
	}
}

// lateAnswer: after the time the check is over, and a late answer is kept and
// marked.
func lateAnswer(w *wire, i id.ID) {
	w.Helper()
	ctx, kh, vn := w.Context(), w.desks["KH"], w.desks["VN"]
	w.clock.Advance(10 * time.Minute) // 69 minutes
	w.must(kh.Lapse(ctx))
	p, err := kh.CheckPage(ctx, duty, i)
	w.must(err)
	if p.State != Over || !p.Results[2].Late || p.Median != 3 {
		w.Fatalf("%s, median %v", p.State, p.Median)
	}
	_, err = vn.Here(ctx, epi, i, "")
	w.must(err)
	w.deliver("VN")
	p, err = kh.CheckPage(ctx, duty, i)
	w.must(err)
	if p.Replied != 2 || p.InTime != 1 || !p.Results[2].Late || p.Results[2].Took != 69 || p.Median != 36 {
		w.Fatalf("%d of %d in time, %+v, median %v", p.InTime, p.Replied, p.Results[2], p.Median)
	}
	list, next, err := kh.CheckList(ctx, duty, time.Time{}, 10)
	w.must(err)
	if len(list) != 1 || list[0].Asked != 3 || !next.IsZero() {
		w.Fatalf("%+v", list)
	}
	if d := w.section("KH", "VN", Filter{}).Drill; d == nil || !d.Answered || !d.Late || d.Minutes != 69 || d.Exercise != DrillMark {
		w.Fatalf("%+v", d)
	}
	if d := w.section("KH", "SG", Filter{}).Drill; d == nil || d.Answered {
		w.Fatalf("the silent one: %+v", d)
	}
	_, err = kh.CallOff(ctx, duty, i, 0, "Mistaken.")
	w.refused(fault.Conflict, err)
}

// Everybody has answered: it is over before its time. Called off: nobody needs
// to answer any more.
func TestCheckEnds(t *testing.T) {
	each(t, func(w *wire) {
		ctx, kh, th := w.Context(), w.desks["KH"], w.desks["TH"]
		k, err := kh.Call(ctx, duty, CheckInput{To: []access.Member{"TH"}, Within: time.Hour})
		w.must(err)
		w.deliver("KH")
		_, err = th.Here(ctx, duty, k.ID, "")
		w.must(err)
		w.deliver("TH")
		if p, err := kh.CheckPage(ctx, duty, k.ID); err != nil || p.State != Over || !p.Due.IsZero() {
			t.Fatalf("%s %v", p.State, err)
		}
		k, err = kh.Call(ctx, duty, CheckInput{To: []access.Member{"TH", "VN"}, Within: time.Hour})
		w.must(err)
		w.deliver("KH", "VN")
		_, err = kh.CallOff(ctx, duty, k.ID, 0, "")
		w.refused(fault.Invalid, err)
		_, err = kh.CallOff(ctx, duty, k.ID, 0, "Mistaken.")
		w.must(err)
		w.deliver("KH") // VN hears of the calling off alone
		_, err = th.Here(ctx, duty, k.ID, "")
		w.refused(fault.Conflict, err)
		if todos, err := th.Todos(ctx, duty); err != nil || len(todos) != 0 {
			t.Fatalf("%+v %v", todos, err)
		}
		if d := w.section("KH", "VN", Filter{}).Drill; d != nil {
			t.Fatalf("a check that was called off counts: %+v", d)
		}
	})
}

// Quiet hours keep a check back that is not urgent, and never one that is.
func TestQuietHours(t *testing.T) {
	each(t, func(w *wire) {
		ctx, kh, th := w.Context(), w.desks["KH"], w.desks["TH"]
		in := sample(EOC, 1, "KH")
		in.Contact.Quiet = Quiet{From: "22:00", To: "06:00"} // Bangkok, UTC+7
		w.given("TH", in)
		w.clock.Set(time.Date(2020, 1, 13, 18, 0, 0, 0, time.UTC)) // 01:00 there
		quiet, err := kh.Call(ctx, duty, CheckInput{To: []access.Member{"TH"}, Within: 8 * time.Hour})
		w.must(err)
		w.deliver("KH")
		if todos, err := th.Todos(ctx, duty); err != nil || len(todos) != 0 {
			t.Fatalf("rings at night: %+v %v", todos, err)
		}
		if p, err := kh.CheckPage(ctx, duty, quiet.ID); err != nil || !p.Results[0].Quiet || p.Results[0].Next != nil {
			t.Fatalf("%+v %v", p.Results, err)
		}
		_, err = kh.Call(ctx, duty, CheckInput{To: []access.Member{"TH"}, Within: 8 * time.Hour, Urgent: true})
		w.must(err)
		w.deliver("KH")
		if todos, err := th.Todos(ctx, duty); err != nil || len(todos) != 1 {
			t.Fatalf("an urgent one waits: %+v %v", todos, err)
		}
		w.clock.Set(time.Date(2020, 1, 13, 23, 0, 0, 0, time.UTC)) // 06:00 there
		if todos, err := th.Todos(ctx, duty); err != nil || len(todos) != 2 {
			t.Fatalf("in the morning: %+v %v", todos, err)
		}
	})
}

// Who may not read the desk sees no contact and no check.
func TestReach(t *testing.T) {
	each(t, func(w *wire) {
		ctx, kh := w.Context(), w.desks["KH"]
		o := w.given("KH", sample(EOC, 1, "TH"))
		k, err := kh.Call(ctx, duty, CheckInput{To: []access.Member{"TH"}, Within: time.Hour})
		w.must(err)
		for _, a := range []access.Actor{admin, {}} {
			_, err := kh.Directory(ctx, a, Filter{})
			w.refused(fault.NotFound, err)
			_, err = kh.Contact(ctx, a, o.ID)
			w.refused(fault.NotFound, err)
			_, err = kh.CheckPage(ctx, a, k.ID)
			w.refused(fault.NotFound, err)
			_, _, err = kh.CheckList(ctx, a, time.Time{}, 5)
			w.refused(fault.NotFound, err)
			hits, err := kh.Search(ctx, a, "sample", 5)
			w.must(err)
			todos, err := kh.Todos(ctx, a)
			w.must(err)
			if len(hits)+len(todos) != 0 {
				t.Errorf("%s finds %v %v", a.Account, hits, todos)
			}
		}
		if hits, err := kh.Search(ctx, auditor, "MINISTRY duty", 5); err != nil || len(hits) != 1 {
			t.Errorf("%v %v", hits, err)
		}
	})
}

// An answer's rung never falls as time goes on, and the choice never leaves
// the list.
func TestRungOnlyRises(t *testing.T) {
	issued := time.Date(2020, 1, 13, 6, 0, 0, 0, time.UTC)
	due := issued.Add(time.Hour)
	ks := []Contact{{Member: "TH", Order: 1, From: "2020-01-01", AsOf: issued}, {Member: "TH", Order: 2, From: "2020-01-01", AsOf: issued}}
	if err := quick.Check(func(a, b uint16) bool {
		x, y := issued.Add(time.Duration(min(a, b))*time.Second), issued.Add(time.Duration(max(a, b))*time.Second)
		next := Next(ks, Rung(issued, due, y), y, false)
		return Rung(issued, due, x) <= Rung(issued, due, y) && next != nil && (y.Before(issued.Add(30*time.Minute))) == (next.Order == 1)
	}, nil); err != nil {
		t.Error(err)
	}
	if Rung(issued, due, issued.Add(-time.Second)) != -1 || Rung(issued, issued, issued) != -1 {
		t.Error("nothing is to be called before a check begins, nor in one without time")
	}
}

func TestQuietlyAndMedian(t *testing.T) {
	k := Contact{Member: "SG", Quiet: Quiet{From: "22:00", To: "06:00"}} // UTC+8
	for at, want := range map[string]bool{"13:59": false, "14:00": true, "21:59": true, "22:00": false} {
		h, err := time.Parse("15:04", at)
		if err != nil {
			t.Fatal(err)
		}
		if now := h.AddDate(2020, 0, 0); k.Quietly(now, false) != want || k.Quietly(now, true) {
			t.Errorf("%s UTC: %v", at, !want)
		}
	}
	for _, c := range []struct {
		v    []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 3}, 2.5}} {
		if m, ok := Median(c.v); !ok || m != c.want {
			t.Errorf("%v: %v", c.v, m)
		}
	}
	if _, ok := Median(nil); ok {
		t.Error("no answers have no median")
	}
}

// Numbers and addresses as people write them.
func TestChannels(t *testing.T) {
	for _, c := range []struct {
		ch   Channel
		want string // empty: refused
	}{
		{Channel{Kind: "phone", Value: "+855 (23) 000-001"}, "+85523000001"}, {Channel{Kind: "mobile", Value: "+65.9000.0000"}, "+6590000000"},
		{Channel{Kind: "phone", Value: "023 000 001"}, ""}, {Channel{Kind: "phone", Value: "+0123456789"}, ""}, {Channel{Kind: "mobile", Value: "+1234567890123456"}, ""},
		{Channel{Kind: "email", Value: "duty@example.org"}, "duty@example.org"}, {Channel{Kind: "email", Value: "Duty <duty@example.org>"}, ""}, {Channel{Kind: "email", Value: "duty"}, ""},
		{Channel{Kind: "secure", Value: "sample:post-1"}, "sample:post-1"}, {Channel{Kind: "secure", Value: "a\nb"}, ""}, {Channel{Kind: "fax", Value: "+6590000000"}, ""},
	} {
		k := sample(EOC, 1).Contact
		k.Channels = []Channel{c.ch}
		var f fault.Check
		k.check(&f)
		if err := f.Err(); (err == nil) != (c.want != "") || err == nil && k.Channels[0].Value != c.want {
			t.Errorf("%+v: %q, %v", c.ch, k.Channels[0].Value, err)
		}
	}
}

// The cards are read back by an independent reader.
func TestCardsAreReadByOthers(t *testing.T) {
	k := sample(IHRNFP, 1).Contact
	k.ID, k.Member, k.AsOf = "0197f6a0-0000-7000-8000-000000000001", "KH", time.Date(2020, 1, 13, 6, 0, 0, 0, time.UTC)
	k.Organisation, k.Unit, k.Note = `Ministry; of "Health", KH`, "Unit, of \\ surveillance", "ក្រសួងសុខាភិបាល ក្រសួងសុខាភិបាល ក្រសួងសុខាភិបាល ក្រសួងសុខាភិបាល\nSecond line; end."
	k.Channels = append(k.Channels, Channel{Kind: "mobile", Value: "+85512000002"}, Channel{Kind: "secure", Value: "sample:post-1"})
	var c fault.Check
	if k.check(&c); c.Err() != nil {
		t.Fatal(c.Err())
	}
	named := k
	named.ID, named.Person = "0197f6a0-0000-7000-8000-000000000002", "Person entered by a member"
	raw := Cards([]Contact{k, named}, func(r Role) string { return "Role " + string(r) })
	for line := range strings.SplitSeq(strings.TrimSuffix(string(raw), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\n") {
			t.Errorf("%d octets: %q", len(line), line)
		}
	}
	dec := vcard.NewDecoder(strings.NewReader(string(raw)))
	first, err := dec.Decode()
	if err != nil {
		t.Fatal(err)
	}
	second, err := dec.Decode()
	if err != nil {
		t.Fatal(err)
	}
	if first.Value("VERSION") != "4.0" || first.Kind() != vcard.KindOrganization || second.Kind() != vcard.KindIndividual || second.Value("FN") != named.Person {
		t.Errorf("%v %v", first.Kind(), second.Kind())
	}
	if first.Value("NOTE") != k.Note || first.Value("EMAIL") != "duty@example.org" || first.Value("UID") != "urn:uuid:"+string(k.ID) || first.Value("ROLE") != "Role ihr_nfp" {
		t.Errorf("%q %q", first.Value("NOTE"), first.Value("EMAIL"))
	}
	if tel := first.Values("TEL"); len(tel) != 2 || tel[0] != "tel:+85523000001" || !slices.Contains(first["TEL"][1].Params.Types(), "cell") {
		t.Errorf("%q %v %v", tel, *first["TEL"][0], *first["TEL"][1])
	}
	if rev, err := first.Revision(); err != nil || !rev.Equal(k.AsOf) {
		t.Errorf("%v %v", rev, err)
	}
	// The reader leaves the parts of a value to its caller.
	if org := first.Value("ORG"); org != `Ministry\; of "Health", KH;Unit, of \ surveillance` {
		t.Errorf("%q", org)
	}
}

func FuzzReceive(f *testing.F) {
	f.Add(`{"id":"0197f6a0-0000-7000-8000-000000000001","member":"KH","role":"eoc","order":1,"post":"x","organisation":"y","from":"2020-01-01","version":1,"as_of":"2020-01-01T00:00:00Z","channels":[{"kind":"phone","value":"+6590000000"}]}`)
	f.Add(`{"issued":"2020-01-01T00:00:00Z","by":"2020-01-01T01:00:00Z"}`)
	f.Fuzz(func(t *testing.T, body string) {
		in := exchange.Inbound{Release: exchange.Release{From: "KH", Ref: exchange.Ref{ID: "0197f6a0-0000-7000-8000-000000000001", Version: 1}, Body: []byte(body)}}
		if k, err := readContact(in); err == nil && (k.Member != "KH" || !k.Role.Known() || len(k.Channels) > MaxChannels || k.Post == "") {
			t.Fatalf("taken: %+v", k)
		}
		if v, err := readCheck(in); err == nil && (!v.By.After(v.Issued) || !fits(v.Words, MaxWords)) {
			t.Fatalf("taken: %+v", v)
		}
	})
}
