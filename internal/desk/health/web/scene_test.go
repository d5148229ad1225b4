package web_test

import (
	"net/url"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/id"
)

// The scene plays the first confirmed cases of the novel coronavirus in
// Thailand (13 January 2020), Viet Nam and Singapore (both 23 January 2020);
// the Thai totals follow the situation reports of WHO of those days. All of it
// carries the exercise mark.
type scene struct {
	*world
	th, vn, sg *testNode
	event      id.ID // of Thailand
	sent       id.ID // its released notification
	draft      id.ID // an update that waits for clearance
	notice     id.ID // at Viet Nam
	question   id.ID // of Viet Nam, asked of Thailand
	second     id.ID // of Thailand, with structured content and parts of the people
	merged     id.ID // into the second
}

func day(s string) time.Time {
	t, err := time.Parse("2006-01-02T15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

var thaiTotals = []struct {
	on    string
	total int64
}{{"2020-01-13T06:00", 1}, {"2020-01-17T06:00", 2}, {"2020-01-22T06:00", 4}, {"2020-01-25T06:00", 5}, {"2020-01-28T06:00", 14}, {"2020-02-01T06:00", 19}, {"2020-02-04T06:00", 25}}

func record(w *world, n *testNode, in health.EventInput, facts ...health.Fact) id.ID {
	w.t.Helper()
	e, err := n.desk.RecordEvent(w.t.Context(), n.actor("duty"), in, facts)
	if err != nil {
		w.t.Fatal(err)
	}
	return e.ID
}

func must[T any](w *world) func(v T, err error) T {
	return func(v T, err error) T {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
		return v
	}
}

// notify takes an event through composing, two people and the release.
func notify(w *world, n *testNode, event, old id.ID, title, message string, to []access.Member) health.Notification {
	w.t.Helper()
	ctx, ok := w.t.Context(), must[health.Notification](w)
	in := health.NotificationInput{Title: title, Message: message, Lang: "en", Purpose: "early_warning", Basis: "aphecs",
		Marking: access.TLPAmber, AckWithin: 24 * time.Hour}
	for i, m := range to {
		r := health.Recipient{Member: m, Blocks: health.Blocks}
		if i >= 8 {
			r.Blocks = []health.Block{health.BlockSummary, health.BlockDates}
		}
		in.Recipients = append(in.Recipients, r)
	}
	x := ok(n.desk.Compose(ctx, n.actor("duty"), event, old, in))
	x = ok(n.desk.Submit(ctx, n.actor("duty"), x.ID, x.Version))
	x = ok(n.desk.Clear(ctx, n.actor("approver"), x.ID, x.Version))
	return ok(n.desk.Release(ctx, n.actor("duty"), x.ID, x.Version))
}

func others(me access.Member) []access.Member {
	var out []access.Member
	for _, m := range access.All() {
		if m != me {
			out = append(out, m)
		}
	}
	return out
}

func play(t testing.TB) *scene {
	w := newWorld(t, day("2020-01-13T08:00"), "TH", "VN", "SG")
	s := &scene{world: w, th: w.nodes["TH"], vn: w.nodes["VN"], sg: w.nodes["SG"]}
	s.event = record(w, s.th, health.EventInput{Name: "Novel coronavirus, Samut Prakan", Lang: "en", Hazard: "covid_19", Grade: health.Warning,
		Marking: access.TLPAmber, Places: []string{"TH-11", "TH-10"},
		Summary: "A traveller from Wuhan was found by temperature screening at Suvarnabhumi airport and isolated on arrival. " +
			"Laboratory confirmation on 12 January 2020; the first case outside China.\n\nContacts are followed for 14 days.",
		Onset: health.Date{On: "2020-01-05", Precision: health.Day}, Detection: health.Date{On: "2020-01-08", Precision: health.Day},
		Notified: health.Date{On: "2020-01-01", Precision: health.Month}})
	for i, f := range thaiTotals {
		w.clock.Set(day(f.on).Add(time.Hour))
		facts := []health.Fact{{Indicator: "cases", Class: "confirmed", Place: "TH", Value: f.total, AsOf: day(f.on), Source: "Ministry of Public Health (exercise)"}}
		if i == len(thaiTotals)-1 {
			facts = append(facts, health.Fact{Indicator: "cases", Class: "confirmed", Place: "TH-11", Value: 3, AsOf: day(f.on), Source: "Provincial health office (exercise)"},
				health.Fact{Indicator: "contacts", Place: "TH", Value: 182, AsOf: day(f.on), Source: "Department of Disease Control (exercise)"})
		}
		must[health.Event](w)(s.th.desk.AddFacts(t.Context(), s.th.actor("epi"), s.event, 0, facts))
	}
	// the total of 28 January is entered again as a correction
	must[health.Event](w)(s.th.desk.AddFacts(t.Context(), s.th.actor("epi"), s.event, 0, []health.Fact{{Indicator: "cases", Class: "confirmed",
		Place: "TH", Value: 13, AsOf: day("2020-01-28T06:00"), Source: "Ministry of Public Health, corrected (exercise)"}}))
	s.neighbours()
	s.notifyAll()
	s.further()
	return s
}

// neighbours record their own first cases.
func (s *scene) neighbours() {
	ev := record(s.world, s.vn, health.EventInput{Name: "Novel coronavirus, Ho Chi Minh City", Lang: "en", Hazard: "covid_19", Grade: health.Watch, Marking: access.TLPGreen,
		Places: []string{"VN-SG"}, Summary: "Two linked cases, father and son.", Detection: health.Date{On: "2020-01-23", Precision: health.Day}},
		health.Fact{Indicator: "cases", Class: "confirmed", Place: "VN", Value: 2, AsOf: day("2020-01-23T12:00"), Source: "Ministry of Health (exercise)"})
	notify(s.world, s.vn, ev, "", "First cases in Viet Nam", "Two linked cases.", others("VN"))
	record(s.world, s.sg, health.EventInput{Name: "Novel coronavirus, Singapore", Lang: "en", Hazard: "covid_19", Grade: health.Information, Marking: access.TLPGreen,
		Places: []string{"SG"}, Detection: health.Date{On: "2020-01-23", Precision: health.Day}})
}

// notifyAll releases Thailand's notification and has it answered by some.
func (s *scene) notifyAll() {
	ctx := s.t.Context()
	must[health.Event](s.world)(s.th.desk.MoveEvent(ctx, s.th.actor("duty"), s.event, 0, "alert", ""))
	n := notify(s.world, s.th, s.event, "", "Novel coronavirus: first cases in Thailand", "Please check screening at your points of entry.\n\nReport linked cases to our focal point.", others("TH"))
	s.sent = n.ID
	s.deliver("TL", "MM")
	release := n.Recipients[0].Release
	for m, stage := range map[access.Member]exchange.Stage{"BN": exchange.Acknowledged, "KH": exchange.Opened, "ID": exchange.Acknowledged,
		"MY": exchange.Acknowledged, "PH": exchange.Refused, "ASEC": exchange.Acknowledged} {
		r := exchange.Receipt{Release: release, Member: m, Stage: stage, At: s.clock.Now().Add(20 * time.Minute), Role: "Duty officer"}
		for _, x := range n.Recipients {
			if x.Member == m {
				r.Release = x.Release
			}
		}
		if stage == exchange.Refused {
			r.Words = "Wrong focal point"
		}
		s.receipt(r)
	}
	todos := must[[]health.Todo](s.world)(s.vn.desk.Todos(ctx, s.vn.actor("duty")))
	for _, t := range todos {
		if t.Kind == "acknowledge" {
			s.notice = t.Record
		}
	}
	s.question = must[health.Question](s.world)(s.vn.desk.Ask(ctx, s.vn.actor("duty"), s.notice, 0, "Which flights did the first case take?")).ID
	s.deliver("TL", "MM")
	s.clock.Advance(26 * time.Hour)
	d := must[health.Notification](s.world)(s.th.desk.Compose(ctx, s.th.actor("duty"), s.event, s.sent, health.NotificationInput{Title: "Update 1: 25 cases",
		Message: "Local transmission is confirmed.", Lang: "en", Purpose: "early_warning", Basis: "ihr_6", Marking: access.TLPAmber, AckWithin: 24 * time.Hour,
		Recipients: []health.Recipient{{Member: "VN", Blocks: health.Blocks}, {Member: "SG", Blocks: []health.Block{health.BlockSummary}}}}))
	s.draft = must[health.Notification](s.world)(s.th.desk.Submit(ctx, s.th.actor("duty"), d.ID, d.Version)).ID
}

// page is one entry of the gallery.
type page struct {
	name, who, path string
	node            *testNode
	form            url.Values
	status          int
}

// gallery lists every page with something on it.
func (s *scene) gallery() []page {
	e, note, draft := "/health/events/"+string(s.event), "/health/notifications/"+string(s.sent), "/health/notifications/"+string(s.draft)
	bad := url.Values{"do": {"save"}, "name": {""}, "fact.0.value": {"many"}, "fact.0.source": {""}, "rows": {"1"}, "onset": {"2031-01-01"}, "onset_precision": {"day"}}
	return []page{
		{name: "desk", who: "duty", path: "/", node: s.th}, {name: "desk-vn", who: "duty", path: "/?sort=newest", node: s.vn},
		{name: "desk-approver", who: "approver", path: "/", node: s.th}, {name: "desk-mine", who: "epi", path: "/?sort=mine", node: s.th},
		{name: "desk-admin", who: "admin", path: "/", node: s.th},
		{name: "list", who: "auditor", path: "/health/events", node: s.vn}, {name: "list-none", who: "duty", path: "/health/events?q=nothing+such", node: s.th},
		{name: "search", who: "duty", path: "/search?q=coronavirus", node: s.vn}, {name: "search-empty", who: "duty", path: "/search", node: s.vn},
		{name: "event", who: "duty", path: e, node: s.th}, {name: "event-foreign", who: "duty", path: e, node: s.vn}, {name: "event-auditor", who: "auditor", path: e, node: s.th},
		{name: "event-new", who: "epi", path: "/health/events/new", node: s.th},
		{name: "event-new-faults", who: "epi", path: "/health/events/new", node: s.th, form: bad, status: 400},
		{name: "event-edit", who: "duty", path: e + "/edit", node: s.th}, {name: "facts", who: "epi", path: e + "/facts", node: s.th},
		{name: "grid", who: "epi", path: e + "/grid", node: s.th},
		{name: "grid-preview", who: "epi", path: e + "/grid", node: s.th, form: url.Values{"table": {pasted}, "do": {"preview"}, "def.indicator": {"cases"}}, status: 400},
		{name: "describe", who: "epi", path: e + "/describe", node: s.th},
		{name: "describe-faults", who: "epi", path: "/health/events/" + string(s.second) + "/describe", node: s.th, form: url.Values{"laboratory.complete": {"complete"}, "end_incubation": {"x"}, "version": {"3"}}, status: 400},
		{name: "merge", who: "duty", path: "/health/events/" + string(s.second) + "/merge", node: s.th},
		{name: "merge-faults", who: "duty", path: "/health/events/" + string(s.second) + "/merge", node: s.th, form: url.Values{"reason": {""}, "version": {"1"}}, status: 400},
		{name: "merged", who: "duty", path: "/health/events/" + string(s.merged), node: s.th},
		{name: "absorbs", who: "duty", path: "/health/events/" + string(s.second), node: s.th},
		{name: "move", who: "duty", path: e + "/move/stand_down", node: s.th},
		{name: "notify", who: "duty", path: e + "/notify", node: s.th}, {name: "notify-update", who: "duty", path: e + "/notify?supersedes=" + string(s.sent), node: s.th},
		{name: "notification", who: "duty", path: note, node: s.th}, {name: "notification-clear", who: "approver", path: draft, node: s.th},
		{name: "step-clear", who: "approver", path: draft + "/step/clear", node: s.th}, {name: "step-withdraw", who: "duty", path: note + "/step/withdraw", node: s.th},
		{name: "notice", who: "duty", path: "/health/notices/" + string(s.notice), node: s.vn},
		{name: "notice-faults", who: "duty", path: "/health/notices/" + string(s.notice) + "/refuse", node: s.vn, form: url.Values{"words": {""}}, status: 400},
		{name: "question", who: "ihr", path: "/health/questions/" + string(s.question), node: s.th},
	}
}
