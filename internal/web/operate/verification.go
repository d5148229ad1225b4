package operate

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

// verification is the one check of the whole history that may run at a time.
// It goes on after the answer to who asked for it, and ends with the node.
type verification struct {
	ctx  context.Context
	stop context.CancelFunc
	wait sync.WaitGroup

	mu  sync.Mutex
	now progress
}

// progress is how far a check is, or what came of the last one.
type progress struct {
	Running   bool
	By        string // duty post
	Began     time.Time
	Ended     time.Time
	Done, All int64
	Report    history.Report
	Failed    bool // ended without a result
}

func (c *verification) begin(ctx context.Context) { c.ctx, c.stop = context.WithCancel(ctx) }

func (c *verification) close() {
	c.stop()
	c.wait.Wait()
}

func (c *verification) state() progress {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *verification) set(f func(*progress)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.now)
}

// start begins a check unless one runs.
func (c *verification) start(by string, now time.Time, run func(context.Context)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now.Running || c.ctx.Err() != nil {
		return false
	}
	c.now = progress{Running: true, By: by, Began: now}
	c.wait.Go(func() { run(c.ctx) })
	return true
}

// verify starts the check of every entry, hash, checkpoint and signature.
func (p *Pages) verify(w http.ResponseWriter, r *web.Request) error {
	if err := need(r.Actor, verifyHistory); err != nil {
		return err
	}
	if p.check.start(r.Actor.Name, p.Wall.Now(), p.verifyAll) {
		r.Say(w, "operate.verify.started", nil)
	} else {
		r.Say(w, "operate.verify.already", nil)
	}
	return r.Redirect(w, "/node/history/verification")
}

// tell is how often a running check says how far it is.
const tell = time.Second

func (p *Pages) verifyAll(ctx context.Context) {
	var said time.Time
	report, err := p.Verify(ctx, func(done, all int64) {
		p.check.set(func(s *progress) { s.Done, s.All = done, all })
		if now := p.Wall.Now(); now.Sub(said) >= tell {
			said = now
			p.changed(topicVerify)
		}
	})
	if err != nil && ctx.Err() == nil {
		p.Log.Error("verifying the history", "error", err)
	}
	for _, f := range report.Problems {
		p.Log.Error("the history does not verify", "problem", string(f.Kind), "first", f.First, "last", f.Last, "epoch", f.Epoch, "size", f.Size, "member", string(f.Member))
	}
	p.check.set(func(s *progress) {
		s.Running, s.Ended, s.Report, s.Failed = false, p.Wall.Now(), report, err != nil
	})
	p.changed(topicVerify)
}

func (p *Pages) changed(topic string) {
	if p.Changed != nil {
		p.Changed(topic)
	}
}

// verificationView is the running check or the result of the last one.
type verificationView struct {
	historyView
	State    progress
	Share    string
	Notice   parts.Notice
	Figures2 []parts.Figure
	Problems []parts.Moment
	More     int64
	Start    parts.Button
}

func (p *Pages) verification(w http.ResponseWriter, r *web.Request) error {
	top, _, err := p.historyTop(r, "/verification")
	if err != nil {
		return err
	}
	if !top.Checks {
		return fault.New(fault.Forbidden, "fault.people.not_allowed")
	}
	v := verificationView{historyView: top, State: p.check.state()}
	v.Start = parts.Button{Text: v.T("operate.verify.start"), Icon: "shield-check", Kind: parts.Primary, Post: "/node/history/verification"}
	switch s := v.State; {
	case s.Running:
		v.Start.Unmet = []string{v.T("operate.verify.busy")}
		v.Notice = parts.Notice{Grade: parts.Information, Title: v.T("operate.verify.running", "by", s.By, "ago", v.Ago(s.Began, v.now)), Text: v.T("operate.verify.done", "done", s.Done, "all", s.All)}
	case s.Began.IsZero():
		v.Notice = parts.Notice{Grade: parts.Information, Title: v.T("operate.verify.never"), Text: v.T("operate.verify.never.text")}
	case s.Failed:
		v.Notice = parts.Notice{Grade: parts.Warning, Title: v.T("operate.verify.failed"), Text: v.T("operate.verify.failed.text")}
	default:
		v.result(s)
	}
	return r.Show(w, web.Page{Title: v.T("operate.verification"), Topics: []string{topicVerify}}, verificationPage(v))
}

func (v *verificationView) result(s progress) {
	rep := s.Report
	v.Notice = parts.Notice{Grade: parts.Good, Title: v.T("operate.verify.good"), Text: v.T("operate.verify.by", "by", s.By, "at", v.Stamp(s.Ended), "took", took(rep.Took))}
	if !rep.OK() {
		v.Notice.Grade, v.Notice.Title = parts.Emergency, v.T("operate.verify.bad", "n", rep.Found)
	}
	v.Figures2 = []parts.Figure{
		{Label: v.T("operate.entries"), Value: v.Number(rep.Entries)},
		{Label: v.T("operate.checkpoints"), Value: v.Number(rep.Checkpoints)},
		{Label: v.T("operate.countersignatures"), Value: v.Number(rep.Countersignatures)},
		{Label: v.T("operate.held"), Value: v.Number(rep.Held)},
		{Label: v.T("operate.problems"), Value: v.Number(rep.Found)},
	}
	for _, f := range rep.Problems {
		v.Problems = append(v.Problems, parts.Moment{Kind: parts.Alarm, At: s.Ended, Title: v.With("history.problem."+string(f.Kind), map[string]any{
			"first": f.First, "last": f.Last, "epoch": f.Epoch, "size": f.Size, "member": v.name(f.Member)})})
	}
	v.More = rep.Found - int64(len(rep.Problems))
}

// took is a short length of time, finer than the printer's.
func took(d time.Duration) string {
	if d < time.Second {
		return number(max(d.Milliseconds(), 1)) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}
