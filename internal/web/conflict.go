package web

import (
	"net/http"
	"net/url"
	"slices"

	"lintas/internal/web/parts"
)

// ConflictField is one field of a form that somebody else's change met.
type ConflictField struct {
	Name   string // of the input; what was typed is posted again under it
	Label  string // in words
	Mine   string // what was typed
	Theirs string // what is stored now
	Long   bool   // text of several lines
	// Options of a choice; empty for text.
	Options []parts.Option
}

func (f ConflictField) differs() bool { return f.Mine != f.Theirs }

// Conflict is the page for the second of two people who saved the same
// record: both versions side by side, and the form again with what was typed,
// now on top of the version that is stored.
type Conflict struct {
	Title   string
	By      string // who was faster, as the history shows it
	Action  string // where the form goes
	Record  string // address of the record as it is now
	Version string // of the record as it is now, posted as "version"
	Fields  []ConflictField
	// Form is everything that was posted. What Fields does not name travels
	// along unseen.
	Form url.Values
}

// hidden are the posted values that no field shows.
func (c Conflict) hidden() [][2]string {
	var names []string
	for name := range c.Form {
		shown := slices.ContainsFunc(c.Fields, func(f ConflictField) bool { return f.Name == name })
		if !shown && name != "version" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	out := [][2]string{{"version", c.Version}}
	for _, name := range names {
		for _, v := range c.Form[name] {
			out = append(out, [2]string{name, v})
		}
	}
	return out
}

// Conflict answers 409 with both versions; nothing that was typed is lost.
func (r *Request) Conflict(w http.ResponseWriter, c Conflict) error {
	return r.ShowStatus(w, http.StatusConflict, Page{Title: c.Title}, conflictPage(r.Printer, c))
}
