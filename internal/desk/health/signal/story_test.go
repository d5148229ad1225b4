package signal

import (
	"context"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type bench struct {
	testing.TB
	desk   *Desk
	health *health.Desk
	db     *db.DB
	clock  *clock.Manual
	topics []string
}

func person(account, name string, roles ...access.Role) access.Actor {
	a := access.Actor{Account: id.ID(account), Member: "KH", Name: name}
	for _, r := range roles {
		a.Grants = append(a.Grants, access.Grant{Role: r})
	}
	return a
}

var (
	duty     = person("duty", "Duty officer, KH", access.DutyOfficer)
	epi      = person("epi", "Epidemiologist, KH", access.Epidemiologist)
	ihr      = person("ihr", "IHR focal point, KH", access.IHRFocalPoint)
	approver = person("approver", "Approver, KH", access.Approver)
	auditor  = person("auditor", "Auditor, KH", access.Auditor)
	admin    = person("admin", "Administrator, KH", access.Administrator)
	province = access.Actor{Account: "kampot", Name: "Duty officer, Kampot", Grants: []access.Grant{{Role: access.DutyOfficer, Place: "KH-7"}}}
)

var start = time.Date(2025, 3, 10, 2, 0, 0, 0, time.UTC)

func newBench(t testing.TB, d *db.DB, member access.Member) *bench {
	b := &bench{TB: t, db: d, clock: clock.NewManual(start)}
	env := &desk.Env{Member: member, DB: d, Clock: b.clock, Wall: b.clock, IDs: &id.Maker{Clock: b.clock}, Changed: func(topic string) { b.topics = append(b.topics, topic) }}
	b.health = health.New(env)
	b.desk = New(env, b.health)
	return b
}

var schemas = []db.Schema{history.Schema, health.Schema, files.Schema, Schema}

func each(t *testing.T, f func(b *bench)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newBench(t, d, "KH")) }, schemas...)
}

func (b *bench) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) refused(kind fault.Kind, what string, err error) {
	b.Helper()
	if !fault.Is(err, kind) || what != "" && !strings.Contains(err.Error(), what) {
		b.Fatalf("want %s %s, got %v", kind, what, err)
	}
}

func (b *bench) write(f func(ctx context.Context, tx *db.Tx) error) {
	b.Helper()
	b.ok(b.db.Write(b.Context(), func(tx *db.Tx) error { return f(b.Context(), tx) }))
}

func sample(text string) Input {
	return Input{Source: Facility, SourceName: "District hospital (sample)", Text: text, Lang: "en", Hazard: "cholera", Place: "KH-7", Marking: access.TLPAmber,
		FirstSeen: health.Date{On: "2025-03-09", Precision: health.Day}, Cases: &Count{N: 3}}
}

func (b *bench) page(sid id.ID) Page {
	b.Helper()
	p, err := b.desk.Page(b.Context(), duty, sid)
	b.ok(err)
	return p
}

// The life of a signal from the first call to an event, refusals included.
func TestStoryOfASignal(t *testing.T) {
	each(t, func(b *bench) {
		ctx := b.Context()
		_, err := b.desk.Record(ctx, auditor, sample("x"))
		b.refused(fault.Forbidden, "", err)
		_, err = b.desk.Record(ctx, admin, sample("x"))
		b.refused(fault.Forbidden, "", err)
		_, err = b.desk.Record(ctx, duty, sample(" "))
		b.refused(fault.Invalid, "text: fault.signal.text_missing", err)
		wrong := sample("x")
		wrong.Source = Indicator // only a method raises alarms
		_, err = b.desk.Record(ctx, duty, wrong)
		b.refused(fault.Invalid, "source", err)
		wrong = sample("x")
		wrong.FirstSeen.On = "2025-03-20"
		_, err = b.desk.Record(ctx, duty, wrong)
		b.refused(fault.Invalid, "first_seen: fault.signal.date_future", err)
		_, err = b.desk.Record(ctx, province, func() Input { i := sample("x"); i.Place = "KH-8"; return i }())
		b.refused(fault.Forbidden, "", err) // not at that place

		s, err := b.desk.Record(ctx, duty, sample("Three adults with watery diarrhoea after a wedding"))
		b.ok(err)
		if s.State != Received || !s.Due.Equal(start.Add(TriageLimit)) || s.ICD10 != "A00.9" {
			b.Fatalf("%+v", s)
		}
		claims(b, s.ID)

		_, err = b.desk.Step(ctx, epi, s.ID, 0, "begin", StepInput{})
		b.refused(fault.Conflict, "", err) // not triaged
		_, err = b.desk.Step(ctx, epi, s.ID, 0, "discard", StepInput{})
		b.refused(fault.Invalid, "need.signal.reason", err)
		_, err = b.desk.Step(ctx, approver, s.ID, 0, "triage", StepInput{})
		b.refused(fault.Forbidden, "", err)
		_, err = b.desk.Step(ctx, epi, s.ID, 0, "triage", StepInput{Concern: map[string]Answer{"cross_border": "maybe"}})
		b.refused(fault.Invalid, "concern", err)
		b.clock.Advance(3 * time.Hour)
		s, err = b.desk.Step(ctx, epi, s.ID, 0, "triage", StepInput{Concern: map[string]Answer{"cross_border": Yes, "capacity": No}, Reliability: "B"})
		b.ok(err)
		if yes, unknown := s.ConcernCount(); s.State != Triaged || yes != 1 || unknown != 4 || s.Triaged.Post != epi.Name || !s.Due.Equal(start.Add(3*time.Hour+VerifyLimit)) {
			b.Fatalf("%+v", s)
		}
		s, err = b.desk.Step(ctx, epi, s.ID, s.Version, "begin", StepInput{})
		b.ok(err)
		if !s.Due.Equal(start.Add(3*time.Hour + VerifyLimit)) {
			b.Fatal("the clock of verification runs from the triage on")
		}
		_, err = b.desk.Step(ctx, epi, s.ID, s.Version-1, "note", StepInput{Reason: "Called the hospital"})
		b.refused(fault.Conflict, "", err)
		_, err = b.desk.Step(ctx, approver, s.ID, s.Version, "note", StepInput{Reason: "Called the hospital"})
		b.ok(err)
		escalation(b, s.ID)
		confirm(b, s.ID)
	})
}

// claims: two people never work on the same signal.
func claims(b *bench, sid id.ID) {
	b.Helper()
	ctx := b.Context()
	s, err := b.desk.Step(ctx, duty, sid, 0, "claim", StepInput{})
	b.ok(err)
	if s.Claim.Post != duty.Name || !s.Claim.Until.Equal(b.clock.Now().Add(ClaimFor)) {
		b.Fatalf("%+v", s.Claim)
	}
	_, err = b.desk.Step(ctx, epi, sid, 0, "claim", StepInput{})
	b.refused(fault.Invalid, "need.signal.unclaimed", err)
	_, err = b.desk.Step(ctx, epi, sid, 0, "triage", StepInput{})
	b.refused(fault.Invalid, "need.signal.not_others", err)
	_, err = b.desk.Edit(ctx, epi, sid, 0, sample("changed"))
	b.refused(fault.Invalid, "need.signal.not_others", err)
	_, err = b.desk.Step(ctx, epi, sid, 0, "release", StepInput{})
	b.refused(fault.Invalid, "need.signal.claim_mine", err)
	_, err = b.desk.Step(ctx, epi, sid, 0, "take_over", StepInput{})
	b.refused(fault.Invalid, "need.signal.reason", err)
	s, err = b.desk.Step(ctx, epi, sid, 0, "take_over", StepInput{Reason: "The duty officer was called away"})
	b.ok(err)
	if s.Claim.Account != epi.Account {
		b.Fatalf("%+v", s.Claim)
	}
	_, err = b.desk.Step(ctx, epi, sid, 0, "take_over", StepInput{Reason: "again"})
	b.refused(fault.Invalid, "need.signal.claim_others", err)
	mine, _, err := b.desk.List(ctx, epi, Filter{Mine: true})
	b.ok(err)
	if len(mine) != 1 || !mine[0].Mine || mine[0].ClaimedBy != epi.Name {
		b.Fatalf("%+v", mine)
	}
	b.clock.Advance(ClaimFor) // nobody came back
	_, err = b.desk.Step(ctx, duty, sid, 0, "claim", StepInput{})
	b.ok(err)
	_, err = b.desk.Step(ctx, duty, sid, 0, "release", StepInput{})
	b.ok(err)
	b.clock.Advance(-ClaimFor)
}

// escalation: a verification that is open after its time calls the approver
// and the focal point, once.
func escalation(b *bench, sid id.ID) {
	b.Helper()
	ctx := b.Context()
	todos := func(a access.Actor) int {
		t, err := b.desk.Todos(ctx, a)
		b.ok(err)
		n := 0
		for _, x := range t {
			if x.Key == "todo.signal.escalated" && x.Late {
				n++
			}
		}
		return n
	}
	if n, err := b.desk.Escalate(ctx); err != nil || n != 0 || todos(approver) != 0 {
		b.Fatalf("too early: %d %v", n, err)
	}
	b.clock.Advance(VerifyLimit + time.Minute)
	if n, err := b.desk.Escalate(ctx); err != nil || n != 1 {
		b.Fatalf("%d %v", n, err)
	}
	if n, err := b.desk.Escalate(ctx); err != nil || n != 0 {
		b.Fatalf("again: %d %v", n, err)
	}
	p := b.page(sid)
	if !p.Late || p.Escalated.IsZero() || todos(approver) != 1 || todos(ihr) != 1 || todos(duty) != 1 || todos(auditor) != 0 {
		b.Fatalf("%+v", p.View)
	}
}

func confirm(b *bench, sid id.ID) {
	b.Helper()
	ctx := b.Context()
	p := b.page(sid)
	draft := b.desk.EventDraft(p.View)
	_, err := b.desk.Verify(ctx, epi, sid, p.Version, Confirmation{StepInput: StepInput{Credibility: "2", ConfirmedBy: "Provincial laboratory"}})
	b.refused(fault.Invalid, "event: fault.signal.event_one", err)
	_, err = b.desk.Verify(ctx, epi, sid, p.Version, Confirmation{StepInput: StepInput{Credibility: "2"}, New: &draft})
	b.refused(fault.Invalid, "need.signal.confirmed_by", err)
	events, _, err := b.health.List(ctx, duty, health.Filter{})
	b.ok(err)
	if len(events) != 0 {
		b.Fatal("a refused confirmation left an event behind")
	}
	_, err = b.desk.Verify(ctx, ihr, sid, p.Version, Confirmation{StepInput: StepInput{Credibility: "2", ConfirmedBy: "Provincial laboratory"}, New: &draft})
	b.refused(fault.Forbidden, "", err) // may confirm, but not record an event
	_, err = b.desk.Verify(ctx, epi, sid, p.Version, Confirmation{New: &draft, Figures: []Figure{{Indicator: "deaths", Class: "suspected"}},
		StepInput: StepInput{Credibility: "2", ConfirmedBy: "Provincial laboratory"}})
	b.refused(fault.Invalid, "figure.deaths: fault.signal.figure", err) // it reported cases only
	s, err := b.desk.Verify(ctx, epi, sid, p.Version, Confirmation{New: &draft, Figures: []Figure{{Indicator: "cases", Class: "suspected", Note: "Reported as “3”."}}, StepInput: StepInput{Credibility: "2", Definition: Yes, ConfirmedBy: "Provincial laboratory",
		ConfirmedOn: health.Date{On: "2025-03-11", Precision: health.Day}, LabEvidence: "Vibrio cholerae O1, culture"}})
	b.ok(err)
	if s.State != VerifiedEvent || s.Event == "" || !s.Due.IsZero() || s.Reliability != "B" {
		b.Fatalf("%+v", s)
	}
	behind, err := b.desk.OfEvent(ctx, duty, s.Event)
	b.ok(err)
	e, err := b.health.EventPage(ctx, duty, s.Event)
	b.ok(err)
	if f := e.View.Facts; len(f) != 1 || f[0].Value != 3 || f[0].Class != "suspected" || f[0].Place != "KH-7" || !strings.HasPrefix(f[0].Source, "District hospital (sample)") ||
		!f[0].AsOf.Equal(p.Received.Truncate(time.Minute)) {
		b.Fatalf("%+v", f)
	}
	if len(behind) != 1 || behind[0].ID != sid || e.View.Name != p.Title || !strings.Contains(string(e.Timeline[0].Detail), string(sid)) {
		b.Fatalf("provenance: %+v %s", behind, e.Timeline[0].Detail)
	}
	second, err := b.desk.Record(ctx, duty, sample("Eleven more in the next commune"))
	b.ok(err)
	for _, v := range []string{"triage", "begin"} {
		_, err = b.desk.Step(ctx, epi, second.ID, 0, workflow.Verb(v), StepInput{Reliability: "A", Credibility: "1"})
		b.ok(err)
	}
	_, err = b.desk.Verify(ctx, ihr, second.ID, 0, Confirmation{Event: s.Event, StepInput: StepInput{ConfirmedBy: "Provincial health department"}})
	b.ok(err)
	e, err = b.health.EventPage(ctx, duty, s.Event)
	b.ok(err)
	if last := e.Timeline[len(e.Timeline)-1]; last.Action != "health.event.link_signal" || e.View.Version != 1 || len(e.View.Facts) != 1 {
		b.Fatalf("%+v", last)
	}
	takesOver(b, s.Event)
	_, err = b.desk.Step(ctx, duty, sid, 0, "reopen", StepInput{})
	b.refused(fault.Invalid, "need.signal.reason", err)
	s, err = b.desk.Step(ctx, approver, sid, 0, "reopen", StepInput{Reason: "The culture was contaminated"})
	b.ok(err)
	if s.State != Triaged || s.Due.IsZero() {
		b.Fatalf("%+v", s)
	}
	replay(b, sid, s.State)
}

// takesOver: a signal that joins an event brings its number only where a
// person says so, as a step of the event that its history keeps.
func takesOver(b *bench, event id.ID) {
	b.Helper()
	ctx := b.Context()
	in := sample("Nine in a third commune")
	in.Cases = &Count{N: 9, About: "about"}
	third, err := b.desk.Record(ctx, duty, in)
	b.ok(err)
	for _, v := range []string{"triage", "begin"} {
		_, err = b.desk.Step(ctx, epi, third.ID, 0, workflow.Verb(v), StepInput{Reliability: "A", Credibility: "1"})
		b.ok(err)
	}
	asOf := third.Created.At.Add(-time.Hour)
	_, err = b.desk.Verify(ctx, epi, third.ID, 0, Confirmation{Event: event, Figures: []Figure{{Indicator: "cases", Class: "confirmed"}}, AsOf: asOf, Source: "Line list",
		StepInput: StepInput{ConfirmedBy: "Provincial health department"}})
	b.ok(err)
	e, err := b.health.EventPage(ctx, duty, event)
	b.ok(err)
	if f := e.View.Facts; len(f) != 2 || f[1].Value != 9 || f[1].Class != "confirmed" || f[1].Source != "Line list" || !f[1].AsOf.Equal(asOf) || e.View.Version != 2 {
		b.Fatalf("%+v", e.View)
	}
}

// replay: the history alone leads to the state that is stored.
func replay(b *bench, sid id.ID, want workflow.State) {
	b.Helper()
	b.write(func(ctx context.Context, tx *db.Tx) error {
		entries, err := history.Of(ctx, tx, sid)
		if err != nil {
			return err
		}
		got, err := history.Replay(entries, sid, "")
		if got != want {
			b.Fatalf("replayed to %s, stored %s", got, want)
		}
		return err
	})
}

// What a person may not read is not there: by place, by marking, by role.
func TestWhoSeesWhat(t *testing.T) {
	each(t, func(b *bench) {
		ctx := b.Context()
		in := sample("Restricted")
		in.Place, in.Marking = "KH-12", access.TLPRed
		red, err := b.desk.Record(ctx, duty, in)
		b.ok(err)
		open, err := b.desk.Record(ctx, duty, sample("Open"))
		b.ok(err)
		for _, c := range []struct {
			who  access.Actor
			want int
		}{{duty, 2}, {epi, 1}, {province, 1}, {auditor, 2}, {admin, 0}} {
			list, _, err := b.desk.List(ctx, c.who, Filter{})
			b.ok(err)
			n, err := b.desk.Count(ctx, c.who, Filter{})
			b.ok(err)
			if len(list) != c.want || n != c.want {
				b.Errorf("%s sees %d, counts %d, want %d", c.who.Name, len(list), n, c.want)
			}
		}
		_, err = b.desk.Page(ctx, epi, red.ID)
		b.refused(fault.NotFound, "", err)
		_, err = b.desk.Step(ctx, epi, red.ID, 0, "triage", StepInput{})
		b.refused(fault.NotFound, "", err)
		_, err = b.desk.Page(ctx, province, open.ID)
		b.ok(err)
	})
}

// An alarm that persists is one signal that grows; another state's signal
// comes once however often it is delivered.
func TestRaisedAndReceived(t *testing.T) {
	each(t, func(b *bench) {
		alarm := Raise{Key: "dengue KH-12 farrington", Place: "KH-12", Hazard: "dengue", Text: "Dengue in Phnom Penh above the threshold", Lang: "en",
			Marking: access.TLPGreen, At: start, Ref: []byte(`{"series":"dengue KH-12","method":"farrington","data":"v7"}`), Cases: &Count{N: 40}}
		raise := func() (s Signal, made bool) {
			b.Helper()
			b.write(func(ctx context.Context, tx *db.Tx) (err error) {
				s, made, err = b.desk.Raise(ctx, tx, alarm)
				return err
			})
			return s, made
		}
		first, made := raise()
		if again, m := raise(); !made || m || again.Version != first.Version {
			b.Fatal("the same occurrence counted twice")
		}
		alarm.At, alarm.Cases = start.AddDate(0, 0, 7), &Count{N: 55}
		if grown, m := raise(); m || grown.ID != first.ID || grown.Raised != 2 || grown.Cases.N != 55 || grown.State != Received {
			b.Fatalf("%+v", grown)
		}
		_, err := b.desk.Step(b.Context(), duty, first.ID, 0, "discard", StepInput{Reason: "Late reports of one clinic"})
		b.ok(err)
		alarm.At = start.AddDate(0, 0, 14)
		if next, m := raise(); !m || next.ID == first.ID {
			b.Fatal("an alarm after a discarded one is new")
		}
		in := FromPartner{From: "VN", Release: "018f3a3e-0000-7000-8000-000000000001", Input: sample("Cholera on our side of the border")}
		in.Place = "VN-37"
		b.write(func(ctx context.Context, tx *db.Tx) error {
			s, err := b.desk.Received(ctx, tx, in)
			b.ok(err)
			again, err := b.desk.Received(ctx, tx, in)
			if again.ID != s.ID || s.Source != Partner || s.From != "VN" {
				b.Fatalf("%+v", s)
			}
			return err
		})
		in.From = "KH"
		err = b.db.Write(b.Context(), func(tx *db.Tx) error { _, err := b.desk.Received(b.Context(), tx, in); return err })
		b.refused(fault.Invalid, "", err)
	})
}
