package place

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"time"
)

func TestGazetteer(t *testing.T) {
	if n := len(States()); n != 11 {
		t.Fatalf("%d states, want 11", n)
	}
	if n := len(loaded().byCode); n != 12+346+12+23 {
		t.Errorf("%d places, want 12 members, 346 drawn, 12 undrawn and 23 merged units", n)
	}
	for _, s := range States() {
		if len(Units(s.Code, false)) == 0 {
			t.Errorf("%s has no units", s.Code)
		}
		if Zone(s.Code) == nil || Capital(s.Code) == "" || s.At == (Point{}) {
			t.Errorf("%s has no zone, capital or point", s.Code)
		}
		for _, lang := range []string{"id", "th", "vi", "km", "pt"} {
			if s.In(lang) == "" || strings.ContainsAny(s.In(lang), "()") || lang != "id" && s.Names[lang] == "" {
				t.Errorf("%s has no name in %s", s.Code, lang)
			}
		}
	}
	for code, p := range loaded().byCode {
		if p.Level == Unit && (p.Parent == "" || !Known(p.Parent)) {
			t.Errorf("%s has no state", code)
		}
		for _, from := range p.SuccessorOf {
			if !Known(from) {
				t.Errorf("%s follows unknown %s", code, from)
			}
		}
	}
	if Known("ASEC") || Known("XX") || Known("") {
		t.Error("a body or nothing is no place")
	}
	if Member("VN-44") != "VN" || Member("VN") != "VN" {
		t.Error("member of a code")
	}
}

func TestDatedUnits(t *testing.T) {
	old, _ := Lookup("PH-MAG")
	heir, _ := Lookup("PH-MGS")
	if !old.Valid(2021) || old.Valid(2023) || heir.Valid(2021) || !heir.Valid(2023) {
		t.Error("Maguindanao was divided in 2022")
	}
	if heir.Drawn || !old.Drawn {
		t.Error("only the undivided unit has an outline")
	}
	for _, u := range Units("PH", true) {
		if u.Code == "PH-MAG" {
			t.Error("a unit that ended is not among the present ones")
		}
	}
}

func TestLocalTimes(t *testing.T) {
	at := time.Date(2020, 1, 13, 12, 0, 0, 0, time.UTC)
	for code, want := range map[string]string{"BN": "20:00", "KH": "19:00", "ID": "19:00", "LA": "19:00", "MY": "20:00",
		"MM": "18:30", "PH": "20:00", "SG": "20:00", "TH": "19:00", "TL": "21:00", "VN": "19:00", "ASEC": "19:00"} {
		if got := at.In(Zone(code)).Format("15:04"); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

func TestSearch(t *testing.T) {
	for query, want := range map[string]string{
		"an giang": "VN-44", "Ha Noi": "VN-HN", "hanoi": "VN-HN", "đà nẵng": "VN-DN", "da nang": "VN-DN", "Takeo": "KH-21",
		"VN-44": "VN-44", "jawa bar": "ID-JB", "Sulawesi selatn": "ID-SN", "ประเทศไทย": "TH", "kamboja": "KH", "ລາວ": "LA",
		"tbong khmum": "KH-25", "Viet nam": "VN",
	} {
		got := Search(query, "", 3)
		if len(got) == 0 || got[0].Code != want {
			t.Errorf("%q found %v, want %s first", query, got, want)
		}
	}
	if got := Search("zzzqqq", "", 3); len(got) != 0 {
		t.Errorf("nonsense found %v", got)
	}
	for _, m := range Search("san", "PH", 9) {
		if m.Parent != "PH" && m.Code != "PH" {
			t.Errorf("search in PH found %s", m.Code)
		}
	}
}

func TestOutlines(t *testing.T) {
	for name, o := range map[string]*Outlines{"overview": Overview(), "detail": Detail()} {
		if len(o.Units) != 346 || len(o.States) != 11 || len(o.Neighbours) == 0 {
			t.Errorf("%s: %d units, %d states", name, len(o.Units), len(o.States))
		}
		for _, u := range o.Units {
			p, ok := Lookup(u.Code)
			if !ok || !p.Drawn {
				t.Errorf("%s: outline of %s, which the gazetteer does not draw", name, u.Code)
			}
			for _, r := range u.Rings {
				for _, q := range r {
					if q.Lon < p.Box[0]-.5 || q.Lon > p.Box[2]+.5 || q.Lat < p.Box[1]-.5 || q.Lat > p.Box[3]+.5 {
						t.Fatalf("%s: %s has a point %v outside its box %v", name, u.Code, q, p.Box)
					}
				}
			}
		}
	}
}

func FuzzDecodeTopology(f *testing.F) {
	f.Add([]byte(`{"type":"Topology","transform":{"scale":[1,1],"translate":[0,0]},"arcs":[[[0,0],[1,0],[0,1],[-1,-1]]],"objects":{"adm1":{"geometries":[{"type":"Polygon","arcs":[[0]],"properties":{"code":"VN-44"}}]}}}`))
	f.Add([]byte(`{"type":"Topology","transform":{"scale":[1,1],"translate":[0,0]},"arcs":[[[0]]],"objects":{}}`))
	f.Add([]byte(`{"type":"Topology","transform":{"scale":[1,1]},"objects":{"adm0":{"geometries":[{"type":"MultiPolygon","arcs":[[[-9]]]}]}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := DecodeTopology(b)
		if (o == nil) == (err == nil) {
			t.Fatal("either outlines or a reason")
		}
	})
}

// TestPCodes compares the P-codes with the published list: every one that a
// present unit has is there, and the three states that can be told by number or
// name are complete. The list names no units of the others, so that theirs
// cannot be told apart and are left out.
func TestPCodes(t *testing.T) {
	f, err := os.Open("../../../shared/data/pcodes/global_pcodes_2023_asean.csv")
	if err != nil {
		t.Skip("the list of P-codes is not beside the project: ", err)
	}
	defer f.Close() //nolint:errcheck // only read
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	known, want := map[string]bool{}, map[string]int{}
	for _, r := range rows {
		if r[1] == "1" {
			known[r[2]] = true
			want[r[0]]++
		}
	}
	have := map[string]int{}
	for _, s := range States() {
		for _, u := range Units(s.Code, false) {
			if u.PCode == "" {
				continue
			}
			if have[s.Code]++; !known[u.PCode] {
				t.Logf("%s %s: %s is not in the list of 2023", u.Code, u.Name, u.PCode)
				have[s.Code]--
			}
		}
	}
	for state, iso3 := range map[string]string{"KH": "KHM", "TH": "THA", "ID": "IDN"} {
		if have[state] != want[iso3] {
			t.Errorf("%s has %d P-codes, the list %d", state, have[state], want[iso3])
		}
	}
}
