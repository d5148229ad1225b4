package web_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/reserve"
	reserveweb "lintas/internal/desk/health/reserve/web"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/web/webtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var people = map[string][]access.Role{"duty": {access.DutyOfficer}, "approver": {access.Approver}, "second": {access.Approver}, "auditor": {access.Auditor}, "admin": {access.Administrator}, "desk": {access.SecretariatDsk}}

type silent struct{}

func (silent) Queue(context.Context, *db.Tx, exchange.Release) error               { return nil }
func (silent) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error         { return nil }
func (silent) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) { return nil, nil }

// Every page of a state that keeps goods, asks and divides, through the forms.
func TestPages(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	ids := &id.Maker{Clock: now}
	store := dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, files.Schema, health.Schema, reserve.Schema)
	env := &desk.Env{Member: "KH", DB: store, Clock: now, Wall: now, IDs: ids, Send: silent{}, Members: func() []access.Member { return []access.Member{"TH"} }}
	h := health.New(env)
	d := reserve.New(env, h, reserve.Sources{Rules: func() []reserve.Adoption {
		return []reserve.Adoption{{Key: "consensus", Version: "1", Silence: "waits"}}
	}})
	s := webtest.New(t, "KH", now, webtest.Roles("KH", people), reserveweb.New(d, h).Routes)
	lists := []string{"", "/items", "/stock", "/pledges", "/draws", "/allocations", "/movements", "/debts", "/book", "/proof", "/simulate"}
	for _, p := range lists {
		s.Get("duty", base+p).Want(200).Sound()
	}
	post := func(who, path string, f url.Values) string {
		t.Helper()
		return s.Post(who, base+path, f).Want(303).Header.Get("Location")
	}
	item := post("duty", "/items/new", url.Values{"name": {"Oral rehydration salts (sample)"}, "code": {"ORS-1L"}, "unit": {"sachet for 1 litre"}, "cold": {"ambient"}, "atc": {"A07CA"}})
	post("approver", item[len(base):]+"/step/publish", url.Values{"version": {"1"}})
	rid := item[len(base+"/items/"):]
	s.Post("duty", base+"/stock/new", url.Values{"item": {rid}, "number": {"A-1"}, "maker": {"Sample"}, "holder": {"KH"}, "kind": {"opening"}, "warehouse": {"CENTRAL"}, "qty": {"1.5"}}).Want(400).Has("form", "whole number")
	lot := post("duty", "/stock/new", url.Values{"item": {rid}, "number": {"A-1"}, "maker": {"Sample"}, "expires": {"2027-01-31"}, "holder": {"KH"}, "kind": {"opening"}, "warehouse": {"CENTRAL"}, "qty": {"1,500"}})
	draw := post("duty", "/draws/new", url.Values{"item": {rid}, "title": {"Salts (sample)"}, "qty": {"700"}, "needed_by": {"2026-12-01"}, "reasons": {"Wards are full (sample)."}, "need": {"900"}, "have": {"100"}, "persons": {"120000"},
		"risk": {"3"}, "source": {"Line list (sample)"}, "as_of": {"2026-11-19"}, "marking": {"TLP:AMBER"}})
	post("approver", draw[len(base):]+"/step/ask", url.Values{"version": {"1"}})
	post("approver", "/statement/open", url.Values{})
	from := s.Get("duty", base+"/allocations/new?item="+rid).Want(200).Values("#reserve")
	from.Set("title", "First division (sample)")
	from.Set("rationale", "By the published formula (sample).")
	all := post("duty", "/allocations/new", from)
	pages := []string{item, item + "/edit", item + "/declare", lot, lot + "/post", lot + "/rotate", lot + "/correct", draw, all, all + "/edit", all + "/step/propose", base + "/simulate?item=" + rid, base + "/postings/1", base + "/postings/1/reverse",
		base + "/simulate?of=" + all[len(base+"/allocations/"):], base + "/movements/new", base + "/pledges/new", base + "/draws/new", base + "/items/new", base + "/stock/new", base + "/proof?item=" + rid}
	for _, p := range pages {
		who := "duty"
		switch p {
		case item + "/declare", lot + "/correct", all + "/step/propose", base + "/postings/1/reverse":
			who = "approver" // what only who clears may do
		}
		s.Get(who, p).Want(200).Sound()
	}
	for _, p := range lists {
		s.Get("duty", base+p).Want(200).Sound()
	}
	s.Get("duty", base+"/proof").Has("#item-"+rid, "Balanced")
	s.Get("duty", base+"/proof").Has("main", "(no statement)") // TH is silent, never 0
	s.Post("duty", base+"/proof", url.Values{}).Want(200).Has("#audit", "Sound")
	s.Get("auditor", base+"/items/new").Want(403)
}
