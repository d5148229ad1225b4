package svg

import (
	"bytes"
	"context"
	"testing"
)

func TestEscapes(t *testing.T) {
	var d Drawing
	d.Open("g", "class", `a" onload="x`)
	d.Say("text", "<b>&")
	d.Close("g")
	var b bytes.Buffer
	if err := d.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != `<g class="a&#34; onload=&#34;x"><text>&lt;b&gt;&amp;</text></g>` {
		t.Error(got)
	}
}

func TestNum(t *testing.T) {
	for f, want := range map[float64]string{1: "1", 1.25: "1.2", -.04: "0", -2.55: "-2.5", 100.06: "100.1"} {
		if got := Num(f); got != want {
			t.Errorf("%v: %q, want %q", f, got, want)
		}
	}
}
