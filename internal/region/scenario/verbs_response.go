package scenario

// Kinds of names in a response.
const (
	Help        Kind = "help" // asked for
	Offered     Kind = "offer"
	Arrangement Kind = "arrangement"
	Consignment Kind = "consignment"
	Sitrep      Kind = "sitrep"
	Level       Kind = "level" // proposed
)

var responseKinds = []Kind{Help, Offered, Arrangement, Consignment, Sitrep, Level}

// Verbs of a response.
const (
	AskHelp   Verb = "help"
	Offer     Verb = "offer"
	Take      Verb = "take"
	TurnDown  Verb = "turn_down"
	Arrange   Verb = "arrange"
	Sign      Verb = "sign"
	Consign   Verb = "consign"
	Hold      Verb = "hold"
	LetGo     Verb = "let_go"
	Receive   Verb = "receive"
	Reconcile Verb = "reconcile"

	CallInputs Verb = "inputs"
	GiveInput  Verb = "input"
	Gather     Verb = "gather"
	Compose    Verb = "compose"

	Raise  Verb = "level"
	Stance Verb = "stance"
	Settle Verb = "settle"
)

const inputFields = "title authority highlight=list event=event text=list"

var responseForms = map[Verb]form{
	AskHelp:   {"+help 'of' event", "title! context authority! line!=list to!=members within=span valid!=day marking"},
	Offer:     {"+offer 'for' help", "title! words entity! authority! line!=list valid!=day inform=members marking"},
	Take:      {"offer", "take=list"},
	TurnDown:  {"offer words", ""},
	Arrange:   {"+arrangement 'for' offer", "title! scope!=list from!=day until!=day clause=list marking"},
	Sign:      {"arrangement", ""},
	Consign:   {"+consignment 'for' offer", "title! under=arrangement item!=list packages!=count kilograms!=count carrier! waybill! entry! etd!=day eta!=day inform=members marking"},
	Hold:      {"consignment words", "ref"},
	LetGo:     {"consignment", ""},
	Receive:   {"consignment", "got!=got"},
	Reconcile: {"consignment words", ""},

	CallInputs: {"+sitrep 'of' family", "title! authority! words from!=day until!=day cutoff!=span next!=span asked!=members marking"},
	GiveInput:  {"sitrep", inputFields},
	Gather:     {"sitrep", ""},
	Compose:    {"sitrep", "title authority highlight!=list"},

	Raise:  {"+level 'for' family", "title! level! criteria! reasons! rule! window!=span review!=day marking"},
	Stance: {"level agree|reserve|disagree|abstain words?", ""},
	Settle: {"level", ""},
}
