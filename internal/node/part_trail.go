package node

import (
	"lintas/internal/desk"
	"lintas/internal/desk/health/review"
	"lintas/internal/trail"
	trailweb "lintas/internal/trail/web"
	"lintas/internal/web/operate"
)

// trailPart is what was found and what came of it. A desk that writes findings
// adds the door that leads back to its records here.
func (n *Node) trailPart(env *desk.Env) part {
	d := trail.New(env, trail.Door{Kind: review.KindReview, Path: review.Path})
	n.Trail = d
	pages := trailweb.New(d)
	return part{
		manifest: trail.Manifest(), handlers: d.Handlers(),
		outgoing: []operate.Outgoing{
			operate.OutgoingOf(trail.KindFinding, schemaOf(trail.KindFinding), trail.FindingView{}),
			operate.OutgoingOf(trail.KindRecommendation, schemaOf(trail.KindRecommendation), trail.RecommendationView{}),
			operate.OutgoingOf(trail.KindProposal, schemaOf(trail.KindProposal), trail.ProposalView{}),
			operate.OutgoingOf(trail.KindAction, schemaOf(trail.KindAction), trail.ActionView{}),
		},
		routes: pages.Routes, operations: pages.Operations, knows: d.Knows, nav: pages.Nav, todos: d.Todos, search: d.Search,
	}
}
