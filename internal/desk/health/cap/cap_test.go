package cap

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"lintas/internal/fault"
)

var bangkok = time.FixedZone("", 7*3600)

func f(v float64) *float64 { return &v }

// full uses every element of the standard.
func full() Alert {
	return Alert{
		Identifier: "TH-2020-0113-1", Sender: "eoc@ddc.example", Sent: time.Date(2020, 1, 13, 17, 5, 0, 0, bangkok),
		Status: Exercise, MsgType: Update, Source: "EOC duty officer", Scope: Restricted, Restriction: "TLP:AMBER, health authorities only",
		Addresses: []string{"KH", "ASEAN Secretariat"}, Codes: []string{"urn:asean:alert:1", "b"}, Note: "ex-1 & <second>",
		References: []Reference{{"eoc@ddc.example", "TH-2020-0112-1", time.Date(2020, 1, 12, 9, 0, 0, 0, time.UTC)},
			{"x", "y", time.Date(2020, 1, 12, 9, 0, 1, 0, bangkok)}},
		Incidents: []string{"nCoV", "cluster at \u00a0market"},
		Infos: []Info{{
			Language: "en", Categories: []Category{Health, CBRNE}, Event: "Novel coronavirus", Responses: []ResponseType{Monitor, Assess},
			Urgency: Immediate, Severity: Severe, Certainty: Observed, Audience: "National IHR Focal Points",
			EventCodes: []Value{{"ICD-10", "U07.1"}, {"ICD-11", "RA01.0"}}, Effective: time.Date(2020, 1, 13, 10, 0, 0, 0, time.UTC),
			Onset: time.Date(2020, 1, 8, 0, 0, 0, 0, bangkok), Expires: time.Date(2020, 1, 20, 0, 0, 0, 0, bangkok),
			SenderName: "Operations centre", Headline: "First confirmed case", Description: "One case.\nTwo > lines & \"quotes\" ไทย",
			Instruction: "Screen arrivals.", Web: "https://example.org/e/1?a=1&b=2", Contact: "duty post",
			Parameters: []Value{{"cases", "1"}, {"empty", ""}},
			Resources: []Resource{{Desc: "Line list", MIMEType: "text/csv", Size: 12, URI: "https://example.org/l.csv",
				Digest: "a9993e364706816aba3e25717850c26c9cd0d89d"}, {Desc: "Map", MIMEType: "image/png", URI: "map.png", DerefURI: "aGVsbG8="}},
			Areas: []Area{{Desc: "Samut Prakan", Polygons: []Polygon{{{13.5, 100.5}, {13.5, 100.9}, {13.7, 100.9}, {13.5, 100.5}}},
				Circles: []Circle{{Point{-13.69, 100.75}, 0.5}}, Geocodes: []Value{{"ISO 3166-2", "TH-11"}}, Altitude: f(0), Ceiling: f(1000.5)}},
		}, {Categories: []Category{Health}, Event: "e", Urgency: UnknownUrgency, Severity: UnknownSeverity, Certainty: UnknownCertainty}},
	}
}

func small() Alert {
	return Alert{Identifier: "1", Sender: "s", Sent: time.Date(2020, 1, 23, 1, 2, 3, 0, time.UTC), Status: Actual, MsgType: New, Scope: Public}
}

func encode(t *testing.T, a Alert) string {
	t.Helper()
	b, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRoundTrip(t *testing.T) {
	for _, a := range []Alert{full(), small()} {
		got, err := Decode([]byte(encode(t, a)))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, a) {
			t.Errorf("read back\n%+v\nwant\n%+v", got, a)
		}
	}
}

func TestForm(t *testing.T) {
	doc := encode(t, full())
	for _, want := range []string{
		`<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">`,
		`<sent>2020-01-13T17:05:00+07:00</sent>`,
		`<effective>2020-01-13T10:00:00-00:00</effective>`, // UTC is -00:00, never Z
		`<note>ex-1 &amp; &lt;second&gt;</note>`,
		`<addresses>KH "ASEAN Secretariat"</addresses>`,
		`<references>eoc@ddc.example,TH-2020-0112-1,2020-01-12T09:00:00-00:00 x,y,2020-01-12T09:00:01+07:00</references>`,
		`<polygon>13.5,100.5 13.5,100.9 13.7,100.9 13.5,100.5</polygon>`,
		`<circle>-13.69,100.75 0.5</circle>`,
		`<altitude>0</altitude>`,
	} {
		if !strings.Contains(doc, want) {
			t.Errorf("no %s in\n%s", want, doc)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		field string
		spoil func(*Alert)
	}{
		{"identifier", func(a *Alert) { a.Identifier = "" }},
		{"identifier", func(a *Alert) { a.Identifier = "a b" }},
		{"identifier", func(a *Alert) { a.Identifier = "a,b" }},
		{"sender", func(a *Alert) { a.Sender = "a<b" }},
		{"sender", func(a *Alert) { a.Sender = "a&b" }},
		{"sent", func(a *Alert) { a.Sent = time.Time{} }},
		{"sent", func(a *Alert) { a.Sent = a.Sent.Add(time.Millisecond) }},
		{"sent", func(a *Alert) { a.Sent = a.Sent.In(time.FixedZone("", 17)) }},
		{"status", func(a *Alert) { a.Status = "Real" }},
		{"msgType", func(a *Alert) { a.MsgType = "" }},
		{"scope", func(a *Alert) { a.Scope = "public" }},
		{"restriction", func(a *Alert) { a.Restriction = "" }},
		{"addresses", func(a *Alert) { a.Scope, a.Addresses = Private, nil }},
		{"addresses", func(a *Alert) { a.Addresses = []string{`a"b`} }},
		{"references", func(a *Alert) { a.References = nil }},
		{"references", func(a *Alert) { a.MsgType, a.References = Cancel, nil }},
		{"references", func(a *Alert) { a.MsgType, a.References = Ack, nil }},
		{"references", func(a *Alert) { a.References[0].Sent = time.Time{} }},
		{"note", func(a *Alert) { a.Note = "bell\a" }},
		{"note", func(a *Alert) { a.Note = "\xff" }},
		{"language", func(a *Alert) { a.Infos[0].Language = "in English" }},
		{"category", func(a *Alert) { a.Infos[0].Categories = nil }},
		{"category", func(a *Alert) { a.Infos[0].Categories = []Category{"Disease"} }},
		{"event", func(a *Alert) { a.Infos[0].Event = "" }},
		{"responseType", func(a *Alert) { a.Infos[0].Responses = []ResponseType{"Run"} }},
		{"urgency", func(a *Alert) { a.Infos[0].Urgency = "" }},
		{"severity", func(a *Alert) { a.Infos[0].Severity = "High" }},
		{"certainty", func(a *Alert) { a.Infos[0].Certainty = "VeryLikely" }}, // CAP 1.0 only
		{"web", func(a *Alert) { a.Infos[0].Web = "/e/1" }},
		{"resourceDesc", func(a *Alert) { a.Infos[0].Resources[0].Desc = "" }},
		{"mimeType", func(a *Alert) { a.Infos[0].Resources[0].MIMEType = "" }},
		{"uri", func(a *Alert) { a.Infos[0].Resources[0].URI = "l.csv" }},
		{"digest", func(a *Alert) { a.Infos[0].Resources[0].Digest = "abc" }},
		{"size", func(a *Alert) { a.Infos[0].Resources[0].Size = -1 }},
		{"areaDesc", func(a *Alert) { a.Infos[0].Areas[0].Desc = "" }},
		{"polygon", func(a *Alert) { a.Infos[0].Areas[0].Polygons[0][3] = Point{1, 1} }},
		{"polygon", func(a *Alert) { a.Infos[0].Areas[0].Polygons[0] = Polygon{{1, 1}, {2, 2}, {1, 1}} }},
		{"circle", func(a *Alert) { a.Infos[0].Areas[0].Circles[0].Lat = 91 }},
		{"ceiling", func(a *Alert) { a.Infos[0].Areas[0].Altitude = nil }},
	} {
		a := full()
		c.spoil(&a)
		err := a.Validate()
		e, ok := err.(*fault.Error)
		if !ok || len(e.Fields) != 1 || e.Fields[0].Name != c.field {
			t.Errorf("%s: %v", c.field, err)
		}
		if _, err := a.Encode(); err == nil {
			t.Errorf("%s: written", c.field)
		}
	}
}

// spoilt are documents that a reader must refuse; schema says whether a
// validating reader refuses them too.
var spoilt = []struct {
	name, old, new string
	schema         bool
}{
	{"Z", "2020-01-23T01:02:03-00:00", "2020-01-23T01:02:03Z", true},
	{"fraction", "2020-01-23T01:02:03-00:00", "2020-01-23T01:02:03.5-00:00", true},
	{"no zone", "2020-01-23T01:02:03-00:00", "2020-01-23T01:02:03", true},
	{"no such day", "2020-01-23T", "2020-01-32T", true},
	{"missing", "<scope>Public</scope>", "", true},
	{"unknown element", "<scope>Public</scope>", "<scope>Public</scope><priority>1</priority>", true},
	{"twice", "<scope>Public</scope>", "<scope>Public</scope><scope>Private</scope>", true},
	{"order", "<status>Actual</status>\n<msgType>Alert</msgType>", "<msgType>Alert</msgType>\n<status>Actual</status>", true},
	{"list", "Actual", "actual", true},
	{"namespace 1.1", "cap:1.2", "cap:1.1", true},
	{"nested", "<scope>Public</scope>", "<scope>Public<b/></scope>", true},
	{"stray text", "<scope>", "stray<scope>", true},
	{"not closed", "</alert>", "", true},
	{"no references", "<msgType>Alert<", "<msgType>Cancel<", false},
	{"restricted", ">Public<", ">Restricted<", false},
	{"private", ">Public<", ">Private<", false},
	{"document type", "<alert", `<!DOCTYPE alert [<!ENTITY a "aaaa">]><alert`, false},
	{"external entity", "<identifier>1", `<identifier>&file;`, true},
	{"html entity", "<identifier>1", `<identifier>&nbsp;`, true},
	{"instruction", "<identifier>", `<?php x?><identifier>`, false},
	{"encoding", `encoding="UTF-8"`, `encoding="ISO-8859-1"`, false},
	{"two roots", "</alert>", "</alert><alert/>", true},
}

func TestDecodeRefuses(t *testing.T) {
	good := encode(t, small())
	for _, c := range spoilt {
		doc := strings.Replace(good, c.old, c.new, 1)
		if doc == good {
			t.Fatalf("%s: nothing was spoilt", c.name)
		}
		if _, err := Decode([]byte(doc)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	laughs := `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>` + strings.Replace(good, "<identifier>1", "<identifier>&b;", 1)
	deep := strings.Replace(good, "</alert>", strings.Repeat("<info>", 100)+"</alert>", 1)
	many := strings.Replace(good, "</alert>", strings.Repeat("<info/>", maxElements+1)+"</alert>", 1)
	long := strings.Replace(good, "<identifier>1", "<identifier>"+strings.Repeat("1", MaxDocument), 1)
	for name, doc := range map[string]string{"laughs": laughs, "deep": deep, "many": many, "long": long, "empty": "", "text": "alert"} {
		if _, err := Decode([]byte(doc)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a := small()
	for range 60 {
		a.Codes = append(a.Codes, strings.Repeat("&", 8<<10))
	}
	if _, err := a.Encode(); !fault.Is(err, fault.Invalid) {
		t.Errorf("a document over the limit was written: %v", err)
	}
}

func TestDecodePassesOverSignature(t *testing.T) {
	doc := strings.Replace(encode(t, small()), "</alert>",
		`<s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"><s:SignedInfo/></s:Signature></alert>`, 1)
	if a, err := Decode([]byte(doc)); err != nil || !reflect.DeepEqual(a, small()) {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestDecodeWithPrefix(t *testing.T) {
	doc := strings.NewReplacer("<?xml", "<?xml", "</", "</c:", "<", "<c:", "xmlns=", "xmlns:c=").Replace(encode(t, small()))
	if a, err := Decode([]byte(doc)); err != nil || !reflect.DeepEqual(a, small()) {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestSchema has xmllint read what we write, and what is spoilt, with the
// structure of the standard.
func TestSchema(t *testing.T) {
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("LINTAS_REQUIRE_TOOLS") == "1" {
			t.Fatal("xmllint is not installed (Debian package libxml2-utils)")
		}
		t.Skip("xmllint is not installed (Debian package libxml2-utils)")
	}
	check := func(doc string) (bool, string) {
		path := filepath.Join(t.TempDir(), "alert.xml")
		if err := os.WriteFile(path, []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), lint, "--noout", "--nonet", "--schema", "testdata/cap12.xsd", path).CombinedOutput()
		return err == nil, string(out)
	}
	for _, a := range []Alert{full(), small()} {
		if ok, out := check(encode(t, a)); !ok {
			t.Errorf("refused: %s", out)
		}
	}
	good := encode(t, small())
	for _, c := range spoilt {
		if ok, _ := check(strings.Replace(good, c.old, c.new, 1)); ok == c.schema {
			t.Errorf("%s: accepted is %v", c.name, ok)
		}
	}
}

// FuzzDecode: what is read can be written, and reads back the same.
func FuzzDecode(f *testing.F) {
	for _, a := range []Alert{full(), small()} {
		b, err := a.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		for _, c := range spoilt {
			f.Add([]byte(strings.Replace(string(b), c.old, c.new, 1)))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Decode(data)
		if err != nil {
			return
		}
		doc, err := a.Encode()
		if err != nil {
			if len(data) > MaxDocument/2 {
				return // escapes may make it longer than the limit
			}
			t.Fatalf("%v from %q", err, data)
		}
		again, err := Decode(doc)
		if err != nil || !reflect.DeepEqual(again, a) {
			t.Errorf("%+v\n%+v\n%v\n%q", a, again, err, data)
		}
	})
}
