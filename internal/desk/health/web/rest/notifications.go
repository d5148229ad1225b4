package rest

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// NotificationInput is what a caller writes of a notification. A draft may
// lack what its next step asks for.
type NotificationInput struct {
	Title      string           `json:"title"`
	Message    string           `json:"message,omitempty"`
	Lang       string           `json:"lang" example:"en"`
	Purpose    string           `json:"purpose" example:"early_warning"`
	Basis      string           `json:"basis" example:"aphecs"`
	Marking    access.Marking   `json:"marking" example:"TLP:AMBER" doc:"Never more open than the event's."`
	AckMinutes int              `json:"ack_minutes,omitempty" minimum:"0" maximum:"20160" doc:"Within which time an answer is expected from the release on; absent: 24 hours."`
	Recipients []RecipientInput `json:"recipients,omitempty"`
}

// RecipientInput is one addressee and the blocks of the event that it gets:
// summary, dates, places, facts.
type RecipientInput struct {
	Member access.Member  `json:"member" example:"KH"`
	Blocks []health.Block `json:"blocks"`
}

func (in NotificationInput) notification() health.NotificationInput {
	out := health.NotificationInput{Title: in.Title, Message: in.Message, Lang: in.Lang, Purpose: in.Purpose, Basis: in.Basis,
		Marking: in.Marking, AckWithin: time.Duration(in.AckMinutes) * time.Minute}
	if in.AckMinutes == 0 {
		out.AckWithin = health.AckDefault
	}
	for _, r := range in.Recipients {
		out.Recipients = append(out.Recipients, health.Recipient{Member: r.Member, Blocks: r.Blocks})
	}
	return out
}

// ComposeInput is a new notification; supersedes names the one it replaces.
type ComposeInput struct {
	NotificationInput
	Supersedes string `json:"supersedes,omitempty" format:"uuid" doc:"A released notification of the same event."`
}

const notifications = "/health/notifications"

func (d *Desk) addNotifications(a *api.API) {
	api.Add(a, api.Op{Method: "POST", Path: events + "/{id}/notifications", ID: "health-notification-compose", Summary: "Draft a notification of an event", Tag: "health",
		Scope: Write, Status: 201}, d.compose)
	api.Add(a, api.Op{Method: "GET", Path: notifications + "/{id}", ID: "health-notification-get", Summary: "Read a notification of this node", Tag: "health", Scope: Read}, d.notification)
	api.Add(a, api.Op{Method: "PUT", Path: notifications + "/{id}", ID: "health-notification-edit", Summary: "Change a draft", Tag: "health", Scope: Write,
		Description: "Attachments stay as they are.", MustMatch: true}, d.editNotification)
	api.Add(a, api.Op{Method: "GET", Path: notifications + "/{id}/previews", ID: "health-notification-previews", Summary: "Read exactly what each group of recipients gets", Tag: "health",
		Scope: Read, Description: "Made by the code that makes the releases; of a released notification, what was sent."}, d.previews)
	api.Add(a, api.Op{Method: "GET", Path: notifications + "/{id}/steps", ID: "health-notification-steps", Summary: "List the steps that the caller may take", Tag: "health", Scope: Read}, d.notificationSteps)
	api.Add(a, api.Op{Method: "POST", Path: notifications + "/{id}/steps", ID: "health-notification-step", Summary: "Take a step with a notification", Tag: "health", Scope: Write,
		Description: "submit, clear (by a second person), return, recall, discard, release, remind, withdraw.", MustMatch: true}, d.notificationStep)
	api.Add(a, api.Op{Method: "GET", Path: notifications + "/{id}/answers", ID: "health-notification-answers", Summary: "Read how far each recipient has come", Tag: "health",
		Scope: Read, Description: "One item for each recipient of a released notification; nobody is left out."}, d.answers)
	api.Add(a, api.Op{Method: "GET", Path: notifications + "/{id}/receipts", ID: "health-notification-receipts", Summary: "Read every receipt", Tag: "health", Scope: Read}, d.receipts)
}

func (d *Desk) compose(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body ComposeInput
}) (*api.Made[NotificationDoc], error) {
	n, err := d.desk.Compose(ctx, c.Actor, in.id(), ByID{in.Body.Supersedes}.id(), in.Body.notification())
	if err != nil {
		return nil, err
	}
	return made(notifications+"/"+string(n.ID), n.Version, notificationOf(&n)), nil
}

func (d *Desk) notification(ctx context.Context, c *api.Call, in *ByID) (*api.One[NotificationDoc], error) {
	p, err := d.desk.NotificationPage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return one(p.Version, sentOf(&p.Sent)), nil
}

func (d *Desk) editNotification(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body NotificationInput
}) (*api.One[NotificationDoc], error) {
	return step(c, func(v int) (health.Notification, error) {
		return d.desk.EditNotification(ctx, c.Actor, in.id(), v, in.Body.notification())
	})
}

// step takes a step with the version that the caller saw.
func step(c *api.Call, take func(seen int) (health.Notification, error)) (*api.One[NotificationDoc], error) {
	v, err := seen(c)
	if err != nil {
		return nil, err
	}
	n, err := take(v)
	if err != nil {
		return nil, err
	}
	return one(n.Version, notificationOf(&n)), nil
}

func (d *Desk) previews(ctx context.Context, c *api.Call, in *ByID) (*api.List[PreviewDoc], error) {
	p, err := d.desk.NotificationPage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return list(each(p.Previews, previewOf), ""), nil
}

func (d *Desk) notificationSteps(ctx context.Context, c *api.Call, in *ByID) (*api.List[OfferDoc], error) {
	p, err := d.desk.NotificationPage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return list(offersOf(c.Printer, p.Offers), ""), nil
}

// noStep refuses a verb that is no step of its own.
func noStep(verb string) error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid",
		Fields: []fault.Field{{Name: "verb", Key: "fault.rest.verb", Args: fault.Args{"verb": verb}}}}
}

func (d *Desk) notificationStep(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body StepInput
}) (*api.One[NotificationDoc], error) {
	nid, reason := in.id(), in.Body.Reason
	return step(c, func(v int) (health.Notification, error) { return d.take(ctx, c.Actor, nid, v, in.Body.Verb, reason) })
}

func (d *Desk) take(ctx context.Context, actor access.Actor, nid id.ID, v int, verb, reason string) (health.Notification, error) {
	switch verb {
	case "submit":
		return d.desk.Submit(ctx, actor, nid, v)
	case "clear":
		return d.desk.Clear(ctx, actor, nid, v)
	case "return", "recall", "discard":
		return d.desk.Back(ctx, actor, nid, v, workflow.Verb(verb), reason)
	case "release":
		return d.desk.Release(ctx, actor, nid, v)
	case "remind":
		return d.desk.Remind(ctx, actor, nid, v)
	case "withdraw":
		return d.desk.Withdraw(ctx, actor, nid, v, reason)
	}
	return health.Notification{}, noStep(verb)
}

func (d *Desk) answers(ctx context.Context, c *api.Call, in *ByID) (*api.List[AckDoc], error) {
	p, err := d.desk.NotificationPage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return list(each(p.Acks, ackOf), ""), nil
}

func (d *Desk) receipts(ctx context.Context, c *api.Call, in *ByID) (*api.List[ReceiptDoc], error) {
	rs, err := d.desk.ReleaseReceipts(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return list(each(rs, receiptOf), ""), nil
}
