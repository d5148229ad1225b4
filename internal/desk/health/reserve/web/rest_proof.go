package web

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// proofOperations are the statement of this member, the books of all members
// side by side, and the check of the own one.
func (g *Pages) proofOperations(a *api.API) {
	proof := hides(op("GET", "proof", "proof", "Read the proof that the books of all members balance", readScope))
	proof.Description = "Computed by this node from its own book and the newest statement of each member. A member without a statement is silent, never 0; what one has sent and the other not yet counted is named."
	api.Add(a, proof, g.restProof)
	api.Add(a, hides(op("GET", "audit", "audit", "Compute this member's whole book again from its first posting", readScope)), g.restAudit)
	api.Add(a, hides(op("GET", "statement", "statement-get", "Read the standing statement of this member", readScope)), func(ctx context.Context, c *api.Call, _ *struct{}) (*api.One[StatementDoc], error) {
		return g.stated(ctx, c, nil)
	})
	step := hides(op("POST", "statement/steps", "statement-step", "Open, stop or open again the standing statement", writeScope))
	step.Description = "open, stop (with a reason), reopen. Once open, the newest balances leave by themselves."
	api.Add(a, step, func(ctx context.Context, c *api.Call, in *newBody[api.StepBody]) (*api.One[StatementDoc], error) {
		_, err := g.desk.StepStatement(ctx, c.Actor, workflow.Verb(in.Body.Verb), in.Body.Reason)
		return g.stated(ctx, c, err)
	})
	api.Add(a, hides(op("GET", "statements", "statement-list", "List what each member states, with this member's own book as it is now", readScope)), g.restStatements)
}

// StatementDoc is the standing statement of this member.
type StatementDoc = Doc[reserve.StatementContent]

func (g *Pages) stated(ctx context.Context, c *api.Call, err error) (*api.One[StatementDoc], error) {
	if err != nil {
		return nil, err
	}
	p, had, err := g.desk.OwnStatement(ctx, c.Actor)
	if err == nil && !had {
		err = desk.NotFound()
	}
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(p.Version), docOf(c, &p)), nil
}

// ProofDoc is the books of all members side by side.
type ProofDoc struct {
	Exercise string          `json:"exercise,omitempty"`
	Balanced bool            `json:"balanced" doc:"All that is stated balances."`
	Silent   []access.Member `json:"silent" nullable:"false" doc:"Members without a statement."`
	Members  []ColumnDoc     `json:"members" nullable:"false" doc:"The columns of rows and sums, in the fixed order."`
	Items    []ProofItemDoc  `json:"items" nullable:"false"`
}

// ColumnDoc is a member's book in the proof.
type ColumnDoc struct {
	Member    access.Member `json:"member"`
	Stated    bool          `json:"stated"`
	Own       bool          `json:"own" doc:"This member's own book, computed just now."`
	Seq       int64         `json:"seq,omitempty" doc:"Number of the newest posting that it counts."`
	AsOf      time.Time     `json:"as_of,omitzero"`
	Statement id.ID         `json:"statement,omitempty"`
	Stopped   bool          `json:"stopped,omitempty"`
}

// ProofItemDoc is one item in all books.
type ProofItemDoc struct {
	Item     id.ID         `json:"item"`
	Name     string        `json:"name"`
	Unit     string        `json:"unit"`
	Balanced bool          `json:"balanced"`
	Complete bool          `json:"complete" doc:"Nobody who appears in it is silent."`
	Rows     []ProofRowDoc `json:"rows" nullable:"false"`
	Sums     []int64       `json:"sums" nullable:"false" doc:"Of the goods of each column; each must be 0."`
	Pairs    []PairDoc     `json:"pairs" nullable:"false" doc:"Accounts of two members that mirror one another."`
}

// ProofRowDoc is one kind of account in every book.
type ProofRowDoc struct {
	Account string   `json:"account"`
	Cells   []*int64 `json:"cells" nullable:"false" doc:"null: no statement."`
	Sum     int64    `json:"sum"`
}

// PairDoc is an account of one member and its mirror image.
type PairDoc struct {
	A         access.Member  `json:"a"`
	Account   ledger.Account `json:"account"`
	Have      int64          `json:"have"`
	B         access.Member  `json:"b"`
	Mirror    ledger.Account `json:"mirror,omitempty" doc:"Absent for goods on the way, which no other book has."`
	Other     int64          `json:"other"`
	Both      bool           `json:"both" doc:"Both sides have stated."`
	OnWay     []MoveDoc      `json:"on_way" nullable:"false"`
	Explained int64          `json:"explained"`
	Open      int64          `json:"open" doc:"What no movement explains; must be 0."`
}

// MoveDoc is a movement that one of the two books has not booked yet.
type MoveDoc struct {
	Movement id.ID         `json:"movement"`
	Title    string        `json:"title"`
	From     access.Member `json:"from"`
	To       access.Member `json:"to"`
	Sent     int64         `json:"sent"`
}

func (g *Pages) restProof(ctx context.Context, c *api.Call, in *stockQuery) (*api.One[ProofDoc], error) {
	p, err := g.desk.Prove(ctx, c.Actor, api.Ref(in.Item))
	if err != nil {
		return nil, err
	}
	out := ProofDoc{Exercise: p.Exercise, Balanced: p.Balanced(), Silent: append([]access.Member{}, p.Silent()...), Members: columnDocs(&p), Items: []ProofItemDoc{}}
	for i := range p.Items {
		out.Items = append(out.Items, proofItemDoc(&p.Items[i]))
	}
	return api.Copied(out), nil
}

func columnDocs(p *reserve.Proof) []ColumnDoc {
	out := make([]ColumnDoc, len(p.Members))
	for i, m := range p.Members {
		out[i] = ColumnDoc{m.Member, m.Stated, m.Own, m.Seq, m.AsOf, m.Page, m.Old}
	}
	return out
}

func proofItemDoc(i *reserve.ProofItem) ProofItemDoc {
	out := ProofItemDoc{Item: i.Item, Name: i.Name, Unit: i.Unit, Balanced: i.Balanced, Complete: i.Complete, Rows: []ProofRowDoc{}, Sums: append([]int64{}, i.Sums...), Pairs: []PairDoc{}}
	for _, r := range i.Rows {
		out.Rows = append(out.Rows, ProofRowDoc{r.Kind, r.Cells, r.Sum})
	}
	for _, x := range i.Pairs {
		d := PairDoc{A: x.A, Account: x.Account, Have: x.Have, B: x.B, Mirror: x.Mirror, Other: x.Other, Both: x.Both, OnWay: []MoveDoc{}, Explained: x.Explained, Open: x.Open}
		for _, m := range x.OnWay {
			d.OnWay = append(d.OnWay, MoveDoc{id.ID(m.ID), m.Title, m.From, m.To, m.Sent})
		}
		out.Pairs = append(out.Pairs, d)
	}
	return out
}

func (g *Pages) restStatements(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[ColumnDoc], error) {
	p, err := g.desk.Prove(ctx, c.Actor, "")
	if err != nil {
		return nil, err
	}
	return api.NewList(columnDocs(&p), ""), nil
}

// AuditDoc is the result of a check of the whole book.
type AuditDoc struct {
	Sound    bool       `json:"sound"`
	Seq      int64      `json:"seq"`
	Head     string     `json:"head,omitempty" doc:"Digest of the newest posting."`
	Entries  int64      `json:"entries"`
	Accounts int        `json:"accounts" doc:"Accounts and lots with a balance."`
	Faults   []FaultDoc `json:"faults" nullable:"false"`
	Seconds  float64    `json:"seconds"`
}

// FaultDoc is something in a book that cannot be.
type FaultDoc struct {
	What    string         `json:"what" enum:"sequence,chain,unbalanced,negative,balance,head"`
	Seq     int64          `json:"seq,omitempty"`
	Item    string         `json:"item,omitempty"`
	Lot     string         `json:"lot,omitempty"`
	Account ledger.Account `json:"account,omitempty"`
	Have    int64          `json:"have"`
	Want    int64          `json:"want"`
}

func (g *Pages) restAudit(ctx context.Context, c *api.Call, _ *struct{}) (*api.One[AuditDoc], error) {
	a, err := g.desk.Check(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	out := AuditDoc{Sound: a.Sound(), Seq: a.Seq, Head: a.Head, Entries: a.Entries, Accounts: len(a.Balances), Faults: []FaultDoc{}, Seconds: a.Took}
	for _, f := range a.Faults {
		out.Faults = append(out.Faults, FaultDoc{f.What, f.Seq, f.Key.Item, f.Key.Lot, f.Key.Account, f.Have, f.Want})
	}
	return api.Copied(out), nil
}
