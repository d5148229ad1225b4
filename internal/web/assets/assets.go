// Package assets is what the pages load: one style sheet, scripts, fonts and
// the icon sprite, embedded, named by their content and served for ever.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Prefix is where Handler is mounted.
const Prefix = "/assets/"

//go:embed css/*.css js/*.js img/mark.svg all:dist
var embedded embed.FS

// sheets in the order of the cascade layers; night.css is a list of
// declarations that becomes two rules, for the choice of the person and for
// the wish of the device.
var sheets = []string{"reset", "tokens", "base", "layout", "components", "tables", "data", "forms", "health", "risk", "verification", "contact", "signal", "sitrep", "incident", "request", "reserve", "review", "sop", "surveillance", "region", "account", "adapt", "print"}

type file struct {
	mime             string
	body, gzip, zstd []byte
}

type bundle struct {
	files   map[string]*file // by name below Prefix
	sheet   string
	scripts []string
	sprite  string
	mark    string
	icons   map[string]bool
	packer  *zstd.Encoder
}

var built = sync.OnceValue(func() *bundle {
	b := &bundle{files: map[string]*file{}, icons: map[string]bool{}, packer: packer()}
	b.fonts()
	b.sheet = b.add("app.css", b.style())
	if js, err := fs.ReadFile(embedded, "dist/htmx.js"); err == nil {
		b.scripts = append(b.scripts, b.add("htmx.js", js))
	}
	b.scripts = append(b.scripts, b.add("app.js", must("js/app.js")))
	if svg, err := fs.ReadFile(embedded, "dist/icons.svg"); err == nil {
		b.sprite = b.add("icons.svg", svg)
		for _, part := range strings.Split(string(svg), `<symbol id="`)[1:] {
			name, _, _ := strings.Cut(part, `"`)
			b.icons[name] = true
		}
	}
	b.mark = b.add("mark.svg", must("img/mark.svg"))
	b.packer = nil
	return b
})

func must(name string) []byte {
	b, err := fs.ReadFile(embedded, name)
	if err != nil {
		panic(err) // the files are part of the program
	}
	return b
}

// fonts are named by their content already, by the build program.
func (b *bundle) fonts() {
	names, _ := fs.Glob(embedded, "dist/fonts/*.woff2")
	for _, n := range names {
		name := strings.TrimPrefix(n, "dist/")
		b.files[name] = &file{mime: "font/woff2", body: must(n)}
	}
}

func (b *bundle) style() []byte {
	var s bytes.Buffer
	s.WriteString("@layer reset,tokens,base,layout,components,adapt,print;\n")
	if css, err := fs.ReadFile(embedded, "dist/fonts.css"); err == nil {
		s.Write(css)
	}
	for _, name := range sheets {
		s.Write(must("css/" + name + ".css"))
		if name == "tokens" {
			night := must("css/night.css")
			s.WriteString("@layer tokens{@media screen{[data-theme=night]{") // paper is white at night too
			s.Write(night)
			s.WriteString("}}\n@media screen and (prefers-color-scheme:dark){:root:not([data-theme]){")
			s.Write(night)
			s.WriteString("}}}\n")
		}
	}
	return s.Bytes()
}

func (b *bundle) add(name string, body []byte) string {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext
	b.files[hashed] = b.pack(name, body)
	return Prefix + hashed
}

// packer has a small window and little memory: the default would cost a node
// more than all its pages.
func packer() *zstd.Encoder {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(128<<10), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are constants
	}
	return w
}

var mimes = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

func (b *bundle) pack(name string, body []byte) *file {
	f := &file{mime: mimes[path.Ext(name)], body: body}
	var z bytes.Buffer
	if w, err := gzip.NewWriterLevel(&z, gzip.BestCompression); err == nil {
		if _, err := w.Write(body); err == nil && w.Close() == nil {
			f.gzip = z.Bytes()
		}
	}
	f.zstd = b.packer.EncodeAll(body, nil)
	return f
}

// Stylesheet is the address of the one style sheet.
func Stylesheet() string { return built().sheet }

// Scripts are the addresses of the scripts, in order.
func Scripts() []string { return built().scripts }

// Mark is the address of the icon of the browser tab.
func Mark() string { return built().mark }

// Icon is the address of an icon in the sprite, or empty when the sprite was
// not built or has no such icon: pages work without.
func Icon(name string) string {
	b := built()
	if !b.icons[name] {
		return ""
	}
	return b.sprite + "#" + name
}

// Handler serves the files below Prefix. Names carry a digest of the content,
// so they may be kept for ever.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		f, ok := built().files[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		f.serve(w, r)
	})
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.mime)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	body := f.body
	if f.gzip != nil {
		h.Add("Vary", "Accept-Encoding")
		switch {
		case accepts(r, "zstd") && f.zstd != nil:
			body = f.zstd
			h.Set("Content-Encoding", "zstd")
		case accepts(r, "gzip"):
			body = f.gzip
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the client went away: nothing to do about it
}
