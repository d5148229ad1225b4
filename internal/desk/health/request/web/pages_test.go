package web_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"lintas/internal/sheet"
	"lintas/internal/web/webtest"

	"lintas/internal/api/apitest"
	"lintas/internal/desk/health/request"
)

// arranged is an arrangement that both sides signed in the browser.
func (w *world) arranged(oat string) string {
	w.Helper()
	kh, th := w.nodes["KH"], w.nodes["TH"]
	begin := th.Get("duty", oat).Want(200).Find(`#act a[href*="what=arrangement"]`).AttrOr("href", "")
	at := th.press("duty", begin, "#record", "until", "2026-12-31", "clause.liability", "Each side bears its own.").Want(303).Location
	th.press("duty", at, "#act-propose").Want(303)
	w.deliver()
	kh.Get("duty", at).Want(200).Lacks(`form[id^="act-sign"]`)
	page := kh.Get("approver", at).Want(200)
	page.Has(".reqsign", "Nobody has signed")
	page.Has(".reqsign pre", `"liability"`)
	kh.press("approver", at, `form[id^="act-sign"]`).Want(303)
	w.deliver()
	th.Get("approver", at).Want(200).Has(".reqsign", "Waits for signatures")
	th.press("approver", at, `form[id^="act-sign"]`).Want(303)
	w.deliver()
	for _, s := range []*site{kh, th} {
		page := s.Get("auditor", at).Want(200)
		page.Has(".reqsign", "In force")
		if n := page.Find(".reqsign .g-good").Length(); n < 3 {
			w.Errorf("%s: %d marks are good, want both signatures and the text", s.member, n)
		}
		if v, err := s.desk.CheckProof([]byte(s.Get("auditor", at+"/arrangement.json").Want(200).Body)); err != nil || v.Terms == nil {
			w.Errorf("the file does not prove it: %v", err)
		}
	}
	return at
}

// shipped is a consignment that came short, in the browser of both sides.
func (w *world) shipped(oat, arrangement string) string {
	w.Helper()
	kh, th := w.nodes["KH"], w.nodes["TH"]
	begin := th.Get("duty", oat).Want(200).Find(`#act a[href*="what=consignment"]`).AttrOr("href", "")
	at := th.press("duty", begin, "#record", "arrangement", arrangement[strings.LastIndexByte(arrangement, '/')+1:]).Want(303).Location
	th.press("duty", at, "#act-pack", "pack.packages", "20").Want(303)
	bad := th.press("duty", at, "#act-ship", "ship.carrier", "Air cargo").Want(400)
	bad.Has("#errors", "waybill")
	if bad.Values("#act-ship").Get("ship.carrier") != "Air cargo" {
		w.Fatal("what was typed is lost")
	}
	th.press("duty", at, "#act-ship", "ship.carrier", "Air cargo", "ship.waybill", "W-1", "ship.eta", "2026-11-25").Want(303)
	w.deliver()
	kh.press("duty", at, "#act-hold", "hold.words", "A permit is missing.").Want(303)
	kh.Get("duty", at).Want(200).Has(".notice", "A permit is missing.")
	kh.press("duty", at, "#act-release").Want(303)
	kh.press("duty", at, "#act-confirm", "confirm.got.0.ok", "300").Want(400).Has("#errors", "400")
	kh.press("duty", at, "#act-confirm", "confirm.got.0.ok", "300", "confirm.got.0.short", "60", "confirm.got.0.damaged", "40").Want(303)
	w.deliver()
	th.Get("duty", at).Want(200).Has("#items", "300")
	return at
}

// TestStory is the whole chain as two states have it in the browser, with the
// regional desk's board at the end.
func TestStory(t *testing.T) {
	w := newWorld(t)
	kh, th, asec := w.nodes["KH"], w.nodes["TH"], w.nodes["ASEC"]
	at := w.asked()
	oat := w.offered(at)
	aat := w.arranged(oat)
	cat := w.shipped(oat, aat)
	match := kh.Get("duty", at).Want(200)
	match.Has("#match tbody tr:first-child", "Partial")
	match.Has("#followers", "Consignment awaited")
	board := asec.Get("regional", base+"/board").Want(200)
	board.Has("#lines", "Rehydration salts")
	board.Has("#lines", "400")
	board.Has("#moves", "Received")
	team := th.press("duty", base+"/new?what=deployment&to=KH", "#record", "to", "KH", "mission.title", "Rapid response team (sample)", "mission.team", "rrt", "mission.teams", "1", "mission.people", "1",
		"mission.from", "2026-11-25", "mission.until", "2026-12-05", "basis", "Exchange of letters (sample)").Want(303).Location
	th.press("duty", team, "#act-list_people", "list_people.manifest.0.name", "Pseudonym Gamma", "list_people.manifest.0.profession", "nurse").Want(303)
	th.press("duty", team, "#act-propose").Want(303)
	w.deliver()
	th.Get("duty", team).Want(200).Has("#manifest", "Pseudonym Gamma")
	th.Get("auditor", team).Want(200).Lacks("#manifest")
	if host := kh.Get("approver", team).Want(200); strings.Contains(host.Body, "Pseudonym") || !strings.Contains(host.Body, "Nurse") {
		t.Error("the host sees names, or no counts")
	}
	kh.press("approver", team, "#act-accept").Want(303)
	w.deliver()
	paths := []string{base, base + "?kind=offers&open=1", base + "/board", at, oat, aat, cat, team, base + "/new?what=request", base + "/new?what=offer", base + "/new?what=arrangement", base + "/new?what=deployment", base + "/new?what=consignment"}
	for _, s := range []*site{kh, th} {
		for _, p := range paths {
			for _, lang := range []string{"en", "id"} {
				s.Get("duty", p, "Accept-Language", lang).Want(200).Sound()
			}
		}
	}
}

// The steps follow what arrives; a form that was refused keeps what was typed
// and is not fetched anew. A list says of what has no due time what it waits for.
func TestStepsFollow(t *testing.T) {
	w := newWorld(t)
	kh, th, at := w.nodes["KH"], w.nodes["TH"], w.asked()
	kh.Get("duty", at).Want(200).Has(`#act[hx-get="`+at+`"][hx-trigger]`, "Withdraw")
	bad := kh.press("duty", at, "#act-close").Want(400)
	bad.Has("#act", "Close")
	bad.Lacks("#act[hx-get]")
	kh.Get("auditor", at).Want(200).Has("#act", "Nothing waits for you here")
	th.Get("duty", base+"?kind=received").Want(200).Has(".vlist .when", "Answer to a request")
	w.offered(at)
	th.Get("duty", base+"?kind=received").Want(200).Has(".vlist .when", "We have answered")
}

func TestWhoSeesIt(t *testing.T) {
	w := newWorld(t)
	kh, at := w.nodes["KH"], w.asked()
	for _, p := range []string{base, at, base + "/board", base + ".csv", base + "/board.xlsx"} {
		kh.Get("admin", p).Want(404)
		kh.Get("auditor", p).Want(200)
	}
	kh.Get("auditor", base+"/new?what=request").Want(403)
	kh.Get("duty", base+"/new?what=nothing").Want(404)
	kh.Get("auditor", at).Want(200).Lacks("#act form")
	kh.Post("duty", at+"/step/fly", url.Values{"version": {"1"}}).Want(404)
	kh.Post("duty", at+"/step/close", url.Values{"version": {"1"}, "close.words": {"x"}}).Want(409) // seen an older version
	w.nodes["TH"].Post("duty", at+"/step/withdraw", url.Values{"version": {"1"}, "withdraw.words": {"x"}}).Want(404)
}

func TestDownloads(t *testing.T) {
	w := newWorld(t)
	w.offered(w.asked())
	for _, p := range []string{base + ".csv", base + ".xlsx", base + "/board.xlsx"} {
		a := w.nodes["KH"].Get("duty", p).Want(200)
		in, err := sheet.Open(strings.NewReader(a.Body), sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for {
			row, err := in.Next()
			if err != nil {
				break
			}
			text += strings.Join(row, "|") + "\n"
		}
		if !strings.Contains(text, "Rehydration salts") || !strings.Contains(text, "400") {
			t.Errorf("%s: %s", p, text)
		}
	}
}

// Every operation answers as its document says.
func TestOperations(t *testing.T) {
	w := newWorld(t)
	at := w.asked()
	oat := w.offered(at)
	aat := w.arranged(oat)
	cat := w.shipped(oat, aat)
	th := w.nodes["TH"]
	last := func(p string) string { return p[strings.LastIndexByte(p, '/'):] }
	match := func(v string) map[string]string { return map[string]string{"If-Match": v} }
	const rq = `{"to":["KH"],"title":"Help (sample)","authority":"Ministry","event_name":"Event (sample)","lang":"en","hours":24,"marking":"TLP:AMBER","lines":[{"n":0,"category":"supplies","item":"Salts","qty":1,"unit":"box"}]}`
	const off = `{"to":"KH","title":"Offer (sample)","entity":"Stores","authority":"Ministry","lang":"en","marking":"TLP:AMBER","lines":[{"n":0,"category":"supplies","item":"Salts","qty":1,"unit":"box","cost":"free"}]}`
	const ar = `{"peer":"KH","sends":true,"title":"Arrangement (sample)","scope":[{"what":"Salts","qty":1,"unit":"box","cost":"free"}],"from":"2026-11-23","until":"2026-12-31","lang":"en","marking":"TLP:AMBER"}`
	const de = `{"to":"KH","marking":"TLP:AMBER","basis":"Letters (sample)","mission":{"title":"Team (sample)","team":"rrt","teams":1,"people":2,"state":"","seq":0,"at":"2026-11-23T00:00:00Z"}}`
	const co = `{"to":"KH","marking":"TLP:AMBER","basis":"Letters (sample)","shipment":{"title":"Goods (sample)","carries":"goods","items":[{"n":0,"what":"Salts","qty":1,"unit":"box"}],"state":"","seq":0,"at":"2026-11-23T00:00:00Z"}}`
	proof := th.Get("duty", aat+"/arrangement.json").Want(200).Body
	var cases []apitest.Case
	xml := th.Get("duty", at+"/edxl.xml?message=RequestResource").Want(200).Body
	th.Get("duty", at+"/edxl.xml?message=Nothing").Want(404)
	message, err := json.Marshal(map[string]any{"xml": xml, "to": []string{"KH"}})
	w.must(err)
	cases = append(cases, apitest.Case{Op: "request-edxl-read", Path: "/request/edxl", Body: string(message), Token: "duty", Want: 200}, apitest.Case{Op: "request-edxl-read", Path: "/request/edxl", Body: `{"xml":"<a/>"}`, Token: "duty", Want: 400})
	bundle := th.Get("duty", at+"/fhir.json").Want(200).Body
	th.Get("duty", cat).Want(200).Has("#edxl", "SupplyDelivery")
	th.Get("duty", cat+"/fhir.json").Want(200)
	th.Get("duty", oat+"/fhir.json").Want(404)
	message, err = json.Marshal(map[string]any{"bundle": bundle, "to": []string{"KH"}})
	w.must(err)
	cases = append(cases, apitest.Case{Op: "request-fhir-read", Path: "/request/fhir", Body: string(message), Token: "duty", Want: 200}, apitest.Case{Op: "request-fhir-read", Path: "/request/fhir", Body: `{"bundle":"{}"}`, Token: "duty", Want: 400})
	for _, k := range []struct{ name, plural, body string }{{"request", "requests", rq}, {"offer", "offers", off}, {"arrangement", "arrangements", ar}, {"deployment", "deployments", de}, {"consignment", "consignments", co}} {
		p := "/request/" + k.plural
		cases = append(cases, apitest.Case{Op: "request-" + k.name + "-create", Path: p, Body: k.body, Token: "duty", Want: 200},
			apitest.Case{Op: "request-" + k.name + "-create", Path: p, Body: k.body, Token: "auditor", Want: 403}, apitest.Case{Op: "request-" + k.name + "-list", Path: p + "?limit=1", Token: "duty", Want: 200},
			apitest.Case{Op: "request-" + k.name + "-get", Path: p + "/0190a000-0000-7000-8000-000000000000", Token: "duty", Want: 404})
	}
	cases = append(cases, apitest.Case{Op: "request-request-get", Path: "/request/requests" + last(at), Token: "duty", Want: 200}, apitest.Case{Op: "request-offer-get", Path: "/request/offers" + last(oat), Token: "duty", Want: 200},
		apitest.Case{Op: "request-offer-get", Path: "/request/offers" + last(at), Token: "duty", Want: 404},
		apitest.Case{Op: "request-arrangement-get", Path: "/request/arrangements" + last(aat), Token: "duty", Want: 200}, apitest.Case{Op: "request-consignment-get", Path: "/request/consignments" + last(cat), Token: "duty", Want: 200},
		apitest.Case{Op: "request-arrangement-proof", Path: "/request/arrangements" + last(aat) + "/proof", Token: "auditor", Want: 200},
		apitest.Case{Op: "request-arrangement-verify", Path: "/request/arrangements/verify", Body: proof, Token: "auditor", Want: 200},
		apitest.Case{Op: "request-consignment-step", Path: "/request/consignments" + last(cat) + "/steps", Body: `{"verb":"reconcile","words":"The rest follows."}`, Token: "duty", Header: match(`"v9"`), Want: 412})
	cases = append(cases, drafts(w, map[string]string{"request": rq, "offer": off, "arrangement": ar, "deployment": de, "consignment": co})...)
	apitest.Check(t, th.rest(t), cases, "request-")
}

// drafts are one record of each kind, changed and moved on by the interface.
func drafts(w *world, bodies map[string]string) []apitest.Case {
	w.Helper()
	d, ctx, duty := w.nodes["TH"].desk, w.Context(), webtest.Roles("TH", people)("duty")
	ids := map[string]string{}
	r, err := d.DraftRequest(ctx, duty, of[request.RequestInput](w, bodies["request"]))
	w.must(err)
	o, err := d.DraftOffer(ctx, duty, of[request.OfferInput](w, bodies["offer"]))
	w.must(err)
	a, err := d.DraftArrangement(ctx, duty, of[request.ArrangementInput](w, bodies["arrangement"]))
	w.must(err)
	m, err := d.PlanDeployment(ctx, duty, of[request.MissionInput](w, bodies["deployment"]))
	w.must(err)
	c, err := d.Allocate(ctx, duty, of[request.ShipmentInput](w, bodies["consignment"]))
	w.must(err)
	ids["request"], ids["offer"], ids["arrangement"], ids["deployment"], ids["consignment"] = string(r.ID), string(o.ID), string(a.ID), string(m.ID), string(c.ID)
	var out []apitest.Case
	for name, step := range map[string]string{"request": `{"verb":"submit"}`, "offer": `{"verb":"submit"}`, "arrangement": `{"verb":"propose"}`, "deployment": `{"verb":"cancel","words":"No."}`, "consignment": `{"verb":"pack","packages":3}`} {
		one := "/request/" + name + "s/" + ids[name]
		tag := func(v string) map[string]string { return map[string]string{"If-Match": v} }
		out = append(out, apitest.Case{Op: "request-" + name + "-edit", Path: one, Body: bodies[name], Token: "duty", Header: tag(`"v7"`), Want: 412},
			apitest.Case{Op: "request-" + name + "-edit", Path: one, Body: bodies[name], Token: "duty", Header: tag(`"v1"`), Want: 200},
			apitest.Case{Op: "request-" + name + "-step", Path: one + "/steps", Body: step, Token: "auditor", Header: tag(`"v2"`), Want: 403},
			apitest.Case{Op: "request-" + name + "-step", Path: one + "/steps", Body: step, Token: "duty", Header: tag(`"v2"`), Want: 200},
			apitest.Case{Op: "request-" + name + "-get", Path: one, Token: "duty", Want: 200})
	}
	return out
}

func of[T any](w *world, body string) T {
	w.Helper()
	var v T
	w.must(json.Unmarshal([]byte(body), &v))
	return v
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}
