package operate

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
)

// Outgoing is one kind of release with every field that its body can carry.
type Outgoing struct {
	Kind   string
	Schema int
	Fields []string // "event.facts[].value"
}

// OutgoingOf lists the fields of a body from the type that is encoded, so that
// the page cannot forget one.
func OutgoingOf(kind string, schema int, body any) Outgoing {
	return Outgoing{Kind: kind, Schema: schema, Fields: fieldsOf(reflect.TypeOf(body), "", 0)}
}

const deepest = 8 // a body that refers to itself ends here

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

func fieldsOf(t reflect.Type, at string, depth int) []string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Implements(jsonMarshaler) || t.Implements(textMarshaler) || depth == deepest {
		return leaf(at)
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return leaf(at)
		}
		return fieldsOf(t.Elem(), at+"[]", depth+1)
	case reflect.Map:
		return fieldsOf(t.Elem(), at+"{}", depth+1)
	case reflect.Struct:
		var out []string
		for f := range t.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case !f.IsExported() || name == "-":
			case name == "" && f.Anonymous:
				out = append(out, fieldsOf(f.Type, at, depth+1)...)
			default:
				if name == "" {
					name = f.Name
				}
				out = append(out, fieldsOf(f.Type, strings.TrimPrefix(at+"."+name, "."), depth+1)...)
			}
		}
		return out
	}
	return leaf(at)
}

func leaf(at string) []string {
	if at == "" {
		return nil
	}
	return []string{at}
}
