package operate

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Table is a workflow table in the text that people approved. The digest is
// taken over this text and the page is read from it, so that what is shown is
// what the digest stands for.
type Table struct {
	Desk string
	Text string
}

// Digest identifies the procedure.
func (t Table) Digest() string {
	sum := sha256.Sum256([]byte(t.Text))
	return hex.EncodeToString(sum[:])
}

// steps is a table as it was read from its text.
type steps struct {
	Record, Track, Version string
	Initial                string
	Final                  []string
	Rows                   []step
}

type step struct {
	From   []string
	Verb   string
	To     string // empty: the state stays
	By     []string
	Other  bool // by the other member's message
	Needs  []string
	Within string
	Tells  []string
}

const (
	staysText = "(stays)"
	otherText = "the other member's answer"
)

// read takes the text apart; false when it has another form than that of
// workflow.Table.Markdown, and the page then shows it as it is.
func (t Table) read() (steps, bool) {
	lines := strings.Split(strings.TrimSpace(t.Text), "\n")
	var out steps
	if len(lines) < 5 {
		return out, false
	}
	head := strings.Split(strings.TrimPrefix(lines[0], "## "), ", ")
	if len(head) != 3 || !strings.HasPrefix(lines[0], "## ") {
		return out, false
	}
	out.Record, out.Track, out.Version = head[0], strings.TrimPrefix(head[1], "track "), strings.TrimPrefix(head[2], "version ")
	begins, ends, _ := strings.Cut(lines[2], ". Ends in ")
	out.Initial = strings.Trim(strings.TrimPrefix(begins, "Starts in "), "`.")
	out.Final = list(strings.TrimSuffix(ends, "."))
	for _, l := range lines[3:] {
		if !strings.HasPrefix(l, "| ") || strings.HasPrefix(l, "| from ") || strings.HasPrefix(l, "| --- ") {
			continue
		}
		s, ok := readStep(l)
		if !ok {
			return out, false
		}
		out.Rows = append(out.Rows, s)
	}
	return out, len(out.Rows) > 0
}

func readStep(l string) (step, bool) {
	c := strings.Split(strings.TrimSuffix(strings.TrimPrefix(l, "| "), " |"), " | ")
	if len(c) != 7 {
		return step{}, false
	}
	s := step{From: list(c[0]), Verb: c[1], By: list(c[3]), Needs: list(c[4]), Within: strings.TrimSpace(c[5]), Tells: list(c[6])}
	if c[2] != staysText {
		s.To = strings.Trim(c[2], "`")
	}
	if c[3] == otherText {
		s.By, s.Other = nil, true
	}
	return s, true
}

// list splits "`a`, `b`".
func list(s string) []string {
	var out []string
	for _, p := range strings.Split(s, ",") {
		if p = strings.Trim(strings.TrimSpace(p), "`"); p != "" {
			out = append(out, p)
		}
	}
	return out
}
