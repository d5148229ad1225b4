package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"lintas/internal/node"
)

var versionCommand = command{
	name:    "version",
	summary: "Says which program this is and which procedures it follows",
	example: "  lintas version",
	run:     runVersion,
}

func runVersion(_ context.Context, k *call) error {
	if err := k.parse(0, 0); err != nil {
		return err
	}
	fmt.Fprintf(k.out, "lintas %s, %s, %s/%s\n", programVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, d := range node.Desks() {
		for _, t := range d.Tables {
			fmt.Fprintf(k.out, "procedure %s %s\n", t.Digest[:12], t.Record)
		}
	}
	return nil
}

// programVersion is the commit that the program was built from.
func programVersion() string {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				version = s.Value
			}
		}
	}
	return version
}
