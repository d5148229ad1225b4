// Command build writes the dist folder of the assets: fonts, icon sprite and
// the htmx bundle, from the npm packages that package-lock.json pins. Run
// "npm ci --ignore-scripts" in internal/web/assets before it.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"lintas/internal/web/assets"
)

func main() {
	root := "internal/web/assets"
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	if err := build(root); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

func build(root string) error {
	modules, dist := filepath.Join(root, "node_modules"), filepath.Join(root, "dist")
	if _, err := os.Stat(modules); err != nil {
		return errors.New("no node_modules: run `npm ci --ignore-scripts` in " + root + " first")
	}
	if err := os.RemoveAll(filepath.Join(dist, "fonts")); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dist, "fonts"), 0o755); err != nil {
		return err
	}
	if err := script(modules, dist); err != nil {
		return err
	}
	if err := sprite(modules, dist); err != nil {
		return err
	}
	return fonts(modules, dist)
}

// script bundles htmx with its event stream extension, which registers itself.
func script(modules, dist string) error {
	abs, err := filepath.Abs(modules)
	if err != nil {
		return err
	}
	result := api.Build(api.BuildOptions{
		Stdin: &api.StdinOptions{ResolveDir: filepath.Dir(abs), Loader: api.LoaderJS, Contents: `
import htmx from "htmx.org/dist/htmx.esm.js";
window.htmx = htmx;
import("htmx.org/dist/ext/hx-sse.js");
`},
		Bundle: true, MinifyWhitespace: true, MinifySyntax: true, MinifyIdentifiers: true,
		Format: api.FormatIIFE, Target: api.ES2022, LegalComments: api.LegalCommentsInline,
		Banner:  map[string]string{"js": "/* htmx.org 4.0.1, Zero-Clause BSD */"},
		Outfile: filepath.Join(dist, "htmx.js"), Write: true,
	})
	if len(result.Errors) > 0 {
		return fmt.Errorf("bundle: %s", result.Errors[0].Text)
	}
	return nil
}

var (
	inner   = regexp.MustCompile(`(?s)<svg[^>]*>(.*)</svg>`)
	spaces  = regexp.MustCompile(`\s+`)
	viewBox = "0 0 24 24"
)

func sprite(modules, dist string) error {
	var s strings.Builder
	s.WriteString("<!-- Lucide, ISC License, lucide.dev -->\n<svg xmlns=\"http://www.w3.org/2000/svg\">\n")
	for _, name := range assets.IconNames {
		b, err := os.ReadFile(filepath.Join(modules, "lucide-static", "icons", name+".svg"))
		if err != nil {
			return fmt.Errorf("icon %s: %w", name, err)
		}
		m := inner.FindSubmatch(b)
		if m == nil {
			return fmt.Errorf("icon %s: not an svg", name)
		}
		fmt.Fprintf(&s, "<symbol id=%q viewBox=%q>%s</symbol>\n", name, viewBox, strings.TrimSpace(spaces.ReplaceAllString(string(m[1]), " ")))
	}
	s.WriteString("</svg>\n")
	return os.WriteFile(filepath.Join(dist, "icons.svg"), []byte(s.String()), 0o644)
}

// face is one font file: the family of our style sheet, the package, the
// subset, and the weight (empty: the variable one).
type face struct{ family, pkg, subset, weight string }

// scripts are the packages for the scripts of the region.
var scripts = []struct{ pkg, subset string }{
	{"noto-sans", "latin"}, {"noto-sans", "latin-ext"}, {"noto-sans", "vietnamese"}, {"noto-sans-thai-looped", "thai"},
	{"noto-sans-khmer", "khmer"}, {"noto-sans-lao", "lao"}, {"noto-sans-myanmar", "myanmar"}, {"noto-sans-tamil", "tamil"},
}

// faces: variable fonts for the screen; static ones for print, because
// variable fonts embed badly into PDF.
func faces() []face {
	var out []face
	for _, s := range scripts {
		out = append(out, face{"UI", "@fontsource-variable/" + s.pkg, s.subset, ""})
	}
	for _, sub := range []string{"latin", "latin-ext", "vietnamese"} {
		out = append(out, face{"Title", "@fontsource-variable/source-serif-4", sub, ""})
	}
	for _, s := range scripts {
		for _, w := range []string{"400", "600"} {
			out = append(out, face{"UI Print", "@fontsource/" + s.pkg, s.subset, w})
		}
	}
	for _, sub := range []string{"latin", "latin-ext", "vietnamese"} {
		out = append(out, face{"Title Print", "@fontsource/source-serif-4", sub, "600"})
	}
	return out
}

func fonts(modules, dist string) error {
	var css strings.Builder
	css.WriteString("/* Noto Sans and Source Serif 4, SIL Open Font License 1.1 */\n@layer tokens{\n")
	total := 0
	for _, f := range faces() {
		n, err := f.write(&css, modules, dist)
		if err != nil {
			return err
		}
		total += n
	}
	css.WriteString("}\n")
	fmt.Printf("assets: %d font files, %d kB\n", len(faces()), total/1000)
	return os.WriteFile(filepath.Join(dist, "fonts.css"), []byte(css.String()), 0o644)
}

func (f face) write(css *strings.Builder, modules, dist string) (int, error) {
	base := strings.TrimPrefix(strings.TrimPrefix(f.pkg, "@fontsource-variable/"), "@fontsource/")
	file, sheet, weight := base+"-"+f.subset+"-wght-normal.woff2", "index.css", ""
	if f.weight != "" {
		file, sheet, weight = base+"-"+f.subset+"-"+f.weight+"-normal.woff2", f.weight+".css", f.weight
	}
	body, err := os.ReadFile(filepath.Join(modules, f.pkg, "files", file))
	if err != nil {
		return 0, err
	}
	rules, err := os.ReadFile(filepath.Join(modules, f.pkg, sheet))
	if err != nil {
		return 0, err
	}
	ranges, weights, err := describe(string(rules), file)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", f.pkg, err)
	}
	if weight == "" {
		weight = weights
	}
	sum := sha256.Sum256(body)
	name := strings.TrimSuffix(file, ".woff2") + "-" + hex.EncodeToString(sum[:4]) + ".woff2"
	fmt.Fprintf(css, "@font-face{font-family:%q;src:url(fonts/%s) format(\"woff2\");font-weight:%s;font-display:swap;unicode-range:%s}\n",
		f.family, name, weight, ranges)
	return len(body), os.WriteFile(filepath.Join(dist, "fonts", name), body, 0o644)
}

var (
	faceRule    = regexp.MustCompile(`(?s)@font-face\s*\{.*?\}`)
	rangeRule   = regexp.MustCompile(`unicode-range:\s*([^;]+);`)
	weightRule  = regexp.MustCompile(`font-weight:\s*([^;]+);`)
	errNoRange  = errors.New("no rule with a unicode-range for the file")
	errNoWeight = errors.New("no weight for the file")
)

// describe finds the code points and weights of a file in its package's own
// style sheet, so that they are never typed here.
func describe(css, file string) (ranges, weights string, err error) {
	for _, rule := range faceRule.FindAllString(css, -1) {
		if !strings.Contains(rule, file) {
			continue
		}
		r, w := rangeRule.FindStringSubmatch(rule), weightRule.FindStringSubmatch(rule)
		if r == nil {
			return "", "", errNoRange
		}
		if w == nil {
			return "", "", errNoWeight
		}
		return strings.TrimSpace(r[1]), strings.TrimSpace(w[1]), nil
	}
	return "", "", errNoRange
}
