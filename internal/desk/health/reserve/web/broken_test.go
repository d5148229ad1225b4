package web_test

import (
	"bytes"
	"strings"
	"testing"
)

// A division of another state whose inputs the formula refuses opens, says so
// above everything else and why, and shows no arithmetic.
func TestBrokenDivision(t *testing.T) {
	r := &tour{region: newRegion(t, "KH", "TH", "ASEC")}
	r.kh, r.th = r.nodes["KH"], r.nodes["TH"]
	r.items(t)
	r.stock(t)
	r.pledges(t)
	draw := r.draws(t)
	body := r.body(`{"title":"Wrong (sample)","item":"ITEM","draws":["` + strings.TrimPrefix(draw, "/draws/") + `"],"rule":"need","rule_version":"1","rationale":"None (sample).","replace_days":90,"adopt":"consensus","window_hours":24,
		"sources":[{"member":"TH","pool":"physical","qty":500}]}`)
	at := r.th.makes("duty", "/allocations", body)
	r.th.steps("approver", at, verb("propose"), `"v1"`)
	for i := range r.out {
		r.out[i].Body = bytes.Replace(r.out[i].Body, []byte(`"persons":120000`), []byte(`"persons":0`), 1)
	}
	r.deliver()
	page := r.kh.Get("duty", base+at).Want(200)
	page.Sound()
	page.Has("#top .notice", "cannot be worked out again")
	page.Has("#top .notice", "Persons at risk")
	page.Lacks("#sums ol")
	r.kh.Get("duty", base+"/simulate?of="+strings.TrimPrefix(at, "/allocations/")).Want(400).Sound()
	r.th.Get("duty", base+at).Want(200).Lacks("#top .notice")
	if x := r.kh.call("auditor", "GET", at, "", ""); x["recomputes"] != false || !strings.Contains(x["fault"].(string), "Persons at risk") {
		t.Errorf("%v", x["fault"])
	}
}
