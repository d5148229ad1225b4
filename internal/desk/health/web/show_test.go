package web_test

import (
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"
)

func TestShow(t *testing.T) {
	if os.Getenv("SHOW") == "" {
		t.Skip()
	}
	s := play(t)
	f, _ := os.Create("/tmp/hshots/pages.txt")
	for _, p := range s.gallery() {
		port := "7711"
		if p.node == s.vn {
			port = "7712"
		}
		fmt.Fprintf(f, "%s\t%s\t%s\t%s\t%s\n", p.name, p.who, port, p.path, p.form.Encode())
	}
	f.Close()
	go http.ListenAndServe("127.0.0.1:7711", s.th.shell)
	go http.ListenAndServe("127.0.0.1:7712", s.vn.shell)
	for range 3600 {
		time.Sleep(time.Second)
		if _, err := os.Stat("/tmp/hshots/stop"); err == nil {
			return
		}
	}
}
