package node

import (
	"lintas/internal/desk"
	"lintas/internal/desk/health/ihr"
	ihrweb "lintas/internal/desk/health/ihr/web"
	"lintas/internal/web/operate"
)

func (n *Node) ihrPart(env *desk.Env) part {
	d := ihr.New(env, n.Health)
	n.IHR = d
	pages := ihrweb.New(d, n.Health)
	return part{
		manifest: ihr.Manifest(), handlers: d.Handlers(),
		outgoing: []operate.Outgoing{
			operate.OutgoingOf(ihr.KindMeasure, schemaOf(ihr.KindMeasure), ihr.MeasureView{}),
			operate.OutgoingOf(ihr.KindAmendment, schemaOf(ihr.KindAmendment), ihr.AmendmentView{}),
			operate.OutgoingOf(ihr.KindDetermination, schemaOf(ihr.KindDetermination), ihr.DeterminationView{}),
		},
		routes: pages.Routes, operations: pages.Operations, knows: d.Knows, nav: pages.Nav, todos: d.Todos, search: d.Search, panels: pages.Panels(), sweep: d.Sweep,
	}
}
