package rest

import (
	"context"

	"lintas/internal/api"
)

const questions = "/health/questions"

func (d *Desk) addQuestions(a *api.API) {
	api.Add(a, api.Op{Method: "GET", Path: questions + "/{id}", ID: "health-question-get", Summary: "Read a question and its answer", Tag: "health", Scope: Read}, d.question)
	api.Add(a, api.Op{Method: "POST", Path: questions + "/{id}/answer", ID: "health-question-answer", Summary: "Answer a question of another member", Tag: "health", Scope: Write,
		MustMatch: true}, d.answer)
	api.Add(a, api.Op{Method: "GET", Path: "/health/todos", ID: "health-todo-list", Summary: "List what needs the caller's action", Tag: "health", Scope: Read,
		Description: "What the account's roles permit now, the least time first."}, d.todos)
}

func (d *Desk) question(ctx context.Context, c *api.Call, in *ByID) (*api.One[QuestionDoc], error) {
	p, err := d.desk.QuestionPage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return one(p.Version, questionOf(&p.Question)), nil
}

func (d *Desk) answer(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body WordsInput
}) (*api.One[QuestionDoc], error) {
	v, err := seen(c)
	if err != nil {
		return nil, err
	}
	q, err := d.desk.Answer(ctx, c.Actor, in.id(), v, in.Body.Words)
	if err != nil {
		return nil, err
	}
	return one(q.Version, questionOf(&q)), nil
}

func (d *Desk) todos(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[TodoDoc], error) {
	all, err := d.desk.Todos(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	return list(each(all, todoOf), ""), nil
}
