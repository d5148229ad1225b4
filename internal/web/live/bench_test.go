package live

import (
	"strconv"
	"testing"
)

// BenchmarkPublish tells one topic to a hub with a thousand listeners, a
// tenth of whom listen to it.
func BenchmarkPublish(b *testing.B) {
	h := New(Options{})
	for i := range 1000 {
		topic := "desk"
		if i%10 > 0 {
			topic = "event:" + strconv.Itoa(i)
		}
		h.subscribe(strconv.Itoa(i), []string{topic}, "")
	}
	for b.Loop() {
		h.Publish("desk")
	}
}
