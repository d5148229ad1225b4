package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A case goes in, its columns come out; what a method refuses is a result with a
// sentence; what is no case ends with code 1.
func TestOutbreakCase(t *testing.T) {
	const counts = `[3,4,5,4,3,5,4,9,null,4]`
	for _, c := range []struct {
		name, in string
		code     int
		want     string
	}{
		{"answer", `{"id":"a","algorithm":"surveillance/earsC","params":{"method":"C1"},"input":{"counts":` + counts + `}}`, 0, `"upperbound":[6.5`},
		{"refusal", `{"id":"b","algorithm":"surveillance/earsC","params":{"baseline":14},"input":{"counts":` + counts + `}}`, 0, `{"error":"`},
		{"unknown", `{"id":"c","algorithm":"tea leaves"}`, 1, "there is no algorithm"},
		{"unreadable", `counts, please`, 1, "not readable JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			if code := run(t.Context(), []string{"outbreak"}, strings.NewReader(c.in), &out, &errOut); code != c.code {
				t.Errorf("exit code %d, want %d: %s", code, c.code, errOut.String())
			}
			if !strings.Contains(out.String(), c.want) {
				t.Errorf("result %s has no %s", out.String(), c.want)
			}
			if !json.Valid(out.Bytes()) {
				t.Errorf("the result is not JSON: %s", out.String())
			}
		})
	}
}

// A folder is compared case by case; a difference is named with its tolerance
// and ends with code 1.
func TestOutbreakFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(upper string) {
		text := `{"id":"mine","algorithm":"surveillance/stcd","params":{"radius":1,"epsilon":0.5,"threshold":9},
			"input":{"x":[0,5],"y":[0,5],"t":[1,2]},"expected":{"R":[` + upper + `,2.3],"first_alarm_index_1based":-1}}`
		if err := os.WriteFile(filepath.Join(dir, "mine.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("7")
	var out, errOut bytes.Buffer
	if code := run(t.Context(), []string{"outbreak", "--dir", dir}, nil, &out, &errOut); code != 1 {
		t.Errorf("exit code %d for a difference", code)
	}
	for _, want := range []string{"DIFF mine", "R[1]: got 0.909", "expected 7", "allowed 1e-09", "1 cases, 0 as expected, 1 not"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report has no %q:\n%s", want, out.String())
		}
	}
	if code := run(t.Context(), []string{"outbreak", "--dir", t.TempDir()}, nil, &out, &errOut); code != 1 {
		t.Error("an empty folder is taken as success")
	}
}
