package web_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/api/apitest"
	"lintas/internal/desk/health"
)

const (
	itemBody = `{"code":"ORS-1L","name":"Oral rehydration salts (sample)","spec":"WHO formula","unit":"sachet for 1 litre","cold":"ambient","lang":"en"}`
	drawBody = `{"title":"Salts for KH (sample)","item":"ITEM","qty":700,"needed_by":"2026-12-01","reasons":"Wards are full (sample).","need":900,"own_stock":100,"persons":120000,"risk":3,"source":"Line list (sample)","as_of":"2026-11-19"}`
	pledge   = `{"item":"ITEM","qty":400,"notice_hours":48,"until":"2027-06-30"}`
	lotBody  = `{"item":"ITEM","number":"A-1","maker":"Sample maker","expires":"2026-11-20","holder":"TH","kind":"supply","warehouse":"CENTRAL","qty":300}`
)

// tour is the operations of the reserve, asked at two states and the regional
// desk while goods are specified, stocked, promised, asked for, divided, sent,
// received short and replaced.
type tour struct {
	*region
	kh, th *stage
	item   string // id
	event  string // id, at KH
}

func (r *tour) body(s string) string { return strings.ReplaceAll(s, "ITEM", r.item) }

func get(op, path string) apitest.Case {
	return apitest.Case{Op: "reserve-" + op, Path: "/reserve" + path, Token: "auditor", Want: 200}
}

func send(op, path, who, body, tag string, want int) apitest.Case {
	return apitest.Case{Op: "reserve-" + op, Path: "/reserve" + path, Token: who, Body: body, Header: map[string]string{"If-Match": tag}, Want: want}
}

func verb(v string) string { return `{"verb":"` + v + `","reason":"Because (sample)."}` }

// check asks a member's operations whose names begin so, and carries what left.
func (r *tour) check(t *testing.T, s *stage, cases []apitest.Case, only ...string) {
	t.Helper()
	for i := range only {
		only[i] = "reserve-" + only[i]
	}
	apitest.Check(t, s.api, cases, only...)
	r.deliver()
	r.now.Advance(10 * time.Second) // the limit of calls counts again
}

// Every operation answers as its document says, through a whole story.
func TestOperations(t *testing.T) {
	r := &tour{region: newRegion(t, "KH", "TH", "ASEC")}
	r.kh, r.th = r.nodes["KH"], r.nodes["TH"]
	r.items(t)
	r.stock(t)
	r.pledges(t)
	draw := r.draws(t)
	division := r.divisions(t, draw)
	r.votes(t, division)
	r.goods(t, draw, division)
	r.pages(draw)
	r.proofs(t)
}

func (r *tour) items(t *testing.T) {
	at := r.kh.makes("duty", "/items", itemBody)
	r.item = strings.TrimPrefix(at, "/items/")
	declared := `{"status":"registered","ref":"KH-1","until":"2028-01-01"}`
	r.check(t, r.kh, []apitest.Case{
		send("item-create", "/items", "duty", itemBody, "", 201), send("item-create", "/items", "auditor", itemBody, "", 403), send("item-create", "/items", "duty", strings.Replace(itemBody, "A07CA", "?", 1)[:40], "", 400),
		send("item-create", "/items", "duty", strings.Replace(itemBody, "ORS-1L", "no code", 1), "", 400),
		get("item-list", "/items?limit=1&state=draft"), {Op: "reserve-item-list", Path: "/reserve/items?cursor=x", Token: "duty", Want: 400}, get("item-get", at),
		{Op: "reserve-item-get", Path: "/reserve" + at, Token: "admin", Want: 404},
		send("item-edit", at, "duty", itemBody, `"v7"`, 412), send("item-edit", at, "duty", itemBody, "", 428), send("item-edit", at, "duty", itemBody, `"v1"`, 200),
		send("item-step", at+"/steps", "duty", verb("publish"), `"v2"`, 403), send("item-step", at+"/steps", "approver", verb("publish"), `"v2"`, 200), send("item-step", at+"/steps", "approver", verb("fly"), `"v3"`, 400),
		send("item-edit", at, "approver", strings.Replace(itemBody, "sachet for 1 litre", "box", 1), `"v3"`, 400), // its unit stays
		send("registration-declare", at+"/registration", "duty", declared, "", 403), send("registration-declare", at+"/registration", "approver", declared, "", 200), get("registration-list", "/registrations?item="+r.item),
	}, "item-", "registration-")
}

// stock plays the lots of Thailand. The first expires today: it can be used,
// exchanged and sent until the day is over.
func (r *tour) stock(t *testing.T) {
	at := r.th.makes("duty", "/lots", r.body(lotBody))
	edit := `{"number":"A-1","maker":"Sample maker","expires":"2026-11-20","holder":"TH","words":"As printed (sample)."}`
	many := strings.Replace(r.body(lotBody), `"qty":300`, `"qty":1000000000001`, 1)
	r.check(t, r.th, []apitest.Case{
		send("lot-create", "/lots", "duty", r.body(strings.ReplaceAll(strings.ReplaceAll(lotBody, "A-1", "A-2"), "2026-11-20", "2028-03-31")), "", 201), send("lot-create", "/lots", "auditor", r.body(lotBody), "", 403),
		send("lot-create", "/lots", "duty", many, "", 400), get("lot-list", "/lots?q=a-1"), get("lot-get", at), {Op: "reserve-lot-get", Path: "/reserve" + at, Token: "admin", Want: 404},
		send("lot-edit", at, "duty", edit, `"v1"`, 403), send("lot-edit", at, "approver", edit, `"v9"`, 412), send("lot-edit", at, "approver", edit, `"v1"`, 200),
		send("lot-step", at+"/steps", "duty", verb("quarantine"), `"v2"`, 200), send("lot-step", at+"/steps", "duty", verb("free"), `"v3"`, 403), send("lot-step", at+"/steps", "approver", verb("free"), `"v3"`, 200),
		send("lot-post", at+"/postings", "duty", `{"kind":"consume","warehouse":"CENTRAL","qty":301}`, "", 409), send("lot-post", at+"/postings", "duty", `{"kind":"count_less","warehouse":"CENTRAL","qty":1}`, "", 400),
		send("lot-post", at+"/postings", "duty", `{"kind":"move","warehouse":"CENTRAL","to_warehouse":"NORTH","qty":100}`, "", 201),
		send("lot-rotate", at+"/rotations", "duty", `{"warehouse":"NORTH","qty":50,"number":"A-3","maker":"Sample maker","expires":"2029-01-31"}`, "", 201),
		get("stock", "/stock?item="+r.item), get("posting-list", "/postings?limit=2&item="+r.item), {Op: "reserve-posting-list", Path: "/reserve/postings?cursor=x", Token: "duty", Want: 400}, get("posting-get", "/postings/1"),
		{Op: "reserve-posting-get", Path: "/reserve/postings/99", Token: "duty", Want: 404},
		send("posting-reverse", "/postings/3/reversals", "duty", `{"words":"Wrong (sample)."}`, "", 403), send("posting-reverse", "/postings/4/reversals", "approver", `{"words":"Wrong (sample)."}`, "", 201),
		send("posting-reverse", "/postings/4/reversals", "approver", `{"words":"Wrong (sample)."}`, "", 409), get("balances", "/balances"), get("audit", "/audit"),
	}, "lot-", "stock", "posting-", "balances", "audit")
	list := r.th.call("auditor", "GET", "/stock", "", "")["items"].([]any)
	today := list[0].(map[string]any)
	if today["number"] != "A-1" || today["usable"] != true {
		t.Fatalf("on its last day: %v", today)
	}
}

func (r *tour) pledges(t *testing.T) {
	for _, s := range []*stage{r.th, r.kh, r.nodes["ASEC"]} {
		who := map[bool]string{true: "approver", false: "desk"}[s != r.nodes["ASEC"]]
		r.check(t, s, []apitest.Case{
			{Op: "reserve-statement-get", Path: "/reserve/statement", Token: "auditor", Want: 404}, send("statement-step", "/statement/steps", "duty", verb("open"), "", 403),
			send("statement-step", "/statement/steps", who, verb("open"), "", 200), send("statement-step", "/statement/steps", who, verb("open"), "", 400), get("statement-get", "/statement"), get("statement-list", "/statements"),
		}, "statement-")
	}
	at := r.th.makes("duty", "/pledges", r.body(pledge))
	r.check(t, r.th, []apitest.Case{
		send("pledge-create", "/pledges", "duty", r.body(pledge), "", 201), send("pledge-create", "/pledges", "auditor", r.body(pledge), "", 403), get("pledge-list", "/pledges?item="+r.item), get("pledge-get", at),
		send("pledge-edit", at, "duty", r.body(pledge), `"v4"`, 412), send("pledge-edit", at, "duty", r.body(pledge), `"v1"`, 200),
		send("pledge-step", at+"/steps", "duty", verb("pledge"), `"v2"`, 403), send("pledge-step", at+"/steps", "approver", verb("pledge"), `"v2"`, 200),
	}, "pledge-")
	if rec := apitest.Do(t, r.kh.api, "GET", "/reserve"+at, "duty", ""); rec.Code != 200 || rec.Header().Get("ETag") != "" || !strings.Contains(rec.Body.String(), `"own":false`) {
		t.Errorf("the copy: %d %q %s", rec.Code, rec.Header().Get("ETag"), rec.Body)
	}
}

func (r *tour) draws(t *testing.T) string {
	e, err := r.kh.health.RecordEvent(t.Context(), r.kh.who("duty"), health.EventInput{Name: "Cholera (sample)", Lang: "en", Hazard: "cholera", Grade: health.Warning, Marking: access.TLPAmber, Places: []string{"KH-12"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.event = string(e.ID)
	r.kh.Get("duty", "/health/events/"+r.event).Want(200).Lacks("#reserve")
	linked := strings.Replace(r.body(drawBody), `"qty":700`, `"qty":700,"event":"`+r.event+`"`, 1)
	at := r.kh.makes("duty", "/draws", linked)
	wild := strings.Replace(r.body(drawBody), `"persons":120000`, `"persons":1`, 1)
	wild = strings.Replace(wild, `"need":900`, `"need":1000000000000`, 1)
	r.check(t, r.kh, []apitest.Case{
		send("draw-create", "/draws", "duty", r.body(drawBody), "", 201), send("draw-create", "/draws", "auditor", r.body(drawBody), "", 403), send("draw-create", "/draws", "duty", wild, "", 400),
		get("draw-list", "/draws?owner=KH"), get("draw-get", at), send("draw-edit", at, "duty", r.body(drawBody), `"v4"`, 412), send("draw-edit", at, "duty", linked, `"v1"`, 200),
		send("draw-step", at+"/steps", "duty", verb("ask"), `"v2"`, 403), send("draw-step", at+"/steps", "approver", verb("ask"), `"v2"`, 200), send("draw-step", at+"/steps", "approver", verb("ask"), `"v2"`, 412),
	}, "draw-")
	for _, d := range r.nodes { // what changed in the books leaves
		if err := d.desk.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.deliver()
	return at
}

func (r *tour) progress(t *testing.T, s *stage, draw string) map[string]any {
	t.Helper()
	return s.call("duty", "GET", draw, "", "")["progress"].(map[string]any)
}

func (r *tour) divisions(t *testing.T, draw string) string {
	if p := r.progress(t, r.th, draw); p["stage"] != "waits" {
		t.Fatalf("before a division: %v", p)
	}
	body := r.body(`{"title":"First division (sample)","item":"ITEM","draws":["` + strings.TrimPrefix(draw, "/draws/") + `"],"rule":"need","rule_version":"1","rationale":"By the formula (sample).","replace_days":90,"adopt":"consensus","window_hours":24,
		"sources":[{"member":"TH","pool":"physical","qty":500}]}`)
	at := r.th.makes("duty", "/allocations", body)
	try := `{"rule":"need","rule_version":"1","stock":10,"claims":[{"member":"KH","asked":7},{"member":"LA","asked":7,"never_drew":true}],"sources":[{"member":"TH","pool":"physical","qty":10,"notice_hours":0}]}`
	r.check(t, r.th, []apitest.Case{
		send("allocation-create", "/allocations", "duty", body, "", 201), send("allocation-create", "/allocations", "auditor", body, "", 403), send("allocation-create", "/allocations", "duty", strings.Replace(body, `"need"`, `"luck"`, 1), "", 400),
		get("allocation-list", "/allocations"), get("allocation-get", at), {Op: "reserve-allocation-get", Path: "/reserve" + at, Token: "admin", Want: 404},
		send("allocation-edit", at, "duty", body, `"v4"`, 412), send("allocation-edit", at, "duty", body, `"v1"`, 200),
		send("allocation-step", at+"/steps", "duty", verb("propose"), `"v2"`, 403), send("allocation-step", at+"/steps", "approver", verb("propose"), `"v2"`, 200),
		{Op: "reserve-source-list", Path: "/reserve/sources", Token: "duty", Want: 422}, get("source-list", "/sources?item="+r.item), get("rule-list", "/rules"),
		send("simulation", "/simulations", "auditor", try, "", 200), send("simulation", "/simulations", "auditor", strings.Replace(try, `"asked":7`, `"asked":0`, 1), "", 400), send("simulation", "/simulations", "admin", try, "", 404),
	}, "allocation-", "source-", "rule-", "simulation")
	if p := r.progress(t, r.kh, draw); p["stage"] != "voting" || p["proposed"] != 500.0 {
		t.Fatalf("while it is voted on: %v", p)
	}
	return at
}

func (r *tour) votes(t *testing.T, division string) {
	const reserved = `{"stance":"reserve","reasons":"For this time (sample).","lang":"en"}`
	at := "/votes/" + r.kh.call("duty", "POST", division+"/votes", reserved, "")["id"].(string)
	r.check(t, r.kh, []apitest.Case{
		send("vote-create", division+"/votes", "duty", reserved, "", 409), get("vote-get", at), send("vote-edit", at, "duty", `{"stance":"agree"}`, `"v9"`, 412), send("vote-edit", at, "duty", `{"stance":"agree"}`, `"v1"`, 200),
		send("vote-step", at+"/steps", "duty", verb("give"), `"v2"`, 403), send("vote-step", at+"/steps", "approver", verb("give"), `"v2"`, 200), send("vote-create", division+"/votes", "duty", reserved, "", 201),
	}, "vote-")
	if x := r.th.steps("duty", division, verb("close"), `"v3"`); x["outcome"] != "adopted" || x["recomputes"] != true {
		t.Fatalf("closed: %v", x)
	}
	r.deliver()
}

func (r *tour) goods(t *testing.T, draw, division string) {
	if p := r.progress(t, r.kh, draw); p["stage"] != "partly" || p["given"] != 500.0 {
		t.Fatalf("decided: %v", p)
	}
	body := `{"title":"Salts (sample)","allocation":"` + strings.TrimPrefix(division, "/allocations/") + `","line":1,"qty":QTY,"carrier":"Road (sample)"}`
	at := r.th.makes("duty", "/movements", strings.Replace(body, "QTY", "300", 1))
	r.check(t, r.th, []apitest.Case{
		get("due-line-list", "/due-lines"), send("movement-create", "/movements", "duty", strings.Replace(body, "QTY", "201", 1), "", 409), send("movement-create", "/movements", "duty", strings.Replace(body, "QTY", "10", 1), "", 201),
		get("movement-list", "/movements?of="+strings.TrimPrefix(division, "/allocations/")), get("movement-get", at), send("movement-edit", at, "duty", strings.Replace(body, "QTY", "300", 1), `"v2"`, 412),
		send("movement-edit", at, "duty", strings.Replace(body, "QTY", "300", 1), `"v1"`, 200), send("movement-step", at+"/steps", "auditor", verb("dispatch"), `"v2"`, 403), send("movement-step", at+"/steps", "duty", verb("dispatch"), `"v2"`, 200),
	}, "due-line", "movement-")
	list := r.kh.call("duty", "GET", "/arrivals", "", "")["items"].([]any)
	arrival := "/arrivals/" + list[0].(map[string]any)["id"].(string)
	loads := list[0].(map[string]any)["content"].(map[string]any)["landed"].([]any)
	if first := loads[0].(map[string]any); len(loads) != 2 || first["number"] != "A-1" || first["qty"] != 100.0 || first["warehouse"] != "NORTH" {
		t.Fatalf("the lot that expires today goes first: %v", loads)
	}
	receipt := `{"verb":"receive","warehouse":"PHNOM-PENH","landed":[{"n":1,"ok":70,"short":20,"damaged":10,"words":"WORDS"},{"n":2,"ok":200,"short":0,"damaged":0}]}`
	r.receiptPage(base+arrival, []string{"200"})
	r.check(t, r.kh, []apitest.Case{
		get("arrival-list", "/arrivals?state=expected"), get("arrival-get", arrival), send("arrival-step", arrival+"/steps", "duty", `{"verb":"hold","reason":"A permit (sample).","hold_ref":"C-1"}`, `"v1"`, 200),
		send("arrival-step", arrival+"/steps", "duty", verb("free"), `"v2"`, 200), send("arrival-step", arrival+"/steps", "duty", strings.Replace(receipt, "WORDS", "", 1), `"v3"`, 400),
		send("arrival-step", arrival+"/steps", "duty", strings.Replace(receipt, `"ok":70`, `"ok":71`, 1), `"v3"`, 400), send("arrival-step", arrival+"/steps", "duty", strings.Replace(receipt, "WORDS", "One carton was wet.", 1), `"v2"`, 412),
		send("arrival-step", arrival+"/steps", "duty", strings.Replace(receipt, "WORDS", "One carton was wet.", 1), `"v3"`, 200), get("debt-list", "/debts?state=owed"),
	}, "arrival-")
	debt := r.kh.call("duty", "GET", "/debts", "", "")["items"].([]any)[0].(map[string]any)
	r.check(t, r.kh, []apitest.Case{get("debt-get", "/debts/"+debt["id"].(string)), get("debt-list", "/debts")}, "debt-")
	if c := debt["content"].(map[string]any); c["qty"] != 270.0 || c["creditor"] != "TH" {
		t.Fatalf("owed: %v", c)
	}
	if p := r.progress(t, r.th, draw); p["sent"] != 300.0 || p["usable"] != 270.0 || p["short"] != 20.0 || p["damaged"] != 10.0 {
		t.Fatalf("received: %v", p)
	}
}

const base = "/health/reserve"

// receiptPage asks for words where something is short, names the field, and
// keeps what was typed.
func (r *tour) receiptPage(at string, rest []string) {
	form := url.Values{"version": {"1"}, "warehouse": {"PHNOM-PENH"}, "ok.1": {"80"}, "short.1": {"20"}, "damaged.1": {"0"}, "words.1": {""}}
	for i, n := range rest {
		form.Set("ok."+strconv.Itoa(i+2), n)
	}
	page := r.kh.Get("duty", at+"/step/receive").Want(200)
	page.Sound()
	page.Has("h1", "Say what arrived: Salts (sample)")
	page.Has("#step fieldset", "Needed when something is missing or damaged")
	page = r.kh.Post("duty", at+"/step/receive", form).Want(400)
	page.Sound()
	page.Has("#errors", "Something is missing or damaged: say what happened")
	page.Has("fieldset:first-of-type", "Something is missing or damaged: say what happened")
	if v := page.Values("#step"); v.Get("ok.1") != "80" || v.Get("short.1") != "20" || v.Get("warehouse") != "PHNOM-PENH" {
		r.t.Errorf("what was typed is gone: %v", v)
	}
	form.Set("ok.1", "81")
	r.kh.Post("duty", at+"/step/receive", form).Want(400).Has("fieldset:first-of-type", "together must be 100")
}

// pages are what people of both states read of it.
func (r *tour) pages(draw string) {
	for _, p := range []string{"", "/draws", "/allocations", "/movements", "/debts", "/stock", "/proof", "/book"} {
		r.kh.Get("duty", base+p).Want(200).Sound()
		r.th.Get("auditor", base+p).Want(200).Sound()
	}
	page := r.th.Get("duty", base+draw).Want(200)
	page.Sound()
	page.Has("#came", "Allocated500")
	page.Has("#came", "Not allocated200")
	page.Has("#came", "Usable270")
	r.kh.Get("duty", base+"/draws").Has("table", "500 of 700 decided. 300 sent.")
	e := r.kh.Get("duty", "/health/events/"+r.event).Want(200)
	e.Sound()
	e.Has("#reserve", "500 of 700 decided")
	e.Has("#reserve", "First division (sample)")
	e.Has("#reserve", "270 usable, 20 missing, 10 damaged")
	e.Has("#reserve a.btn", "Ask the reserve")
}

func (r *tour) proofs(t *testing.T) {
	for _, m := range []access.Member{"KH", "TH", "ASEC"} {
		r.deliver()
		if err := r.nodes[m].desk.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.deliver()
	for _, m := range []access.Member{"KH", "TH", "ASEC"} {
		s := r.nodes[m]
		r.check(t, s, []apitest.Case{get("proof", "/proof?item="+r.item), {Op: "reserve-proof", Path: "/reserve/proof", Token: "admin", Want: 404}}, "proof")
		if p := s.call("duty", "GET", "/proof", "", ""); p["balanced"] != true || len(p["silent"].([]any)) != 0 || len(p["items"].([]any)) != 1 {
			t.Errorf("%s: %v", m, p)
		}
		if a := s.call("duty", "GET", "/audit", "", ""); a["sound"] != true {
			t.Errorf("%s: %v", m, a)
		}
	}
}

// The same key makes one record, and another body with it is refused.
func TestOnce(t *testing.T) {
	r := newRegion(t, "KH")
	s := r.nodes["KH"]
	make := func(body string) (int, string) {
		rec := apitest.Do(t, s.api, "POST", "/reserve/items", "duty", body, "Idempotency-Key", `"one"`)
		return rec.Code, rec.Header().Get("Location")
	}
	a, first := make(itemBody)
	b, again := make(itemBody)
	if a != 201 || b != 201 || first == "" || first != again {
		t.Errorf("%d %s, %d %s", a, first, b, again)
	}
	if c, _ := make(strings.Replace(itemBody, "ORS-1L", "ORS-2L", 1)); c < 400 {
		t.Errorf("another body with the same key: %d", c)
	}
	if n := len(s.call("duty", "GET", "/items", "", "")["items"].([]any)); n != 1 {
		t.Errorf("%d items", n)
	}
}
