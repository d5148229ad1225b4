package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"lintas/internal/fault"
)

// group is a command whose first argument names what to do. Without one, or
// with an option first, it runs usual, if there is one.
func group(name, summary, example string, usual *command, subs []command) command {
	c := command{name: name, summary: summary, example: example}
	var lines []string
	for _, s := range subs {
		lines = append(lines, fmt.Sprintf("\n  %-28s %s", name+" "+s.name, s.summary))
	}
	c.usage = "ACT [options]\n" + strings.Join(lines, "") + "\n\nlintas " + name + " ACT --help shows its options and an example."
	c.run = func(ctx context.Context, k *call) error {
		for _, s := range subs {
			if len(k.args) > 0 && k.args[0] == s.name {
				return s.under(name).start(ctx, k, k.args[1:])
			}
		}
		switch {
		case len(k.args) > 0 && (k.args[0] == "help" || k.args[0] == "-h" || k.args[0] == "--help"):
			k.flags.Usage()
			return nil
		case usual != nil && (len(k.args) == 0 || strings.HasPrefix(k.args[0], "-")):
			return usual.start(ctx, k, k.args)
		case len(k.args) == 0:
			fmt.Fprintf(k.errOut, "lintas %s: say what to do; see lintas %s --help\n", name, name)
		default:
			fmt.Fprintf(k.errOut, "lintas %s: there is no %q; see lintas %s --help\n", name, k.args[0], name)
		}
		return errUsage
	}
	return c
}

func (c command) under(parent string) command {
	c.name = parent + " " + c.name
	return c
}

func (c command) start(ctx context.Context, k *call, args []string) error {
	s := &call{flags: flag.NewFlagSet("lintas "+c.name, flag.ContinueOnError), args: args, in: k.in, out: k.out, errOut: k.errOut}
	s.flags.SetOutput(k.errOut)
	s.flags.Usage = func() { help(s, c) }
	return c.run(ctx, s)
}

// words is an option that may be given several times or with commas.
type words []string

func (w *words) String() string { return strings.Join(*w, ",") }

func (w *words) Set(s string) error {
	for _, p := range strings.Split(s, ",") {
		if p = strings.TrimSpace(p); p != "" {
			*w = append(*w, p)
		}
	}
	return nil
}

func (k *call) words(name, usage string) *words {
	w := new(words)
	k.flags.Var(w, name, usage)
	return w
}

// dir is the option that every act on a node has.
func (k *call) dir() *string {
	return k.flags.String("dir", envDir(), "folder of the node (LINTAS_DIR sets another default)")
}

func envDir() string {
	if d := os.Getenv("LINTAS_DIR"); d != "" {
		return d
	}
	return "."
}

// needed refuses a call in which an option without a default is missing.
func (k *call) needed(names ...string) error {
	for _, n := range names {
		if f := k.flags.Lookup(n); f == nil || f.Value.String() == "" {
			fmt.Fprintf(k.errOut, "%s: --%s is needed; see --help\n", k.flags.Name(), n)
			return errUsage
		}
	}
	return nil
}

func (k *call) say(format string, args ...any) { fmt.Fprintf(k.out, format+"\n", args...) }

// quiet is the log of commands that say themselves what they did.
func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// readFile refuses what is far larger than it can rightly be.
func readFile(path string, limit int64) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if st.Size() > limit {
		return nil, fault.Wrap(fault.Invalid, "fault.invalid", fmt.Errorf("%s is larger than %d bytes", path, limit))
	}
	return os.ReadFile(path)
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, b []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("%w; choose another name, nothing was overwritten", err)
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
