package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"lintas/internal/clock"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/pki"
)

var hubRun = command{
	name:    "hub",
	summary: "Runs the hub of a region, where the nodes meet",
	usage:   "--dir FOLDER [--verbose]",
	example: "  lintas hub --dir /var/lib/lintas-hub",
	run:     runHub,
}

var hubCommand = group("hub", "Runs the hub, lets members in, or describes an external cluster",
	"  lintas hub --dir /var/lib/lintas-hub", &hubRun, []command{
		{name: "run", summary: hubRun.summary, usage: hubRun.usage, example: hubRun.example, run: runHub},
		{name: "adopt", summary: "Takes a signed region directory: members come and go", usage: "--dir FOLDER FILE...",
			example: "  lintas hub adopt --dir /var/lib/lintas-hub directory-2.json", run: runHubAdopt},
		{name: "certificate", summary: "Issues or renews a certificate of the hub's small authority", usage: "--dir FOLDER --name NAME --host NAME,...",
			example: "  lintas hub certificate --dir /var/lib/lintas-hub --name hub --host hub.region.example", run: runHubCertificate},
		{name: "operator", summary: "Makes the key with which an external cluster is provisioned", usage: "--dir FOLDER",
			example: "  lintas hub operator --dir /var/lib/lintas-hub", run: runHubOperator},
		{name: "config", summary: "Writes the configuration of an external cluster's servers", usage: "--dir FOLDER --out FOLDER",
			example: "  lintas hub config --dir /var/lib/lintas-hub --out conf", run: runHubConfig},
		{name: "provision", summary: "Makes the stream and the consumers on an external cluster", usage: "--dir FOLDER --hubs ADDRESS,...",
			example: "  lintas hub provision --dir /var/lib/lintas-hub --hubs tls://hub1.example:4222,tls://hub2.example:4222", run: runHubProvision},
	})

func (k *call) hubDir() *string { return k.flags.String("dir", envDir(), "folder of the hub") }

func runHub(ctx context.Context, k *call) error {
	dir := k.hubDir()
	verbose := k.flags.Bool("verbose", false, "log more")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	cfg, err := readHub(*dir)
	if err != nil {
		return err
	}
	view, err := chain(*dir)
	if err != nil {
		return err
	}
	server, err := cfg.server(*dir)
	if err != nil {
		return err
	}
	log := k.jsonLog(*verbose)
	server.Members, server.Log = hubMembers(view), log
	h, err := hub.New(server)
	if err != nil {
		return err
	}
	if err := h.Start(ctx); err != nil {
		return err
	}
	k.say("Lintas hub %s serves %s", cfg.Name, h.URL())
	if u := h.WebSocketURL(); u != "" {
		k.say("and %s", u)
	}
	log.Info("hub serving", slog.String("listen", h.Addr()), slog.Int("members", len(server.Members)))
	return serveHub(ctx, h, &hubFollower{dir: *dir, hub: h, log: log, members: server.Members, every: time.Duration(cfg.ReloadEvery)})
}

func serveHub(ctx context.Context, h *hub.Hub, f *hubFollower) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan struct{})
	go func() { // ends with ctx, and is waited for
		defer close(done)
		f.run(ctx)
	}()
	err := h.Run(ctx)
	stop()
	<-done
	return err
}

// hubFollower lets members in and shuts them out when the directory changes.
type hubFollower struct {
	dir     string
	hub     *hub.Hub
	log     *slog.Logger
	members []hub.Member
	every   time.Duration
}

func (f *hubFollower) run(ctx context.Context) {
	again, end := hangup()
	defer end()
	if f.every <= 0 {
		f.every = 2 * time.Second
	}
	tick := time.NewTicker(f.every)
	defer tick.Stop()
	was := f.stamp()
	for {
		forced := false
		select {
		case <-ctx.Done():
			return
		case <-again:
			forced = true
		case <-tick.C:
		}
		if now := f.stamp(); forced || now != was {
			was = now
			f.reload(ctx)
		}
	}
}

// stamp changes when a file of the directory folder comes or changes.
func (f *hubFollower) stamp() string {
	entries, err := os.ReadDir(filepath.Join(f.dir, hubDirectory))
	if err != nil {
		return err.Error()
	}
	s := ""
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			s += fmt.Sprintln(e.Name(), info.Size(), info.ModTime().UnixNano())
		}
	}
	return s
}

func (f *hubFollower) reload(ctx context.Context) {
	view, err := chain(f.dir)
	if err != nil {
		f.log.Error("the directory is not followed; the members stay as they are", slog.Any("error", err))
		return
	}
	members := hubMembers(view)
	if slices.Equal(members, f.members) {
		return
	}
	if err := f.hub.SetMembers(ctx, members); err != nil {
		f.log.Error("the members could not be changed", slog.Any("error", err))
		return
	}
	f.members = members
	f.log.Info("members changed", slog.Int("directory", view.Document.Version), slog.Int("members", len(members)))
}

func runHubAdopt(_ context.Context, k *call) error {
	dir := k.hubDir()
	if err := k.parse(1, 1000); err != nil {
		return err
	}
	if _, err := readHub(*dir); err != nil {
		return err
	}
	view, err := chain(*dir)
	if err != nil {
		return err
	}
	for _, path := range k.flags.Args() {
		raw, err := readFile(path, directory.MaxSize)
		if err != nil {
			return err
		}
		s, d, err := directory.Decode(raw)
		if err != nil {
			return err
		}
		if view != nil && d.Version < view.Document.Version {
			continue
		}
		next, err := directory.Follow(view, s)
		if err != nil {
			return err
		}
		if next == view {
			continue
		}
		if err := writeNew(versionFile(*dir, d.Version), raw, 0o644); err != nil {
			return err
		}
		view = next
	}
	k.say("The hub follows version %d of the directory of %s: %d members. A running hub takes it within seconds.",
		view.Document.Version, view.Document.Region, len(view.Members()))
	return nil
}

func runHubCertificate(_ context.Context, k *call) error {
	dir := k.flags.String("dir", envDir(), "folder of the hub or node whose authority signs")
	name := k.flags.String("name", "hub", "name of the files: NAME.pem and NAME-key.pem")
	out := k.flags.String("out", "", "folder for the files; default: the same")
	hosts := k.words("host", "names and addresses for the certificate; may be repeated")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	if err := k.needed("host"); err != nil {
		return err
	}
	a, err := pki.Open(*dir, clock.System{})
	if err != nil {
		return err
	}
	if *out == "" {
		*out = *dir
	}
	cert, key, err := a.Issue(*out, *name, *hosts...)
	if err != nil {
		return err
	}
	k.say("%s and %s are written, for 398 days. A running server takes them without a restart.", cert, key)
	return nil
}
