package main

import (
	"context"
	"errors"
	"fmt"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/locale"
	"lintas/internal/node"
)

var verifyCommand = command{
	name:    "verify",
	summary: "Checks the whole history: entries, checkpoints, countersignatures",
	usage:   "--dir FOLDER [--quiet] [--resume | --reopen]",
	example: `  lintas verify --dir /var/lib/lintas
  lintas verify --dir /var/lib/lintas --reopen     after a restore that lost entries`,
	run: runVerify,
}

var errFound = errors.New("the history is not as it was signed; keep the database as it is, and ask the other members for the checkpoints that they hold")

func runVerify(ctx context.Context, k *call) error {
	dir := k.dir()
	silent := k.flags.Bool("quiet", false, "no progress")
	resume := k.flags.Bool("resume", false, "after a restore that lost nothing: sign again")
	reopen := k.flags.Bool("reopen", false, "after a restore that lost entries: declare them lost and sign again")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	if *resume && *reopen {
		fmt.Fprintln(k.errOut, "lintas verify: either --resume or --reopen")
		return errUsage
	}
	return attend(ctx, *dir, func(n *node.Node, _ access.Actor) error {
		r, err := n.VerifyHistory(ctx, k.progress(*silent))
		if err != nil {
			return err
		}
		k.report(r)
		s, err := n.HistoryStanding(ctx)
		if err != nil {
			return err
		}
		k.standing(s, *dir)
		switch {
		case !r.OK():
			return errFound
		case *resume:
			if err := n.ResumeHistory(ctx); err != nil {
				return err
			}
			k.say("Checkpoints are signed again.")
		case *reopen:
			opened, err := n.ReopenHistory(ctx)
			if err != nil {
				return err
			}
			k.say("Epoch %d begins. It declares %d checkpoints of others as lost; they will countersign again.", opened.Epoch, len(opened.Lost))
		}
		return nil
	})
}

// progress writes one line for each tenth.
func (k *call) progress(silent bool) func(done, all int64) {
	last := int64(-1)
	return func(done, all int64) {
		if all == 0 || silent {
			return
		}
		if p := done * 100 / all; p/10 != last/10 || last < 0 {
			last = p
			fmt.Fprintf(k.errOut, "verified %d of %d (%d %%)\n", done, all, p)
		}
	}
}

func (k *call) report(r history.Report) {
	words := locale.New("en", nil, "")
	k.say("%d entries, %d checkpoints, %d countersignatures, %d checkpoints of other members; %d ms",
		r.Entries, r.Checkpoints, r.Countersignatures, r.Held, r.Took.Milliseconds())
	if r.LastSigned.Size > 0 {
		k.say("Entries before %d are signed (epoch %d).", r.LastSigned.Size, r.LastSigned.Epoch)
	}
	for _, p := range r.Problems {
		k.say("PROBLEM: %s", words.With("history.problem."+string(p.Kind), fault.Args{"first": p.First, "last": p.Last,
			"epoch": p.Epoch, "size": p.Size, "member": string(p.Member)}))
	}
	if more := r.Found - int64(len(r.Problems)); more > 0 {
		k.say("and %d more", more)
	}
	if r.OK() {
		k.say("No problem found.")
	}
}

func (k *call) standing(s node.Standing, dir string) {
	words := locale.New("en", nil, "")
	for _, e := range s.Evidence {
		k.say("ATTENTION, history of %s: %s", e.Member, words.T("history.outcome."+string(e.Outcome)))
	}
	if !s.Head.Suspended {
		return
	}
	k.say("\nSigning is suspended since a restore. %d of %d other members have answered: %d agree%s, %d hold what this history has not%s.",
		len(s.Agreed)+len(s.Against), len(s.Others), len(s.Agreed), list(s.Agreed), len(s.Against), list(s.Against))
	if len(s.Against) > 0 {
		k.say("Entries were lost. Declare it: lintas verify --dir %s --reopen", dir)
	} else {
		k.say("When more than half agree: lintas verify --dir %s --resume", dir)
	}
}
