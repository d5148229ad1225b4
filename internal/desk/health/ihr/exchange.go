package ihr

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/workflow"
)

// Everything that leaves and enters the part is in this file and in
// exchange_outside.go: measures under Article 43, statements on the amendments,
// and what was determined outside. Assessments by Annex 2 do not leave.

// tell sends a measure to the members that were cleared to get it. The first
// time is the step release; after it every step tells them, with the content
// that was cleared.
func (d *Desk) tell(ctx context.Context, tx *db.Tx, m *Measure, verb workflow.Verb) error {
	if verb != "release" && m.Release == "" {
		return nil
	}
	old, before := m.Release, m.SentTo
	was := m.Version
	m.Release = d.env.IDs.New()
	if verb == "release" {
		m.SentTo = slices.Clone(m.Members)
	}
	r := exchange.Release{ID: m.Release, Kind: KindMeasure, To: m.SentTo, Ref: m.Ref(Name), Purpose: "information", Marking: m.ClearedMarking, Basis: "aphecs",
		Lang: m.Content.Lang, Issued: d.env.Clock.Now(), Supersedes: old, Exercise: m.Exercise, Workflow: Measures.Digest()}
	if verb == "withdraw" {
		r.Supersedes, r.Withdraws, r.Reason = "", old, m.EndReason
		return d.queue(ctx, tx, r, nil)
	}
	if err := d.takeBack(ctx, tx, r, before); err != nil {
		return err
	}
	if err := d.queue(ctx, tx, r, viewFor(m)); err != nil {
		return err
	}
	return measureStore.update(ctx, tx, m, was) // it now names the release
}

// dropped is the reason that a member reads when it was taken off the list.
const dropped = "no longer addressed to this member"

// takeBack withdraws what r supersedes from the members that got it before and
// do not get r: nobody keeps a copy of which it is told no more.
func (d *Desk) takeBack(ctx context.Context, tx *db.Tx, r exchange.Release, before []access.Member) error {
	gone := slices.DeleteFunc(slices.Clone(before), func(m access.Member) bool { return slices.Contains(r.To, m) })
	if r.Supersedes == "" || len(gone) == 0 {
		return nil
	}
	r.ID, r.To, r.Withdraws, r.Supersedes, r.Reason = d.env.IDs.New(), gone, r.Supersedes, "", dropped
	return d.queue(ctx, tx, r, nil)
}

func (d *Desk) sendAmendment(ctx context.Context, tx *db.Tx, a *Amendment) error {
	r := exchange.Release{ID: a.Release, Kind: KindAmendment, To: a.To, Ref: a.Ref(Name), Purpose: "information", Marking: a.Marking,
		Basis: "aphecs", Lang: a.Lang, Issued: a.Released, Exercise: a.Exercise, Workflow: Amendments.Digest()}
	if a.Supersedes != "" {
		old, err := amendmentStore.load(ctx, tx, a.Supersedes)
		if err != nil {
			return err
		}
		r.Supersedes = old.Release
	}
	if err := d.queue(ctx, tx, r, viewAmendment(a)); err != nil || a.Supersedes == "" {
		return err
	}
	_, err := desk.TakeIn(ctx, d.env, tx, d.amendments, access.Node(d.env.Member), a.Supersedes, 0, "supersede", desk.Change[Amendment]{})
	return err
}

func (d *Desk) queue(ctx context.Context, tx *db.Tx, r exchange.Release, body any) error {
	r.From, r.Schema, r.Body = d.env.Member, bodySchema, json.RawMessage("null")
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", err)
		}
		r.Body = b
	}
	return d.env.Send.Queue(ctx, tx, r)
}

// Handlers are the part's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{KindMeasure: d.env.Receives(Name, KindMeasure, d.receiveMeasure),
		KindAmendment:     d.env.Receives(Name, KindAmendment, d.receiveAmendment),
		KindDetermination: d.env.Receives(Name, KindDetermination, d.receiveDetermination)}
}

// DecodeMeasure reads the body of a release, as far as it can be judged
// without what this node knows.
func DecodeMeasure(body []byte) (MeasureView, error) {
	var v MeasureView
	if err := json.Unmarshal(body, &v); err != nil {
		return v, fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	m := measureOf(&v)
	if err := validateMeasure(&m); err != nil {
		return v, err
	}
	var c fault.Check
	c.That(slices.Contains([]workflow.State{Planned, InForce, Reported, Lifted, Expired, Cancelled}, v.State), "state", "fault.ihr.incomplete")
	c.That(v.Content.Reason != "" && v.Content.Evidence != "", "reason", "fault.ihr.incomplete")
	c.That(v.State == Planned || v.State == Cancelled || !v.Start.IsZero(), "start", "fault.ihr.incomplete")
	c.That(len(v.EventName) <= 4*MaxTitle && len(v.Hazard) <= MaxTitle && len(v.ClearedAs) <= 4*MaxTitle, "title", "fault.ihr.incomplete")
	return v, c.Err()
}

func measureOf(v *MeasureView) Measure {
	m := Measure{Event: v.Event, EventName: v.EventName, Hazard: v.Hazard, Content: v.Content, Start: v.Start, Review: v.Review, Expires: v.Expires,
		Reported: v.Reported, Reviewed: v.Reviewed, Words: v.Words, Renewals: v.Renewals, Ended: v.Ended, EndReason: v.EndReason,
		Members: v.Members, ClearedAs: v.ClearedAs}
	m.Owner, m.Marking = v.Owner, v.Marking
	return m
}

func (d *Desk) receiveMeasure(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var m Measure
	if in.Withdraws == "" {
		v, err := DecodeMeasure(in.Body)
		if err != nil {
			return err
		}
		if v.ID != in.Ref.ID || v.Owner != in.From || v.Version != in.Ref.Version || !slices.Contains(v.Members, d.env.Member) {
			return fault.New(fault.Forbidden, "fault.ihr.not_sender")
		}
		m = measureOf(&v)
		m.Head = head(KindMeasure, &in, v.State)
		m.Marking = in.Marking
	} else {
		// A tombstone with the version of the withdrawal: what was released
		// before and comes late is older and stays out.
		old, err := measureStore.load(ctx, tx, in.Ref.ID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		m = Measure{Event: old.Event, EventName: old.EventName, Hazard: old.Hazard, Ended: in.Issued, EndReason: cut(in.Reason, MaxReason)}
		m.Content = Content{Type: old.Content.Type, Target: old.Content.Target, Title: old.Content.Title, From: old.Content.From, To: old.Content.To}
		m.Head = head(KindMeasure, &in, Withdrawn)
	}
	m.CopyOf = in.ID
	kept, err := measureStore.keep(ctx, tx, &m)
	if err == nil && kept {
		d.env.Notify(tx, topics(m.Event)...)
	}
	return err
}

// DecodeAmendment reads the body of a release.
func DecodeAmendment(body []byte) (AmendmentView, error) {
	var v AmendmentView
	if err := json.Unmarshal(body, &v); err != nil {
		return v, fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	a := amendmentOf(&v)
	err := validateAmendment(&a)
	if err == nil && (v.State != Released || len(v.ClearedAs) > 4*MaxTitle) {
		err = fault.New(fault.Invalid, "fault.ihr.incomplete")
	}
	return v, err
}

func amendmentOf(v *AmendmentView) Amendment {
	return Amendment{Status: v.Status, On: v.On, InForce: v.InForce, Words: v.Words, Source: v.Source, Lang: v.Lang, ClearedAs: v.ClearedAs,
		Released: v.Released, Supersedes: v.Supersedes}
}

func (d *Desk) receiveAmendment(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	v, err := DecodeAmendment(in.Body)
	if err != nil {
		return err
	}
	if v.ID != in.Ref.ID || v.Owner != in.From || v.Version != in.Ref.Version || !slices.Contains(access.States, in.From) {
		return fault.New(fault.Forbidden, "fault.ihr.not_sender")
	}
	a := amendmentOf(&v)
	a.Head = head(KindAmendment, &in, Released)
	a.CopyOf, a.Release = in.ID, in.ID
	// Which statement holds is decided when it is read: the newest. So one
	// that comes late does not take its place.
	kept, err := amendmentStore.keep(ctx, tx, &a)
	if err == nil && kept {
		d.env.Notify(tx, topics("")...)
	}
	return err
}

// head of a copy.
func head(kind string, in *exchange.Inbound, state workflow.State) desk.Head {
	return desk.Head{ID: in.Ref.ID, Kind: kind, Owner: in.From, State: state, Place: string(in.From), Version: in.Ref.Version,
		Created: desk.Mark{At: in.Received}, Changed: desk.Mark{At: in.Issued}, Due: time.Time{}, Marking: in.Marking, Exercise: in.Exercise}
}

func cut(s string, n int) string {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
