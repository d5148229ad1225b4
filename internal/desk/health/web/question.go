package web

import (
	"net/http"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// questionView is one question, and the form that answers it where it was
// asked of this node.
type questionView struct {
	words
	Q      health.QuestionPage
	Line   questionLine
	Head   parts.PageHead
	May    bool
	Errors parts.Errors
	Words  string
}

func (g *Pages) question(w http.ResponseWriter, r *shell.Request) error {
	return g.showQuestion(w, r, http.StatusOK, nil)
}

func (g *Pages) showQuestion(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	qid, err := r.PathID("id")
	if err != nil {
		return err
	}
	q, err := g.desk.QuestionPage(r.Context(), r.Actor, qid)
	if err != nil {
		return err
	}
	v := questionView{words: g.words(r), Q: q, Errors: parts.ErrorsOf(r.Printer, cause), Words: r.PostFormValue("words")}
	v.Line = v.questionLine(q.Question)
	v.Line.May = false // the form stands below
	_, v.May = offered(q.Offers, workflow.Verb("answer"))
	v.Head = parts.PageHead{Title: v.T("health.question.title", "member", v.name(string(q.From))), Lede: v.T("health.question.about", "title", q.Title),
		Crumbs: []parts.Link{{Text: v.T("health.list.title"), Href: "/health/events"}, {Text: q.Event.Name, Href: eventPath(q.Event.ID)}, {Text: v.T("health.questions.title")}}}
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Marking: string(q.Marking)}, questionPage(v))
}

func (g *Pages) answerQuestion(w http.ResponseWriter, r *shell.Request) error {
	qid, err := r.PathID("id")
	if err != nil {
		return err
	}
	q, err := g.desk.Answer(r.Context(), r.Actor, qid, 0, text(strings.TrimSpace(r.PostFormValue("words"))))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showQuestion(w, r, http.StatusBadRequest, err)
	case fault.Is(err, fault.Conflict):
		return g.showQuestion(w, r, http.StatusConflict, err)
	case err != nil:
		return err
	}
	r.Say(w, "health.said.answered", nil)
	return r.Redirect(w, eventPath(q.Event))
}

func (v questionView) field() parts.Field {
	return parts.Field{Name: "words", Label: v.T("health.field.answer"), Hint: v.T("health.hint.answer"), Required: true,
		Error: strings.TrimSpace(v.Errors.Of("answer") + " " + v.Errors.Of("health.words"))}
}
