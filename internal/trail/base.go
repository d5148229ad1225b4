package trail

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/workflow"
)

// Limits of what a person enters, in characters.
const (
	MaxTitle  = 200
	MaxText   = 4000
	MaxReason = 1000
	maxLinks  = 50
	maxNotes  = 200
)

// Base is what every record of the trail begins with.
type Base struct {
	desk.Head
	Source    Source          `json:"source"`
	Title     string          `json:"title"`
	Lang      string          `json:"lang"`
	To        []access.Member `json:"to,omitempty"` // of the last release
	Authors   []id.ID         `json:"authors,omitempty"`
	ClearedAs string          `json:"cleared_as,omitempty"`
	Released  time.Time       `json:"released,omitzero"`
	Release   id.ID           `json:"release,omitempty"`
	Reason    string          `json:"reason,omitempty"` // of a return, withdrawal, refusal or end
	CopyOf    id.ID           `json:"copy_of,omitempty"`
}

func (b *Base) base() *Base { return b }

// Own reports whether this node owns the record.
func (b *Base) Own() bool { return b.CopyOf == "" }

func (b *Base) wrote(a access.Actor) {
	if !slices.Contains(b.Authors, a.Account) {
		b.Authors = append(b.Authors, a.Account)
	}
}

// Shown is what of the base anybody sees who sees the record.
type Shown struct {
	ID        id.ID           `json:"id"`
	Kind      string          `json:"kind"`
	Owner     access.Member   `json:"owner"`
	Version   int             `json:"version"`
	State     workflow.State  `json:"state"`
	Source    Source          `json:"source"`
	Title     string          `json:"title"`
	Lang      string          `json:"lang"`
	To        []access.Member `json:"to,omitempty"`
	ClearedAs string          `json:"cleared_as,omitempty"`
	Released  time.Time       `json:"released,omitzero"`
	Reason    string          `json:"reason,omitempty"`
	Marking   access.Marking  `json:"marking"`
	Exercise  string          `json:"exercise,omitempty"`
	Changed   time.Time       `json:"changed"`
}

func (v *Shown) shown() *Shown { return v }

func (b *Base) view() Shown {
	return Shown{ID: b.ID, Kind: b.Kind, Owner: b.Owner, Version: b.Version, State: b.State, Source: b.Source, Title: b.Title, Lang: b.Lang, To: slices.Clone(b.To),
		ClearedAs: b.ClearedAs, Released: b.Released, Reason: b.Reason, Marking: b.Marking, Exercise: b.Exercise, Changed: b.Changed.At}
}

// copied is the base of the copy that a view makes at its recipient.
func (v *Shown) copied() Base {
	return Base{Source: v.Source, Title: v.Title, Lang: v.Lang, To: v.To, ClearedAs: v.ClearedAs, Released: v.Released, Reason: v.Reason}
}

func long(s string, n int) bool { return utf8.RuneCountInString(s) > n }

func language(s string) bool {
	return slices.ContainsFunc(locale.Languages(), func(l locale.Language) bool { return l.Code == s })
}

// members reports whether all are members, each once.
func members(list []access.Member) bool {
	for i, m := range list {
		if !slices.Contains(access.All(), m) || slices.Contains(list[:i], m) {
			return false
		}
	}
	return true
}

func ids(list []id.ID) bool {
	return len(list) <= maxLinks && !slices.ContainsFunc(list, func(i id.ID) bool { return len(i) != 36 })
}

// check is what holds for every record of the trail.
func (b *Base) check(c *fault.Check) {
	b.Title, b.Reason = strings.TrimSpace(b.Title), strings.TrimSpace(b.Reason)
	c.That(b.Title != "" || b.State == Withdrawn, "title", "fault.trail.title")
	c.That(!long(b.Title, MaxTitle), "title", "fault.too_long", fault.Args{"max": MaxTitle})
	c.That(!long(b.Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(language(b.Lang), "lang", "fault.trail.lang")
	c.That(b.Marking.Valid(), "marking", "fault.trail.marking")
	c.That(members(b.To) && !slices.Contains(b.To, b.Owner), "to", "fault.trail.members")
	s := &b.Source
	c.That(len(s.Desk) <= 40 && len(s.Kind) <= 60 && len(s.ID) <= 36 && len(s.About) <= 36 && !long(s.Title, 4*MaxTitle), "source", "fault.trail.source")
}

// text trims and checks one text.
func text(c *fault.Check, s *string, name string, most int) {
	*s = strings.TrimSpace(*s)
	c.That(!long(*s, most), name, "fault.too_long", fault.Args{"max": most})
}

func day(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// endOf is the end of a day: what is due on a day is late from the next.
func endOf(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, 1)
}
