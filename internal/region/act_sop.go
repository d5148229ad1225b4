package region

import (
	"context"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/sop"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/region/scenario"
	"lintas/internal/workflow"
)

var sopActs = map[scenario.Verb]func(context.Context, *turn) error{
	scenario.Book: publishBook, scenario.GiveBook: giveBook, scenario.StartBook: startBook, scenario.FindRun: startedBook,
	scenario.DoStep: doStep, scenario.BlockStep: answerStep, scenario.GoOnStep: answerStep, scenario.NotHere: answerStep, scenario.CheckStep: checkStep,
	scenario.TellRun: tellRun,
}

// bookInput is the text that a step takes over, with its changes: lines of
// OLD WORDS | NEW WORDS.
func (t *turn) bookInput(ctx context.Context, by access.Actor) (sop.PlaybookInput, error) {
	in := sop.PlaybookInput{Note: t.s.Fields["note"], Marking: access.Marking(t.s.Field("marking", string(access.TLPGreen)))}
	if from := t.named("from"); from.ID != "" {
		p, err := t.node.Playbooks.PlaybookPage(ctx, by, from.ID)
		if err != nil {
			return in, err // its release is still on its way
		}
		in.From, in.Text = p.ID, p.Text
	} else {
		s, ok := sop.SampleBy(t.s.Fields["sample"])
		if !ok {
			return in, invalid("sample", "fault.scenario.value.sample", t.s.Fields["sample"])
		}
		in.FromSample, in.Text = s.Code, s.Text
	}
	for _, line := range t.s.Lists["change"] {
		v := scenario.Parts(line)
		if len(v) != 2 || v[0] == "" || strings.Count(in.Text, v[0]) != 1 {
			return in, invalid("change", "fault.scenario.value.change", line)
		}
		in.Text = strings.Replace(in.Text, v[0], v[1], 1)
	}
	return in, nil
}

func invalid(field, key, word string) error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: field, Key: key, Args: fault.Args{"word": word}}}}
}

// publishBook is a playbook drafted by the duty, read and published by another.
func publishBook(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	in, err := t.bookInput(ctx, by)
	if err != nil {
		return err
	}
	d := t.node.Playbooks
	p, err := d.DraftPlaybook(ctx, by, in)
	if err != nil {
		return err
	}
	t.keep("", p.ID)
	if _, err := d.StepPlaybook(ctx, by, p.ID, 0, "submit", ""); err != nil {
		return err
	}
	_, err = d.StepPlaybook(ctx, t.approver, p.ID, 0, "publish", "")
	return err
}

func giveBook(ctx context.Context, t *turn) error {
	_, err := t.node.Playbooks.ReleasePlaybook(ctx, t.approver, t.of().ID, 0, t.members("to"))
	return err
}

func startBook(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	r, err := t.node.Playbooks.Start(ctx, by, t.of().ID, t.other().Event)
	if err == nil {
		t.names[t.s.As] = made{Owner: t.member, Event: r.Event, ID: r.ID}
	}
	return err
}

// startedBook gives a name to the run that the node began by itself. The node
// looks for levels in force here as it does every minute.
func startedBook(ctx context.Context, t *turn) error {
	d := t.node.Playbooks
	if err := d.Sweep(ctx); err != nil {
		return err
	}
	p, err := d.PlaybookPage(ctx, t.approver, t.of().ID)
	if err != nil {
		return err
	}
	list, _, err := d.ListRuns(ctx, t.approver, sop.Filter{Code: p.Code, Open: true})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(r sop.RunView) bool { return r.Why != sop.ByHand })
	if i < 0 {
		return notYet()
	}
	t.names[t.s.As] = made{Owner: t.member, Event: list[i].Event, ID: list[i].ID}
	return nil
}

// taskOf is the step of a run that the script names, and who does it.
func (t *turn) taskOf(ctx context.Context) (sop.TaskView, access.Actor, error) {
	r, err := t.node.Playbooks.RunPage(ctx, t.approver, t.of().ID)
	if err != nil {
		return sop.TaskView{}, access.Actor{}, err
	}
	i := slices.IndexFunc(r.Tasks, func(x sop.TaskPage) bool { return x.Code == t.s.Fields["step"] })
	if i < 0 {
		return sop.TaskView{}, access.Actor{}, invalid("step", "fault.scenario.value.step", t.s.Fields["step"])
	}
	by, err := t.by(ctx, r.Tasks[i].Role)
	return r.Tasks[i].TaskView, by, err
}

func (t *turn) task(ctx context.Context, by access.Actor, tid id.ID, verb workflow.Verb, in sop.TaskInput) error {
	_, err := t.node.Playbooks.StepTask(ctx, by, tid, 0, verb, in)
	return err
}

// doStep accepts a step that nobody has, and finishes it with its evidence.
func doStep(ctx context.Context, t *turn) error {
	x, by, err := t.taskOf(ctx)
	if err == nil && x.State == sop.Planned {
		err = t.task(ctx, by, x.ID, "accept", sop.TaskInput{})
	}
	if err == nil {
		err = t.task(ctx, by, x.ID, "finish", sop.TaskInput{Evidence: t.s.Words, Link: t.s.Fields["link"]})
	}
	return err
}

// answerStep says that a step is blocked, goes on, or cannot be done here.
func answerStep(ctx context.Context, t *turn) error {
	x, by, err := t.taskOf(ctx)
	verb := map[scenario.Verb]workflow.Verb{scenario.BlockStep: "block", scenario.GoOnStep: "unblock", scenario.NotHere: "not_executable"}[t.s.Verb]
	if err == nil && verb == "block" && x.State == sop.Planned {
		err = t.task(ctx, by, x.ID, "accept", sop.TaskInput{})
	}
	if err == nil {
		err = t.task(ctx, by, x.ID, verb, sop.TaskInput{Reason: t.s.Words})
	}
	return err
}

func checkStep(ctx context.Context, t *turn) error {
	x, _, err := t.taskOf(ctx)
	if err == nil {
		err = t.task(ctx, t.approver, x.ID, "verify", sop.TaskInput{})
	}
	return err
}

func tellRun(ctx context.Context, t *turn) error {
	_, err := t.node.Playbooks.ReleaseRun(ctx, t.approver, t.of().ID, 0, t.members("to"))
	return err
}
