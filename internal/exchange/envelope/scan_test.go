package envelope

import (
	"encoding/json"
	"testing"
)

// FuzzScan: the short way takes only what the long way takes, with the same
// result.
func FuzzScan(f *testing.F) {
	raw, err := json.Marshal(Header{Body: "00", Channel: All, Class: Sequenced, Epoch: 1, From: "KH", Key: "34750f98bd59fcfc", Seq: 1, Time: 2, V: 1})
	if err != nil {
		f.Fatal(err)
	}
	if (&Header{}).scan(raw) != true {
		f.Fatal("the short way does not take an ordinary header")
	}
	f.Add(raw)
	f.Add([]byte(`{"body":"\u0041","channel":"all","class":"seq","epoch":01,"from":"KH","key":"","prev":"","release":"","seq":-1,"session":"","time":1e3,"v":1,"wraps":""}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var short, long Header
		if !short.scan(b) {
			return
		}
		if err := json.Unmarshal(b, &long); err != nil || short != long {
			t.Fatalf("%s: %+v, %+v, %v", b, short, long, err)
		}
		if again, err := json.Marshal(short); err != nil || string(again) != string(b) {
			t.Fatalf("%s is not canonical: %s, %v", b, again, err)
		}
	})
}
