package node

import (
	"slices"
	"strings"
	"testing"
)

// steps are the actions of every workflow table of a node, read from the text
// that people approve: record and verb.
func steps() map[string]bool {
	out := map[string]bool{}
	for _, d := range Desks() {
		for _, t := range d.Tables {
			for line := range strings.SplitSeq(t.Markdown, "\n") {
				cells := strings.Split(line, "|")
				if len(cells) > 3 && !strings.Contains(cells[2], "---") {
					out[t.Record+"."+strings.TrimSpace(cells[2])] = true
				}
			}
		}
	}
	return out
}

// Every action that the stream calls a release or an answer is a step of a
// table: a verb that was renamed would silently become a record's.
func TestStreamTopicsAreSteps(t *testing.T) {
	all := steps()
	if len(all) < 100 {
		t.Fatalf("only %d steps were read", len(all))
	}
	for _, a := range slices.Concat(sends, answers) {
		if !all[a] {
			t.Errorf("%s is no step of any table", a)
		}
	}
	for action, want := range map[string]string{"risk.position.receive": "release", "ihr.measure.retract": "release", "risk.position.release": "release",
		"family.answer.join": "receipt", "handover.note.accept": "record", "risk.assessment.review": "record"} {
		if got := topicOf(action); got != want {
			t.Errorf("%s is told as %s, want %s", action, got, want)
		}
	}
}
