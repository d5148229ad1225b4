package web_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-vcard"

	"lintas/internal/desk/health/contact"
	"lintas/internal/locale"
	"lintas/internal/sheet"
	"lintas/internal/workflow"
)

// given adds a contact in the browser and has it cleared.
func given(w *world, s *site, role, order, post string) string {
	w.Helper()
	form := s.get("duty", "/health/contacts/own/new?role="+role).want(200).values("#contact")
	form.Set("order", order)
	form.Set("post", post)
	form.Set("organisation", "Ministry of Health (sample)")
	form["channel"] = []string{"+855 23 000 001", "", "duty@example.org"}
	form.Set("languages", "km, en")
	form.Set("do", "save")
	at := s.post("duty", "/health/contacts/own/new", form).want(303).Location
	s.post("duty", at+"/submit", s.get("duty", at).want(200).values("#act-submit")).want(303)
	s.post("approver", at+"/clear", s.get("approver", at).want(200).values("#act-clear")).want(303)
	w.deliver()
	return at
}

// TestDirectory: a contact from the form to the other member's directory, its
// change, its removal.
func TestDirectory(t *testing.T) {
	w := newWorld(t)
	kh, th := w.nodes["KH"], w.nodes["TH"]
	form := kh.get("duty", "/health/contacts/own/new").want(200).values("#contact")
	form["channel"] = []string{"", "023 1", ""}
	bad := kh.post("duty", "/health/contacts/own/new", form).want(400)
	for _, words := range []string{"Choose a role", "Name the duty post", "country code"} {
		bad.has("#errors", words)
	}
	bad.has(".chanrow.bad .err", "country code")
	if bad.values("#contact")["channel"][1] != "023 1" {
		t.Error("what was typed is lost")
	}
	at := given(w, kh, "ihr_nfp", "1", "Duty officer, focal point (sample)")
	page := th.get("duty", "/health/contacts").want(200)
	page.has("#m-KH .contacts", "Duty officer, focal point (sample)")
	page.has("#m-KH .gaps", "National IHR Authority")
	page.has("#m-KH .contacts a[href^='tel:+85523000001']", "+855 23 000 001")
	page.has("#m-KH .chan .night", "any hour")
	if n := page.Find("#cover .cov.hole").Length(); n < 30 {
		t.Errorf("%d gaps in the table", n)
	}
	page.has("#m-TH .gaps", "has given no")
	w.clock.Advance(200 * 24 * time.Hour)
	th.get("duty", "/health/contacts?member=KH").want(200).has("#m-KH .tag", "Not confirmed lately")
	kh.post("duty", at+"/confirm", kh.get("duty", at).want(200).values("#act-confirm")).want(303)
	w.deliver()
	th.get("duty", "/health/contacts?member=KH").want(200).has("#m-KH .tag", "Valid")
	kh.post("duty", at+"/remove", url.Values{"version": kh.get("duty", at).values("#act-remove")["version"]}).want(400).has("#act .err", "reason")
	form = kh.get("duty", at).values("#act-remove")
	form.Set("reason", "The post was dissolved.")
	kh.post("duty", at+"/remove", form).want(303)
	w.deliver()
	th.get("duty", "/health/contacts?member=KH").want(200).lacks("#m-KH .contacts")
	th.get("duty", "/health/contacts?member=KH&past=1").want(200).has("#m-KH .contacts", "The post was dissolved.")
}

// TestCheck: the press, the home panel with the one button, the results.
func TestCheck(t *testing.T) {
	w := newWorld(t)
	kh, th := w.nodes["KH"], w.nodes["TH"]
	given(w, th, "eoc", "1", "First (sample)")
	given(w, th, "eoc", "2", "Second (sample)")
	kh.get("epi", "/health/contacts/checks").want(200).lacks("#call")
	form := kh.get("duty", "/health/contacts/checks").want(200).values("#call")
	if len(form["member"]) != 11 || form.Get("within") != "60" || form.Get("urgent") != "1" {
		t.Errorf("the form begins with %v", form)
	}
	form["member"] = nil
	kh.post("duty", "/health/contacts/checks", form).want(400).has("#errors", "at least one member")
	form["member"] = []string{"TH", "VN"}
	form.Set("exercise", "1")
	at := kh.post("duty", "/health/contacts/checks", form).want(303).Location
	w.deliver()
	running := kh.get("duty", at).want(200)
	running.has("#results .late", "Thailand, Viet Nam")
	running.has("#silent li:first-child", "Call first: First (sample)")
	running.has(".head .meta", "Exercise")
	w.clock.Advance(31 * time.Minute)
	kh.get("duty", at).want(200).has("#silent li:first-child", "Call alternate 1: Second (sample)")
	kh.get("duty", at).has("#silent li:last-child", "has given no contact")
	action := onePress(t, th, "duty")
	if onePress(t, th, "auditor") != "" {
		t.Error("an auditor is asked to answer")
	}
	if got := th.post("duty", action, url.Values{}).want(303).Location; got != "/" {
		t.Errorf("leads to %s", got)
	}
	th.post("duty", action, url.Values{}).want(409)
	w.deliver()
	done := kh.get("duty", at).want(200)
	done.has("#results tr:first-child", "31")
	done.has("#results .facts", "1 of 2")
	done.has("#chart svg", "31")
	w.clock.Advance(time.Hour)
	kh.get("duty", "/health/contacts").want(200).has("#m-TH .drill", "answered after 31 min")
	kh.get("duty", "/health/contacts").has("#m-VN .drill", "Not yet asked") // still running: nobody has ended it
	if err := kh.desk.Lapse(t.Context()); err != nil {
		t.Fatal(err)
	}
	kh.get("duty", "/health/contacts").has("#m-VN .drill", "Silent in the last")
	kh.get("duty", "/health/contacts/checks").want(200).has("#past tbody tr", "31 min")
	th.get("duty", "/health/contacts/checks").want(200).has("#calls tbody tr", "Cambodia")
}

// onePress is the address of the one button that the duty desk shows to somebody
// for a check that rings; empty without one.
func onePress(t *testing.T, s *site, who string) string {
	t.Helper()
	todos, err := s.desk.Todos(t.Context(), s.actor(who))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range todos {
		if d.Key == "todo.contact.call" {
			return d.Post
		}
	}
	return ""
}

func TestCallOff(t *testing.T) {
	w := newWorld(t)
	kh, th := w.nodes["KH"], w.nodes["TH"]
	form := kh.get("duty", "/health/contacts/checks").values("#call")
	form["member"] = []string{"TH"}
	at := kh.post("duty", "/health/contacts/checks", form).want(303).Location
	w.deliver()
	kh.post("duty", at+"/call_off", url.Values{}).want(400).has("#off .err", "reason")
	kh.post("duty", at+"/call_off", url.Values{"reason": {"Mistaken."}}).want(303)
	w.deliver()
	kh.get("duty", at).want(200).has("#results", "Called off: Mistaken.")
	call := strings.Replace(at, "checks", "calls", 1)
	th.get("duty", call).want(200).has(".notice", "called off")
	th.get("duty", call).lacks("#here")
}

func TestWhoSeesIt(t *testing.T) {
	w := newWorld(t)
	kh := w.nodes["KH"]
	at := given(w, kh, "eoc", "1", "Post (sample)")
	for _, path := range []string{"/health/contacts", "/health/contacts/sheet", "/health/contacts/own", at, "/health/contacts/checks", "/health/contacts.vcf"} {
		kh.get("admin", path).want(404)
		kh.get("auditor", path).want(200)
	}
	kh.get("auditor", "/health/contacts/own/new").want(403)
	kh.get("auditor", at+"/edit").want(403)
	kh.get("auditor", at).lacks("#act form")
	w.nodes["TH"].get("duty", at).want(404) // the record is its owner's
}

func TestDownloads(t *testing.T) {
	w := newWorld(t)
	kh := w.nodes["KH"]
	given(w, kh, "eoc", "1", "Post (sample)")
	for _, ext := range []string{"csv", "xlsx"} {
		in, err := sheet.Open(bytes.NewReader([]byte(kh.get("duty", "/health/contacts."+ext+"?member=KH").want(200).Body)), sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var rows [][]string
		for {
			row, err := in.Next()
			if err != nil {
				break
			}
			rows = append(rows, row)
		}
		if len(rows) != 4 || rows[1][5] != "Post (sample)" || strings.TrimPrefix(rows[1][7], "'") != "+85523000001" || rows[2][16] != "gap" {
			t.Errorf("%s: %v", ext, rows)
		}
		_ = in.Close()
	}
	card, err := vcard.NewDecoder(strings.NewReader(kh.get("duty", "/health/contacts.vcf").want(200).Body)).Decode()
	if err != nil || card.Value("ROLE") != "Emergency operations centre" {
		t.Errorf("%v %v", card, err)
	}
}

func TestEveryPageInBothLanguages(t *testing.T) {
	w := newWorld(t)
	kh, th := w.nodes["KH"], w.nodes["TH"]
	at := given(w, kh, "eoc", "1", "Post (sample)")
	form := kh.get("duty", at+"/edit").want(200).values("#contact")
	form.Set("quiet_from", "22:00")
	kh.post("duty", at+"/edit", form).want(400).sound("en")
	form.Set("quiet_to", "06:00")
	form.Set("to", "2027-12-31")
	kh.post("duty", at+"/edit", form).want(303)
	check := kh.get("duty", "/health/contacts/checks").values("#call")
	check["member"] = []string{"TH", "VN"}
	check.Set("words", "Monthly drill (sample)")
	running := kh.post("duty", "/health/contacts/checks", check).want(303).Location
	w.deliver()
	for _, lang := range []string{"en", "id"} {
		for _, path := range []string{"/health/contacts", "/health/contacts?role=eoc&past=1", "/health/contacts?q=nothing", "/health/contacts/sheet", "/health/contacts/own",
			"/health/contacts/own/new", at, at + "/edit", "/health/contacts/checks", running} {
			kh.do("duty", "GET", path, nil, lang).want(200).sound(lang)
		}
		th.do("duty", "GET", strings.Replace(running, "checks", "calls", 1), nil, lang).want(200).sound(lang)
	}
}

// Every word that the tables and lists can put on a page has a sentence.
func TestWordsOfTheTables(t *testing.T) {
	want := map[string]bool{}
	words(want, "contact.contact", contact.Contacts)
	words(want, "contact.check", contact.Checks)
	words(want, "contact.call", contact.Calls)
	for _, r := range contact.RoleList {
		want["contact.role."+string(r.Role)] = true
	}
	for _, c := range contact.ChannelKinds {
		want["contact.channel."+c] = true
	}
	for _, s := range []contact.Standing{contact.Valid, contact.Stale, contact.Future, contact.Expired} {
		want["contact.standing."+string(s)] = true
	}
	for _, lang := range []string{"en", "id"} {
		p := locale.New(lang, nil, "")
		for key := range want {
			if !p.Has(key) {
				t.Errorf("%s: no sentence for %s", lang, key)
			}
		}
	}
}

func words[R any](want map[string]bool, kind string, tab *workflow.Table[R]) {
	for _, s := range tab.Steps {
		want["action."+kind+"."+string(s.Verb)] = true
		if s.To != "" {
			want["contact.state."+string(s.To)] = true
		}
		for _, n := range s.Needs {
			want["need."+n.Name] = true
		}
		if s.Within != nil && s.Within.Name != "" {
			want["clock."+s.Within.Name] = true
		}
	}
}
