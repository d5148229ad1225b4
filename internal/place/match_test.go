package place

import (
	"testing"
	"time"
)

func TestMatching(t *testing.T) {
	on := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	m := NewMatcher([]Place{{Code: "PH-BEN-BAGUIO", Name: "Baguio", Parent: "PH-BEN", Level: Below}, {Code: "ID-JB-BANDUNG", Name: "Kota Bandung", Parent: "ID-JB", Level: Below}},
		[]Word{{Term: Ask{State: "LA", Names: []string{"Special zone"}}.Term(), Code: "LA-XS"}, {Term: Ask{State: "VN", Names: []string{"Lao Cai"}}.Term(), Code: "VN-2025-lao-cai"}, {Term: Ask{Names: []string{"Cambodia", "Kampong Somewhere"}}.Term(), Code: "KH-18"}, {Term: Ask{Code: "Rp268JB6Ne4"}.Term(), Code: "LA-LP"},
			{Term: Ask{Names: []string{"Thailand", "Unknown province"}}.Term(), Code: ""}})
	for _, c := range []struct {
		ask  Ask
		how  How
		code string // of the place, or of the first candidate
	}{
		{Ask{State: "KHM", Names: []string{"CAMBODIA"}}, ByName, "KH"},
		{Ask{State: "LAO", Names: []string{"LAO PEOPLE'S DEMOCRATIC REPUBLIC", "Khammouane"}}, ByName, "LA-KH"},
		{Ask{State: "LAO", Names: []string{"LAO PEOPLE'S DEMOCRATIC REPUBLIC", "VIENTIANE"}}, Similar, "LA-VI"},
		{Ask{State: "LAO", Names: []string{"LAO PEOPLE'S DEMOCRATIC REPUBLIC", "VIANGCHAN"}}, Ambiguous, "LA-VI"},
		{Ask{State: "VNM", Names: []string{"VIET NAM", "LAO CAI"}, On: on("2010-01-01")}, ByName, "VN-02"},
		{Ask{State: "VNM", Names: []string{"VIET NAM", "LAO CAI"}, On: on("2026-01-01")}, Ambiguous, "VN-02"},
		{Ask{State: "VN", Names: []string{"Lao Cai"}, On: on("2026-01-01")}, ByWord, "VN-2025-lao-cai"},
		{Ask{State: "PHL", Names: []string{"Philippines", "Maguindanao"}, On: on("2010-01-01")}, ByName, "PH-MAG"},
		{Ask{State: "PHL", Names: []string{"Philippines", "Maguindanao"}, On: on("2024-01-01")}, Similar, "PH-MAG"},
		{Ask{State: "JPN", Names: []string{"JAPAN", "Tokyo"}}, Outside, ""},
		{Ask{Code: "ID32"}, ByCode, "ID-JB"},
		{Ask{Code: "TH50"}, ByCode, "TH-50"},
		{Ask{Code: "VN-44"}, ByCode, "VN-44"},
		{Ask{Code: "vnm"}, ByCode, "VN"},
		{Ask{State: "TH", Names: []string{"จังหวัด ไม่มี"}}, Unknown, ""},
		{Ask{State: "TH", Names: []string{"Changwat Chiang Mai"}}, ByName, "TH-50"},
		{Ask{State: "TH", Names: []string{"Chiengmai"}}, Similar, "TH-50"},
		{Ask{Names: []string{"Cambodia", "kampong SOMEWHERE"}}, ByWord, "KH-18"},
		{Ask{Code: "Rp268JB6Ne4"}, ByWord, "LA-LP"},
		{Ask{Names: []string{"Thailand", "Unknown Province"}}, NoPlace, ""},
		{Ask{State: "LA", Names: []string{"Xaisomboun"}, On: on("1999-01-01")}, Similar, "LA-XS"},
		{Ask{State: "LA", Names: []string{"Special zone"}, On: on("1999-01-01")}, ByWord, "LA-XS"},
		{Ask{State: "VN", Names: []string{"Lao Cai"}, On: on("2010-01-01")}, ByName, "VN-02"},
		{Ask{State: "TH", Names: []string{"Lopburi"}}, ByName, "TH-16"},
		{Ask{State: "PH", Names: []string{"Region VI", "Province of Aklan"}}, Similar, "PH-AKL"},
		{Ask{Names: []string{"An Giang"}}, Ambiguous, "VN-44"},
		{Ask{Names: []string{"Phuket"}}, Similar, "TH-83"},
		{Ask{State: "PH", Names: []string{"Benguet", "Baguio"}}, ByName, "PH-BEN-BAGUIO"},
		{Ask{State: "PH", Names: []string{"Abra", "Baguio"}}, Similar, "PH-BEN-BAGUIO"},
		{Ask{State: "ID", Names: []string{"Jawa Barat", "Kabupaten Bandung"}}, Similar, "ID-JB-BANDUNG"},
		{Ask{}, Unknown, ""},
	} {
		f := m.Find(c.ask)
		code := f.Place.Code
		if len(f.Candidates) > 0 {
			code = f.Candidates[0].Code
		}
		if f.How != c.how || code != c.code {
			t.Errorf("%v (%s): %s %s, want %s %s", c.ask, c.ask.Term(), f.How, code, c.how, c.code)
		}
	}
}

func TestSuccession(t *testing.T) {
	if n := len(Later("VN")); n != 23 {
		t.Errorf("%d merged units of Viet Nam, want 23", n)
	}
	from := 0
	for _, p := range Later("VN") {
		from += len(p.SuccessorOf)
		if !p.Unverified || p.ValidOn(time.Date(2025, 6, 30, 0, 0, 0, 0, time.UTC)) || !p.ValidOn(time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: dates", p.Code)
		}
	}
	if from != 52 || 63-from+23 != 34 {
		t.Errorf("%d provinces merged, want 52 of 63", from)
	}
	if s := Successors("PH-MAG"); len(s) != 2 {
		t.Errorf("Maguindanao became %v", s)
	}
	now := 0
	for _, p := range Units("ID", true) {
		if p.ValidOn(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
			now++
		}
	}
	if now != 38 {
		t.Errorf("Indonesia has %d provinces, want 38", now)
	}
	if len(Gaps("ID")) != 5 || len(Gaps("KH")) != 1 || len(Gaps("VN")) != 0 {
		t.Error("gaps of the boundaries")
	}
}

func FuzzFind(f *testing.F) {
	f.Add("KHM", "Cambodia", "Siem Reap", "")
	f.Add("", "ລາວ", "ແຂວງ", "LA01")
	m := NewMatcher(nil, nil)
	f.Fuzz(func(t *testing.T, state, a, b, code string) {
		r := m.Find(Ask{Code: code, State: state, Names: []string{a, b}})
		if r.How.Settled() != (r.Place.Code != "") {
			t.Fatalf("%v", r)
		}
	})
}
