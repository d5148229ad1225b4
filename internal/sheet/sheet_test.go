package sheet

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"lintas/internal/fault"
)

func all(t *testing.T, r io.Reader) (rows [][]string, numbers []int) {
	t.Helper()
	in, err := Open(r, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			return rows, numbers
		}
		if err != nil {
			t.Fatal(err)
		}
		rows, numbers = append(rows, row), append(numbers, in.Row())
	}
}

func TestBothFormatsSayTheSame(t *testing.T) {
	at := time.Date(2020, 1, 13, 8, 30, 0, 0, time.UTC)
	want := map[Format][][]string{
		CSV:  {{"name", "n", "day", "at"}, {"'=SUM(A1)", "3", "2020-01-13", "2020-01-13T08:30:00Z"}, {"กรุงเทพ, \"x\"", "0.5", "", ""}},
		XLSX: {{"name", "n", "day", "at"}, {"=SUM(A1)", "3", "2020-01-13", "2020-01-13 08:30"}, {"กรุงเทพ, \"x\"", "0.5"}},
	}
	for _, f := range []Format{CSV, XLSX} {
		var b bytes.Buffer
		w, err := Create(&b, f, "a/b")
		for _, step := range []func() error{
			func() error { return err },
			func() error { return w.Head("name", "n", "day", "at") },
			func() error { return w.Row("=SUM(A1)", 3, Day(at), at) },
			func() error { return w.Row("กรุงเทพ, \"x\"", 0.5, nil, time.Time{}) },
			func() error { return w.Close() },
		} {
			if err := step(); err != nil {
				t.Fatal(f, err)
			}
		}
		if rows, _ := all(t, &b); !reflect.DeepEqual(rows, want[f]) {
			t.Errorf("%s: %q", f, rows)
		}
	}
}

func TestCSVDialects(t *testing.T) {
	for _, text := range []string{"\xef\xbb\xbfa;b\r\n1;\"x\ny\"\r\n2;z\r\n", "a\tb\n1\t\"x\ny\"\n2\tz", "a,b\n1,\"x\ny\"\n2, z \n"} {
		rows, numbers := all(t, strings.NewReader(text))
		if !reflect.DeepEqual(rows, [][]string{{"a", "b"}, {"1", "x\ny"}, {"2", "z"}}) || !reflect.DeepEqual(numbers, []int{1, 2, 4}) {
			t.Errorf("%q: %q %v", text, rows, numbers)
		}
	}
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		limit Limits
	}{
		"bytes":   {strings.Repeat("a,b\n", 100), Limits{Bytes: 100}},
		"columns": {"a,b,c\n", Limits{Columns: 2}},
		"cell":    {"aaaaa\n", Limits{Cell: 4}},
		"utf8":    {"a\xff\n", Limits{}},
		"zip":     {"PK\x03\x04 not a workbook", Limits{}},
	} {
		in, err := Open(strings.NewReader(c.text), c.limit)
		for err == nil {
			_, err = in.Next()
		}
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	var b bytes.Buffer
	w, _ := Create(&b, XLSX, "s")
	_ = w.Row("a", 1)
	_ = w.Close()
	f.Add(b.Bytes())
	f.Add([]byte("a;b\n\"x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := Open(bytes.NewReader(data), Limits{Bytes: 1 << 16})
		if err != nil {
			return
		}
		defer in.Close()
		for range 1000 {
			if _, err := in.Next(); err != nil {
				return
			}
		}
	})
}
