package web

import (
	"context"
	"time"

	"lintas/internal/api"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// writeScope is what a token carries that starts scans and proposes methods.
const writeScope = "surveillance.import"

// AlarmDoc is an alarm for programs, with all that it was computed from.
type AlarmDoc struct {
	ID        id.ID                 `json:"id"`
	Scan      id.ID                 `json:"scan"`
	Dataset   id.ID                 `json:"dataset"`
	Revision  int64                 `json:"revision"`
	KnownAt   time.Time             `json:"known_at"`
	Raised    time.Time             `json:"raised"`
	Period    string                `json:"period"`
	Start     string                `json:"start" doc:"First day of the period."`
	Disease   string                `json:"disease"`
	Place     string                `json:"place"`
	Class     string                `json:"class"`
	Rank      int                   `json:"rank"`
	Weight    float64               `json:"weight" doc:"How unlikely times how large; alarms are in its order."`
	Observed  *float64              `json:"observed"`
	Expected  *float64              `json:"expected"`
	Threshold *float64              `json:"threshold"`
	Score     *float64              `json:"score"`
	P         *float64              `json:"p" doc:"Chance of a count at least this large without an outbreak; null where the method has none."`
	Adjusted  *float64              `json:"adjusted_p" doc:"After Benjamini and Hochberg over all series of the scan."`
	Held      string                `json:"held,omitempty" doc:"Why it is no alarm although the count is above its threshold: fdr or persist."`
	Because   []string              `json:"because,omitempty" doc:"Places below whose alarms account for it."`
	Version   int64                 `json:"method_version" doc:"0: the built-in method."`
	Method    id.ID                 `json:"method,omitempty"`
	Settings  surveillance.Settings `json:"settings"`
	Signal    id.ID                 `json:"signal,omitempty"`
	Outcome   string                `json:"outcome,omitempty" doc:"Of the signal: open, verified, discarded, monitored or joined."`
}

// AlarmAgainDoc is an alarm computed again from the figures of its revision.
type AlarmAgainDoc struct {
	Alarm     AlarmDoc `json:"alarm"`
	Same      bool     `json:"same" doc:"Every number is the same to the last bit."`
	Observed  *float64 `json:"observed"`
	Expected  *float64 `json:"expected"`
	Threshold *float64 `json:"threshold"`
	Score     *float64 `json:"score"`
	P         *float64 `json:"p"`
}

// ScanDoc is a scan for programs.
type ScanDoc struct {
	ID       id.ID          `json:"id"`
	State    string         `json:"state" enum:"queued,running,done,failed,cancelled"`
	Dataset  id.ID          `json:"dataset"`
	Because  string         `json:"because" enum:"person,data,method"`
	Period   string         `json:"period,omitempty"`
	Revision int64          `json:"revision,omitempty"`
	Queued   time.Time      `json:"queued"`
	Millis   int64          `json:"milliseconds"`
	Series   int            `json:"series"`
	Judged   int            `json:"judged"`
	Whys     map[string]int `json:"not_judged,omitempty" doc:"Series without a decision or without an alarm, by reason."`
	Above    int            `json:"above"`
	Alarms   int            `json:"alarms"`
	Held     map[string]int `json:"held,omitempty"`
	Done     int64          `json:"done" doc:"Series judged so far, while it runs."`
	Total    int64          `json:"total"`
}

// MethodDoc is a version of a method for programs.
type MethodDoc struct {
	ID         id.ID                 `json:"id"`
	State      string                `json:"state" enum:"proposed,in_force,replaced,withdrawn"`
	Disease    string                `json:"disease" doc:"Empty: all that have no method of their own."`
	Resolution string                `json:"resolution" enum:"week,month,day"`
	Number     int64                 `json:"number"`
	Settings   surveillance.Settings `json:"settings"`
	Basis      string                `json:"basis"`
}

// ScanBody starts a scan.
type ScanBody struct {
	Dataset string `json:"dataset" format:"uuid"`
	Period  string `json:"period,omitempty" example:"2026-W46" doc:"Absent: the newest."`
}

// MethodBody proposes a method; another person confirms it.
type MethodBody struct {
	Disease    string                `json:"disease,omitempty" doc:"A key of GET /health/hazards; absent: all that have no method of their own."`
	Resolution string                `json:"resolution" enum:"week,month,day"`
	Settings   surveillance.Settings `json:"settings"`
	Basis      string                `json:"basis" doc:"Source, and why it was chosen."`
}

type alarmQuery struct {
	Dataset   string `query:"dataset" maxLength:"40"`
	Scan      string `query:"scan" maxLength:"40"`
	Disease   string `query:"disease" maxLength:"60"`
	State     string `query:"state" maxLength:"2" doc:"ISO 3166-1 alpha-2."`
	Algorithm string `query:"algorithm" maxLength:"20"`
	Held      bool   `query:"held" doc:"Also what is above its threshold and no alarm."`
	Past      bool   `query:"past" doc:"Of all scans; absent: of the newest of each dataset."`
	Offset    int    `query:"offset" minimum:"0"`
	Limit     int    `query:"limit" minimum:"0" maximum:"5000"`
}

// ScanByID is the input of an operation on one alarm, scan or method.
type ScanByID struct {
	ID string `path:"id" format:"uuid"`
}

func (in ScanByID) id() id.ID { return SetByID(in).id() }

// scanOperations adds alarms, scans and methods to the REST interface.
func (g *Pages) scanOperations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: "/surveillance" + path, ID: "surveillance-" + name, Summary: summary, Tag: "surveillance", Scope: scope}
	}
	api.Add(a, op("GET", "/alarms", "alarm-list", "List alarms, the heaviest first", readScope), g.restAlarms)
	api.Add(a, op("GET", "/alarms/{id}", "alarm-get", "Read an alarm", readScope), g.restAlarm)
	api.Add(a, op("GET", "/alarms/{id}/again", "alarm-recompute", "Compute an alarm again from the figures of its revision", readScope), g.restAgain)
	api.Add(a, op("GET", "/scans", "scan-list", "List scans, the newest first", readScope), g.restScans)
	api.Add(a, op("GET", "/scans/{id}", "scan-get", "Read a scan and how far it is", readScope), g.restScan)
	start, propose := op("POST", "/scans", "scan-start", "Start a scan of a dataset", writeScope), op("POST", "/methods", "method-propose", "Propose a method", writeScope)
	start.Status, propose.Status = 201, 201
	api.Add(a, start, g.restStart)
	api.Add(a, op("GET", "/methods", "method-list", "List the versions of methods", readScope), g.restMethods)
	api.Add(a, op("GET", "/methods/{id}", "method-get", "Read a version of a method", readScope), g.restMethod)
	api.Add(a, propose, g.restPropose)
	confirm := op("POST", "/methods/{id}/{verb}", "method-step", "Confirm or withdraw a version of a method", writeScope)
	confirm.MustMatch = true
	api.Add(a, confirm, g.restMethodStep)
}

func number(v interface{ Get() (float64, bool) }) *float64 {
	if x, ok := v.Get(); ok {
		return &x
	}
	return nil
}

func alarmDoc(v *surveillance.AlarmView) AlarmDoc {
	d := AlarmDoc{ID: v.ID, Scan: v.Run, Dataset: v.Set, Revision: v.Rev, KnownAt: v.KnownAt, Raised: v.Raised, Period: v.Dataset.Label(v.Period), Start: v.Dataset.Start(v.Period).Format(time.DateOnly),
		Disease: v.Disease, Place: v.Place, Class: string(v.Class), Rank: v.Rank, Weight: v.Weight, Observed: number(v.Observed), Expected: number(v.Expected), Threshold: number(v.Threshold),
		Score: number(v.Score), P: number(v.P), Adjusted: number(v.Adjusted), Held: v.Held, Because: v.Because, Version: v.Method.Number, Method: v.Method.ID, Settings: v.Settings, Signal: v.Signal}
	if v.Fate != nil {
		d.Outcome = v.Fate.Outcome
	}
	return d
}

func (g *Pages) restAlarms(ctx context.Context, c *api.Call, in *alarmQuery) (*api.List[AlarmDoc], error) {
	list, _, err := g.desk.AlarmList(ctx, c.Actor, surveillance.AlarmFilter{Set: id.ID(in.Dataset), Run: id.ID(in.Scan), Disease: in.Disease, Country: in.State,
		Algorithm: surveillance.Algorithm(in.Algorithm), Held: in.Held, Past: in.Past, Offset: in.Offset, Limit: in.Limit})
	out := make([]AlarmDoc, len(list))
	for i := range list {
		out[i] = alarmDoc(&list[i])
	}
	return api.NewList(out, ""), err
}

func (g *Pages) restAlarm(ctx context.Context, c *api.Call, in *ScanByID) (*api.One[AlarmDoc], error) {
	p, err := g.desk.AlarmPage(ctx, c.Actor, in.id(), false)
	if err != nil {
		return nil, err
	}
	return api.NewOne(1, alarmDoc(&p.AlarmView)), nil
}

func (g *Pages) restAgain(ctx context.Context, c *api.Call, in *ScanByID) (*api.One[AlarmAgainDoc], error) {
	p, err := g.desk.AlarmPage(ctx, c.Actor, in.id(), true)
	if err != nil {
		return nil, err
	}
	r := p.Repeat
	return api.NewOne(1, AlarmAgainDoc{Alarm: alarmDoc(&p.AlarmView), Same: r.Same, Observed: number(r.Observed), Expected: number(r.Expected), Threshold: number(r.Threshold), Score: number(r.Score), P: number(r.P)}), nil
}

func scanDoc(s surveillance.ScanRunView) ScanDoc {
	d := ScanDoc{ID: s.ID, State: string(s.State), Dataset: s.Set.ID, Because: s.Because, Revision: s.Rev, Queued: s.Queued, Millis: s.Took.Milliseconds(), Series: s.Series, Judged: s.Judged,
		Whys: s.Whys, Above: s.Above, Alarms: s.Alarms, Held: s.Held, Done: s.Done, Total: s.Total}
	if s.Period != 0 {
		d.Period = s.Set.Label(s.Period)
	}
	return d
}

func (g *Pages) restScans(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[ScanDoc], error) {
	list, err := g.desk.ScanList(ctx, c.Actor, "", 200)
	out := make([]ScanDoc, len(list))
	for i := range list {
		out[i] = scanDoc(list[i])
	}
	return api.NewList(out, ""), err
}

func (g *Pages) restScan(ctx context.Context, c *api.Call, in *ScanByID) (*api.One[ScanDoc], error) {
	s, err := g.desk.ScanPage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(s.Version), scanDoc(s)), nil
}

func (g *Pages) restStart(ctx context.Context, c *api.Call, in *struct{ Body ScanBody }) (*api.Made[ScanDoc], error) {
	run, err := g.desk.StartScan(ctx, c.Actor, SetByID{ID: in.Body.Dataset}.id(), in.Body.Period)
	if err != nil {
		return nil, err
	}
	s, err := g.desk.ScanPage(ctx, c.Actor, run.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade("/surveillance/scans/"+string(run.ID), int64(s.Version), scanDoc(s)), nil
}

func methodDoc(m surveillance.MethodView) MethodDoc {
	return MethodDoc{ID: m.ID, State: string(m.State), Disease: m.Disease, Resolution: string(m.Resolution), Number: m.Number, Settings: m.Settings, Basis: m.Basis}
}

func (g *Pages) restMethods(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[MethodDoc], error) {
	list, err := g.desk.MethodList(ctx, c.Actor)
	out := make([]MethodDoc, len(list))
	for i := range list {
		out[i] = methodDoc(list[i])
	}
	return api.NewList(out, ""), err
}

func (g *Pages) restMethod(ctx context.Context, c *api.Call, in *ScanByID) (*api.One[MethodDoc], error) {
	m, err := g.desk.MethodPage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(m.Version), methodDoc(m)), nil
}

func (g *Pages) restPropose(ctx context.Context, c *api.Call, in *struct{ Body MethodBody }) (*api.Made[MethodDoc], error) {
	b := in.Body
	m, err := g.desk.Propose(ctx, c.Actor, surveillance.MethodInput{Disease: b.Disease, Resolution: surveillance.Resolution(b.Resolution), Settings: b.Settings, Basis: b.Basis})
	if err != nil {
		return nil, err
	}
	v, err := g.desk.MethodPage(ctx, c.Actor, m.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade("/surveillance/methods/"+string(m.ID), int64(m.Version), methodDoc(v)), nil
}

func (g *Pages) restMethodStep(ctx context.Context, c *api.Call, in *struct {
	ScanByID
	Verb string `path:"verb" enum:"confirm,withdraw"`
}) (*api.One[MethodDoc], error) {
	seen, ok, err := c.Version()
	if err != nil {
		return nil, err
	}
	if !ok || seen < 1 || seen > 1<<31 {
		return nil, fault.New(fault.Conflict, "fault.changed_meanwhile").With("version", seen)
	}
	if _, err := g.desk.StepMethod(ctx, c.Actor, in.id(), int(seen), workflow.Verb(in.Verb)); err != nil {
		return nil, err
	}
	return g.restMethod(ctx, c, &in.ScanByID)
}
