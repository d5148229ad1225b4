package web_test

import (
	"encoding/json"
	"strings"
	"testing"

	"lintas/internal/api/apitest"
)

// Every operation answers as its document says.
func TestOperations(t *testing.T) {
	s := newSite(t)
	set := s.dataset("Dengue, weekly", "week.sunday", "cases")
	s.bring(set, "weekly.csv", "word.of", "disease|dengue fever", "word.means", "dengue")
	a := apitest.New(t, s.db, s.clock, actor, "health.read")
	s.pages.Operations(a)
	a.Mount(s.shell.Mux())
	one := "/surveillance/datasets" + set[strings.LastIndexByte(set, '/'):]
	bodies := apitest.Check(t, s.shell, []apitest.Case{
		{Op: "surveillance-dataset-list", Path: "/surveillance/datasets", Token: "duty", Want: 200},
		{Op: "surveillance-dataset-get", Path: one, Token: "duty", Want: 200},
		{Op: "surveillance-dataset-get", Path: "/surveillance/datasets/0190a000-0000-7000-8000-000000000000", Token: "duty", Want: 404},
		{Op: "surveillance-series-get", Path: one + "/series?disease=dengue&place=KH-17", Token: "duty", Want: 200},
		{Op: "surveillance-series-get", Path: one + "/series?place=KH-17", Token: "duty", Want: 422},
	}, "surveillance-dataset", "surveillance-series")
	var got struct {
		Series []struct{ Counts []*int }
	}
	if err := json.Unmarshal(bodies[3], &got); err != nil || len(got.Series) == 0 || len(got.Series[0].Counts) == 0 {
		t.Errorf("%v %s", err, bodies[3])
	}
}
