package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"lintas/internal/node"
)

var serveCommand = command{
	name:    "serve",
	summary: "Runs the node: exchange and web, until it is told to stop",
	usage:   "--dir FOLDER [--verbose]",
	example: "  lintas serve --dir /var/lib/lintas",
	run:     runServe,
}

func runServe(ctx context.Context, k *call) error {
	dir := k.dir()
	verbose := k.flags.Bool("verbose", false, "log more")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	log := k.jsonLog(*verbose)
	n, err := node.Open(ctx, *dir, node.Options{Log: log})
	if err != nil {
		return err
	}
	again, end := hangup()
	defer end()
	err = n.Serve(ctx, again, func(addr string) {
		scheme := "http://"
		if n.Config.Web.Cert != "" {
			scheme = "https://"
		}
		k.say("Lintas node %s serves %s%s", n.Config.Member, scheme, addr)
		if n.Config.Web.URL != "" {
			k.say("People open %s", n.Config.Web.URL)
		}
		log.Info("serving", slog.String("member", string(n.Config.Member)), slog.String("listen", addr))
	})
	log.Info("stopped", slog.String("member", string(n.Config.Member)))
	return errors.Join(err, n.Close())
}

// jsonLog is the log of a process that runs for long: JSON lines on standard
// error, for journald or any collector.
func (k *call) jsonLog(verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewJSONHandler(k.errOut, &slog.HandlerOptions{Level: level}))
}

// hangup gives the signal by which administrators say: read your files again.
func hangup() (<-chan os.Signal, func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c, func() { signal.Stop(c) }
}
