package assets

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func get(t *testing.T, method, path, accept string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	if accept != "" {
		r.Header.Set("Accept-Encoding", accept)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestServing(t *testing.T) {
	plain := get(t, "GET", Stylesheet(), "")
	if plain.Code != 200 || plain.Header().Get("Content-Type") != "text/css; charset=utf-8" || plain.Header().Get("Content-Encoding") != "" {
		t.Fatalf("%d %v", plain.Code, plain.Header())
	}
	if !strings.Contains(plain.Header().Get("Cache-Control"), "immutable") || plain.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Error(plain.Header())
	}
	zipped := get(t, "GET", Stylesheet(), "br, gzip;q=0.8")
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(z); err != nil || !bytes.Equal(b, plain.Body.Bytes()) {
		t.Error("gzip differs from plain", err)
	}
	small := get(t, "GET", Stylesheet(), "gzip, zstd")
	if small.Header().Get("Content-Encoding") != "zstd" {
		t.Error(small.Header())
	}
	d, err := zstd.NewReader(small.Body)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if b, err := io.ReadAll(d); err != nil || !bytes.Equal(b, plain.Body.Bytes()) {
		t.Error("zstd differs from plain", err)
	}
	if w := get(t, "GET", Stylesheet(), "gzip;q=0, identity"); w.Header().Get("Content-Encoding") != "" {
		t.Error("gzip was refused and sent")
	}
	for path, want := range map[string]int{Prefix: 404, Prefix + "app.css": 404, Prefix + "../assets.go": 404, Prefix + "css/base.css": 404} {
		if w := get(t, "GET", path, ""); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	if w := get(t, "POST", Stylesheet(), ""); w.Code != 405 {
		t.Error(w.Code)
	}
	if w := get(t, "HEAD", Stylesheet(), ""); w.Code != 200 || w.Body.Len() != 0 {
		t.Error(w.Code, w.Body.Len())
	}
	for _, path := range append(Scripts(), Mark()) {
		if w := get(t, "GET", path, ""); w.Code != 200 || w.Body.Len() == 0 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestEverySheet: each file of css is in the style sheet, and in a layer.
func TestEverySheet(t *testing.T) {
	entries, err := embedded.ReadDir("css")
	if err != nil {
		t.Fatal(err)
	}
	all := string(built().style())
	for _, e := range entries {
		body := strings.TrimSpace(string(must("css/" + e.Name())))
		if !strings.Contains(all, body) {
			t.Errorf("%s is not in the style sheet", e.Name())
		}
		if e.Name() != "night.css" && !strings.HasPrefix(body, "@layer ") {
			t.Errorf("%s is outside the layers", e.Name())
		}
		if strings.Count(body, "{") != strings.Count(body, "}") {
			t.Errorf("%s: braces", e.Name())
		}
	}
	// A breakpoint that is not for the screen alone would print the phone layout.
	for _, m := range regexp.MustCompile(`@media[^{]*(max|min)-width[^{]*`).FindAllString(all, -1) {
		if !strings.Contains(m, "screen") {
			t.Errorf("breakpoint without screen: %s", m)
		}
	}
}

// TestNightHasEveryColour: what night leaves out stays a day colour on black.
func TestNightHasEveryColour(t *testing.T) {
	night := string(must("css/night.css"))
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+):#`).FindAllStringSubmatch(string(must("css/tokens.css")), -1) {
		if m[1] == "gold" || m[1] == "focus" {
			continue // the same by night
		}
		if !strings.Contains(night, "--"+m[1]+":") {
			t.Errorf("night has no --%s", m[1])
		}
	}
}

// TestIconsAreListed: an icon that a page names but the list lacks would
// never be built.
func TestIconsAreListed(t *testing.T) {
	known := map[string]bool{}
	for _, n := range IconNames {
		if known[n] {
			t.Errorf("%s is listed twice", n)
		}
		known[n] = true
	}
	used := regexp.MustCompile(`(?:Icon\(|Icon:\s*)"([a-z0-9-]+)"`)
	for _, dir := range []string{"../parts", "../layout", "../parts/gallery"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".templ") && !strings.HasSuffix(e.Name(), ".go") {
				continue
			}
			b, err := os.ReadFile(dir + "/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range used.FindAllStringSubmatch(string(b), -1) {
				if !known[m[1]] {
					t.Errorf("%s/%s uses icon %s", dir, e.Name(), m[1])
				}
			}
		}
	}
	if len(built().icons) > 0 {
		for _, n := range IconNames {
			if Icon(n) == "" {
				t.Errorf("%s is not in the sprite that was built", n)
			}
		}
	}
}

func TestNothingWithoutSprite(t *testing.T) {
	if Icon("no-such-icon") != "" {
		t.Error("an unknown icon has no address")
	}
}

func FuzzAccepts(f *testing.F) {
	f.Add("gzip;q=0.5, zstd")
	f.Add(";;=,q")
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", header)
		if accepts(r, "gzip") && !strings.Contains(strings.ToLower(header), "gzip") {
			t.Error(header)
		}
	})
}
