package node

import (
	"lintas/internal/desk"
	"lintas/internal/desk/health/risk"
	riskweb "lintas/internal/desk/health/risk/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/web/operate"
)

func (n *Node) riskPart(env *desk.Env) part {
	d := risk.New(env, n.Health)
	n.Risk = d
	pages := riskweb.New(d, n.Health)
	return part{
		manifest: risk.Manifest(), handlers: d.Handlers(), receipts: d.ReceiveReceipt,
		outgoing: []operate.Outgoing{
			operate.OutgoingOf(risk.KindAssessment, schemaOf(risk.KindAssessment), risk.AssessmentView{}),
			operate.OutgoingOf(risk.KindPosition, schemaOf(risk.KindPosition), risk.PositionView{}),
		},
		routes: pages.Routes, operations: pages.Operations, knows: d.Knows, nav: pages.Nav, todos: d.Todos, search: d.Search, panels: []healthweb.EventPanel{pages.Panel()},
	}
}
