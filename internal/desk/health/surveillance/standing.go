package surveillance

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/surveillance/packed"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
	"lintas/internal/workflow"
)

// States of a standing release.
const (
	Drafted   workflow.State = "draft"
	Clearance workflow.State = "clearance"
	Standing  workflow.State = "standing" // every new revision goes out by itself
	Discarded workflow.State = "discarded"
)

// ShareLevels that counts are released at.
var ShareLevels = []place.Level{place.State, place.Unit}

// Limits of a standing release. MaxFloor is the largest count that an owner's
// rule may withhold, and MaxBack how many periods one release carries.
const (
	MaxFloor = 100
	MaxBack  = MaxSpan
	maxRows  = 400
	// MaxReason is the length of the words of a return or withdrawal.
	MaxReason = 1000
)

// Withheld stands in a release for a count that the owner's rule keeps back.
// It is neither zero nor a missing report.
const Withheld int32 = -2

// NoReport stands in a release where nobody reported.
const NoReport = packed.Missing

// Share is a standing release at its owner: one disease of one dataset, at one
// level, to chosen members. Once cleared by a second person each new revision
// leaves by itself until it is withdrawn.
type Share struct {
	desk.Head
	Dataset id.ID           `json:"dataset"`
	Number  int64           `json:"number"` // of the dataset
	Disease string          `json:"disease"`
	Level   place.Level     `json:"level"`
	To      []access.Member `json:"to"`
	// Floor is the owner's rule for small cells: counts above 0 and below it are
	// withheld. 1 withholds none.
	Floor     int      `json:"floor"`
	Back      int      `json:"back"` // how many of the newest periods
	Basis     string   `json:"basis"`
	EditBy    id.ID    `json:"edit_by,omitempty"`
	SubmitBy  id.ID    `json:"submit_by,omitempty"`
	ClearedAs string   `json:"cleared_as,omitempty"` // duty post
	Reason    string   `json:"reason,omitempty"`     // of the last return or withdrawal
	Sent      Sent     `json:"sent,omitzero"`        // the newest release
	Failure   *Failure `json:"failure,omitempty"`    // why the newest revision did not leave
}

// Sent is what left last.
type Sent struct {
	Release  id.ID     `json:"release"`
	Rev      int64     `json:"rev"`
	At       time.Time `json:"at"`
	Cells    int       `json:"cells"`    // counts in it
	Withheld int       `json:"withheld"` // cells kept back
}

func validateShare(s *Share) error {
	s.Reason = strings.TrimSpace(s.Reason)
	var c fault.Check
	c.That(s.Dataset != "", "dataset", "fault.surveillance.no_dataset")
	c.That(s.Disease != "" && len(s.Disease) <= 60, "disease", "fault.surveillance.share_disease")
	c.That(slices.Contains(ShareLevels, s.Level), "level", "fault.surveillance.share_level")
	c.That(s.Floor >= 1 && s.Floor <= MaxFloor, "floor", "fault.surveillance.share_floor", fault.Args{"max": MaxFloor})
	c.That(s.Back >= 1 && s.Back <= MaxBack, "back", "fault.surveillance.share_back", fault.Args{"max": MaxBack})
	c.That(slices.Contains(health.Bases, s.Basis), "basis", "fault.surveillance.share_basis")
	c.That(utf8.RuneCountInString(s.Reason) <= MaxReason, "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(s.Marking.Valid(), "marking", "fault.invalid")
	for i, m := range s.To {
		c.Row(slices.Contains(access.All(), m) && m != s.Owner && !slices.Contains(s.To[:i], m), i+1, "to", "fault.surveillance.share_to")
	}
	return c.Err()
}

var clearers = []access.Role{access.Approver}

var (
	shareTo = workflow.Need[Share]{Name: "surveillance.share_to", Check: func(s Share, _ access.Actor, _ time.Time) bool {
		return len(s.To) > 0
	}}
	shareReason = workflow.Need[Share]{Name: "surveillance.share_reason", Check: func(s Share, _ access.Actor, _ time.Time) bool {
		return s.Reason != ""
	}}
	shareSecond = workflow.Need[Share]{Name: "surveillance.share_second", Check: func(s Share, a access.Actor, _ time.Time) bool {
		return a.Account != "" && a.Account != s.EditBy && a.Account != s.SubmitBy
	}}
)

// Shares is the table of a standing release. What stands is not changed: it is
// withdrawn, and another composed, so that a recipient always knows by which
// rule it got what it holds.
var Shares = &workflow.Table[Share]{
	Record: "surveillance.share", Track: "main", Version: "1", Initial: Drafted,
	Final: []workflow.State{Withdrawn, Discarded},
	State: func(s Share) workflow.State { return s.State },
	Steps: []workflow.Step[Share]{
		{From: []workflow.State{""}, Verb: "compose", To: Drafted, By: importers},
		{From: []workflow.State{Drafted}, Verb: "edit", By: importers},
		{From: []workflow.State{Drafted}, Verb: "submit", To: Clearance, By: importers, Needs: []workflow.Need[Share]{shareTo}},
		{From: []workflow.State{Clearance}, Verb: "return", To: Drafted, By: clearers, Needs: []workflow.Need[Share]{shareReason}},
		{From: []workflow.State{Clearance}, Verb: "recall", To: Drafted, By: importers},
		{From: []workflow.State{Clearance}, Verb: "clear", To: Standing, By: clearers, Needs: []workflow.Need[Share]{shareTo, shareSecond}, Tells: []string{"recipients"}},
		{From: []workflow.State{Drafted, Clearance}, Verb: "discard", To: Discarded, By: importers},
		{From: []workflow.State{Standing}, Verb: "send", Other: true, Tells: []string{"recipients"}},
		{From: []workflow.State{Standing}, Verb: "fail", Other: true},
		{From: []workflow.State{Standing}, Verb: "withdraw", To: Withdrawn, By: append([]access.Role{access.Approver}, importers...), Needs: []workflow.Need[Share]{shareReason}, Tells: []string{"recipients"}},
	},
}
