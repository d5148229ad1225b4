package api

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// deskPart finds the part of a desk in a type's package path.
var deskPart = regexp.MustCompile(`internal/desk/[a-z]+/([a-z]+)\b`)

// schemaName names a schema after its type. Parts of a desk are written apart
// and may use the same names: theirs begin with the part's own.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	m := deskPart.FindStringSubmatch(t.PkgPath())
	if m == nil {
		m = deskPart.FindStringSubmatch(t.Name()) // an answer of this package around a type of a desk
	}
	if m == nil || m[1] == "web" {
		return name
	}
	part := strings.ToUpper(m[1][:1]) + m[1][1:]
	if strings.HasPrefix(name, part) {
		return name
	}
	return part + name
}
