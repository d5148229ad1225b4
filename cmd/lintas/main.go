// Command lintas is the one program of the system: nodes, hub, and the tools
// of those who run them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"lintas/internal/fault"
	"lintas/internal/locale"
)

// command is one subcommand. Run gets the arguments after its name.
type command struct {
	name    string
	summary string
	usage   string // arguments
	example string
	run     func(ctx context.Context, c *call) error
}

// call is one run of a command.
type call struct {
	args   []string
	flags  *flag.FlagSet
	in     io.Reader
	out    io.Writer
	errOut io.Writer
}

// commands is the list of everything the program can do.
func commands() []command {
	return []command{
		demoCommand, initCommand, serveCommand, hubCommand, directoryCommand, accountCommand, tokenCommand,
		backupCommand, restoreCommand, verifyCommand, doctorCommand, outbreakCommand, versionCommand,
	}
}

// errUsage ends a run whose arguments were wrong, after saying so.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process: it returns the exit code, 2 for a wrong
// call and 1 for a failure.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		overview(out)
		return 0
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		k := &call{flags: flag.NewFlagSet("lintas "+c.name, flag.ContinueOnError), args: args[1:], in: in, out: out, errOut: errOut}
		k.flags.SetOutput(errOut)
		k.flags.Usage = func() { help(k, c) }
		err := c.run(ctx, k)
		switch {
		case err == nil || errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errUsage):
			return 2
		}
		fmt.Fprintln(errOut, "lintas "+c.name+": "+sentence(err))
		return 1
	}
	fmt.Fprintf(errOut, "lintas: there is no command %q. Run lintas help.\n", args[0])
	return 2
}

func overview(w io.Writer) {
	fmt.Fprint(w, "Lintas: how the states of a region detect, notify, decide and act together.\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\nlintas COMMAND --help shows the options and an example.\n")
}

func help(k *call, c command) {
	fmt.Fprintf(k.out, "%s\n\nUsage: lintas %s %s\n", c.summary, c.name, c.usage)
	options := &strings.Builder{}
	k.flags.SetOutput(options)
	k.flags.PrintDefaults()
	if options.Len() > 0 {
		fmt.Fprintf(k.out, "\nOptions:\n%s", options)
	}
	fmt.Fprintf(k.out, "\nExample:\n%s\n", c.example)
}

// parse reads the flags and wants between least and most further arguments.
func (k *call) parse(least, most int) error {
	if err := k.flags.Parse(k.args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage // the flag package has said what was wrong
	}
	if n := k.flags.NArg(); n < least || n > most {
		fmt.Fprintf(k.errOut, "%s: %d arguments given; see --help\n", k.flags.Name(), n)
		return errUsage
	}
	return nil
}

// sentence says a fault in words: the sentence of its key, each field, and the
// cause for the operator who reads it here.
func sentence(err error) string {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err.Error()
	}
	p := locale.New("en", nil, "")
	lines := []string{p.With(f.Key, f.Args)}
	for _, x := range f.Fields {
		where := x.Name
		if x.Row > 0 {
			where = fmt.Sprintf("%s, row %d", x.Name, x.Row)
		}
		lines = append(lines, "  "+where+": "+p.With(x.Key, x.Args))
	}
	if f.Cause != nil {
		lines = append(lines, "  ("+f.Cause.Error()+")")
	}
	return strings.Join(lines, "\n")
}
