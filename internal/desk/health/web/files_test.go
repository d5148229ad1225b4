package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
)

// carrier is the exchange's part for files: it brings them straight to the
// other node, which may be told to have less of them.
type carrier struct{ n *testNode }

type carried struct {
	status exchange.FileStatus
	data   []byte
}

func (c carrier) SendFile(_ context.Context, f exchange.File, to []access.Member, r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if slices.Contains(to, c.n.gone) {
		return fault.New(fault.Invalid, "fault.exchange.recipient").With("member", string(c.n.gone))
	}
	chunks := len(data)/exchange.ChunkSize + 1
	for _, m := range append([]access.Member{c.n.member}, to...) {
		if n := c.n.world.nodes[m]; n != nil {
			n.files.Store(f.ID, &carried{data: data, status: exchange.FileStatus{File: f, From: c.n.member, State: exchange.FileComplete, Have: chunks, Chunks: chunks}})
		}
	}
	return nil
}

func (c carrier) FileStatus(_ context.Context, _ *db.Tx, from access.Member, file id.ID) (exchange.FileStatus, bool, error) {
	v, ok := c.n.files.Load(file)
	if !ok || v.(*carried).status.From != from {
		return exchange.FileStatus{}, false, nil
	}
	return v.(*carried).status, true, nil
}

func (c carrier) ReadFile(_ context.Context, _ *db.Tx, _ access.Member, file id.ID, w io.Writer) error {
	v, _ := c.n.files.Load(file)
	_, err := w.Write(v.(*carried).data)
	return err
}

func (c carrier) Arrivals(_ context.Context, _ *db.Tx, file id.ID) (map[access.Member]int, error) {
	out := map[access.Member]int{}
	for m, n := range c.n.world.nodes {
		if v, ok := n.files.Load(file); ok && m != c.n.member {
			out[m] = v.(*carried).status.Have
		}
	}
	return out, nil
}

// set changes what a node has of a file.
func (n *testNode) set(file id.ID, change func(*exchange.FileStatus)) {
	v, _ := n.files.Load(file)
	c := *v.(*carried)
	change(&c.status)
	n.files.Store(file, &c)
}

// item is the selector of one file in a list.
func item(file id.ID) string { return "[data-file='" + string(file) + "']" }

type sent struct{ name, data string }

// upload sends files as a browser does.
func (n *testNode) upload(who, path string, list ...sent) answer {
	n.world.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for _, f := range list {
		h := textproto.MIMEHeader{"Content-Type": {"text/html"}}
		h.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": "file", "filename": f.name}))
		p, err := m.CreatePart(h)
		if err == nil {
			_, err = io.WriteString(p, f.data)
		}
		if err != nil {
			n.world.t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		n.world.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return n.answer(who, r)
}

func (n *testNode) answer(who string, r *http.Request) answer {
	r.AddCookie(&http.Cookie{Name: "lintas-" + strings.ToLower(string(n.member)), Value: who})
	rec := httptest.NewRecorder()
	n.shell.ServeHTTP(rec, r)
	a := read(n.world.t, rec)
	return a
}

// raw gets an answer that is not a page.
func (n *testNode) raw(who, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.AddCookie(&http.Cookie{Name: "lintas-" + strings.ToLower(string(n.member)), Value: who})
	rec := httptest.NewRecorder()
	n.shell.ServeHTTP(rec, r)
	return rec
}

func draftOf(w *world, n *testNode, marking access.Marking) health.Notification {
	w.t.Helper()
	e := record(w, n, health.EventInput{Name: "Cholera (sample)", Lang: "en", Hazard: "cholera", Grade: health.Watch, Marking: marking, Places: []string{"TH-10"}})
	return must[health.Notification](w)(n.desk.Compose(w.t.Context(), n.actor("duty"), e, "", health.NotificationInput{Title: "Cholera (sample)", Message: "Sample.",
		Lang: "en", Purpose: "early_warning", Basis: "aphecs", Marking: marking, AckWithin: 24 * time.Hour,
		Recipients: []health.Recipient{{Member: "VN", Blocks: health.Blocks}}}))
}

// release sends a draft with its files to Viet Nam and returns the notice.
func (w *world) release(n *testNode, nid id.ID) id.ID {
	w.t.Helper()
	ctx, ok := w.t.Context(), must[health.Notification](w)
	ok(n.desk.Submit(ctx, n.actor("duty"), nid, 0))
	ok(n.desk.Clear(ctx, n.actor("approver"), nid, 0))
	x := ok(n.desk.Release(ctx, n.actor("duty"), nid, 0))
	w.deliver()
	vn := w.nodes["VN"]
	notice := must[health.Notice](w)(vn.desk.FindNotice(ctx, vn.actor("duty"), x.Event, nid))
	return notice.ID
}

// carry runs the sending of files until the node has nothing to send.
func (w *world) carry(n *testNode) {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	go func() { n.desk.SendFiles(ctx, func(err error) { w.t.Error(err) }); close(done) }()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		left := 0
		if err := n.db.Read(ctx, func(tx *db.Tx) error {
			_, err := tx.Row(ctx, `SELECT count(*) FROM health_sending`, nil, &left)
			return err
		}); err != nil || time.Now().After(end) {
			w.t.Fatalf("%d files were not sent: %v", left, err)
		}
		if left == 0 {
			break
		}
	}
	stop()
	<-done
}

func filesOf(w *world, n *testNode, nid id.ID) []health.Attached {
	w.t.Helper()
	return must[health.NotificationPage](w)(n.desk.NotificationPage(w.t.Context(), n.actor("duty"), nid)).Attached
}

func TestAttachmentsFromDraftToRecipient(t *testing.T) {
	w := newWorld(t, day("2020-01-13T08:00"), "TH", "VN")
	th, vn := w.nodes["TH"], w.nodes["VN"]
	d := draftOf(w, th, access.TLPAmber)
	path := "/health/notifications/" + string(d.ID)
	th.get("duty", path).want(200).has("#files label[for=f-file]", "Add files")
	th.upload("duty", path+"/files", sent{"line list.csv", "place,cases\nTH-10,4\n"}, sent{"../../<b>evil</b>.html", "<script>alert(1)</script>"}).want(303)
	list := filesOf(w, th, d.ID)
	if len(list) != 2 || list[0].Name != "line list.csv" || list[0].Type != "text/csv" || list[1].Type != files.Opaque {
		t.Fatalf("attached %+v", list)
	}
	page := th.get("duty", path).want(200)
	page.has("#files "+item(list[0].ID)+" code", list[0].SHA256)
	page.has("#preview-1 .files", "line list.csv")
	// one is removed, and may be attached again
	th.post("duty", path+"/files/"+string(list[1].ID)+"/remove", nil).want(303)
	if left := filesOf(w, th, d.ID); len(left) != 1 {
		t.Fatalf("%d files after removing one of two", len(left))
	}
	th.get("duty", path+"/files/"+string(list[1].ID)).want(404)
	notice := w.release(th, d.ID)
	file := "/health/notices/" + string(notice) + "/files/" + string(list[0].ID)
	vn.get("duty", "/health/notices/"+string(notice)).want(200).has("#content "+item(list[0].ID), "0 of 1 parts")
	vn.get("duty", file).want(409)
	th.get("duty", path).want(200).has("#files .tag", "Being sent")
	w.carry(th)
	there := th.get("duty", path).want(200)
	there.has("#files .tag", "With all recipients")
	there.has("#files [data-has]", "Viet Nam")
	there.lacks("#files [data-lacks]")
	vn.set(list[0].ID, func(s *exchange.FileStatus) { s.Have = 0 }) // as long as nobody reported it
	there = th.get("duty", path).want(200)
	there.has("#files .tag", "Sent")
	there.has("#files [data-lacks]", "Viet Nam")
	there.lacks("#files [data-has]")
	vn.set(list[0].ID, func(s *exchange.FileStatus) { s.Have = 1 })
	vn.get("duty", "/health/notices/"+string(notice)).want(200).has("#content a[href='"+file+"']", "line list.csv")
	for _, rec := range []*httptest.ResponseRecorder{vn.raw("auditor", file), th.raw("approver", path+"/files/"+string(list[0].ID))} {
		h := rec.Header()
		if rec.Code != 200 || rec.Body.String() != "place,cases\nTH-10,4\n" || !strings.HasPrefix(h.Get("Content-Disposition"), `attachment; filename="line list.csv"`) ||
			h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%d %q %v", rec.Code, rec.Body, h)
		}
	}
	historyHolds(t, th, d.ID, "line list", list[0].SHA256)
	// a withdrawal takes it out of the recipient's reach
	must[health.Notification](w)(th.desk.Withdraw(t.Context(), th.actor("duty"), d.ID, 0, "Sample."))
	w.deliver()
	vn.get("duty", file).want(404)
	vn.get("duty", "/health/notices/"+string(notice)).want(200).lacks(".files")
}

// Two groups of recipients list the same files on one page, in both languages.
func TestPagesWithAttachments(t *testing.T) {
	w := newWorld(t, day("2020-01-13T08:00"), "TH", "VN")
	th, vn := w.nodes["TH"], w.nodes["VN"]
	d := draftOf(w, th, access.TLPAmber)
	path := "/health/notifications/" + string(d.ID)
	form := th.get("duty", path+"/edit").want(200).values("#notification")
	form.Set("do", "save")
	form.Add("to", "SG")
	th.post("duty", path+"/edit", form).want(303)
	th.upload("duty", path+"/files", sent{"a.pdf", "%PDF-"}, sent{"b.png", "\x89PNG\r\n\x1a\n"}, sent{"c.jpg", "\xff\xd8\xff"}, sent{"d.csv", "d"},
		sent{"e.txt", "e"}, sent{"f", "f"}).want(303)
	look := func(n *testNode, path string) {
		t.Helper()
		for _, lang := range []string{"en", "id"} {
			a := n.get("duty", path, "Accept-Language", lang).want(200)
			seen := map[string]bool{}
			a.Find("[id]").Each(func(_ int, s *sel) {
				if i := s.AttrOr("id", ""); seen[i] {
					t.Errorf("the id %q is there twice", i)
				} else {
					seen[i] = true
				}
			})
			a.Find("pre.raw").Remove()
			if m := missing.FindString(a.Find("main").Text()); m != "" {
				t.Errorf("%s: a key or an argument is missing: %s", lang, m)
			}
		}
	}
	th.get("duty", path).want(200).has("#preview-2 .files", "b.png")
	look(th, path)
	notice := w.release(th, d.ID)
	look(th, path)
	look(vn, "/health/notices/"+string(notice))
	th.gone = "SG" // left meanwhile: Viet Nam gets them all the same
	w.carry(th)
	vn.get("duty", "/health/notices/"+string(notice)).want(200).has("#content .files .tag", "Complete")
	look(th, path)
	look(vn, "/health/notices/"+string(notice))
}

// historyHolds wants digests in the history, and no names.
func historyHolds(t *testing.T, n *testNode, record id.ID, name, sum string) {
	t.Helper()
	var all strings.Builder
	if err := n.db.Read(t.Context(), func(tx *db.Tx) error {
		list, err := history.Of(t.Context(), tx, record)
		for _, e := range list {
			fmt.Fprintf(&all, "%s %s\n", e.Action, e.Detail)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(all.String(), sum); got != 2 || strings.Contains(all.String(), name) || !strings.Contains(all.String(), `"removed"`) {
		t.Errorf("the digest stands %d times, want 2 (attached, released):\n%s", got, all.String())
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	w := newWorld(t, day("2020-01-13T08:00"), "TH", "VN")
	th := w.nodes["TH"]
	d := draftOf(w, th, access.TLPAmber)
	path := "/health/notifications/" + string(d.ID)
	th.upload("duty", path+"/files").want(400).has("#f-file-error", "Choose a file")
	th.upload("duty", path+"/files", sent{"a.txt", ""}).want(400).has("#f-file-error", "a.txt is empty")
	th.upload("duty", path+"/files", sent{"big.bin", strings.Repeat("x", files.MaxSize+1)}).want(400).has("#f-file-error", "25 MiB")
	th.upload("auditor", path+"/files", sent{"a.txt", "a"}).want(403)
	th.upload("epi", path+"/files", sent{"a.txt", "a"}).want(403)
	th.upload("admin", path+"/files", sent{"a.txt", "a"}).want(404)
	th.post("duty", path+"/files", map[string][]string{"file": {"x"}}).want(400)
	if n := len(filesOf(w, th, d.ID)); n != 0 {
		t.Fatalf("%d files were attached", n)
	}
	var ten []sent
	for i := range health.MaxFiles {
		ten = append(ten, sent{"same name.txt", strings.Repeat("a", i+1)})
	}
	th.upload("duty", path+"/files", ten...).want(303)
	th.upload("duty", path+"/files", sent{"eleventh.txt", "b"}).want(400).has("#errors", "at most 10 files")
	th.get("duty", path).want(200).lacks("#f-file")
	first := filesOf(w, th, d.ID)[0]
	th.post("auditor", path+"/files/"+string(first.ID)+"/remove", nil).want(403)
	th.post("duty", path+"/files/"+string(first.ID)+"/remove", nil).want(303)
	th.upload("duty", path+"/files", sent{"other.txt", "aa"}).want(409).has("#f-file-error", "attached already")
	// saving the form does not lose the files, and a cleared one takes none
	form := th.get("duty", path+"/edit").want(200).values("#notification")
	form.Set("do", "save")
	th.post("duty", path+"/edit", form).want(303)
	if n := len(filesOf(w, th, d.ID)); n != 9 {
		t.Errorf("%d files after saving the form, want 9", n)
	}
	must[health.Notification](w)(th.desk.Submit(t.Context(), th.actor("duty"), d.ID, 0))
	th.upload("duty", path+"/files", sent{"late.txt", "late"}).want(409)
	th.post("duty", path+"/files/"+string(filesOf(w, th, d.ID)[0].ID)+"/remove", nil).want(409)
}

func TestFilesAreForThoseWhoMaySeeTheRecord(t *testing.T) {
	w := newWorld(t, day("2020-01-13T08:00"), "TH", "VN")
	th, vn := w.nodes["TH"], w.nodes["VN"]
	d := draftOf(w, th, access.TLPRed)
	other := draftOf(w, th, access.TLPAmber)
	path := "/health/notifications/" + string(d.ID)
	th.upload("duty", path+"/files", sent{"a.txt", "secret"}).want(303)
	f := filesOf(w, th, d.ID)[0]
	notice := w.release(th, d.ID)
	w.carry(th)
	for who, want := range map[string]int{"duty": 200, "auditor": 200, "epi": 404, "admin": 404} {
		for n, p := range map[*testNode]string{th: path, vn: "/health/notices/" + string(notice)} {
			if got := n.raw(who, p+"/files/"+string(f.ID)).Code; got != want {
				t.Errorf("%s at %s gets %d, want %d", who, n.member, got, want)
			}
		}
	}
	if got := th.raw("duty", "/health/notifications/"+string(other.ID)+"/files/"+string(f.ID)).Code; got != 404 {
		t.Errorf("the file of another record: %d", got)
	}
}

// What another node announces is not believed: neither name nor type, nor that
// what arrived is what the release named.
func TestHostileFilesOfAnotherNode(t *testing.T) {
	w := newWorld(t, day("2020-01-13T08:00"), "TH", "VN")
	th, vn := w.nodes["TH"], w.nodes["VN"]
	d := draftOf(w, th, access.TLPAmber)
	th.upload("duty", "/health/notifications/"+string(d.ID)+"/files", sent{"a.txt", "<script>"}).want(303)
	f := filesOf(w, th, d.ID)[0]
	bad := f.File
	bad.Name, bad.Type = "..\\x\r\n\u202efdp.html", "text/html"
	must[health.Notification](w)(th.desk.Submit(t.Context(), th.actor("duty"), d.ID, 0))
	must[health.Notification](w)(th.desk.Clear(t.Context(), th.actor("approver"), d.ID, 0))
	x := must[health.Notification](w)(th.desk.Release(t.Context(), th.actor("duty"), d.ID, 0))
	th.releases[0].Files = []exchange.File{bad}
	w.deliver()
	w.carry(th)
	notice := must[health.Notice](w)(vn.desk.FindNotice(t.Context(), vn.actor("duty"), x.Event, d.ID))
	page := "/health/notices/" + string(notice.ID)
	vn.get("duty", page).want(200).has("#content .tag", "Damaged") // the parts name another file than the release
	vn.get("duty", page+"/files/"+string(f.ID)).want(409)
	vn.set(f.ID, func(s *exchange.FileStatus) { s.File = bad })
	vn.get("duty", page).want(200).has("#content "+item(f.ID)+" a", "x fdp.html")
	rec := vn.raw("duty", page+"/files/"+string(f.ID))
	if h := rec.Header(); rec.Code != 200 || h.Get("Content-Type") != files.Opaque || strings.Contains(h.Get("Content-Disposition"), "\u202e") {
		t.Errorf("%d %v", rec.Code, h)
	}
	vn.set(f.ID, func(s *exchange.FileStatus) { s.State = exchange.FileDamaged })
	vn.get("duty", page).want(200).has("#content .files", "not what the sender announced")
	vn.get("duty", page+"/files/"+string(f.ID)).want(409)
}
