package rest

import (
	"context"
	"strconv"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

// noticeQuery are the filters of the list.
type noticeQuery struct {
	api.Paging
	Waiting bool   `query:"waiting" doc:"Only those that need an answer."`
	From    string `query:"from" maxLength:"8"`
	Event   string `query:"event" format:"uuid"`
}

func (q *noticeQuery) scope() string {
	return "health-notice-list " + strconv.FormatBool(q.Waiting) + " " + q.From + " " + q.Event
}

// AnswerInput is an answer to a received notification.
type AnswerInput struct {
	Verb  string `json:"verb" enum:"acknowledge,refuse" doc:"A refusal needs words."`
	Words string `json:"words,omitempty"`
}

// WordsInput is a question or its answer.
type WordsInput struct {
	Words string `json:"words"`
}

const notices = "/health/notices"

func (d *Desk) addNotices(a *api.API) {
	api.Add(a, api.Op{Method: "GET", Path: notices, ID: "health-notice-list", Summary: "List received notifications", Tag: "health", Scope: Read}, d.listNotices)
	api.Add(a, api.Op{Method: "GET", Path: "/health/search/notices", ID: "health-notice-search", Summary: "Search received notifications", Tag: "health", Scope: Read}, d.searchNotices)
	api.Add(a, api.Op{Method: "GET", Path: notices + "/{id}", ID: "health-notice-get", Summary: "Read a received notification", Tag: "health", Scope: Read,
		Description: "Reading by a program is not opening by a person: no receipt is sent."}, d.notice)
	api.Add(a, api.Op{Method: "GET", Path: notices + "/{id}/steps", ID: "health-notice-steps", Summary: "List the answers that the caller may give", Tag: "health", Scope: Read}, d.noticeSteps)
	api.Add(a, api.Op{Method: "POST", Path: notices + "/{id}/open", ID: "health-notice-open", Summary: "Say that a person opened it", Tag: "health", Scope: Write,
		Description: "The sender gets the receipt. Opening again changes nothing."}, d.openNotice)
	api.Add(a, api.Op{Method: "POST", Path: notices + "/{id}/steps", ID: "health-notice-answer", Summary: "Acknowledge or refuse", Tag: "health", Scope: Write, MustMatch: true}, d.answerNotice)
	api.Add(a, api.Op{Method: "POST", Path: notices + "/{id}/questions", ID: "health-notice-ask", Summary: "Ask the sender", Tag: "health", Scope: Write, Status: 201,
		MustMatch: true}, d.ask)
}

func (d *Desk) listNotices(ctx context.Context, c *api.Call, in *noticeQuery) (*api.List[NoticeDoc], error) {
	f := health.NoticeFilter{Waiting: in.Waiting, From: access.Member(in.From), Event: ByID{in.Event}.id(), Limit: in.Limit}
	keys, err := in.Keys(in.scope(), 1)
	if err != nil {
		return nil, err
	}
	if keys != nil {
		f.After = id.ID(keys[0])
	}
	ns, next, err := d.desk.NoticeList(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	cursor := ""
	if next != "" {
		cursor = api.Cursor(in.scope(), string(next))
	}
	return list(each(ns, noticeOf), cursor), nil
}

func (d *Desk) searchNotices(ctx context.Context, c *api.Call, in *struct {
	Query string `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"Every word must occur."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}) (*api.List[NoticeDoc], error) {
	ns, err := d.desk.SearchNotices(ctx, c.Actor, in.Query, in.Limit)
	if err != nil {
		return nil, err
	}
	return list(each(ns, noticeOf), ""), nil
}

func (d *Desk) notice(ctx context.Context, c *api.Call, in *ByID) (*api.One[NoticeDoc], error) {
	p, err := d.desk.NoticePage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return one(p.Version, noticeOf(&p.Notice)), nil
}

func (d *Desk) noticeSteps(ctx context.Context, c *api.Call, in *ByID) (*api.List[OfferDoc], error) {
	p, err := d.desk.NoticePage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return list(offersOf(c.Printer, p.Offers), ""), nil
}

func (d *Desk) openNotice(ctx context.Context, c *api.Call, in *ByID) (*api.One[NoticeDoc], error) {
	n, err := d.desk.OpenNotice(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return one(n.Version, noticeOf(&n)), nil
}

func (d *Desk) answerNotice(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body AnswerInput
}) (*api.One[NoticeDoc], error) {
	v, err := seen(c)
	if err != nil {
		return nil, err
	}
	answer := d.desk.Acknowledge
	if in.Body.Verb == "refuse" {
		answer = d.desk.Refuse
	}
	n, err := answer(ctx, c.Actor, in.id(), v, in.Body.Words)
	if err != nil {
		return nil, err
	}
	return one(n.Version, noticeOf(&n)), nil
}

func (d *Desk) ask(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body WordsInput
}) (*api.Made[QuestionDoc], error) {
	v, err := seen(c)
	if err != nil {
		return nil, err
	}
	q, err := d.desk.Ask(ctx, c.Actor, in.id(), v, in.Body.Words)
	if err != nil {
		return nil, err
	}
	return made(questions+"/"+string(q.ID), q.Version, questionOf(&q)), nil
}
