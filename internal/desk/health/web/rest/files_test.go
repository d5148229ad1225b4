package rest_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"lintas/internal/exchange"
)

// attached has KH release a notification with a file to TH, by the interface
// alone, and returns where TH reads the file once it is whole.
func (s *site) attached(t *testing.T, kh *site, data string) (notice, file string) {
	t.Helper()
	e := kh.call(duty, "POST", "/health/events", strings.ReplaceAll(eventBody, "TH-10", "KH-12")).want(201)
	n := kh.call(duty, "POST", "/health/events/"+e.text("id")+"/notifications", noteBody("TLP:AMBER", "TH")).want(201)
	at := "/health/notifications/" + n.text("id")
	kh.call(duty, "POST", at+"/files?name=line%20list.csv", data, "Content-Type", "text/csv").want(201)
	n.Header.Set("ETag", kh.call(duty, "GET", at, "").tag())
	kh.release(n)
	within(t, "the whole file", func() bool {
		list := s.call(duty, "GET", "/health/notices?from=KH&event="+e.text("id"), "").want(200)
		if list.get("items.0.id") == nil {
			return false
		}
		notice = "/health/notices/" + list.text("items.0.id")
		files := s.call(duty, "GET", notice+"/files", "").want(200)
		if files.get("items.0.state") != "complete" {
			return false
		}
		file = notice + "/files/" + files.text("items.0.id")
		return true
	})
	within(t, "the report that it arrived", func() bool {
		return kh.call(duty, "GET", at+"/files", "").want(200).get("items.0.state") == "arrived"
	})
	who := kh.call(duty, "GET", at+"/files", "").want(200)
	if who.text("items.0.arrivals.0.member") != "TH" || who.get("items.0.arrivals.0.whole") != true {
		t.Errorf("who has the file: %s", who.Body)
	}
	return notice, file
}

// A file goes up as it is, comes down as it was, and is refused where it is too
// large, comes twice, or comes from who may not; a repetition with its key does
// nothing.
func TestFilesByInterface(t *testing.T) {
	s := sites(t, "TH", "KH")
	th := s["TH"]
	_, file := th.attached(t, s["KH"], "case,day\n1,2020-01-01\n")
	got := th.call(duty, "GET", file, "").want(200)
	if string(got.Body) != "case,day\n1,2020-01-01\n" || got.Header.Get("Content-Type") != "application/octet-stream" ||
		!strings.Contains(got.Header.Get("Content-Disposition"), `filename="line list.csv"`) || got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%q %v", got.Body, got.Header)
	}
	e := th.call(duty, "POST", "/health/events", eventBody).want(201)
	n := th.call(duty, "POST", "/health/events/"+e.text("id")+"/notifications", noteBody("TLP:AMBER", "KH")).want(201)
	at := "/health/notifications/" + n.text("id") + "/files"
	data := make([]byte, 3<<20+7)
	_, _ = rand.NewChaCha8([32]byte{5}).Read(data)
	put := func(body []byte, want int, more ...string) reply {
		t.Helper()
		return th.call(duty, "POST", at+"?name=sequences.bin", string(body), append([]string{"Content-Type", "application/octet-stream"}, more...)...).want(want)
	}
	first := put(data, 201, "Idempotency-Key", "upload-1")
	again := put(data, 201, "Idempotency-Key", "upload-1")
	if again.Header.Get("Idempotency-Replayed") != "true" || again.text("id") != first.text("id") {
		t.Errorf("a repetition: %v %s", again.Header, again.Body)
	}
	put(data[:100], 422, "Idempotency-Key", "upload-1")
	put(data, 409) // the same bytes once more
	put(nil, 400)
	put(make([]byte, exchange.MaxFile+1), 413)
	th.call(approver, "POST", at+"?name=x.bin", "x").want(403)
	th.call(duty, "POST", at, "x").want(422) // without a name
	if list := th.call(duty, "GET", at, "").want(200); list.get("items.1") != nil || list.text("items.0.state") != "here" {
		t.Errorf("the list: %s", list.Body)
	}
	back := th.call(duty, "GET", at+"/"+first.text("id"), "").want(200)
	if !bytes.Equal(back.Body, data) {
		t.Errorf("%d bytes came back", len(back.Body))
	}
	th.call(duty, "DELETE", at+"/"+first.text("id"), "").want(204)
	th.call(duty, "GET", at+"/"+first.text("id"), "").want(404)
}
