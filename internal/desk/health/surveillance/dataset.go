package surveillance

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Measure is what the numbers of a dataset count.
type Measure string

// Measures in the order of the pages. Population is a dataset like any other;
// rates divide by it.
const (
	Cases      Measure = "cases"
	Deaths     Measure = "deaths"
	Admissions Measure = "admissions"
	Population Measure = "population"
)

// Measures of a dataset.
var Measures = []Measure{Cases, Deaths, Admissions, Population}

// Limits of the words of a dataset, and of how many periods may be marked as
// not yet complete.
const (
	MaxTitle = 120
	MaxWords = 1000
	MaxLate  = 60
)

// Dataset is one collection of series from one source: its calendar, what it
// counts and on what terms it may be used. Its places and diseases come with
// the imports.
type Dataset struct {
	desk.Head
	Number  int64   `json:"number"`
	Title   string  `json:"title"`
	Source  string  `json:"source"`          // who counted
	Terms   string  `json:"terms,omitempty"` // licence and citation
	Measure Measure `json:"measure"`
	Calendar
	// Late is how many of the newest periods are shown as not yet complete.
	Late int `json:"late,omitempty"`
}

func validateDataset(s *Dataset) error {
	s.Title, s.Source, s.Terms = strings.TrimSpace(s.Title), strings.TrimSpace(s.Source), strings.TrimSpace(s.Terms)
	var c fault.Check
	c.That(s.Title != "", "title", "fault.surveillance.title")
	c.That(utf8.RuneCountInString(s.Title) <= MaxTitle, "title", "fault.too_long", fault.Args{"max": MaxTitle})
	c.That(s.Source != "", "source", "fault.surveillance.source")
	c.That(utf8.RuneCountInString(s.Source) <= MaxWords, "source", "fault.too_long", fault.Args{"max": MaxWords})
	c.That(utf8.RuneCountInString(s.Terms) <= MaxWords, "terms", "fault.too_long", fault.Args{"max": MaxWords})
	c.That(slices.Contains(Measures, s.Measure), "measure", "fault.surveillance.measure")
	c.That(s.Calendar.Valid(), "resolution", "fault.surveillance.calendar")
	c.That(s.Late >= 0 && s.Late <= MaxLate, "late", "fault.surveillance.late", fault.Args{"max": MaxLate})
	c.That(s.Marking.Valid(), "marking", "fault.invalid")
	return c.Err()
}

// DatasetInput is what a person says of a dataset.
type DatasetInput struct {
	Title, Source, Terms string
	Measure              Measure
	Calendar             Calendar
	Late                 int
	Marking              access.Marking
}

func (in DatasetInput) put(s *Dataset) {
	s.Title, s.Source, s.Terms, s.Measure, s.Calendar, s.Late, s.Marking = in.Title, in.Source, in.Terms, in.Measure, in.Calendar, in.Late, in.Marking
}

// Describe makes a dataset.
func (d *Desk) Describe(ctx context.Context, actor access.Actor, in DatasetInput) (Dataset, error) {
	var s Dataset
	in.put(&s)
	s.Place = string(d.env.Member)
	return desk.Create(ctx, d.env, d.datasets, actor, s, "describe", desk.Change[Dataset]{})
}

// EditDataset changes its words. Its calendar and what it counts stay once it
// holds data: its periods would mean something else.
func (d *Desk) EditDataset(ctx context.Context, actor access.Actor, sid id.ID, seen int, in DatasetInput) (Dataset, error) {
	return desk.Take(ctx, d.env, d.datasets, actor, sid, seen, "edit", desk.Change[Dataset]{
		Edit: func(s *Dataset) error {
			calendar, measure := s.Calendar, s.Measure
			in.put(s)
			if s.Calendar == calendar && s.Measure == measure {
				return nil
			}
			return d.env.DB.Read(ctx, func(tx *db.Tx) error {
				f, err := loadFront(ctx, tx, s.Number)
				if err == nil && f.Rev > 0 {
					var c fault.Check
					c.That(false, "resolution", "fault.surveillance.calendar_fixed")
					return c.Err()
				}
				return err
			})
		},
	})
}

// StepDataset closes or reopens a dataset.
func (d *Desk) StepDataset(ctx context.Context, actor access.Actor, sid id.ID, seen int, verb workflow.Verb) (Dataset, error) {
	if verb != "close" && verb != "reopen" {
		return Dataset{}, desk.NotFound()
	}
	return desk.Take(ctx, d.env, d.datasets, actor, sid, seen, verb, desk.Change[Dataset]{})
}

// Front is how far a dataset reaches and which revision it is at.
type Front struct {
	Rev     int64
	KnownAt time.Time
	First   int32
	Last    int32 // the newest period
	Series  int64
	busy    string
}

// Empty reports whether nothing was imported yet.
func (f Front) Empty() bool { return f.Rev == 0 }

func loadFront(ctx context.Context, tx *db.Tx, number int64) (Front, error) {
	var f Front
	var known, first, last int64
	ok, err := tx.Row(ctx, `SELECT rev, known_at, first, front, series, busy FROM surveillance_front WHERE dataset = ?`, []any{number},
		&f.Rev, &known, &first, &last, &f.Series, &f.busy)
	if err == nil && !ok {
		err = desk.NotFound()
	}
	f.KnownAt, f.First, f.Last = clock.FromMicros(known), int32(first), int32(last)
	return f, err
}

func loadDataset(ctx context.Context, tx *db.Tx, sid id.ID) (Dataset, error) {
	var s Dataset
	err := load(ctx, tx, `SELECT doc FROM surveillance_dataset WHERE id = ?`, []any{string(sid)}, &s)
	return s, err
}

// insertDataset numbers the dataset; two made at once meet at the unique
// number and one is told to try again.
func insertDataset(ctx context.Context, tx *db.Tx, s *Dataset) error {
	if _, err := tx.Row(ctx, `SELECT COALESCE(MAX(number), 0) + 1 FROM surveillance_dataset`, nil, &s.Number); err != nil {
		return err
	}
	doc, err := encode(s)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO surveillance_dataset (id, number, owner, state, version, marking, changed, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (number) DO NOTHING`,
		string(s.ID), s.Number, string(s.Owner), string(s.State), s.Version, string(s.Marking), clock.Micros(s.Changed.At), doc)
	if err != nil {
		return err
	}
	if err := db.Conflict(n); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO surveillance_front (dataset, rev, known_at, first, front, series, busy) VALUES (?, 0, 0, 0, 0, 0, '')`, s.Number)
	return err
}

func updateDataset(ctx context.Context, tx *db.Tx, s *Dataset, was int) error {
	doc, err := encode(s)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE surveillance_dataset SET state = ?, version = ?, marking = ?, changed = ?, doc = ? WHERE id = ? AND version = ?`,
		string(s.State), s.Version, string(s.Marking), clock.Micros(s.Changed.At), doc, string(s.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}
