package request

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Limits of what is entered and of what is taken from other members.
const (
	MaxTitle  = 160
	MaxShort  = 200
	MaxWords  = 4000
	MaxClause = 4000
	MaxReason = 1000
	MaxLines  = 100
	MaxQty    = 1_000_000_000
	MaxPeople = 500
	MaxDays   = 3660
	MaxTexts  = 50
)

// Lists of what may be chosen; the catalogue has "request.<list>.<value>".
var (
	Categories  = []string{"team", "equipment", "supplies", "funds", "technical"}
	Priorities  = []string{"life_saving", "urgent", "needed"}
	Supports    = []string{"transport", "lodging", "fuel", "security", "interpreters"}
	Formalities = []string{"visa", "licence_recognition", "drug_permits", "customs"}
	Repayments  = []string{"none", "running_costs", "full"}
	Costs       = []string{"free", "loan", "reimbursable"}
	Teams       = []string{"emt_1_mobile", "emt_1_fixed", "emt_2", "emt_3", "emt_special", "rrt", "laboratory", "jmoir"}
	Sectors     = []string{"human", "animal", "wildlife", "food", "environment"}
	Professions = []string{"epidemiologist", "physician", "nurse", "laboratory", "veterinarian", "entomologist", "risk_communication", "logistician", "data_manager", "further"}
)

// form collects the faults of one record. prefix names the part of the form
// that a field stands in.
type form struct{ fault.Check }

func (f *form) text(s *string, most int, field string, row int) {
	*s = strings.TrimSpace(*s)
	f.Row(utf8.RuneCountInString(*s) <= most, row, field, "fault.too_long", fault.Args{"max": most})
}

// day is a calendar day, or nothing.
func (f *form) day(s, field string, row int) {
	_, err := time.Parse(time.DateOnly, s)
	f.Row(s == "" || err == nil, row, field, "fault.request.day")
}

// days refuses a second day that is before the first.
func (f *form) days(from, to, field string, row int) {
	f.day(from, field, row)
	f.day(to, field, row)
	f.Row(from == "" || to == "" || from <= to, row, field, "fault.request.day_order")
}

func (f *form) one(s string, of []string, field string, row int) {
	f.Row(s == "" || slices.Contains(of, s), row, field, "fault.request.choice")
}

func (f *form) some(ss []string, of []string, field string, row int) {
	for _, s := range ss {
		f.one(s, of, field, row)
	}
	f.Row(len(ss) <= len(of), row, field, "fault.request.choice")
}

func (f *form) number(n, most int64, field string, row int) {
	f.Row(n >= 0 && n <= most, row, field, "fault.request.number", fault.Args{"max": most})
}

func (f *form) member(m access.Member, field string) {
	f.That(slices.Contains(access.All(), m), field, "fault.request.member")
}

func (f *form) ref(i id.ID, field string) {
	if i == "" {
		return
	}
	_, err := id.Parse(string(i))
	f.That(err == nil, field, "fault.bad_id")
}

func (f *form) marking(m access.Marking) {
	f.That(m.Valid(), "marking", "fault.health.marking")
}

// dayEnd is the last moment of a day in UTC; zero without a day.
func dayEnd(day string) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, 1)
}

// Past reports whether a day is over; no day never is.
func Past(day string, now time.Time) bool {
	end := dayEnd(day)
	return !end.IsZero() && !now.Before(end)
}

func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
