package web

import (
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/request"
	"lintas/internal/web/parts"
)

// halves of a deployment: each said to be whose it is.
func (v *recordView) deploymentBlocks(actor access.Actor) {
	d := v.P.Deployment
	v.stages(request.Stages, d.Stage())
	form := spread(struct {
		M request.Mission `json:"mission"`
	}{d.Mission})
	v.add(block{ID: "mission", Title: v.T("request.half.of", "member", v.name(string(d.From))), Defs: append(v.definitions(form, missionGroups...), v.definitions(form, group{fields: []spec{
		line("mission.conveyance"), date("mission.etd"), line("mission.radio"), line("mission.reason"), date("mission.last_day"), line("mission.handover"), line("mission.needs"), line("mission.consumption"), line("mission.report")}})...)})
	if len(d.Mission.Counts) > 0 {
		t := &parts.Table{Caption: v.T("request.counts"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.label("profession")}, {Text: v.label("people"), Number: true}, {Text: v.T("request.licensed"), Number: true}}}
		for _, c := range d.Mission.Counts {
			t.Rows = append(t.Rows, []parts.Cell{{Text: v.T("request.profession." + c.Profession)}, {Text: str(c.N)}, {Text: str(c.Licensed)}})
		}
		v.add(block{ID: "counts", Title: t.Caption, Count: str(d.Mission.People), Table: t})
	}
	if d.Own() && len(d.Manifest) > 0 {
		t := v.table(spread(struct {
			M []request.Person `json:"manifest"`
		}{d.Manifest}), peopleRows, v.T("request.group.people"))
		v.add(block{ID: "manifest", Title: t.Caption, Count: str(len(d.Manifest)), Table: t, Note: v.T("request.manifest.note")})
	}
	host := spread(d.Host)
	defs := v.definitions(host, group{fields: []spec{line("consent"), line("visa"), line("licence"), line("customs"), line("drugs"), number("cleared"), date("valid_to"), date("arrived"), line("registered"),
		date("departed"), line("words")}})
	if e := d.Host.Extended; e.N > 0 {
		key := "request.extension.declined"
		if e.Given && e.Until == d.Mission.Ask.Until {
			key = "request.extension.granted"
		}
		defs = append(defs, parts.Definition{Term: v.T("request.extension"), Text: v.T(key) + " " + e.Words})
	} else if d.Mission.Ask.N > 0 {
		defs = append(defs, parts.Definition{Term: v.T("request.extension"), Text: v.T("request.extension.asked", "until", v.show(date("until"), []string{d.Mission.Ask.Until})) + " " + d.Mission.Ask.Words})
	}
	v.add(block{ID: "host", Title: v.T("request.half.of", "member", v.name(string(d.To))), Defs: defs, Note: v.halfNote(d.Host.Post, len(defs) == 0)})
	v.basis(d.Arrangement != "", d.Basis)
}

// basis warns where neither an arrangement in force nor another ground stands.
func (v *recordView) basis(arrangement bool, basis string) {
	switch {
	case arrangement && v.P.Force:
		v.Side[0].Defs = append(v.Side[0].Defs, parts.Definition{Term: v.T("request.group.basis"), Text: v.T("request.basis.in_force")})
	case arrangement:
		v.Side[0].Defs = append(v.Side[0].Defs, parts.Definition{Term: v.T("request.group.basis"), Text: v.T("request.basis.not_in_force")})
	case basis != "":
		v.Side[0].Defs = append(v.Side[0].Defs, parts.Definition{Term: v.label("basis"), Text: basis})
	}
}

func (v *recordView) halfNote(post string, empty bool) string {
	if empty {
		return v.T("request.half.empty")
	}
	if post == "" {
		return ""
	}
	return v.T("request.half.by", "post", post)
}

// stages show how far the record has come.
func (v *recordView) stages(all []string, now string) {
	v.add(block{ID: "stage", Title: v.T("request.stage"), Body: stageMark(v.words, all, now)})
}

func (v *recordView) goodsBlocks() {
	c := v.P.Consignment
	v.stages(request.Passage, c.Stage())
	form := spread(struct {
		S request.Shipment `json:"shipment"`
	}{c.Shipment})
	v.add(block{ID: "shipment", Title: v.T("request.half.of", "member", v.name(string(c.From))), Defs: append(v.definitions(without(form, "shipment.title"), shipmentGroups...),
		v.definitions(form, group{fields: []spec{line("shipment.reconciled"), line("shipment.reason")}})...)})
	t := &parts.Table{Caption: v.T("request.group.items"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.label("what")}, {Text: v.label("lot")}, {Text: v.label("sent"), Number: true}, {Text: v.label("ok"), Number: true},
		{Text: v.label("short"), Number: true}, {Text: v.label("damaged"), Number: true}, {Text: v.label("words")}}}
	for _, it := range c.Shipment.Items {
		row := []parts.Cell{{Text: str(it.N) + ". " + it.What, Note: strings.TrimSpace(it.Spec + " " + it.Until)}, {Text: it.Lot}, {Text: v.Number(it.Qty), Note: it.Unit}, {Text: "—"}, {Text: "—"}, {Text: "—"}, {}}
		if got, ok := c.Receipt.Of(it.N); ok {
			row[3].Text, row[4].Text, row[5].Text = v.Number(got.OK), v.Number(got.Short), v.Number(got.Damaged)
			row[6] = parts.Cell{Text: strings.TrimSpace(got.Words + " " + got.Result), Note: got.Access}
		}
		t.Rows = append(t.Rows, row)
	}
	v.add(block{ID: "items", Title: t.Caption, Count: str(len(t.Rows)), Table: t})
	r := c.Receipt
	defs := v.definitions(spread(r), group{fields: []spec{line("import"), line("hold_ref"), line("hold_why"), date("day"), line("words")}})
	if !r.Held.IsZero() {
		defs = append(defs, parts.Definition{Term: v.T("request.state.customs_hold"), Text: v.Stamp(r.Held)})
	}
	if !r.Released.IsZero() {
		defs = append(defs, parts.Definition{Term: v.T("request.state.released"), Text: v.Stamp(r.Released)})
	}
	v.add(block{ID: "receipt", Title: v.T("request.half.of", "member", v.name(string(c.To))), Defs: defs, Note: v.halfNote(r.Post, len(defs) == 0)})
	v.basis(c.Arrangement != "", c.Basis)
}
