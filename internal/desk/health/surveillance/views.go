package surveillance

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// DatasetView is a dataset as a reader sees it, with how far it reaches.
type DatasetView struct {
	ID       id.ID          `json:"id"`
	Number   int64          `json:"number"`
	Version  int            `json:"version"`
	State    workflow.State `json:"state"`
	Title    string         `json:"title"`
	Source   string         `json:"source"`
	Terms    string         `json:"terms,omitempty"`
	Measure  Measure        `json:"measure"`
	Calendar `json:"calendar"`
	Late     int            `json:"late,omitempty"`
	Marking  access.Marking `json:"marking"`
	Front    Front          `json:"-"`
	Changed  time.Time      `json:"changed"`
}

func viewDataset(s *Dataset, f Front) DatasetView {
	return DatasetView{ID: s.ID, Number: s.Number, Version: s.Version, State: s.State, Title: s.Title, Source: s.Source, Terms: s.Terms,
		Measure: s.Measure, Calendar: s.Calendar, Late: s.Late, Marking: s.Marking, Front: f, Changed: s.Changed.At}
}

// ImportView is an import as those see it who may import.
type ImportView struct {
	ID       id.ID
	Version  int
	State    workflow.State
	Dataset  DatasetView
	Name     string
	Size     int64
	SHA256   string
	Format   Format
	From     string
	Mapping  Mapping
	Result   Result
	KnownAt  time.Time
	Revision int64
	Failure  *Failure
	HasFile  bool
	Changed  time.Time
	By       string // duty post
	Done     int    // series staged, of Total
	Total    int
	Offers   []workflow.Offer
}

func viewImport(i *Import, s DatasetView, actor access.Actor, now time.Time) ImportView {
	return ImportView{ID: i.ID, Version: i.Version, State: i.State, Dataset: s, Name: i.Name, Size: i.Size, SHA256: i.SHA256, Format: i.Format,
		From: i.From, Mapping: i.Mapping, Result: i.Result, KnownAt: i.KnownAt, Revision: i.Revision, Failure: i.Failure, HasFile: i.File != "",
		Changed: i.Changed.At, By: i.Changed.Post, Offers: Imports.Offers(*i, actor, now)}
}

// AliasView is a decision as those see it who may import.
type AliasView struct {
	ID      id.ID
	Version int
	State   workflow.State
	Term    string
	Shown   string
	Means   string
	At      time.Time
	By      string
}

func viewAlias(a *Alias) AliasView {
	return AliasView{ID: a.ID, Version: a.Version, State: a.State, Term: a.Term, Shown: a.Shown, Means: a.Means, At: a.Changed.At, By: a.Changed.Post}
}

// seesPlace is the rule for one place: a reader whose grants all name places
// sees those and what lies in them.
func seesPlace(r health.Reach, code string, parent func(string) string) bool {
	if r.None {
		return false
	}
	if r.Places == nil {
		return true
	}
	for c := code; c != ""; c = parent(c) {
		if slices.Contains(r.Places, c) {
			return true
		}
	}
	return false
}

// seesDataset: what is marked TLP:RED is for those who decide on it.
func seesDataset(r health.Reach, s *Dataset) bool {
	return !r.None && !(r.NoRed && s.Marking == access.TLPRed)
}
