package sitrep

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/fault"
)

// Handlers are the part's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{KindReport: d.env.Receives(Name, KindReport, d.receiveReport), KindCall: d.env.Receives(Name, KindCall, d.receiveCall)}
}

// Decode reads the body of a released report, as far as it can be judged
// without what this node knows.
func Decode(body []byte) (ReportView, error) {
	var v ReportView
	if err := json.Unmarshal(body, &v); err != nil {
		return v, fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	r := reportOf(&v)
	if err := validate(&r); err != nil {
		return v, err
	}
	var c fault.Check
	c.That(v.State == Issued && !v.Issued.IsZero(), "state", "fault.sitrep.foreign")
	c.That(slices.Contains(access.All(), v.Owner), "owner", "fault.sitrep.foreign")
	c.That(len(v.Inputs) <= len(access.All()) && len(v.Asked) <= len(access.All()) && len(v.Changes) <= 2*MaxFacts, "inputs", "fault.sitrep.foreign")
	c.That(!long(v.Subject, 4*MaxTitle) && !long(v.ClearedAs, 4*MaxTitle) && !long(v.GLIDE, 40) && !long(v.Hazard, 80), "subject", "fault.sitrep.foreign")
	checkFigures(&c, &v)
	for i, f := range v.Facts {
		c.Row(slices.Contains(health.Indicators, f.Indicator) && f.Value >= 0 && f.Of >= 0 && !long(f.Source, 300) && !long(f.Note, MaxReason),
			i+1, "facts", "fault.sitrep.foreign")
	}
	for i, in := range v.Inputs {
		c.Row(slices.Contains([]Stands{In, Nothing, Late, Silent}, in.Stands) && slices.Contains(access.All(), in.Member) && len(in.Reports) <= 50, i+1, "inputs", "fault.sitrep.foreign")
		for _, g := range in.Reports {
			c.Row(!long(g.Authority, MaxTitle) && !long(g.Changed, MaxText) && !long(g.Needs, MaxText), i+1, "inputs", "fault.sitrep.foreign")
		}
	}
	return v, c.Err()
}

// checkFigures: a national report speaks of its own state only, and a regional
// one shows figures only of members whose input it counts.
func checkFigures(c *fault.Check, v *ReportView) {
	in := map[access.Member]bool{}
	for _, x := range v.Inputs {
		in[x.Member] = x.Stands == In
	}
	for i := range v.Figures {
		f := &v.Figures[i]
		c.Row(slices.Contains(health.Indicators, f.Indicator) && slices.Contains(health.Classes, f.Class) && len(f.Values) > 0 && len(f.Values) <= 50,
			i+1, "figures", "fault.sitrep.foreign")
		state, _, _ := strings.Cut(f.Place, "-")
		for _, x := range f.Values {
			c.Row(x.Value >= 0 && !x.AsOf.IsZero() && utf8.RuneCountInString(x.Source) <= 300 && string(x.Member) == state, i+1, "figures", "fault.sitrep.foreign")
			c.Row(v.Scope == Regional && in[x.Member] && x.Release != "" || v.Scope == National && x.Member == v.Owner && !v.Nothing, i+1, "figures", "fault.sitrep.foreign")
		}
	}
}

// reportOf is the copy that a view becomes.
func reportOf(v *ReportView) Report {
	r := Report{Scope: v.Scope, Event: v.Event, Family: v.Family, Subject: v.Subject, Hazard: v.Hazard, GLIDE: v.GLIDE, Grade: v.Grade, Number: v.Number,
		Corrected: v.Corrections, Title: v.Title, Lang: v.Lang, From: v.From, Until: v.Until, AsOf: v.AsOf, Next: v.Next, Authority: v.Authority,
		Nothing: v.Nothing, Highlights: v.Highlights, Texts: v.Texts, Facts: v.Facts, Figures: v.Figures, Last: v.Last, Call: v.Call,
		CallOwner: v.CallOwner, Asked: v.Asked, Level: v.Level, Flash: v.Flash, CutOff: v.CutOff, Inputs: v.Inputs, To: v.To, Cleared: desk.Mark{At: v.Cleared, Post: v.ClearedAs},
		Issued: v.Issued, Release: v.Release, Corrects: v.Corrects, Changes: v.Changes, Why: v.Why}
	r.ID, r.Owner, r.Marking, r.CopyOf = v.ID, v.Owner, v.Marking, v.Release
	return r
}

func (d *Desk) receiveReport(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	if in.Withdraws != "" {
		return d.receiveWithdrawal(ctx, tx, in)
	}
	v, err := Decode(in.Body)
	if err != nil {
		return err
	}
	if v.ID != in.Ref.ID || v.Owner != in.From || v.Version != in.Ref.Version || v.Release != in.ID || !slices.Contains(v.To, d.env.Member) {
		return fault.New(fault.Forbidden, "fault.sitrep.foreign")
	}
	r := reportOf(&v)
	r.Head = desk.Head{ID: v.ID, Kind: KindReport, Owner: in.From, State: Issued, Place: string(in.From), Version: in.Ref.Version,
		Created: desk.Mark{At: in.Received}, Changed: desk.Mark{At: in.Issued}, Marking: in.Marking, Exercise: in.Exercise}
	r.CopyOf, r.Release, r.Replaces, r.Received = in.ID, in.ID, in.Supersedes, in.Received
	reason, withdrawn, err := gone(ctx, tx, in.ID, in.From)
	if err != nil {
		return err
	}
	over, err := replaced(ctx, tx, in.From, in.ID)
	switch {
	case err != nil:
		return err
	case withdrawn:
		r.empty(reason)
	case over: // what supersedes it was faster
		r.State = Corrected
	}
	old, err := loadReport(ctx, tx, r.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		err = insertReport(ctx, tx, &r)
	case err != nil:
		return err
	case old.Own() || old.Owner != in.From:
		return fault.New(fault.Forbidden, "fault.sitrep.foreign")
	default:
		return nil // each report is released once
	}
	if err != nil {
		return err
	}
	d.env.Notify(tx, topics(&r)...)
	return d.outdate(ctx, tx, in)
}

// outdate marks the copy that a correction takes the place of.
func (d *Desk) outdate(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	if in.Supersedes == "" {
		return nil
	}
	r, ok, err := copyOf(ctx, tx, in.Supersedes)
	if err != nil || !ok || r.Owner != in.From || r.State != Issued {
		return err
	}
	r.State, r.Changed.At = Corrected, in.Issued
	return updateReport(ctx, tx, &r, r.Version)
}

// receiveWithdrawal empties the copy and keeps a tombstone with the reason.
func (d *Desk) receiveWithdrawal(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	r, ok, err := copyOf(ctx, tx, in.Withdraws)
	if err != nil {
		return err
	}
	if !ok {
		return noteGone(ctx, tx, in.Withdraws, in.From, cut(in.Reason))
	}
	if r.Owner != in.From {
		return fault.New(fault.Forbidden, "fault.sitrep.foreign")
	}
	r.empty(cut(in.Reason))
	r.Changed.At = in.Issued
	d.env.Notify(tx, topics(&r)...)
	return updateReport(ctx, tx, &r, r.Version)
}

// empty takes the content out of a withdrawn copy.
func (r *Report) empty(reason string) {
	r.State, r.Reason, r.Due = Withdrawn, reason, time.Time{}
	r.Highlights, r.Texts, r.Facts, r.Figures, r.Last, r.Inputs, r.Changes = nil, nil, nil, nil, nil, nil, nil
}

// receiveCall keeps the newest of a request for an input.
func (d *Desk) receiveCall(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v CallView
	if err := json.Unmarshal(in.Body, &v); err != nil {
		return fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	var c fault.Check
	_, e1 := time.Parse(time.DateOnly, v.From)
	_, e2 := time.Parse(time.DateOnly, v.Until)
	c.That(e1 == nil && e2 == nil && !v.CutOff.IsZero() && v.Number > 0, "period", "fault.sitrep.foreign")
	c.That(len(v.Family) == 36 && !long(v.Name, 4*MaxTitle) && !long(v.Words, MaxReason) && !long(v.Hazard, 80) && known(v.Lang), "name", "fault.sitrep.foreign")
	if err := c.Err(); err != nil {
		return err
	}
	if v.ID != in.Ref.ID || v.Owner != in.From || v.Version != in.Ref.Version {
		return fault.New(fault.Forbidden, "fault.sitrep.foreign")
	}
	old, found, err := loadCall(ctx, tx, v.ID)
	switch {
	case err != nil:
		return err
	case found && old.Owner != in.From:
		return fault.New(fault.Forbidden, "fault.sitrep.foreign")
	case found && old.Version >= v.Version:
		return nil
	}
	v.Marking = in.Marking
	d.env.Notify(tx, "desk", "call:"+string(v.ID))
	return putCall(ctx, tx, &Call{CallView: v, Release: in.ID, Received: clock.Micros(in.Received), Exercise: in.Exercise})
}

func cut(s string) string {
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > MaxReason {
		return string(r[:MaxReason])
	}
	return s
}
