package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"unicode/utf8"

	"lintas/internal/fault"
)

// Lists are paged by key: a cursor holds the sort keys of the last item that
// was seen, so nothing is skipped or repeated when records are added. It is
// no secret and not signed: what comes out of it goes nowhere but into the
// values of a query that is restricted to the caller anyway.

const (
	maxLimit  = 200
	maxKeys   = 8
	maxCursor = 600
)

// Paging is the input of a list; embed it.
type Paging struct {
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many items at most."`
	After string `query:"cursor" maxLength:"600" doc:"next of the page before; empty for the first page."`
}

// List is a page of a list.
type List[T any] struct{ Body ListBody[T] }

// ListBody is its JSON.
type ListBody[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"The cursor of the next page; absent on the last."`
}

// NewList answers with a page; next is a Cursor, or empty on the last page.
func NewList[T any](items []T, next string) *List[T] {
	if items == nil {
		items = []T{}
	}
	return &List[T]{Body: ListBody[T]{Items: items, Next: next}}
}

// Cursor names the item with these sort keys as the last one seen. Scope
// names the list with its filter and order: a cursor of another is refused.
func Cursor(scope string, keys ...string) string {
	b, err := json.Marshal(append([]string{mark(scope)}, keys...))
	if err != nil {
		panic(err) // strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func mark(scope string) string {
	sum := sha256.Sum256([]byte(scope))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// Keys are the n sort keys of the last item seen, or nil for the first page.
func (p Paging) Keys(scope string, n int) ([]string, error) {
	if p.After == "" {
		return nil, nil
	}
	keys, ok := parseCursor(scope, p.After)
	if !ok || len(keys) != n {
		return nil, fault.New(fault.Invalid, cursorKey)
	}
	return keys, nil
}

// cursorKey tells a bad cursor from other faults of the input.
const cursorKey = "fault.api.cursor"

func parseCursor(scope, s string) ([]string, bool) {
	if len(s) > maxCursor {
		return nil, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || !utf8.Valid(b) {
		return nil, false
	}
	var all []string
	if json.Unmarshal(b, &all) != nil || len(all) == 0 || len(all) > maxKeys+1 || all[0] != mark(scope) {
		return nil, false
	}
	return all[1:], true
}
