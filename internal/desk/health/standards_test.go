package health

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/cap"
)

var issued = time.Date(2020, 1, 13, 10, 0, 0, 999, time.UTC)

func alerted(change func(*Alerted)) Alerted {
	a := Alerted{Notification: "0190a000-0000-7000-8000-000000000001", Release: "0190a000-0000-7000-8000-000000000002", From: "TH",
		To: []access.Member{"KH", "LA"}, Marking: access.TLPAmber, Purpose: "early_warning", Basis: "aphecs", Lang: "en", Issued: issued,
		Due: issued.Add(24 * time.Hour),
		View: NotificationView{ID: "0190a000-0000-7000-8000-000000000001", Title: "First <case>", Message: "One & only.\x00", Post: "Duty officer",
			Event: EventView{ID: "0190a000-0000-7000-8000-000000000003", Owner: "TH", Version: 2, Hazard: "cholera", ICD11: "1A00", ICD10: "A00.9",
				Grade: Warning, Summary: "Three cases.", Places: []string{"TH-10", "TH", "XX-1"}, Onset: Date{On: "2020-01-08", Precision: Day},
				Detection: Date{On: "2020-01-01", Precision: Month}}}}
	if change != nil {
		change(&a)
	}
	return a
}

func confirmedCases(a *Alerted) {
	a.View.Event.Facts = []FactView{{Indicator: "cases", Class: "confirmed", Place: "TH-10", Value: 3, Source: "Lab", AsOf: issued, Revision: 1}}
}

func TestAlert(t *testing.T) {
	a := alerted(confirmedCases)
	got := a.CAP(false)
	in := got.Infos[0]
	if got.Status != cap.Actual || got.MsgType != cap.New || got.Scope != cap.Restricted || got.Restriction != "TLP:AMBER" ||
		len(got.Addresses) != 2 || got.Addresses[0] != "urn:lintas:member:KH" || got.Sender != "urn:lintas:member:TH" || got.Identifier != string(a.Release) {
		t.Errorf("%+v", got)
	}
	if in.Urgency != cap.Expected || in.Severity != cap.Severe || in.Certainty != cap.Observed || in.Responses[0] != cap.Monitor || in.Event != "Cholera" {
		t.Errorf("%+v", in)
	}
	if len(in.Areas) != 2 || in.Areas[0].Geocodes[0] != (cap.Value{Name: "ISO 3166-2", Value: "TH-10"}) || in.Areas[1].Geocodes[0] != (cap.Value{Name: "ISO 3166-1", Value: "TH"}) {
		t.Errorf("%+v", in.Areas)
	}
	if cap.FormatTime(in.Onset) != "2020-01-08T00:00:00+07:00" || in.Headline != "First <case>" || in.Description != "One & only.\n\nThree cases." {
		t.Errorf("%s %q %q", in.Onset, in.Headline, in.Description)
	}
	doc, err := got.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(doc), "Duty officer") {
		t.Error("a duty post is in the alert")
	}
	for _, want := range []string{"<value>3 2020-01-13T10:00:00-00:00</value>", "<value>2020-01-01 month</value>", "<value>1A00</value>"} {
		if !strings.Contains(string(doc), want) {
			t.Errorf("%s is not in %s", want, doc)
		}
	}
}

func TestAlertStatusAndReferences(t *testing.T) {
	if a := alerted(func(a *Alerted) { a.Exercise = "covid-2020" }); a.CAP(false).Status != cap.Exercise || a.CAP(false).Note != "covid-2020" {
		t.Error("an exercise looks real")
	}
	if a := alerted(nil); a.CAP(true).Status != cap.Exercise {
		t.Error("a demonstration looks real")
	}
	if a := alerted(func(a *Alerted) { a.Marking = access.TLPClear }); a.CAP(false).Scope != cap.Public || a.CAP(false).Restriction != "" {
		t.Error("clear is for everybody")
	}
	update := alerted(func(a *Alerted) { a.Replaces = &Earlier{Release: "r0", Issued: issued.Add(-time.Hour)} })
	if c := update.CAP(false); c.MsgType != cap.Update || c.References[0].Identifier != "r0" || c.References[0].Sender != c.Sender {
		t.Errorf("%+v", c)
	}
	gone := alerted(func(a *Alerted) { a.Withdrawn, a.Reason = issued.Add(time.Hour), "Wrong state." })
	c := gone.CAP(false)
	if c.MsgType != cap.Cancel || len(c.Infos) != 0 || c.Note != "Wrong state." || c.References[0] != (cap.Reference{Sender: c.Sender, Identifier: string(gone.Release),
		Sent: issued.Truncate(time.Second)}) || c.Identifier == string(gone.Release) {
		t.Errorf("%+v", c)
	}
}

// The page that explains the mapping holds the rows of the code.
func TestAlertTablesAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../../../docs/protocol/cap.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range Grades {
		v := gravities[g]
		if row := fmt.Sprintf("| `%s` | %s | %s | %s |", g, v.Urgency, v.Severity, v.Certainty); !strings.Contains(string(b), row) {
			t.Errorf("cap.md lacks %s", row)
		}
	}
	for _, p := range Purposes {
		if row := fmt.Sprintf("| `%s` | %s |", p, capResponses[p]); !strings.Contains(string(b), row) {
			t.Errorf("cap.md lacks %s", row)
		}
	}
}

// xmllint, another program, reads what is made of every grade, marking,
// purpose and life.
func TestAlertsForAnIndependentReader(t *testing.T) {
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("LINTAS_REQUIRE_TOOLS") == "1" {
			t.Fatal("xmllint is not installed (Debian package libxml2-utils)")
		}
		t.Skip("xmllint is not installed (Debian package libxml2-utils)")
	}
	dir := t.TempDir()
	args := []string{"--noout", "--nonet", "--schema", "cap/testdata/cap12.xsd"}
	for i := range 60 {
		a := alerted(func(a *Alerted) {
			a.View.Event.Grade, a.Marking, a.Purpose = Grades[i%4], access.Markings[i%5], Purposes[i%4]
			a.View.Event.Hazard = Hazards[i%len(Hazards)].Key
			if i%3 == 0 {
				confirmedCases(a)
			}
			if i%7 == 0 {
				a.Replaces = &Earlier{Release: "r0", Issued: issued}
			}
			if i%11 == 0 {
				a.Withdrawn, a.Reason = issued, "Why \x01 not."
			}
			if i%13 == 0 { // a foreign node may send what no form here would
				a.Lang, a.View.Title, a.View.Event.Grade, a.View.Event.Hazard = "\"><x", "\xff\x02 ]]>", "?", "?"
			}
		})
		c := a.CAP(i%2 == 0)
		doc, err := c.Encode()
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		if again, err := cap.Decode(doc); err != nil || again.Identifier != c.Identifier {
			t.Errorf("%d: %v", i, err)
		}
		path := filepath.Join(dir, fmt.Sprintf("%d.xml", i))
		if err := os.WriteFile(path, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	if out, err := exec.CommandContext(t.Context(), lint, args...).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
