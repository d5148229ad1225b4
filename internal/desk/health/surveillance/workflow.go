package surveillance

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the part: what may happen next to a dataset, an import and a
// word for a place. WORKFLOW.md is made from these rows.

// States of a dataset.
const (
	Open   workflow.State = "open"
	Closed workflow.State = "closed"
)

// States of an import.
const (
	Uploaded  workflow.State = "uploaded"
	Mapped    workflow.State = "mapped"
	Previewed workflow.State = "previewed"
	Applying  workflow.State = "applying"
	Waiting   workflow.State = "waiting" // applied but for rows whose place nobody has confirmed
	Applied   workflow.State = "applied"
	Cancelled workflow.State = "cancelled"
)

// States of a word for a place.
const (
	Confirmed workflow.State = "confirmed"
	Withdrawn workflow.State = "withdrawn"
)

var importers = []access.Role{access.Epidemiologist, access.SecretariatDsk}

// Datasets is the table of a dataset.
var Datasets = &workflow.Table[Dataset]{
	Record: "surveillance.dataset", Track: "main", Version: "1", Initial: Open,
	Place: func(Dataset) string { return "" },
	State: func(s Dataset) workflow.State { return s.State },
	Steps: []workflow.Step[Dataset]{
		{From: []workflow.State{""}, Verb: "describe", To: Open, By: importers},
		{From: []workflow.State{Open}, Verb: "edit", By: importers},
		{From: []workflow.State{Open}, Verb: "close", To: Closed, By: importers},
		{From: []workflow.State{Closed}, Verb: "reopen", To: Open, By: importers},
	},
}

var (
	hasMapping = workflow.Need[Import]{Name: "surveillance.mapping", Check: func(i Import, _ access.Actor, _ time.Time) bool {
		return i.Mapping.Complete()
	}}
	hasRows = workflow.Need[Import]{Name: "surveillance.rows", Check: func(i Import, _ access.Actor, _ time.Time) bool {
		return i.Result.Ready > 0
	}}
	errorsSettled = workflow.Need[Import]{Name: "surveillance.errors", Check: func(i Import, _ access.Actor, _ time.Time) bool {
		return i.Result.Bad == 0 || i.LeaveBad
	}}
)

// beforeApplying are the states in which nothing of the import is stored.
var beforeApplying = []workflow.State{Uploaded, Mapped, Previewed}

// Imports is the table of an import. An import in state waiting has stored
// its matched rows; previewed again after names were confirmed, it stores the
// rest.
var Imports = &workflow.Table[Import]{
	Record: "surveillance.import", Track: "main", Version: "1", Initial: Uploaded,
	Final: []workflow.State{Applied, Cancelled},
	Place: func(Import) string { return "" },
	State: func(i Import) workflow.State { return i.State },
	Steps: []workflow.Step[Import]{
		{From: []workflow.State{""}, Verb: "upload", To: Uploaded, By: importers},
		{From: beforeApplying, Verb: "map", To: Mapped, By: importers},
		{From: []workflow.State{Mapped, Previewed}, Verb: "preview", To: Previewed, By: importers, Needs: []workflow.Need[Import]{hasMapping}},
		{From: []workflow.State{Previewed}, Verb: "apply", To: Applying, By: importers, Needs: []workflow.Need[Import]{hasRows, errorsSettled}},
		{From: []workflow.State{Waiting}, Verb: "resume", To: Applying, By: importers},
		{From: []workflow.State{Applying}, Verb: "finish", To: Applied, Other: true},
		{From: []workflow.State{Applying}, Verb: "wait", To: Waiting, Other: true},
		{From: []workflow.State{Applying}, Verb: "give_up", To: Previewed, Other: true},
		{From: append([]workflow.State{Applying}, beforeApplying...), Verb: "cancel", To: Cancelled, By: importers},
		{From: []workflow.State{Waiting}, Verb: "set_aside", To: Applied, By: importers},
	},
}

// Aliases is the table of a word for a place.
var Aliases = &workflow.Table[Alias]{
	Record: "surveillance.alias", Track: "main", Version: "1", Initial: Confirmed,
	Place: func(Alias) string { return "" },
	State: func(a Alias) workflow.State { return a.State },
	Steps: []workflow.Step[Alias]{
		{From: []workflow.State{""}, Verb: "confirm", To: Confirmed, By: importers},
		{From: []workflow.State{Confirmed, Withdrawn}, Verb: "change", To: Confirmed, By: importers},
		{From: []workflow.State{Confirmed}, Verb: "withdraw", To: Withdrawn, By: importers},
	},
}
