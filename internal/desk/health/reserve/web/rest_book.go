package web

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// bookOperations are the goods that are here and the book of this member.
func (g *Pages) bookOperations(a *api.API) {
	api.Add(a, op("GET", "stock", "stock", "List the goods in this member's warehouses, lot by lot, what expires first in each item", readScope), g.restStock)
	api.Add(a, makes(op("POST", "lots/{id}/postings", "lot-post", "Book goods of a lot in or out", writeScope)), g.restPost)
	rotate := makes(op("POST", "lots/{id}/rotations", "lot-rotate", "Exchange goods near their expiry for fresh ones", writeScope))
	rotate.Description = "One posting: the reserve is never smaller in between. Answers with the new lot."
	api.Add(a, rotate, g.restRotate)
	api.Add(a, op("GET", "postings", "posting-list", "List the postings of this member's book, the newest first", readScope), g.restPostings)
	api.Add(a, op("GET", "postings/{seq}", "posting-get", "Read one posting", readScope), func(ctx context.Context, c *api.Call, in *BySeq) (*api.One[PostingDoc], error) {
		return g.restPosting(ctx, c, in.Seq)
	})
	api.Add(a, makes(op("POST", "postings/{seq}/reversals", "posting-reverse", "Take a posting back by another one", writeScope)), g.restReverse)
	api.Add(a, hides(op("GET", "balances", "balances", "Read the balances of this member's book", readScope)), func(ctx context.Context, c *api.Call, _ *struct{}) (*api.One[reserve.StatementContent], error) {
		if !reserve.Sees(c.Actor) {
			return nil, desk.NotFound()
		}
		s, err := g.desk.Totals(ctx, c.Actor)
		return api.Copied(s), err
	})
}

// StockDoc is what there is of one lot at one warehouse.
type StockDoc struct {
	Item      id.ID          `json:"item"`
	Name      string         `json:"name"`
	Unit      string         `json:"unit"`
	Lot       id.ID          `json:"lot"`
	Number    string         `json:"number"`
	Maker     string         `json:"maker"`
	Warehouse string         `json:"warehouse"`
	Qty       int64          `json:"qty"`
	Expires   string         `json:"expires,omitempty" doc:"The last day of use, to its end in UTC."`
	Holder    access.Member  `json:"holder"`
	Cold      string         `json:"cold"`
	Condition workflow.State `json:"condition"`
	Usable    bool           `json:"usable" doc:"Can be sent now: neither in quarantine nor expired."`
}

type stockQuery struct {
	Item string `query:"item" format:"uuid"`
}

func (g *Pages) restStock(ctx context.Context, c *api.Call, in *stockQuery) (*api.List[StockDoc], error) {
	list, err := g.desk.Batches(ctx, c.Actor, api.Ref(in.Item))
	out := make([]StockDoc, len(list))
	for i := range list {
		b := &list[i]
		out[i] = StockDoc{b.Item, b.Name, b.Unit, id.ID(b.Lot), b.Number, b.Maker, b.Warehouse, b.Qty, b.Expires, b.Holder, b.Keeps, b.State, b.Usable && reserve.Keeps(b.Expires, g.desk.Now())}
	}
	return api.NewList(out, ""), err
}

// PostBody is what a caller books of a lot.
type PostBody struct {
	Kind      string `json:"kind" enum:"opening,supply,from_national,count_more,consume,to_national,move,expire,damage,count_less"`
	Warehouse string `json:"warehouse" example:"CENTRAL"`
	To        string `json:"to_warehouse,omitempty" doc:"Of a move."`
	Qty       int64  `json:"qty" minimum:"1"`
	Words     string `json:"words,omitempty" doc:"Needed when a count is corrected."`
}

func (g *Pages) restPost(ctx context.Context, c *api.Call, in *changeBody[PostBody]) (*api.Made[PostingDoc], error) {
	b := in.Body
	seq, err := g.desk.Post(ctx, c.Actor, reserve.PostInput{Kind: b.Kind, Lot: in.Record(), Warehouse: b.Warehouse, To: b.To, Qty: b.Qty, Words: b.Words})
	return g.posted(ctx, c, seq, err)
}

// RotateBody exchanges goods of a lot for those of a new one.
type RotateBody struct {
	Warehouse string `json:"warehouse"`
	Qty       int64  `json:"qty" minimum:"1"`
	Number    string `json:"number"`
	Maker     string `json:"maker"`
	Expires   string `json:"expires" format:"date"`
	Words     string `json:"words,omitempty"`
}

func (g *Pages) restRotate(ctx context.Context, c *api.Call, in *changeBody[RotateBody]) (*api.Made[Doc[reserve.LotContent]], error) {
	b := in.Body
	l, err := g.desk.Rotate(ctx, c.Actor, reserve.RotateInput{Lot: in.Record(), Warehouse: b.Warehouse, Qty: b.Qty, New: reserve.LotInput{Number: b.Number, Maker: b.Maker, Expires: b.Expires}, Words: b.Words})
	if err != nil {
		return nil, err
	}
	p, err := g.desk.Lot(ctx, c.Actor, l.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade("/reserve/lots/"+string(l.ID), int64(p.Version), docOf(c, &p)), nil
}

// PostingDoc is one posting of the book. It is never changed.
type PostingDoc struct {
	Seq      int64          `json:"seq"`
	ID       id.ID          `json:"id"`
	Kind     string         `json:"kind"`
	At       time.Time      `json:"at"`
	By       string         `json:"by" doc:"Duty post."`
	Words    string         `json:"words,omitempty"`
	Movement id.ID          `json:"movement,omitempty"`
	Release  id.ID          `json:"release,omitempty" doc:"That carried it here."`
	Reverses int64          `json:"reverses,omitempty"`
	Entries  []ledger.Entry `json:"entries" nullable:"false" doc:"Those of an item sum to 0, goods and pledges apart."`
	Previous string         `json:"previous" doc:"Digest of the posting before."`
	Digest   string         `json:"digest"`
}

func postingDoc(p *ledger.Posting) PostingDoc {
	return PostingDoc{p.Seq, id.ID(p.ID), p.Kind, at(p), p.By, p.Words, id.ID(p.Movement), id.ID(p.Release), p.Reverses, p.Entries, p.Prev, p.Digest}
}

type postingQuery struct {
	api.Paging
	Item string `query:"item" format:"uuid"`
	Kind string `query:"kind" maxLength:"40"`
}

func (g *Pages) restPostings(ctx context.Context, c *api.Call, in *postingQuery) (*api.List[PostingDoc], error) {
	scope := fmt.Sprintf("reserve posting %s %s", in.Item, in.Kind)
	f := reserve.BookFilter{Item: api.Ref(in.Item), Kind: in.Kind, Limit: in.Limit}
	keys, err := in.Keys(scope, 1)
	if err != nil {
		return nil, err
	}
	if keys != nil {
		f.Before, _ = strconv.ParseInt(keys[0], 10, 64)
	}
	list, err := g.desk.Book(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	out, next := make([]PostingDoc, len(list)), ""
	for i := range list {
		out[i] = postingDoc(&list[i])
	}
	if n := len(list); n == in.Limit && list[n-1].Seq > 1 {
		next = api.Cursor(scope, strconv.FormatInt(list[n-1].Seq, 10))
	}
	return api.NewList(out, next), nil
}

// BySeq is the input of an operation on one posting.
type BySeq struct {
	Seq int64 `path:"seq" minimum:"1" doc:"Number of the posting in this member's book."`
}

func (g *Pages) restPosting(ctx context.Context, c *api.Call, seq int64) (*api.One[PostingDoc], error) {
	p, err := g.desk.Posting(ctx, c.Actor, seq)
	if err != nil {
		return nil, err
	}
	return api.Copied(postingDoc(&p)), nil
}

func (g *Pages) posted(ctx context.Context, c *api.Call, seq int64, err error) (*api.Made[PostingDoc], error) {
	if err != nil {
		return nil, err
	}
	p, err := g.desk.Posting(ctx, c.Actor, seq)
	if err != nil {
		return nil, err
	}
	return api.NewMade("/reserve/postings/"+strconv.FormatInt(seq, 10), seq, postingDoc(&p)), nil
}

type reversal struct {
	BySeq
	Body struct {
		Words string `json:"words" doc:"Why."`
	}
}

func (g *Pages) restReverse(ctx context.Context, c *api.Call, in *reversal) (*api.Made[PostingDoc], error) {
	seq, err := g.desk.Reverse(ctx, c.Actor, in.Seq, in.Body.Words)
	return g.posted(ctx, c, seq, err)
}
