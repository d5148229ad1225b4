package web_test

import (
	"net/http"
	"os"
	"testing"
	"time"
	"strings"
	"fmt"
)

func TestServeForLooking(t *testing.T) {
	if os.Getenv("SURV_SERVE") == "" {
		t.Skip()
	}
	s := newSite(t)
	set := s.dataset("OpenDengue V1.3, weekly", "week.sunday", "cases")
	monthly := s.dataset("OpenDengue V1.3, monthly", "month", "cases")
	people := s.dataset("Census (sample)", "year", "population")
	load := func(set, name string, b []byte) string {
		a := s.upload("epi", set+"/import", name, b)
		path := strings.TrimSuffix(a.Location, "/map")
		s.post("epi", a.Location, s.get("epi", a.Location).fields("map"))
		a = s.post("epi", path+"/apply", s.get("epi", path).fields("apply", "leave_bad", "1"))
		s.desk.Work(t.Context())
		return path
	}
	b, _ := os.ReadFile("../../../../../../shared/data/opendengue/Temporal_extract_WPRO_V1_3.zip")
	load(set, "Temporal_extract_WPRO_V1_3.zip", b)
	wait := load(monthly, "Temporal_extract_WPRO_V1_3.zip", b)
	load(people, "population.csv", readSample(t, "population.csv"))
	a := s.upload("epi", set+"/import", "weekly.csv", readSample(t, "weekly.csv"))
	m := a.Location
	s.post("epi", m, s.get("epi", m).fields("map"))
	os.WriteFile("/tmp/surv/urls", []byte(fmt.Sprintf("%s\n%s\n%s\n%s\n", set, monthly, wait, strings.TrimSuffix(m, "/map"))), 0o644)
	srv := &http.Server{Addr: "127.0.0.1:7700", Handler: s.shell}
	go srv.ListenAndServe()
	for {
		if _, err := os.Stat("/tmp/surv/stop"); err == nil { srv.Close(); return }
		time.Sleep(300*time.Millisecond)
	}
}
