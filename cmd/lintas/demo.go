package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"lintas/internal/region"
)

var demoCommand = command{
	name:    "demo",
	summary: "Runs a whole region on this machine: hub, eleven states, Secretariat",
	usage:   "[--dir FOLDER] [--port N] [--data FOLDER] [--fresh] [--verbose]",
	example: "  lintas demo --dir .demo\n  then open the address that it prints",
	run:     runDemo,
}

func runDemo(ctx context.Context, k *call) error {
	dir := k.flags.String("dir", ".demo", "folder of the region")
	port := k.flags.Int("port", 7400, "first of fourteen ports on 127.0.0.1; 0 takes free ones")
	fresh := k.flags.Bool("fresh", false, "throw the region in the folder away and start anew")
	data := k.flags.String("data", "", "folder with tables that scenarios use where they are there, such as covid/full_data.csv")
	verbose := k.flags.Bool("verbose", false, "log everything to standard error")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if *verbose {
		log = slog.New(slog.NewTextHandler(k.errOut, nil))
	}
	if *fresh {
		if err := removeRegion(*dir); err != nil {
			return err
		}
	}
	r, err := region.Open(ctx, region.Options{Dir: *dir, Port: *port, Log: log, Contacts: true, Data: *data})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	var played error
	wg.Go(func() {
		defer stop()
		played = r.Run(ctx)
	})
	served := r.Serve(ctx, func(url string) {
		fmt.Fprintf(k.out, "Lintas region is running. Open %s\nCtrl-C stops it; the state stays in %s.\n", url, *dir)
	})
	stop()
	wg.Wait()
	return errors.Join(served, played, r.Close())
}

// removeRegion removes a folder only if a region made it.
func removeRegion(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, region.MadeFile)); err != nil {
		return fmt.Errorf("%s holds no finished region; remove it by hand if it is not needed", dir)
	}
	return os.RemoveAll(dir)
}
