package desk

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/id"
)

// Todo is one thing that waits for an actor, as the duty desk lists it. Key
// names three sentences of the catalogue: Key the title, Key.text a line below
// it, Key.do the word on the button; they may use {title}, {owner}, {members}.
// Where Post is set the button does it at once, as a form without fields that
// leads back to the duty desk; without it the button opens Href.
type Todo struct {
	Key     string
	Grade   string // of the health desk's grades, or empty
	Title   string
	Owner   access.Member // whose record it is
	Record  id.ID
	Event   id.ID // of the health desk, that it is about; empty: none, or not told
	Href    string
	Post    string
	Due     time.Time // zero: no clock
	Late    bool
	Members []access.Member
}

// Hit is one record that a search found. Key names its kind in the catalogue.
type Hit struct {
	Key   string
	Title string
	Text  string
	Owner access.Member
	Href  string
	At    time.Time
}
