package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
	"lintas/internal/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func sample(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{7})
	_, _ = r.Read(b)
	return b
}

func store(d *db.DB) (*Store, *clock.Manual) {
	c := clock.NewManual(time.Date(2020, 1, 13, 8, 0, 0, 0, time.UTC))
	return &Store{DB: d, Clock: c, IDs: &id.Maker{Clock: c}}, c
}

func rows(t *testing.T, d *db.DB, table string) int {
	t.Helper()
	n := 0
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Row(t.Context(), "SELECT count(*) FROM "+table, nil, &n)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestBytesComeBackAsTheyWere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := store(d)
		for _, size := range []int{1, ChunkSize - 1, ChunkSize, ChunkSize + 1, 3 << 20} {
			data := sample(size)
			f, err := s.Put(t.Context(), Upload{Record: "rec", Name: "line list.pdf", By: "acc"}, iotest.HalfReader(bytes.NewReader(data)), nil)
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(data)
			if f.Size != int64(size) || f.SHA256 != hex.EncodeToString(sum[:]) || f.Type != Opaque {
				t.Errorf("%d bytes: %+v", size, f)
			}
			got, r, err := s.Open(t.Context(), f.ID)
			if err != nil {
				t.Fatal(err)
			}
			back, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(back, data) {
				t.Errorf("%d bytes: other bytes came back: %v", size, err)
			}
			if !got.At.Equal(f.At) || got.By != "acc" || got.Record != "rec" {
				t.Errorf("read %+v, stored %+v", got, f)
			}
		}
	}, Schema)
}

func TestWhatFailsLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := store(d)
		lost := errors.New("lost")
		for name, c := range map[string]struct {
			r    io.Reader
			then func(context.Context, *db.Tx, Info) error
			key  string
		}{
			"broken":  {r: io.MultiReader(bytes.NewReader(sample(2*ChunkSize)), iotest.ErrReader(lost))},
			"large":   {r: io.MultiReader(bytes.NewReader(make([]byte, MaxSize)), strings.NewReader("x")), key: "fault.files.size"},
			"empty":   {r: strings.NewReader(""), key: "fault.files.empty"},
			"refused": {r: strings.NewReader("x"), then: func(context.Context, *db.Tx, Info) error { return lost }},
		} {
			_, err := s.Put(t.Context(), Upload{Record: "rec", Name: "a"}, c.r, c.then)
			e, _ := errors.AsType[*fault.Error](err)
			if c.key == "" && !errors.Is(err, lost) || c.key != "" && (e == nil || e.Key != c.key) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if b, c := rows(t, d, "files_blob"), rows(t, d, "files_chunk"); b+c != 0 {
			t.Errorf("%d blobs and %d chunks are left", b, c)
		}
		if _, err := s.Put(t.Context(), Upload{Name: "a"}, bytes.NewReader(make([]byte, MaxSize)), nil); err != nil {
			t.Errorf("the largest file: %v", err)
		}
	}, Schema)
}

func TestHalfAnUploadIsNotThereAndIsSwept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, c := store(d)
		f := Info{ID: s.IDs.New(), Record: "rec", Name: "a", At: c.Now()}
		crashed := errors.New("crashed")
		if err := s.put(t.Context(), &f, io.MultiReader(bytes.NewReader(sample(ChunkSize)), iotest.ErrReader(crashed)), nil); !errors.Is(err, crashed) {
			t.Fatal(err)
		}
		if _, _, err := s.Open(t.Context(), f.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("half a file can be read: %v", err)
		}
		for _, want := range []int{1, 0} {
			if err := s.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := rows(t, d, "files_chunk"); got != want {
				t.Errorf("%d chunks, want %d", got, want)
			}
			c.Advance(abandoned + time.Minute)
		}
	}, Schema)
}

func TestDelete(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := store(d)
		f, err := s.Put(t.Context(), Upload{Record: "rec", Name: "a"}, strings.NewReader("abc"), nil)
		if err != nil {
			t.Fatal(err)
		}
		del := func(record id.ID) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { return Delete(t.Context(), tx, record, f.ID) })
		}
		if err := del("other"); !fault.Is(err, fault.NotFound) {
			t.Errorf("another record's file: %v", err)
		}
		if err := del("rec"); err != nil {
			t.Fatal(err)
		}
		if rows(t, d, "files_chunk") != 0 {
			t.Error("bytes are left")
		}
	}, Schema)
}

func TestDamageIsNoticed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := store(d)
		f, err := s.Put(t.Context(), Upload{Record: "rec", Name: "a"}, strings.NewReader("abc"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE files_chunk SET data = ? WHERE blob = ?`, []byte("abd"), f.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		_, r, err := s.Open(t.Context(), f.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(r); !fault.Is(err, fault.Internal) {
			t.Errorf("damaged bytes were read: %v", err)
		}
	}, Schema)
}

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"line list.csv": "line list.csv", "../../etc/passwd": "passwd", `C:\Users\x\report.pdf`: "report.pdf", "..": "file", "": "file",
		"a\r\nSet-Cookie: x.pdf": "a Set-Cookie_ x.pdf", "report\u202efdp.exe": "reportfdp.exe", "con.txt": "_con.txt", "NUL": "_NUL",
		"<script>.html": "_script_.html", `"; filename="x.exe`: "__ filename=_x.exe", "\x00\xff.txt": "txt", ".htaccess": "htaccess",
		"របាយការណ៍\u200bថ្ងៃ.pdf": "របាយការណ៍\u200bថ្ងៃ.pdf", "a.  ": "a", "\u200b": "file", "100%41.txt": "100_41.txt",
		strings.Repeat("ก", 200) + ".pdf": strings.Repeat("ก", 65) + ".pdf",
	} {
		if got := CleanName(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	for _, s := range []string{"a.pdf", "../a", "\u202e", "con", strings.Repeat("é", 300), "a\x00b", "._.", " . a . "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := CleanName(s)
		if n == "" || len(n) > maxName || !utf8.ValidString(n) || strings.ContainsAny(n, "/\\\r\n\"\x00") || strings.HasPrefix(n, ".") {
			t.Errorf("%q becomes %q", s, n)
		}
		if again := CleanName(n); again != n {
			t.Errorf("%q becomes %q, and that %q", s, n, again)
		}
	})
}

func TestTypesNeedNameAndBytes(t *testing.T) {
	for _, c := range []struct{ name, head, want string }{
		{"a.pdf", "%PDF-1.7", "application/pdf"}, {"a.PDF", "%PDF-1.7", "application/pdf"}, {"a.pdf", "<html>", Opaque},
		{"a.html", "<html>", Opaque}, {"a.svg", "<svg/>", Opaque}, {"a.png", "\x89PNG\r\n\x1a\n", "image/png"}, {"a.png", "GIF89a", Opaque},
		{"a.jpeg", "\xff\xd8\xff\xe0", "image/jpeg"}, {"a.csv", "a,b", "text/csv"}, {"a.txt", "a", "text/plain"}, {"a", "%PDF-", Opaque},
	} {
		if got := TypeOf(c.name, []byte(c.head)); got != c.want {
			t.Errorf("%s is %s, want %s", c.name, got, c.want)
		}
	}
	for in, want := range map[string]string{"text/html": Opaque, "image/svg+xml": Opaque, "text/csv": "text/csv", "text/plain; charset=x": Opaque, "": Opaque} {
		if got := SafeType(in); got != want {
			t.Errorf("announced %q is served as %s", in, got)
		}
	}
}

func TestBytesThatAreNoText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := store(d)
		f, err := s.Put(t.Context(), Upload{Name: "a.csv"}, strings.NewReader("a,b\n\x00"), nil)
		if err != nil || f.Type != Opaque {
			t.Errorf("type %s, %v", f.Type, err)
		}
	}, Schema)
}
