package region

import (
	"context"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/request"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/region/scenario"
)

var responseActs = map[scenario.Verb]doer{
	scenario.AskHelp: askHelp, scenario.Offer: offerHelp, scenario.Take: takeOffer, scenario.TurnDown: turnDown,
	scenario.Arrange: arrange, scenario.Sign: sign,
	scenario.Consign: consign, scenario.Hold: stepGoods, scenario.LetGo: stepGoods, scenario.Receive: receiveGoods, scenario.Reconcile: stepGoods,

	scenario.CallInputs: callInputs, scenario.GiveInput: giveInput, scenario.Gather: gatherInputs, scenario.Compose: composeReport,
	scenario.Raise: raiseLevel, scenario.Stance: takeStance, scenario.Settle: settleLevel,
}

// row is one line of a list field: words, and what stands after the first bar
// and after the second.
type row struct {
	field string
	words []string
	more  []string
	err   error
}

func rows(s *scenario.Step, field string) []*row {
	var out []*row
	for _, line := range s.Lists[field] {
		v := scenario.Parts(line)
		out = append(out, &row{field: field, words: strings.Fields(v[0]), more: v[1:]})
	}
	return out
}

// word is the n-th word; "-" and what is not there are empty.
func (r *row) word(n int) string {
	if n >= len(r.words) || r.words[n] == "-" {
		return ""
	}
	return r.words[n]
}

func (r *row) number(n int) int64 {
	v, err := strconv.ParseInt(r.word(n), 10, 64)
	if err != nil {
		r.err = &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: r.field, Key: "fault.scenario.number", Args: fault.Args{"word": r.word(n)}}}}
	}
	return v
}

// text is what stands after the n-th bar, from 0.
func (r *row) text(n int) string {
	if n >= len(r.more) {
		return ""
	}
	return r.more[n]
}

// read makes an item of each line of a field.
func read[T any](s *scenario.Step, field string, make func(*row) T) ([]T, error) {
	var out []T
	for _, r := range rows(s, field) {
		if out = append(out, make(r)); r.err != nil {
			return nil, r.err
		}
	}
	return out, nil
}

func hours(s *scenario.Step, field string, otherwise time.Duration) int64 {
	return int64(span(s, field, otherwise) / time.Hour)
}

// chain takes steps of the response, each by its role.
func (t *turn) chain(ctx context.Context, rid id.ID, steps ...leg) error {
	for _, l := range steps {
		by, err := t.by(ctx, l.role)
		if l.role == access.Approver {
			by = t.approver
		}
		if err == nil {
			err = t.node.Requests.Step(ctx, by, rid, 0, l.verb, l.in)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type leg struct {
	role access.Role
	verb string
	in   request.StepInput
}

// issued are the steps from a draft to its release.
var issued = []leg{{access.DutyOfficer, "submit", request.StepInput{}}, {access.Approver, "clear", request.StepInput{}}, {access.DutyOfficer, "issue", request.StepInput{}}}

// askHelp reads its lines as CATEGORY QUANTITY UNIT PRIORITY DAY ENTRY PLACE |
// item | specification.
func askHelp(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	lines, err := read(t.s, "line", func(r *row) request.Line {
		return request.Line{Category: r.word(0), Qty: r.number(1), Unit: r.word(2), Priority: r.word(3), NeededBy: r.word(4), Entry: r.word(5), Place: r.word(6), Item: r.text(0), Spec: r.text(1)}
	})
	if err != nil {
		return err
	}
	f := t.s.Fields
	r, err := t.node.Requests.DraftRequest(ctx, by, request.RequestInput{To: t.members("to"), Content: request.Content{Title: f["title"], Context: f["context"],
		Authority: f["authority"], Lang: "en", Event: t.other().Event, Valid: f["valid"], Hours: hours(t.s, "within", 24*time.Hour), Marking: marking(t.s), Lines: lines}})
	if err != nil {
		return err
	}
	t.keep(t.other().Event, r.ID)
	return t.chain(ctx, r.ID, issued...)
}

// offerHelp reads its lines as LINE CATEGORY QUANTITY UNIT COST ARRIVAL | item |
// conditions.
func offerHelp(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	lines, err := read(t.s, "line", func(r *row) request.OfferLine {
		return request.OfferLine{For: int(r.number(0)), Category: r.word(1), Qty: r.number(2), Unit: r.word(3), Cost: r.word(4), ETA: r.word(5), Item: r.text(0), Conditions: r.text(1)}
	})
	if err != nil {
		return err
	}
	f := t.s.Fields
	o, err := t.node.Requests.DraftOffer(ctx, by, request.OfferInput{Inform: t.members("inform"), OfferContent: request.OfferContent{Title: f["title"], Words: f["words"],
		Entity: f["entity"], Authority: f["authority"], Lang: "en", Request: t.other().ID, Valid: f["valid"], Marking: marking(t.s), Lines: lines}})
	if err != nil {
		return err
	}
	t.keep("", o.ID)
	return t.chain(ctx, o.ID, issued...)
}

// takeOffer accepts an offer, or of each line that it names only so much.
func takeOffer(ctx context.Context, t *turn) error {
	taken, err := read(t.s, "take", func(r *row) request.Taken { return request.Taken{N: int(r.number(0)), Qty: r.number(1)} })
	if err != nil {
		return err
	}
	verb := "accept"
	if len(taken) > 0 {
		verb = "accept_part"
	}
	return t.chain(ctx, t.of().ID, leg{access.Approver, verb, request.StepInput{Taken: taken}})
}

func turnDown(ctx context.Context, t *turn) error {
	return t.chain(ctx, t.of().ID, leg{access.Approver, "decline", request.StepInput{Words: t.s.Words}})
}

// arrange writes the terms and proposes them to the other side. Lines of the
// scope are QUANTITY UNIT COST | what; those of clauses KEY | text.
func arrange(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	scope, err := read(t.s, "scope", func(r *row) request.ScopeLine {
		return request.ScopeLine{Qty: r.number(0), Unit: r.word(1), Cost: r.word(2), What: r.text(0)}
	})
	if err != nil {
		return err
	}
	clauses, err := read(t.s, "clause", func(r *row) request.Clause { return request.Clause{Key: r.word(0), Text: r.text(0)} })
	if err != nil {
		return err
	}
	p, err := t.node.Requests.Page(ctx, by, t.other().ID)
	if err != nil {
		return err
	}
	o, f := p.Offer, t.s.Fields
	in := request.ArrangementInput{Peer: o.To, Sends: true, Title: f["title"], Request: o.Request, Offer: o.ID, Scope: scope, From: f["from"], Until: f["until"],
		Lang: "en", Marking: marking(t.s), Clauses: clauses}
	if t.member == o.To {
		in.Peer, in.Sends = o.From, false
	}
	a, err := t.node.Requests.DraftArrangement(ctx, by, in)
	if err != nil {
		return err
	}
	t.keep("", a.ID)
	return t.chain(ctx, a.ID, leg{access.DutyOfficer, "propose", request.StepInput{}})
}

// sign signs the newest terms that wait for this side's signature.
func sign(ctx context.Context, t *turn) error {
	p, err := t.node.Requests.Page(ctx, t.approver, t.of().ID)
	if err != nil {
		return err
	}
	waiting := p.Arrangement.Waiting()
	if len(waiting) == 0 {
		return notYet()
	}
	return t.chain(ctx, t.of().ID, leg{access.Approver, "sign", request.StepInput{Digest: waiting[len(waiting)-1]}})
}
