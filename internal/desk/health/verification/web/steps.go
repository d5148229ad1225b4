package web

import (
	"context"
	"net/http"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
)

// step takes a step from the page of an exchange.
func (g *Pages) step(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb, f := r.PathValue("verb"), r.PostForm
	in := StepInput{Verb: verb, Words: text(f.Get("words")), Questions: inputOf(f).Questions}
	if reason := text(f.Get("reason")); reason != "" {
		in.Words = reason
	}
	if until, err := time.Parse("2006-01-02T15:04", f.Get("until")); err == nil {
		in.Until = until.UTC()
	}
	seen := 0 // what is said adds to the exchange, whatever happened meanwhile
	if onVersion[verb] {
		seen = version(f)
	}
	err = g.take(r.Context(), r.Actor, rid, seen, in)
	switch {
	case fault.Is(err, fault.Invalid):
		return g.show(w, r, http.StatusBadRequest, verb, err)
	case fault.Is(err, fault.Conflict):
		return g.show(w, r, http.StatusConflict, verb, err)
	case err != nil:
		return err
	}
	r.Say(w, "verification.said."+verb, nil)
	if verb == "amend" {
		return r.Redirect(w, base+"/"+string(rid)+"/answer")
	}
	return r.Redirect(w, base+"/"+string(rid))
}

// onVersion are the steps that hold for what the person saw.
var onVersion = map[string]bool{"send": true, "discard": true, "submit": true, "recall": true, "return": true, "clear": true, "amend": true}

// StepInput is one step of an exchange, from a page or from a program.
type StepInput struct {
	Verb      string    `json:"verb" maxLength:"40" doc:"One of the offered steps."`
	Words     string    `json:"words,omitempty" doc:"What is said with it; the reason where the step needs one."`
	Until     time.Time `json:"until,omitzero" doc:"Of ask_extension: until when."`
	Questions []string  `json:"questions,omitempty" doc:"Of ask_again: the further questions."`
}

// take takes a step of either side.
func (g *Pages) take(ctx context.Context, a access.Actor, rid id.ID, seen int, in StepInput) error {
	d, err := g.desk, error(nil)
	switch in.Verb {
	case "send":
		_, err = d.Send(ctx, a, rid, seen)
	case "discard":
		_, err = d.Discard(ctx, a, rid, seen)
	case "remind":
		_, err = d.Remind(ctx, a, rid, seen, in.Words)
	case "grant", "decline":
		_, err = d.Decide(ctx, a, rid, seen, in.Verb == "grant", in.Words)
	case "write":
		_, err = d.Write(ctx, a, rid, seen, in.Words)
	case "ask_again":
		_, err = d.AskAgain(ctx, a, rid, seen, in.Questions, in.Words)
	case "withdraw":
		_, err = d.Withdraw(ctx, a, rid, seen, in.Words)
	case "close":
		_, err = d.Close(ctx, a, rid, seen, in.Words)
	default:
		err = g.takeAnswering(ctx, a, rid, seen, in)
	}
	return err
}

// takeAnswering takes a step of the member that answers.
func (g *Pages) takeAnswering(ctx context.Context, a access.Actor, rid id.ID, seen int, in StepInput) error {
	d, err := g.desk, error(nil)
	switch in.Verb {
	case "first_reply":
		_, err = d.FirstReply(ctx, a, rid, seen, in.Words)
	case "ask_extension":
		_, err = d.AskExtension(ctx, a, rid, seen, in.Until, in.Words)
	case "refuse":
		_, err = d.Refuse(ctx, a, rid, seen, in.Words)
	case "submit":
		_, err = d.Submit(ctx, a, rid, seen)
	case "recall":
		_, err = d.Recall(ctx, a, rid, seen)
	case "return":
		_, err = d.Return(ctx, a, rid, seen, in.Words)
	case "clear":
		_, err = d.Clear(ctx, a, rid, seen)
	case "amend":
		_, err = d.Amend(ctx, a, rid, seen)
	default:
		err = fault.New(fault.NotFound, "fault.web.no_page")
	}
	return err
}
