package rest

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health"
	"lintas/internal/workflow"
)

// HazardDoc is one row of the hazard list.
type HazardDoc struct {
	Key    string `json:"key"`
	Name   string `json:"name" doc:"In the language of Accept-Language."`
	Class  string `json:"class"`
	ICD11  string `json:"icd11,omitempty"`
	ICD10  string `json:"icd10,omitempty"`
	Annex2 string `json:"annex2" doc:"IHR (2005), Annex 2: A always notifiable, B always assessed, C any other event."`
}

// TableDoc is one track of one kind of record: which verb from which state,
// by whom. Two nodes with the same digest follow the same procedure.
type TableDoc struct {
	Record  string           `json:"record"`
	Track   string           `json:"track"`
	Version string           `json:"version"`
	Digest  string           `json:"digest"`
	Initial workflow.State   `json:"initial"`
	Final   []workflow.State `json:"final,omitempty"`
	Steps   []TableStep      `json:"steps"`
}

// TableStep is one row.
type TableStep struct {
	From  []workflow.State `json:"from" doc:"An empty one: the record is made."`
	Verb  workflow.Verb    `json:"verb"`
	To    workflow.State   `json:"to,omitempty" doc:"Absent: the state stays."`
	By    []access.Role    `json:"by,omitempty"`
	Other bool             `json:"other,omitempty" doc:"By a message of another member, never by an account."`
	Needs []string         `json:"needs,omitempty"`
	Clock string           `json:"clock,omitempty" doc:"The deadline that the step sets."`
	Tells []string         `json:"tells,omitempty"`
}

func (HazardDoc) view() {}
func (TableDoc) view()  {}

func (d *Desk) addRules(a *api.API) {
	api.Add(a, api.Op{Method: "GET", Path: "/health/hazards", ID: "health-hazard-list", Summary: "List the hazards", Tag: "health", Scope: Read}, d.hazards)
	api.Add(a, api.Op{Method: "GET", Path: "/health/workflow", ID: "health-workflow", Summary: "Read the tables of the workflow", Tag: "health", Scope: Read,
		Description: "The rows that enable the buttons of the pages and the steps of this interface."}, d.workflow)
}

func (d *Desk) hazards(_ context.Context, c *api.Call, _ *struct{}) (*api.List[HazardDoc], error) {
	return list(each(health.Hazards, func(h *health.Hazard) HazardDoc {
		return HazardDoc{Key: h.Key, Name: c.Printer.T("hazard." + h.Key), Class: h.Class, ICD11: h.ICD11, ICD10: h.ICD10, Annex2: h.Annex2}
	}), ""), nil
}

func (d *Desk) workflow(context.Context, *api.Call, *struct{}) (*api.List[TableDoc], error) {
	return list([]TableDoc{tableOf(health.Events), tableOf(health.Notifications), tableOf(health.Notices),
		tableOf(health.Questions), tableOf(health.Answers)}, ""), nil
}

func tableOf[R any](t *workflow.Table[R]) TableDoc {
	out := TableDoc{Record: t.Record, Track: t.Track, Version: t.Version, Digest: t.Digest(), Initial: t.Initial, Final: t.Final}
	for i := range t.Steps {
		s := &t.Steps[i]
		row := TableStep{From: s.From, Verb: s.Verb, To: s.To, By: s.By, Other: s.Other, Tells: s.Tells}
		for _, n := range s.Needs {
			row.Needs = append(row.Needs, n.Name)
		}
		if s.Within != nil {
			row.Clock = s.Within.Name
		}
		out.Steps = append(out.Steps, row)
	}
	return out
}
