// Package scripts runs stories across machines: each machine is a folder, and
// the steps of docs/operate/install.md are run as they stand there.
package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// program is the built binary; systemd units of the guide run it.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "lintas-scripts-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "lintas")
	if out, err := exec.Command("go", "build", "-o", program, "lintas/cmd/lintas").CombinedOutput(); err != nil {
		panic(string(out))
	}
	return m.Run()
}

func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("starts several nodes for a minute")
	}
	steps, units, err := readGuide("../../docs/operate/install.md")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: ".",
		Setup: func(e *testscript.Env) error {
			g, err := newGuide(e, steps, units)
			e.Values[guideKey{}] = g
			e.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+e.Getenv("PATH"))
			return err
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"guide": cmdGuide, "all-steps": cmdAllSteps, "quicken": cmdQuicken, "proxy": cmdProxy, "on": cmdOn, "until": cmdUntil, "alert": cmdAlert,
		},
	})
}
