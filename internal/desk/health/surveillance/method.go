package surveillance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Method is one version of how a disease is judged: proposed by one person,
// confirmed by another, and from then on unchanged. A later version replaces
// it; alarms keep the number and the settings that made them.
type Method struct {
	desk.Head
	Disease    string     `json:"disease"` // of health.Hazards; empty: all that have no method of their own
	Resolution Resolution `json:"resolution"`
	Number     int64      `json:"number"` // of the versions for the disease and resolution
	Settings   Settings   `json:"settings"`
	Basis      string     `json:"basis"` // source, and why it was chosen
	Proposed   desk.Mark  `json:"proposed,omitzero"`
	Confirmed  desk.Mark  `json:"confirmed,omitzero"`
}

// MethodRef names the version that judged something; number 0 is the built-in
// default.
type MethodRef struct {
	ID      id.ID  `json:"id,omitempty"`
	Disease string `json:"disease,omitempty"`
	Number  int64  `json:"number"`
}

// States of a method; one that was refused or taken back is Withdrawn.
const (
	Proposed workflow.State = "proposed"
	InForce  workflow.State = "in_force"
	Replaced workflow.State = "replaced"
)

var methodReaders = []access.Role{access.Epidemiologist, access.Approver, access.SecretariatDsk}

var secondReader = workflow.Need[Method]{Name: "surveillance.second_reader", Check: func(m Method, a access.Actor, _ time.Time) bool {
	return a.Account != "" && a.Account != m.Proposed.Account
}}

// Methods is the table of a version of a method.
var Methods = &workflow.Table[Method]{
	Record: "surveillance.method", Track: "main", Version: "1", Initial: Proposed, Final: []workflow.State{Replaced, Withdrawn},
	Place: func(Method) string { return "" },
	State: func(m Method) workflow.State { return m.State },
	Steps: []workflow.Step[Method]{
		{From: []workflow.State{""}, Verb: "propose", To: Proposed, By: importers},
		{From: []workflow.State{Proposed}, Verb: "edit", By: importers},
		{From: []workflow.State{Proposed}, Verb: "confirm", To: InForce, By: methodReaders, Needs: []workflow.Need[Method]{secondReader}},
		{From: []workflow.State{Proposed}, Verb: "withdraw", To: Withdrawn, By: methodReaders},
		{From: []workflow.State{InForce}, Verb: "replace", To: Replaced, Other: true},
		{From: []workflow.State{InForce}, Verb: "withdraw", To: Withdrawn, By: methodReaders},
	},
}

func validateMethod(m *Method) error {
	m.Basis, m.Settings = strings.TrimSpace(m.Basis), m.Settings.clean()
	var c fault.Check
	_, known := health.HazardByKey(m.Disease)
	c.That(m.Disease == "" || known, "disease", "fault.surveillance.method_disease")
	c.That(slices.Contains([]Resolution{Weekly, Monthly, Daily}, m.Resolution), "resolution", "fault.surveillance.no_method")
	c.That(m.Basis != "", "basis", "fault.surveillance.basis")
	c.That(utf8.RuneCountInString(m.Basis) <= MaxWords, "basis", "fault.too_long", fault.Args{"max": MaxWords})
	m.Settings.check(&c)
	if err := c.Err(); err != nil {
		return err
	}
	// What package outbreak would refuse is refused now, not at night.
	cal := Calendar{Resolution: m.Resolution}
	if m.Resolution == Weekly {
		cal.Weeks = ISOWeeks
	}
	j, err := newJudge(m.Settings, cal, cal.Of(m.Created.At))
	if err == nil && m.Settings.Algorithm != Farrington {
		var w judging
		switch p := j.point(&w, j.from, make([]float64, len(j.axis.Counts))); p.Why {
		case "bad-input":
			err = fault.New(fault.Invalid, "fault.surveillance.settings").With("why", p.Why)
		}
	}
	return err
}

// MethodInput is what a person says of a method.
type MethodInput struct {
	Disease    string
	Resolution Resolution
	Settings   Settings
	Basis      string
}

// Propose makes a new version, which another person confirms.
func (d *Desk) Propose(ctx context.Context, actor access.Actor, in MethodInput) (Method, error) {
	m := Method{Disease: in.Disease, Resolution: in.Resolution, Settings: in.Settings, Basis: in.Basis}
	m.Place, m.Marking = string(d.env.Member), access.TLPGreen
	return desk.Create(ctx, d.env, d.methods, actor, m, "propose", desk.Change[Method]{Edit: func(m *Method) error { m.Proposed = m.Created; return nil }})
}

// EditMethod changes a version that is not yet confirmed; who changed it last
// is who proposes it.
func (d *Desk) EditMethod(ctx context.Context, actor access.Actor, mid id.ID, seen int, in MethodInput) (Method, error) {
	return desk.Take(ctx, d.env, d.methods, actor, mid, seen, "edit", desk.Change[Method]{Edit: func(m *Method) error {
		m.Settings, m.Basis = in.Settings, in.Basis
		m.Proposed = desk.Mark{At: d.env.Clock.Now(), Account: actor.Account, Post: actor.Name}
		return nil
	}})
}

// StepMethod confirms or withdraws a version. A confirmed one replaces the one
// before, and scans begin with it.
func (d *Desk) StepMethod(ctx context.Context, actor access.Actor, mid id.ID, seen int, verb workflow.Verb) (Method, error) {
	switch verb {
	case "confirm":
		return d.confirmMethod(ctx, actor, mid, seen)
	case "withdraw":
		return desk.Take(ctx, d.env, d.methods, actor, mid, seen, verb, desk.Change[Method]{Then: d.wakeScans})
	}
	return Method{}, desk.NotFound()
}

func (d *Desk) confirmMethod(ctx context.Context, actor access.Actor, mid id.ID, seen int) (Method, error) {
	return desk.Take(ctx, d.env, d.methods, actor, mid, seen, "confirm", desk.Change[Method]{
		Edit: func(m *Method) error {
			m.Confirmed = desk.Mark{At: d.env.Clock.Now(), Account: actor.Account, Post: actor.Name}
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, m *Method) error {
			before, err := loadAll[Method](ctx, tx, `SELECT doc FROM surveillance_method WHERE disease = ? AND resolution = ? AND state = ? AND id <> ? ORDER BY number`,
				m.Disease, string(m.Resolution), string(InForce), string(m.ID))
			if err != nil {
				return err
			}
			for _, old := range before {
				if _, err := desk.TakeIn(ctx, d.env, tx, d.methods, access.Node(d.env.Member), old.ID, 0, "replace", desk.Change[Method]{Detail: map[string]any{"by": m.Number}}); err != nil {
					return err
				}
			}
			return d.wakeScans(ctx, tx, m)
		},
	})
}

// methodSet is the methods of one resolution that are in force.
type methodSet map[string]Method // by disease

func loadMethods(ctx context.Context, tx *db.Tx, r Resolution) (methodSet, error) {
	all, err := loadAll[Method](ctx, tx, `SELECT doc FROM surveillance_method WHERE state = ? AND resolution = ? ORDER BY number`, string(InForce), string(r))
	if err != nil {
		return nil, err
	}
	out := methodSet{}
	if s, ok := DefaultSettings(r); ok {
		out[""] = Method{Resolution: r, Settings: s.clean(), Basis: DefaultBasis(r)}
	}
	for _, m := range all {
		out[m.Disease] = m
	}
	return out, nil
}

// of is the method that judges a disease.
func (s methodSet) of(disease string) (Method, bool) {
	if m, ok := s[disease]; ok {
		return m, true
	}
	m, ok := s[""]
	return m, ok
}

func (m *Method) ref() MethodRef { return MethodRef{ID: m.ID, Disease: m.Disease, Number: m.Number} }

// digest names the set: the same methods have the same digest.
func (s methodSet) digest() string {
	var lines []string
	for k, m := range s {
		lines = append(lines, fmt.Sprintf("%s %s %d", k, m.ID, m.Number))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:8])
}

func (s methodSet) refs() []MethodRef {
	var out []MethodRef
	for _, m := range s {
		out = append(out, m.ref())
	}
	slices.SortFunc(out, func(a, b MethodRef) int { return strings.Compare(a.Disease, b.Disease) })
	return out
}

func loadMethod(ctx context.Context, tx *db.Tx, mid id.ID) (Method, error) {
	var m Method
	err := load(ctx, tx, `SELECT doc FROM surveillance_method WHERE id = ?`, []any{string(mid)}, &m)
	return m, err
}

// insertMethod numbers the version; of two made at once one is told to try
// again.
func insertMethod(ctx context.Context, tx *db.Tx, m *Method) error {
	if _, err := tx.Row(ctx, `SELECT COALESCE(MAX(number), 0) + 1 FROM surveillance_method WHERE disease = ? AND resolution = ?`, []any{m.Disease, string(m.Resolution)}, &m.Number); err != nil {
		return err
	}
	doc, err := encode(m)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO surveillance_method (id, disease, resolution, number, owner, state, version, changed, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (disease, resolution, number) DO NOTHING`,
		string(m.ID), m.Disease, string(m.Resolution), m.Number, string(m.Owner), string(m.State), m.Version, clock.Micros(m.Changed.At), doc)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

func updateMethod(ctx context.Context, tx *db.Tx, m *Method, was int) error {
	doc, err := encode(m)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE surveillance_method SET state = ?, version = ?, changed = ?, doc = ? WHERE id = ? AND version = ?`,
		string(m.State), m.Version, clock.Micros(m.Changed.At), doc, string(m.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// MethodView is a version as a reader sees it.
type MethodView struct {
	ID         id.ID            `json:"id"`
	Version    int              `json:"version"`
	State      workflow.State   `json:"state"`
	Disease    string           `json:"disease"`
	Resolution Resolution       `json:"resolution"`
	Number     int64            `json:"number"`
	Settings   Settings         `json:"settings"`
	Basis      string           `json:"basis"`
	Proposed   desk.Mark        `json:"-"`
	Confirmed  desk.Mark        `json:"-"`
	Offers     []workflow.Offer `json:"-"`
}

func viewMethod(m *Method, actor access.Actor, now time.Time) MethodView {
	return MethodView{ID: m.ID, Version: m.Version, State: m.State, Disease: m.Disease, Resolution: m.Resolution, Number: m.Number, Settings: m.Settings,
		Basis: m.Basis, Proposed: m.Proposed, Confirmed: m.Confirmed, Offers: Methods.Offers(*m, actor, now)}
}

// MethodList is every version: of each disease the newest first.
func (d *Desk) MethodList(ctx context.Context, actor access.Actor) ([]MethodView, error) {
	if _, err := reads(actor); err != nil {
		return nil, err
	}
	var out []MethodView
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := loadAll[Method](ctx, tx, `SELECT doc FROM surveillance_method ORDER BY disease, resolution, number DESC LIMIT 1000`)
		for i := range all {
			out = append(out, viewMethod(&all[i], actor, d.env.Clock.Now()))
		}
		return err
	})
	return out, err
}

// MethodPage reads one version.
func (d *Desk) MethodPage(ctx context.Context, actor access.Actor, mid id.ID) (MethodView, error) {
	var v MethodView
	if _, err := reads(actor); err != nil {
		return v, err
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		m, err := loadMethod(ctx, tx, mid)
		v = viewMethod(&m, actor, d.env.Clock.Now())
		return err
	})
	return v, err
}
