// Package trail follows what was found to what came of it: findings,
// recommendations, actions that a state takes on itself, and their
// verification. All desks share it, and it knows none of them.
package trail

// Terms. A finding and a recommendation are papers: one member writes and
// releases them. An action has two halves, and each has one owner: the proposal
// is the half of whoever asks for the action and says in the end whether the
// evidence shows it; the action is the half of the state that was asked, which
// alone accepts, changes and completes it. A member that proposes an action to
// itself owns both halves, by two people.

import (
	"embed"
	"io/fs"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// Name of the trail in releases, history and URLs.
const Name = "trail"

//go:embed schema/*.sql
var schemaFS embed.FS

// Schema is the trail's tables in the database.
var Schema = db.Schema{Name: Name, FS: sub(schemaFS)}

func sub(f embed.FS) fs.FS {
	s, err := fs.Sub(f, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return s
}

// Kinds of records, which are also those of the messages between nodes.
const (
	KindFinding        = "trail.finding"
	KindRecommendation = "trail.recommendation"
	KindProposal       = "trail.proposal"
	KindAction         = "trail.action"
	bodySchema         = 1
)

// Kinds of records in the order of the trail.
var Kinds = []string{KindFinding, KindRecommendation, KindProposal, KindAction}

// Manifest tells the node what the trail is made of.
func Manifest() desk.Manifest {
	m := desk.Manifest{Name: Name, Schema: Schema, Capabilities: Capabilities,
		Tables: []desk.TableText{desk.Describe(Findings), desk.Describe(Recommendations), desk.Describe(Proposals), desk.Describe(Actions)}}
	for _, k := range Kinds {
		m.Messages = append(m.Messages, desk.Message{Kind: k, Schema: bodySchema})
	}
	return m
}

// Source is the record of a desk that something was found in. The desk gives
// it; the trail only leads back to it.
type Source struct {
	Desk    string         `json:"desk"`
	Kind    string         `json:"kind"`
	ID      id.ID          `json:"id"`
	Owner   access.Member  `json:"owner"`
	Title   string         `json:"title"`
	About   id.ID          `json:"about,omitempty"` // what the source itself is about, such as an event
	Marking access.Marking `json:"marking"`
}

// Door is how a desk lets the trail lead back to its records of one kind.
type Door struct {
	Kind string
	Path func(rid id.ID) string
}

// Desk is the trail at one node.
type Desk struct {
	env   *desk.Env
	doors []Door

	findings        *desk.Kind[Finding]
	recommendations *desk.Kind[Recommendation]
	proposals       *desk.Kind[Proposal]
	actions         *desk.Kind[Action]
}

// New makes the trail of a node, with the doors of the desks that use it.
func New(env *desk.Env, doors ...Door) *Desk {
	d := &Desk{env: env, doors: doors}
	d.findings = kindOf[Finding](KindFinding, Findings, load[Finding, *Finding])
	d.recommendations = kindOf[Recommendation](KindRecommendation, Recommendations, load[Recommendation, *Recommendation])
	d.proposals = kindOf[Proposal](KindProposal, Proposals, d.loadProposal)
	d.actions = kindOf[Action](KindAction, Actions, d.loadAction)
	return d
}

// Member is whose node it is.
func (d *Desk) Member() access.Member { return d.env.Member }

// PathOf is the page of a source; empty where its desk gave no door.
func (d *Desk) PathOf(s Source) string {
	for _, door := range d.doors {
		if door.Kind == s.Kind {
			return door.Path(s.ID)
		}
	}
	return ""
}

// Paths of the trail's own pages; both halves of an action have one page.
func Path(kind string, rid id.ID) string {
	switch kind {
	case KindFinding:
		return "/trail/findings/" + string(rid)
	case KindRecommendation:
		return "/trail/recommendations/" + string(rid)
	}
	return "/trail/actions/" + string(rid)
}

// Late reports whether a due time has passed; zero is never late.
func Late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }
