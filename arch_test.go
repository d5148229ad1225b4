package lintas

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rule forbids imports and says why.
type rule struct {
	in     string   // folder prefix that the rule is about; "" is every folder
	except []string // folders that may
	deny   []string // import prefixes
	why    string
}

var rules = []rule{
	{in: "outbreak", deny: []string{"lintas/", "github.com/", "golang.org/"}, why: "public packages use the standard library only"},
	{in: "disclosure", deny: []string{"lintas/", "github.com/", "golang.org/"}, why: "public packages use the standard library only"},
	{in: "", except: []string{"internal/web", "internal/api", "internal/desk/*/web", "internal/desk/*/*/web", "internal/trail/web", "internal/node", "internal/region", "cmd", "test"},
		deny: []string{"net/http", "github.com/a-h/templ", "html/template"}, why: "pages and HTTP live in web, api and the desks' web folders"},
	{in: "", except: []string{"internal/db"}, deny: []string{"modernc.org/sqlite", "github.com/jackc/pgx", "database/sql/driver"},
		why: "only db knows database drivers"},
	{in: "", except: []string{"internal/exchange"}, deny: []string{"github.com/nats-io"}, why: "only exchange knows NATS"},
	{in: "internal/fault", deny: []string{"lintas/"}, why: "fault is the bottom"},
	{in: "internal/clock", deny: []string{"lintas/"}, why: "clock is the bottom"},
	{in: "internal/workflow", deny: []string{"lintas/internal/db", "lintas/internal/desk", "lintas/internal/exchange", "os", "net"}, why: "tables are pure"},
	{in: "internal/access", deny: []string{"lintas/internal/db", "lintas/internal/desk", "lintas/internal/exchange", "os", "net"}, why: "access is pure"},
	{in: "internal/locale", deny: []string{"lintas/internal/db", "lintas/internal/desk", "os", "net"}, why: "locale does no I/O"},
	{in: "internal/db", deny: []string{"lintas/internal/desk", "lintas/internal/exchange", "lintas/internal/history", "lintas/internal/people"}, why: "db knows no tables"},
	{in: "internal/history", deny: []string{"lintas/internal/desk", "lintas/internal/exchange", "lintas/internal/people"}, why: "history is below what it records"},
	{in: "internal/exchange", deny: []string{"lintas/internal/desk", "lintas/internal/people", "lintas/internal/web", "lintas/internal/api"}, why: "the exchange carries bodies that it does not understand"},
	{in: "internal/files", deny: []string{"lintas/internal/desk", "lintas/internal/exchange", "lintas/internal/people", "lintas/internal/web", "lintas/internal/api"}, why: "files are below what holds them"},
	{in: "internal/people", deny: []string{"lintas/internal/desk", "lintas/internal/exchange", "lintas/internal/web", "lintas/internal/api"}, why: "people is below the desks"},
	{in: "internal/trail", deny: []string{"lintas/internal/desk/health", "lintas/internal/desk/skeleton", "lintas/internal/people", "lintas/internal/node"}, why: "the trail knows no desk: desks register their records with it"},
	{in: "internal/web", deny: []string{"lintas/internal/desk/", "lintas/internal/node", "lintas/internal/region"}, why: "the shell knows no desk"},
	{in: "internal/api", deny: []string{"lintas/internal/desk/", "lintas/internal/node", "lintas/internal/region"}, why: "the shell knows no desk"},
}

// source is one Go file of ours.
type source struct {
	path    string
	file    *ast.File
	set     *token.FileSet
	lines   int
	written bool // by a person, not by a generator
}

func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		s := source{path: filepath.ToSlash(path), set: token.NewFileSet()}
		if s.file, err = parser.ParseFile(s.set, path, nil, parser.ParseComments); err != nil {
			return err
		}
		s.lines, err = countLines(path)
		s.written = !ast.IsGenerated(s.file)
		out = append(out, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func countLines(path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	n := 0
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		n++
	}
	return n, sc.Err()
}

func under(dir, prefix string) bool {
	if prefix == "" || dir == prefix {
		return true
	}
	if strings.Contains(prefix, "*") {
		parts, want := strings.Split(dir, "/"), strings.Split(prefix, "/")
		if len(parts) < len(want) {
			return false
		}
		ok, _ := filepath.Match(prefix, strings.Join(parts[:len(want)], "/"))
		return ok
	}
	return strings.HasPrefix(dir, prefix+"/")
}

func TestImports(t *testing.T) {
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		dir := filepath.ToSlash(filepath.Dir(s.path))
		for _, imp := range s.file.Imports {
			name := strings.Trim(imp.Path.Value, `"`)
			for _, r := range rules {
				if !under(dir, r.in) || slices.ContainsFunc(r.except, func(e string) bool { return under(dir, e) }) {
					continue
				}
				if slices.ContainsFunc(r.deny, func(d string) bool {
					return name == strings.TrimSuffix(d, "/") || strings.HasPrefix(name, strings.TrimSuffix(d, "/")+"/")
				}) {
					t.Errorf("%s imports %s: %s", s.path, name, r.why)
				}
			}
			desks(t, s.path, dir, name)
		}
	}
}

// desks keeps desks apart: they meet in what all share.
func desks(t *testing.T, path, dir, name string) {
	const root = "lintas/internal/desk/"
	if !strings.HasPrefix(dir, "internal/desk/") || !strings.HasPrefix(name, root) {
		return
	}
	mine, _, _ := strings.Cut(strings.TrimPrefix(dir, "internal/desk/"), "/")
	other, _, _ := strings.Cut(strings.TrimPrefix(name, root), "/")
	if mine != other {
		t.Errorf("%s imports desk %s: a desk holds a reference or reacts to an announcement", path, other)
		return
	}
	from, to := partOf(dir), partOf(strings.TrimPrefix(name, "lintas/"))
	if to != "" && from != to {
		t.Errorf("%s imports %s: a part of a desk knows its desk, never another part, and the desk knows none of them", path, to)
	}
}

// deskParts are the folders of a large desk that are parts of their own, each
// with its tables, store and pages (docs/decisions/0008).
var deskParts = []string{"signal", "verification", "contact", "risk", "ihr", "family", "timeliness", "handover", "surveillance", "request", "reserve", "review"}

// partOf is the part of a desk that a folder below internal/desk belongs to.
func partOf(dir string) string {
	parts := strings.Split(dir, "/")
	if len(parts) > 3 && slices.Contains(deskParts, parts[3]) {
		return parts[3]
	}
	return ""
}

const (
	maxFile = 400
	maxFunc = 60
)

// Every exception to the size budgets stands here by name with its reason.
var (
	longFiles = map[string]string{}
	longFuncs = map[string]string{}
)

func TestSizes(t *testing.T) {
	for _, s := range sources(t) {
		if !s.written {
			continue
		}
		if s.lines > maxFile && longFiles[s.path] == "" {
			t.Errorf("%s has %d lines, more than %d", s.path, s.lines, maxFile)
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			n := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1
			if n > maxFunc && longFuncs[s.path+":"+f.Name.Name] == "" {
				t.Errorf("%s: %s has %d lines, more than %d", s.path, f.Name.Name, n, maxFunc)
			}
		}
	}
}

func TestPackageNamesAndInit(t *testing.T) {
	banned := []string{"util", "utils", "common", "core", "helpers", "types", "models", "services", "manager"}
	for _, s := range sources(t) {
		if slices.Contains(banned, s.file.Name.Name) {
			t.Errorf("%s: package %s is named for nothing it gives", s.path, s.file.Name.Name)
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" && s.written {
				t.Errorf("%s: no registration in init: list it explicitly", s.path)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	said := map[string]bool{}
	seen := map[string]bool{}
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		dir := filepath.Dir(s.path)
		seen[dir] = true
		said[dir] = said[dir] || s.file.Doc != nil && len(s.file.Doc.List) > 0
	}
	for dir := range seen {
		if !said[dir] {
			t.Errorf("%s has no package comment", dir)
		}
	}
}
