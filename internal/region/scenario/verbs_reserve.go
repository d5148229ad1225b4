package scenario

import (
	"slices"
	"strconv"
	"strings"

	"lintas/internal/access"
)

// Kinds of names of the regional reserve.
const (
	Item     Kind = "item"     // its specification
	Lot      Kind = "lot"      // in the register of one member
	Pledge   Kind = "pledge"   // out of a state's own supplies
	Draw     Kind = "draw"     // what a member asks the reserve for
	Division Kind = "division" // of an item among draws
	Shipment Kind = "shipment" // goods of the reserve on their way
)

var reserveKinds = []Kind{Item, Lot, Pledge, Draw, Division, Shipment}

// Verbs of the regional reserve.
const (
	Specify    Verb = "specify"     // says what an item is, published by a second person
	Declare    Verb = "declare"     // how it stands with the state's own authority
	OpenLedger Verb = "open_ledger" // from now on the balances leave for all members
	StopLedger Verb = "stop_ledger"

	Stock     Verb = "stock" // registers a lot and takes it in
	FindLot   Verb = "lot"   // names one that is in the register, such as one that arrived
	TakeIn    Verb = "take_in"
	TakeOut   Verb = "take_out" // used, given to the state's own supplies, or written off
	MoveStock Verb = "move_stock"
	Rotate    Verb = "rotate"
	SetAside  Verb = "quarantine"
	FreeLot   Verb = "free_lot"

	Promise    Verb = "pledge"
	TakeBack   Verb = "withdraw_pledge"
	DrawOn     Verb = "draw"
	EndDraw    Verb = "close_draw"
	DropDraw   Verb = "withdraw_draw"
	Divide     Verb = "divide"
	Vote       Verb = "vote"
	CountVotes Verb = "count_votes"
	Undivide   Verb = "withdraw_division"

	Dispatch    Verb = "dispatch"
	Replenish   Verb = "replenish" // what is owed for a shipment that was drawn
	Gift        Verb = "gift"
	CustomsHold Verb = "customs_hold"
	CustomsFree Verb = "customs_free"
	Delivery    Verb = "receipt"
)

const (
	stockFields  = "warehouse! quantity!=number"
	paperFields  = "load=load carrier! waybill eta=day marking"
	incomingLots = "opening|supply|from_national|count_more"
)

var reserveForms = map[Verb]form{
	Specify: {"+item", "code! name! unit! pack spec keeps inn atc unspsc gmdn shelf_months=number marking"},
	Declare: {"item registered|emergency|permit|not_registered words?", "ref until=day"},

	OpenLedger: {"", ""},
	StopLedger: {"words", ""},

	Stock:     {"+lot 'of' item " + incomingLots + " words?", "number! maker! expires=day holder " + stockFields},
	FindLot:   {"+lot 'of' item", "number!"},
	TakeIn:    {"lot " + incomingLots + " words?", stockFields},
	TakeOut:   {"lot consume|to_national|expire|damage|count_less words?", stockFields},
	MoveStock: {"lot words?", "from! to! quantity!=number"},
	Rotate:    {"lot 'as' +lot words?", "number! maker! expires=day " + stockFields},
	SetAside:  {"lot words", ""},
	FreeLot:   {"lot words", ""},

	Promise:  {"+pledge 'of' item", "quantity!=number notice!=span until!=day blackout marking"},
	TakeBack: {"pledge words", ""},
	DrawOn: {"+draw 'of' item", "title! quantity!=number needed_by!=day where reasons! event=event need=number own_stock=number persons=number risk=number capacity=number " +
		"source as_of=day marking"},
	EndDraw:    {"draw words", ""},
	DropDraw:   {"draw words", ""},
	Divide:     {"+division 'of' item", "title! draws!=draws source!=source rule! rationale! replace_days!=number adopt! window!=span marking"},
	Vote:       {"division agree|reserve|disagree|abstain words?", ""},
	CountVotes: {"division", ""},
	Undivide:   {"division words", ""},

	Dispatch:    {"+shipment 'for' division 'to' MEMBER", "title! quantity=number pledge=pledge " + paperFields},
	Replenish:   {"+shipment 'for' shipment", "title! quantity=number " + paperFields},
	Gift:        {"+shipment 'of' item 'to' MEMBER", "title! quantity=number " + paperFields},
	CustomsHold: {"shipment words", "ref"},
	CustomsFree: {"shipment", ""},
	Delivery:    {"shipment", "warehouse! got=got"},
}

// lines are the kinds of list fields whose words are checked before a bar:
// what each word is.
var lines = map[string][]string{
	"source": {"holder", "number"}, // MEMBER or PLEDGE, QUANTITY
	"load":   {"lot", "word", "number"},
	"got":    {"number", "number", "number", "number"}, // LINE WHOLE SHORT DAMAGED
}

// lined checks the words of such a line; a name that stands for something else
// is a fault of its own.
func (p *parser) lined(kind, value string) bool {
	words := strings.Fields(Parts(value)[0])
	if len(words) != len(lines[kind]) {
		return false
	}
	for i, what := range lines[kind] {
		switch w := words[i]; what {
		case "number":
			if !NumberForm(w) {
				return false
			}
		case "lot":
			p.known(w, Lot)
		case "holder":
			if !slices.Contains(access.All(), access.Member(w)) {
				p.known(w, Pledge)
			}
		}
	}
	return true
}

// NumberForm reports whether s is a whole number that is not negative.
func NumberForm(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n >= 0 && s[0] != '+'
}
