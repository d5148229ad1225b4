package web

import (
	"slices"

	"lintas/internal/desk/health/request"
)

// spec is one input of a form, or one field of a page. Its name is the JSON
// name; the catalogue has "request.field.<last part>", and for a hint
// "request.hint.<last part>".
type spec struct {
	name string
	kind string // text, area, number, date, select, many, tick, hidden
	must bool
	list []string // values of a select or of many
	of   string   // key of the words of the list: "request.<of>.<value>"
	says string   // last part of the key of its label, where it is not that of the name
}

// group is a part of a form. rows names a list of rows, each of them with the
// fields.
type group struct {
	key    string // "request.group.<key>"
	rows   string
	counts []string // a row without any of these is empty
	fields []spec
}

func line(name string) spec   { return spec{name: name, kind: "text"} }
func area(name string) spec   { return spec{name: name, kind: "area"} }
func number(name string) spec { return spec{name: name, kind: "number"} }
func date(name string) spec   { return spec{name: name, kind: "date"} }
func hidden(name string) spec { return spec{name: name, kind: "hidden"} }
func pick(name, of string, list []string) spec {
	return spec{name: name, kind: "select", list: list, of: of}
}
func many(name, of string, list []string) spec {
	return spec{name: name, kind: "many", list: list, of: of}
}
func must(s spec) spec { s.must = true; return s }

// says gives a field another label than others of its name have.
func says(s spec, key string) spec { s.says = key; return s }

// every record has them, chosen beforehand.
func language() spec { return must(pick("lang", "lang", nil)) }
func marking() spec  { return must(pick("marking", "marking", nil)) }

// Forms of the records. What a part of the page fills in by itself (members,
// languages, hazards, markings, arrangements) is a select whose list comes
// later.
var (
	requestGroups = []group{
		{key: "request", fields: []spec{must(line("title")), must(line("authority")), must(line("event_name")), hidden("event"), pick("hazard", "hazard", nil), area("context"), date("valid"), must(number("hours")),
			language(), marking()}},
		{key: "lines", rows: "lines", counts: []string{"item", "qty"}, fields: []spec{hidden("n"), must(pick("category", "category", request.Categories)), must(line("item")), must(number("qty")), must(line("unit")),
			pick("priority", "priority", request.Priorities), date("needed_by"), number("days"), line("entry"), line("place"), number("self_days"),
			pick("repayment", "repayment", request.Repayments), line("contact"), line("spec"), many("support", "support", request.Supports), many("formality", "formality", request.Formalities)}},
	}
	offerGroups = []group{
		{key: "offer", fields: []spec{must(line("title")), must(line("entity")), must(line("authority")), line("contact"), area("words"), date("valid"), language(), marking()}},
		{key: "offer_lines", rows: "lines", counts: []string{"item", "qty"}, fields: []spec{pick("for", "for", nil), must(pick("category", "category", request.Categories)), must(line("item")), must(number("qty")), must(line("unit")),
			must(pick("cost", "cost", request.Costs)), date("from"), says(number("hours"), "ready"), line("transport"), date("etd"), date("eta"), number("days"), number("people"), number("kilograms"), number("litres"),
			line("dangerous"), line("cold"), number("self_days"), line("spec"), line("conditions")}},
	}
	arrangementGroups = []group{
		{key: "arrangement", fields: []spec{must(line("title")), must(date("from")), must(date("until")), language(), marking()}},
		{key: "scope", rows: "scope", counts: []string{"what", "qty"}, fields: []spec{must(line("what")), must(number("qty")), must(line("unit")), pick("cost", "cost", request.Costs)}},
	}
	missionGroups = []group{
		{key: "team", fields: []spec{must(line("mission.title")), must(pick("mission.team", "team", request.Teams)), must(number("mission.teams")), must(number("mission.people")), line("mission.leader"),
			line("mission.status"), must(date("mission.from")), must(date("mission.until")), line("mission.entry"), line("mission.place"), date("mission.eta"), number("mission.self_days"), number("mission.kilograms"), area("mission.equipment")}},
		{key: "tor", fields: []spec{area("mission.tor.objectives"), line("mission.tor.places"), many("mission.tor.sectors", "sector", request.Sectors), area("mission.tor.outputs"), area("mission.tor.data")}},
		{key: "basis", fields: []spec{pick("arrangement", "arrangement", nil), line("basis"), marking()}},
	}
	shipmentGroups = []group{
		{key: "consignment", fields: []spec{must(line("shipment.title")), must(pick("shipment.carries", "carries", []string{request.Goods, request.Specimens})), number("shipment.packages"), number("shipment.kilograms"),
			number("shipment.litres"), line("shipment.dangerous"), line("shipment.cold"), line("shipment.permit"), line("shipment.transfer"), line("shipment.carrier"), line("shipment.waybill"),
			line("shipment.entry"), line("shipment.place"), date("shipment.etd"), date("shipment.eta")}},
		{key: "items", rows: "shipment.items", counts: []string{"what", "qty"}, fields: []spec{pick("for", "for", nil), must(line("what")), must(number("qty")), must(line("unit")), line("spec"), line("lot"), date("until")}},
		{key: "basis", fields: []spec{pick("arrangement", "arrangement", nil), line("basis"), marking()}},
	}
)

var (
	gotRows    = group{key: "got", rows: "got", fields: []spec{hidden("n"), must(number("ok")), must(number("short")), must(number("damaged")), line("words")}}
	resultRows = group{key: "results", rows: "got", fields: []spec{hidden("n"), line("result"), line("accession")}}
	takenRows  = group{key: "taken", rows: "taken", fields: []spec{hidden("n"), must(number("qty")), must(pick("for", "for", nil))}}
	peopleRows = group{key: "people", rows: "manifest", counts: []string{"name"}, fields: []spec{must(line("name")), must(pick("profession", "profession", request.Professions)), line("nationality"), line("passport"),
		line("licence"), line("vaccines")}}
	scopeRows = group{key: "scope", rows: "terms.scope", counts: []string{"what", "qty"}, fields: []spec{must(line("what")), must(number("qty")), must(line("unit")), pick("cost", "cost", request.Costs)}}
)

// clauses are one area for each clause of an arrangement.
func clauses() group {
	g := group{key: "clauses"}
	for _, k := range request.Clauses {
		g.fields = append(g.fields, spec{name: "clause." + k, kind: "area"})
	}
	return g
}

// act is one step and what its form asks for.
type act struct {
	verb   string
	kind   string // of the records that have it; empty: all
	groups []group
	fold   bool
	danger bool
	plain  bool // not the first thing to do
}

func asks(fields ...spec) []group { return []group{{fields: fields}} }

// acts are all steps that people take, in the order of the panel.
var acts = []act{
	{verb: "submit"}, {verb: "clear"}, {verb: "issue"}, {verb: "propose"},
	{verb: "accept", kind: request.Bid}, {verb: "accept_part", groups: []group{takenRows, {fields: []spec{area("words")}}}, plain: true},
	{verb: "accept", kind: request.HostedTeam, groups: asks(area("consent"))},
	{verb: "list_people", groups: []group{peopleRows}, fold: true, plain: true},
	{verb: "ask_clearance", groups: asks(line("entry"), date("eta"))},
	{verb: "clear_entry", groups: asks(must(number("people")), must(date("until")), must(line("visa")), line("licence"), line("customs"), line("drugs"), area("words"))},
	{verb: "mobilise", groups: asks(must(line("carrier")), must(date("etd")), must(date("eta")), line("radio"))},
	{verb: "register", groups: asks(must(date("day")), line("registered"))},
	{verb: "start"}, {verb: "grant", groups: asks(area("words"))},
	{verb: "demobilise", groups: asks(must(area("words")), must(date("day")), area("handover"), area("needs"), area("consumption")), fold: true, plain: true},
	{verb: "ask_extension", groups: asks(must(date("until")), must(area("words"))), fold: true, plain: true},
	{verb: "confirm_departure", groups: asks(must(date("day")))},
	{verb: "debrief", groups: asks(must(area("words")))}, {verb: "clear_report", groups: asks(area("words"))},
	{verb: "pack", groups: asks(number("packages"), number("kilograms"))},
	{verb: "ship", groups: asks(must(line("carrier")), must(line("waybill")), line("entry"), date("etd"), must(date("eta")))},
	{verb: "release", groups: asks(area("words"))},
	{verb: "confirm", groups: []group{{fields: []spec{must(date("day")), line("ref")}}, gotRows, {fields: []spec{area("words")}}}},
	{verb: "report", groups: []group{resultRows}, fold: true},
	{verb: "reconcile", groups: asks(area("words"))},
	{verb: "hold", groups: asks(line("ref"), must(area("words"))), fold: true, plain: true},
	{verb: "remind", plain: true}, {verb: "amend", plain: true},
	{verb: "reconsider", plain: true},
	{verb: "close", groups: asks(must(area("words"))), fold: true, plain: true},
	{verb: "recall", fold: true, plain: true}, {verb: "drop_changes", fold: true, plain: true},
	{verb: "return", groups: asks(must(area("words"))), fold: true, plain: true},
	{verb: "change", groups: []group{{fields: []spec{must(pick("terms.does", "does", []string{request.Change, request.End})), date("terms.from"), date("terms.until")}}, scopeRows, {fields: []spec{must(area("words"))}}}, fold: true, plain: true},
	{verb: "decline", groups: asks(must(area("words"))), fold: true, danger: true},
	{verb: "refuse", kind: request.HostedTeam, groups: asks(must(area("words"))), fold: true, danger: true},
	{verb: "withdraw", groups: asks(must(area("words"))), fold: true, danger: true},
	{verb: "cancel", groups: asks(must(area("words"))), fold: true, danger: true},
	{verb: "discard", fold: true, danger: true},
}

// ofText are the steps that are about one text of an arrangement; they stand
// at the text.
var ofText = []string{"sign", "refuse", "take_back"}

// actFor is the form of a step of a kind of record.
func actFor(kind, verb string) (act, bool) {
	i := slices.IndexFunc(acts, func(a act) bool { return a.verb == verb && (a.kind == "" || a.kind == kind) })
	if i < 0 {
		return act{}, false
	}
	return acts[i], true
}
