package sop

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Everything that leaves or enters the part is in this file. A playbook that
// arrives starts nothing: it can be read, adopted or adapted.

// sendPlaybook releases a playbook as it now stands: published, or retired.
func (d *Desk) sendPlaybook(ctx context.Context, tx *db.Tx, p *Playbook) error {
	if len(p.To) == 0 {
		return nil
	}
	return d.queue(ctx, tx, exchange.Release{ID: p.Release, Kind: KindPlaybook, To: p.To, Ref: p.Ref(Name), Marking: p.Marking, Lang: p.Lang, Exercise: p.Exercise,
		Purpose: "information", Workflow: Playbooks.Digest()}, viewPlaybook(p))
}

// sendProgress releases how far a run is.
func (d *Desk) sendProgress(ctx context.Context, tx *db.Tx, r *Run) error {
	list, err := tasksOf(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	return d.queue(ctx, tx, exchange.Release{ID: r.Release, Kind: KindProgress, To: r.To, Ref: r.Ref(Name), Marking: r.Marking, Lang: r.Lang, Exercise: r.Exercise,
		Purpose: "joint_response", Workflow: Tasks.Digest(), Files: filesOf(r.Sent)}, viewProgress(r, list, r.Shared))
}

// sendBack withdraws one release of the progress of a run. Its content goes at
// the recipients, with the files that came with it; the reason stays.
func (d *Desk) sendBack(ctx context.Context, tx *db.Tx, r *Run, t Told) error {
	return d.queue(ctx, tx, exchange.Release{ID: d.env.IDs.New(), Kind: KindProgress, To: t.To, Ref: r.Ref(Name), Marking: r.Marking, Lang: r.Lang, Exercise: r.Exercise,
		Purpose: "joint_response", Workflow: Tasks.Digest(), Withdraws: t.Release, Reason: r.BackWhy}, nil)
}

func filesOf(list []Sent) []File {
	var out []File
	for _, s := range list {
		out = append(out, s.As)
	}
	return out
}

func (d *Desk) queue(ctx context.Context, tx *db.Tx, r exchange.Release, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	r.From, r.Schema, r.Body, r.Basis, r.Issued = d.env.Member, bodySchema, b, "aphecs", d.env.Clock.Now()
	return d.env.Send.Queue(ctx, tx, r)
}

// Handlers are the part's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{KindPlaybook: d.env.Receives(Name, KindPlaybook, d.receivePlaybook),
		KindProgress: d.env.Receives(Name, KindProgress, d.receiveProgress)}
}

func foreign() error { return fault.New(fault.Forbidden, "fault.sop.foreign") }

// DecodePlaybook reads the body of a release and its file.
func DecodePlaybook(body []byte) (PlaybookView, Playbook, error) {
	var v PlaybookView
	if err := json.Unmarshal(body, &v); err != nil {
		return v, Playbook{}, fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	p := Playbook{Number: v.Number, Note: v.Note, Published: v.Published, By: v.By, Reason: v.Reason}
	p.Marking, p.State = v.Marking, v.State
	if err := p.set(v.Text); err != nil {
		return v, p, err
	}
	if err := validatePlaybook(&p); err != nil {
		return v, p, err
	}
	var c fault.Check
	c.That(p.Text == v.Text && p.Digest == v.Digest && p.Code == v.Code && p.Title == v.Title && p.Lang == v.Lang && p.Sample == v.Sample, "digest", "fault.sop.digest")
	c.That(v.State == Published || v.State == Retired, "state", "fault.sop.foreign")
	c.That(v.Number > 0 && !v.Published.IsZero() && !long(v.By, MaxTitle), "published", "fault.sop.foreign")
	if o := v.From; o != nil {
		c.That(len(o.Digest) == 64 && codeForm.MatchString(o.Code) && len(o.Code) <= MaxCode && (o.Member == "" || slices.Contains(access.All(), o.Member)), "from", "fault.sop.foreign")
		p.Origin = &Origin{Member: o.Member, Code: o.Code, Number: o.Number, Digest: o.Digest}
	}
	return v, p, c.Err()
}

// receivePlaybook keeps the newest version of another member's playbook. Its
// text never changes: another text is another playbook.
func (d *Desk) receivePlaybook(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	v, p, err := DecodePlaybook(in.Body)
	if err != nil {
		return err
	}
	if in.Withdraws != "" || v.ID != in.Ref.ID || v.Owner != in.From || v.Version != in.Ref.Version || v.Marking != in.Marking {
		return foreign()
	}
	p.Head = desk.Head{ID: v.ID, Kind: KindPlaybook, Owner: in.From, State: v.State, Place: string(in.From), Version: v.Version, Created: desk.Mark{At: in.Received},
		Changed: desk.Mark{At: in.Issued}, Marking: in.Marking, Exercise: in.Exercise}
	p.CopyOf, p.Release = in.ID, in.ID
	old, err := loadPlaybook(ctx, tx, p.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		err = insertPlaybook(ctx, tx, &p)
	case err != nil:
		return err
	case old.Own() || old.Owner != in.From || old.Digest != p.Digest:
		return foreign()
	case old.Version >= p.Version:
		return nil
	default:
		err = updatePlaybook(ctx, tx, &p, old.Version)
	}
	d.env.Notify(tx, "desk", "playbook:"+string(p.ID))
	return err
}

// Received is the progress of a run as another member released it.
type Received struct {
	ProgressView
	Release id.ID     `json:"release"`
	Issued  time.Time `json:"issued"`
	Back    time.Time `json:"back,omitzero"` // when its owner took it back; nothing but its heading is left
	BackWhy string    `json:"back_why,omitempty"`
}

// DecodeProgress reads the body of a release, as far as it can be judged
// without what this node knows.
func DecodeProgress(body []byte) (ProgressView, error) {
	var v ProgressView
	if err := json.Unmarshal(body, &v); err != nil {
		return v, fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	var c fault.Check
	c.That(len(v.Run) == 36 && slices.Contains(access.All(), v.Owner) && v.Version > 0, "run", "fault.sop.foreign")
	c.That(codeForm.MatchString(v.Code) && len(v.Code) <= MaxCode && len(v.Digest) == 64 && v.Number > 0, "code", "fault.sop.foreign")
	c.That(v.Title != "" && !long(v.Title, MaxTitle) && !long(v.Subject, 4*MaxTitle) && len(v.Lang) <= 20, "title", "fault.sop.foreign")
	c.That(slices.Contains([]string{ByLevel, ByActivation, ByHand}, v.Why) && v.Level >= 0 && v.Level <= TopLevel, "why", "fault.sop.foreign")
	c.That(slices.Contains([]workflow.State{Open, Closed, Abandoned}, v.State), "state", "fault.sop.foreign")
	c.That((v.Family == "" || len(v.Family) == 36) && (v.Event == "" || len(v.Event) == 36) && v.scope() != "", "event", "fault.sop.foreign")
	c.That(len(v.Steps) > 0 && len(v.Steps) <= MaxSteps, "steps", "fault.sop.foreign")
	c.That(v.Marking.Valid() && !v.AsOf.IsZero() && !v.Started.IsZero(), "as_of", "fault.sop.foreign")
	var n Counts
	codes := map[string]bool{}
	for _, s := range v.Steps {
		ok := stepForm.MatchString(s.Code) && !codes[s.Code] && s.Title != "" && !long(s.Title, MaxTitle) && slices.Contains(Functions, s.Function) &&
			slices.Contains(TaskStates, s.State) && !long(s.Because, MaxReason) && (s.State == Not) == (s.Because != "")
		c.That(ok, "steps", "fault.sop.foreign")
		ok = ok && len(s.Files) <= MaxFiles && !slices.ContainsFunc(s.Files, func(f File) bool { return !sound(f) })
		if codes[s.Code] = true; ok {
			*n.Of(s.State)++
		}
	}
	n.Late = v.Counts.Late
	c.That(n == v.Counts && n.Late >= 0 && n.Late <= len(v.Steps), "counts", "fault.sop.counts")
	return v, c.Err()
}

// sound reports whether what is said of a file is within the limits.
func sound(f File) bool {
	return len(f.ID) == 36 && f.Name != "" && len(f.Name) <= 255 && len(f.Type) <= 100 && f.Size > 0 && f.Size <= exchange.MaxFile && len(f.SHA256) == 64
}

// receiveProgress keeps the newest that a member released of a run.
func (d *Desk) receiveProgress(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	if in.Withdraws != "" {
		return d.receiveBack(ctx, tx, in)
	}
	v, err := DecodeProgress(in.Body)
	if err != nil {
		return err
	}
	if !sameFiles(v.files(), in.Files) || v.Run != in.Ref.ID || v.Owner != in.From || v.Version != in.Ref.Version || v.Marking != in.Marking {
		return foreign()
	}
	old, found, err := loadProgress(ctx, tx, v.Run)
	if err != nil {
		return err
	}
	if found && old.Owner != in.From {
		return foreign()
	}
	if found && old.Version >= v.Version {
		return nil
	}
	v.Exercise = in.Exercise
	d.env.Notify(tx, "desk", "progress")
	return putProgress(ctx, tx, &Received{ProgressView: v, Release: in.ID, Issued: in.Issued})
}

// sameFiles reports whether a release carries the files that its steps name.
func sameFiles(a, b []File) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(f File) bool { return !slices.Contains(b, f) })
}

// receiveBack empties a progress that its owner took back. What is known of
// another release of it stays: it is newer, or is taken back by its own.
func (d *Desk) receiveBack(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	old, found, err := loadProgress(ctx, tx, in.Ref.ID)
	if err != nil || !found {
		return err
	}
	if old.Owner != in.From {
		return foreign()
	}
	if old.Release != in.Withdraws {
		return nil
	}
	old.Steps, old.Counts, old.Version = []ProgressStep{}, Counts{}, max(old.Version, in.Ref.Version)
	old.Back, old.BackWhy, old.Issued = in.Issued, cut(in.Reason, MaxReason), in.Issued
	d.env.Notify(tx, "desk", "progress")
	return putProgress(ctx, tx, &old)
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
