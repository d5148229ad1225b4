package people

import (
	"context"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
)

// Agency is a ministry, an institute or a centre of the member.
type Agency struct {
	Code    string // "MOH": what grants and accounts name
	Name    string
	Sector  string // "health", "interior"; free
	Closed  bool   // keeps its past, takes no new accounts
	Created time.Time
	Changed time.Time
	Version int64
}

var agencyCode = regexp.MustCompile(`^[A-Z][A-Z0-9-]{1,15}$`)

// SaveAgency makes an agency (Version 0) or changes it (the version that was
// read).
func (p *People) SaveAgency(ctx context.Context, by access.Actor, a Agency) error {
	if err := may(by, AdministerAccounts); err != nil {
		return err
	}
	a.Name, a.Sector = strings.TrimSpace(a.Name), strings.TrimSpace(a.Sector)
	var c fault.Check
	c.That(agencyCode.MatchString(a.Code), "code", "fault.people.agency_code")
	c.That(textOK(a.Name, 2, 120), "name", "fault.people.text", fault.Args{"min": 2, "max": 120})
	c.That(textOK(a.Sector, 0, 60), "sector", "fault.people.text", fault.Args{"min": 0, "max": 60})
	if err := c.Err(); err != nil {
		return err
	}
	return p.change(ctx, by, func(tx *db.Tx, now time.Time) ([]Event, error) {
		us := clock.Micros(now)
		var n int64
		var err error
		if a.Version == 0 {
			n, err = tx.Exec(ctx, `INSERT INTO people_agency (code, name, sector, closed, created, changed, version)
				VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT (code) DO NOTHING`, a.Code, a.Name, a.Sector, bit(a.Closed), us, us)
			if err == nil && n == 0 {
				return nil, fault.New(fault.Conflict, "fault.people.agency_exists").With("code", a.Code)
			}
		} else {
			n, err = tx.Exec(ctx, `UPDATE people_agency SET name = ?, sector = ?, closed = ?, changed = ?, version = version + 1
				WHERE code = ? AND version = ?`, a.Name, a.Sector, bit(a.Closed), us, a.Code, a.Version)
		}
		if err != nil {
			return nil, err
		}
		return []Event{{Name: AgencySaved, Data: map[string]string{"code": a.Code}}}, db.Conflict(n)
	})
}

// Agencies lists them by code. Anybody of the member may know them.
func (p *People) Agencies(ctx context.Context) ([]Agency, error) {
	var out []Agency
	err := p.read(ctx, func(tx *db.Tx, _ time.Time) error {
		return tx.Each(ctx, `SELECT code, name, sector, closed, created, changed, version FROM people_agency ORDER BY code`, nil,
			func(scan func(...any) error) error {
				var a Agency
				var closed, created, changed int64
				if err := scan(&a.Code, &a.Name, &a.Sector, &closed, &created, &changed, &a.Version); err != nil {
					return err
				}
				a.Closed, a.Created, a.Changed = closed == 1, clock.FromMicros(created), clock.FromMicros(changed)
				out = append(out, a)
				return nil
			})
	})
	return out, err
}

// agencyOpen reports whether accounts and grants may name the agency.
func agencyOpen(ctx context.Context, tx *db.Tx, code string) (bool, error) {
	var n int64
	return tx.Row(ctx, `SELECT 1 FROM people_agency WHERE code = ? AND closed = 0`, []any{code}, &n)
}

func textOK(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && n >= least && n <= most && !strings.ContainsAny(s, "\x00\r\n")
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
