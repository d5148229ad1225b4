package locale

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// dynamic are the beginnings of keys that the code puts together; what
// follows comes from a closed list of the domain.
var dynamic = []string{
	"ack.", "fault.scenario.value.", "grade.", "precision.", "theme.",
	"verb.", "state.", "need.", "clock.", "role.", "role.hint.", "marking.", "stage.", "hazard.", "fact.", "audience.",
	"history.", "event.", "web.error.", "block.", "cap.", "nav.", "lang.", "purpose.", "basis.",
	"action.", "class.", "hazardclass.", "indicator.", "todo.", "hit.", "nudge.flash.", "nudge.field.", "nudge.hint.", "handover.state.", "handover.none.", "handover.said.", "exchange.reason.", "blocks.",
	"age.", "sex.", "group.", "granularity.", "method.", "complete.", "grid.", "health.section.", "health.describe.", "health.end.",
	"sitrep.flash.", "verification.act.", "verification.evidence.", "verification.field.", "verification.hint.", "verification.in.", "verification.mark.", "verification.outcome.",
	"verification.said.", "verification.say.", "verification.side.", "verification.state.", "verification.verb.",
	"contact.channel.", "contact.field.", "contact.hint.", "contact.role.", "contact.said.", "contact.standing.", "contact.state.", "contact.verb.",
	"surveillance.class.", "surveillance.field.", "surveillance.format.", "surveillance.hint.", "surveillance.map.", "surveillance.measure.", "surveillance.place.",
	"surveillance.algorithm.", "surveillance.alarm.", "surveillance.held.", "surveillance.level.", "surveillance.method.about.", "surveillance.outcome.", "surveillance.rt.why.",
	"surveillance.scan.", "surveillance.set.", "surveillance.tab.", "surveillance.span.", "surveillance.earlier.", "surveillance.later.", "surveillance.curve.title.", "surveillance.interval.", "surveillance.threshold.", "surveillance.why.",
	"surveillance.pull.", "surveillance.share.", "surveillance.why.", "surveillance.bound.", "fault.place.", "surveillance.resolution.", "surveillance.result.", "surveillance.state.", "surveillance.verb.", "surveillance.weeks.",
	"timeliness.outcome.", "timeliness.why.", "timeliness.clock.", "timeliness.action.", "timeliness.answer.", "timeliness.record.", "timeliness.verb.", "timeliness.step.", "timeliness.said.", "timeliness.jee.", "timeliness.kind.", "timeliness.horizon.", "timeliness.milestone.",
	"family.verb.", "family.step.", "family.said.", "family.state.", "family.standing.", "family.field.",
	"health.answer.", "health.desk.sort.", "health.fact.", "health.field.", "health.file.", "health.grade.", "health.hint.", "health.node.",
	"ihr.answer.", "ihr.outcome.", "ihr.decided.", "ihr.path.", "ihr.state.", "ihr.verb.", "ihr.said.", "ihr.step.", "ihr.form.", "ihr.block.", "ihr.status.",
	"ihr.kind.", "ihr.determination.", "timeliness.r2", "timeliness.r3", "ihr.tag.", "ihr.grade.", "ihr.type.", "ihr.target.", "ihr.field.", "ihr.hint.", "ihr.col.", "ihr.roles.",
	"risk.likelihood.", "risk.consequence.", "risk.level.", "risk.confidence.", "risk.group.", "risk.unknown.", "risk.raises.", "risk.receptive.", "risk.receptivity.",
	"risk.capacity.", "risk.scope.", "risk.stance.", "risk.kind.", "risk.state.", "risk.verb.", "risk.said.", "risk.step.", "risk.field.", "risk.hint.", "risk.col.", "risk.part.",
	"signal.answer.", "signal.concern.", "signal.count.", "signal.credibility.", "signal.field.", "signal.hint.", "signal.import.", "signal.list.", "signal.milestone.",
	"signal.reliability.", "signal.said.", "signal.source.", "signal.state.", "signal.step.", "signal.target.", "signal.twin.", "signal.verb.", "repair.",
	"sitrep.cell.", "sitrep.field.", "sitrep.hint.", "sitrep.part.", "sitrep.said.", "sitrep.scope.", "sitrep.stands.", "sitrep.state.", "sitrep.step.", "sitrep.verb.",
	"level.", "incident.", "sop.", "reserve.",
	"review.field.", "review.format.", "review.hint.", "review.next.", "review.plan.", "review.col.", "review.said.", "review.sort.", "review.stance.", "review.state.", "review.step.", "review.title.", "review.verb.",
	"trail.actions.", "trail.factor.", "trail.field.", "trail.filter.", "trail.findings.", "trail.group.", "trail.hint.", "trail.method.", "trail.next.", "trail.priority.", "trail.recommendations.", "trail.said.", "trail.sort.", "trail.spar.", "trail.state.", "trail.step.", "trail.verb.", "trail.way.",
	"request.noun.", "request.state.", "request.verb.", "request.category.", "request.priority.", "request.support.", "request.formality.", "request.repayment.", "request.cost.", "request.team.", "request.sector.", "request.profession.", "request.carries.", "request.does.", "request.clause.", "request.degree.", "request.field.", "request.hint.", "request.group.", "request.new.", "request.lede.", "request.about.", "request.tab.", "request.act.", "request.standing.", "request.begin.", "request.said.", "request.board.show.", "request.board.map.",
	"health.note.at.", "health.said.", "health.stage.", "health.state.", "health.step.", "health.timeline.stage.", "health.verb.",
}

// keyArguments are the functions that take a key, and where it stands.
var keyArguments = map[string]int{"T": 0, "With": 0, "Has": 0, "New": 1, "Wrap": 1, "That": 2, "Row": 3}

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_-]+)+$`)

type usage struct {
	literals map[string]string              // every string of the code → where
	keys     map[string]string              // strings that stand where a key stands → where
	passed   map[string]map[string][]string // key → where → names of the arguments passed
}

// TestUsage compares the catalogues with the whole repository: no key is
// missing, none is unused, and every call passes what its sentence names.
func TestUsage(t *testing.T) {
	u := scan(t, "../..")
	src := loaded()[Source].words()
	has := New(Source, nil, "").Has
	for _, key := range slices.Sorted(maps.Keys(u.keys)) {
		if !has(key) {
			t.Errorf("missing: %s (%s)", key, u.keys[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(src.single)) {
		if !u.uses(key) {
			t.Errorf("unused: %s", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(src.plural)) {
		if !u.uses(key) && !u.uses(key+".other") {
			t.Errorf("unused: %s", key)
		}
	}
	for key, calls := range u.passed {
		want := map[string]bool{}
		for _, a := range arguments(src.single[key]) {
			want[a[:strings.IndexByte(a, ':')]] = true
		}
		for _, s := range src.plural[key] {
			want["n"] = true
			for _, a := range arguments(s) {
				want[a[:strings.IndexByte(a, ':')]] = true
			}
		}
		for where, names := range calls {
			for _, n := range names {
				if has(key) && !want[n] {
					t.Errorf("mismatch: %s passes %q to %s, which does not name it", where, n, key)
				}
			}
			for n := range want {
				if !slices.Contains(names, n) {
					t.Errorf("mismatch: %s does not pass %q to %s", where, n, key)
				}
			}
		}
	}
}

func (u *usage) uses(key string) bool {
	if _, ok := u.literals[key]; ok {
		return true
	}
	return slices.ContainsFunc(dynamic, func(p string) bool { return strings.HasPrefix(key, p) })
}

// scan reads every Go file but tests; templates are read as the Go that they
// generate.
func scan(t *testing.T, root string) *usage {
	t.Helper()
	u := &usage{literals: map[string]string{}, keys: map[string]string{}, passed: map[string]map[string][]string{}}
	files := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "testdata" || d.Name() == "gallery" {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(files, path, body, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		u.read(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (u *usage) read(files *token.FileSet, f *ast.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.BasicLit:
			if s, ok := text(x); ok {
				u.literals[s] = files.Position(x.Pos()).String()
			}
		case *ast.KeyValueExpr: // fault.Field{Key: "..."} and the like
			if k, ok := x.Key.(*ast.Ident); ok && k.Name == "Key" {
				if s, ok := text(x.Value); ok && keyForm.MatchString(s) {
					u.keys[s] = files.Position(x.Pos()).String()
				}
			}
		case *ast.CallExpr:
			u.call(files, x)
		}
		return true
	})
}

func (u *usage) call(files *token.FileSet, call *ast.CallExpr) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	i, ok := keyArguments[sel.Sel.Name]
	if !ok || len(call.Args) <= i {
		return
	}
	if pkg, plain := sel.X.(*ast.Ident); (sel.Sel.Name == "New" || sel.Sel.Name == "Wrap") && (!plain || pkg.Name != "fault") {
		return
	}
	key, ok := text(call.Args[i])
	if !ok || !keyForm.MatchString(key) {
		return
	}
	where := files.Position(call.Pos()).String()
	u.keys[key] = where
	if sel.Sel.Name != "T" || call.Ellipsis.IsValid() {
		return
	}
	var names []string
	for j := 1; j < len(call.Args); j += 2 {
		name, ok := text(call.Args[j])
		if !ok {
			return // put together elsewhere
		}
		names = append(names, name)
	}
	if u.passed[key] == nil {
		u.passed[key] = map[string][]string{}
	}
	u.passed[key][where] = names
}

func text(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}
