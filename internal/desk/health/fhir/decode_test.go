package fhir

import (
	"reflect"
	"testing"
)

// What was read can be written and read again without a change.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"resourceType":"Bundle","entry":[{"fullUrl":"urn:a","resource":{"resourceType":"SupplyRequest","itemCodeableConcept":{"text":"Salts"},"quantity":{"value":1.50,"unit":"box"}}}]}`,
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"SupplyDelivery","status":"completed","suppliedItem":{"quantity":{"value":5}},"extension":[{"url":"urn:x","valueInteger":0}]}}]}`,
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"SupplyRequest","itemReference":{"display":"x"},"quantity":{"value":"7"},"occurrenceTiming":null}}]}`,
		`{"resourceType":"Bundle","entry":[{"resource":null},{}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := Decode(raw)
		if err != nil {
			return
		}
		once, err := b.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if len(once) > MaxSize {
			return
		}
		again, err := Decode(once)
		if err != nil {
			t.Fatalf("%v: %s", err, once)
		}
		twice, err := again.Encode()
		if err != nil || !reflect.DeepEqual(once, twice) {
			t.Fatalf("%v\n%s\n%s", err, once, twice)
		}
	})
}
