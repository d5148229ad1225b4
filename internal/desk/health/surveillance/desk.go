// Package surveillance is the part of the health desk that keeps counts by
// place, disease and week: their datasets, imports with every correction, the
// matching of place names, and the reading of all series at once.
package surveillance

import (
	"context"
	"embed"
	"io/fs"
	"sync"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/id"
)

// Name of the part in releases, history and URLs.
const Name = "surveillance"

//go:embed schema/*.sql
var schemaFS embed.FS

// Schema is the part's tables.
var Schema = db.Schema{Name: Name, FS: sub(schemaFS)}

func sub(f embed.FS) fs.FS {
	s, err := fs.Sub(f, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return s
}

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{
		Name: Name, Schema: Schema, Capabilities: Capabilities,
		Messages: []desk.Message{{Kind: KindCounts, Schema: bodySchema}},
		Tables: []desk.TableText{desk.Describe(Datasets), desk.Describe(Imports), desk.Describe(Aliases), desk.Describe(Shares),
			desk.Describe(Methods), desk.Describe(Intervals), desk.Describe(Scans)},
	}
}

// Capabilities of the part: what is not a step of a record. Reading is the
// health desk's "health.read".
var Capabilities = access.Capabilities{
	{Name: "surveillance.import", By: importers, Scope: "surveillance.import"},
	{Name: "surveillance.places", By: importers, Scope: "surveillance.import"},
}

// Desk is the part on one node.
type Desk struct {
	env       *desk.Env
	files     *files.Store
	datasets  *desk.Kind[Dataset]
	imports   *desk.Kind[Import]
	aliases   *desk.Kind[Alias]
	shares    *desk.Kind[Share]
	methods   *desk.Kind[Method]
	scans     *desk.Kind[ScanRun]
	intervals *desk.Kind[Interval]
	inbox     Inbox         // where alarms become signals; nil: nowhere
	wake      chan struct{} // an import waits to be applied
	scanWake  chan struct{} // there may be something to scan
}

// New makes the part of a node.
func New(env *desk.Env) *Desk {
	d := &Desk{env: env, files: &files.Store{DB: env.DB, Clock: env.Wall, IDs: env.IDs}, wake: make(chan struct{}, 1), scanWake: make(chan struct{}, 1)}
	d.datasets = &desk.Kind[Dataset]{
		Name: "surveillance.dataset", Desk: Name, Table: Datasets, Head: func(s *Dataset) *desk.Head { return &s.Head },
		Validate: validateDataset, Load: loadDataset, Insert: insertDataset, Update: updateDataset,
		Topics: func(s *Dataset) []string { return []string{"desk", "dataset:" + string(s.ID)} },
	}
	d.imports = &desk.Kind[Import]{
		Name: "surveillance.import", Desk: Name, Table: Imports, Head: func(i *Import) *desk.Head { return &i.Head },
		Validate: validateImport, Load: loadImport, Insert: insertImport, Update: updateImport,
		Topics: func(i *Import) []string { return []string{"desk", importTopic(i.ID)} },
	}
	d.aliases = &desk.Kind[Alias]{
		Name: "surveillance.alias", Desk: Name, Table: Aliases, Head: func(a *Alias) *desk.Head { return &a.Head },
		Validate: validateAlias, Load: loadAlias, Insert: insertAlias, Update: updateAlias,
		Topics: func(*Alias) []string { return []string{"desk", "aliases"} },
	}
	d.shares = &desk.Kind[Share]{
		Name: "surveillance.share", Desk: Name, Table: Shares, Head: func(s *Share) *desk.Head { return &s.Head },
		Validate: validateShare, Load: loadShare, Insert: insertShare, Update: updateShare,
		Topics: func(s *Share) []string { return []string{"desk", "share:" + string(s.ID)} },
	}
	d.scanKinds()
	return d
}

func importTopic(i id.ID) string { return "import:" + string(i) }

// reads is the reach of a reader; others are told that there is nothing.
func reads(a access.Actor) (health.Reach, error) {
	r := health.ReachOf(a)
	if r.None {
		return r, desk.NotFound()
	}
	return r, nil
}

// MayImport reports whether the actor may bring data in.
func MayImport(a access.Actor) bool { return Capabilities.May(a, "surveillance.import") }

func mayImport(a access.Actor) error {
	if !MayImport(a) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "import")
	}
	return nil
}

// Run applies imports and scans what is due until ctx ends; what was being
// done when the node stopped is taken up again.
func (d *Desk) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { d.runImports(ctx) })
	both.Go(func() { d.runScans(ctx) })
	both.Wait()
}

func (d *Desk) runImports(ctx context.Context) {
	for {
		d.Work(ctx)
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		}
	}
}
