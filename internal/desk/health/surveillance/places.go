package surveillance

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/place"
)

// Places below the units of ISO 3166-2, such as districts, are the node's own
// list: a table with the columns code, name and parent, and, where known,
// valid_from, valid_to, pcode, successor_of, aliases (separated by semicolons)
// and name:<language>. A code begins with that of its parent, so that its
// state can be seen ("KH-17-05"). A place is never removed, because counts may
// name it; it ends with valid_to.

const mostPlaces = 20_000

var (
	placeCode = regexp.MustCompile(`^[A-Z]{2}(-[A-Z0-9]{1,12}){1,4}$`)
	placeDate = regexp.MustCompile(`^(\d{4}(-\d{2}-\d{2})?)?$`)
)

// ImportPlaces reads a table of places; all rows are stored, or none and the
// faults of each row.
func (d *Desk) ImportPlaces(ctx context.Context, actor access.Actor, r io.Reader) (int, error) {
	if !Capabilities.May(actor, "surveillance.places") {
		return 0, fault.New(fault.Forbidden, "fault.role").With("verb", "places")
	}
	t, format, err := openTable(r)
	if err != nil {
		return 0, err
	}
	defer t.Close() //nolint:errcheck // nothing was written
	if format == FormatDHIS2 || format == FormatFHIR {
		return 0, fault.New(fault.Invalid, "fault.sheet.xlsx")
	}
	m, err := d.Matcher(ctx)
	if err != nil {
		return 0, err
	}
	list, err := readPlaces(t, m)
	if err != nil {
		return 0, err
	}
	return len(list), d.env.DB.Write(ctx, func(tx *db.Tx) error {
		now := clock.Micros(d.env.Clock.Now())
		for i := range list {
			doc, err := encode(list[i])
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `INSERT INTO surveillance_place (code, parent, changed, doc) VALUES (?, ?, ?, ?)
				ON CONFLICT (code) DO UPDATE SET parent = excluded.parent, changed = excluded.changed, doc = excluded.doc`,
				list[i].Code, list[i].Parent, now, doc); err != nil {
				return err
			}
		}
		detail, err := json.Marshal(map[string]any{"places": len(list)})
		if err != nil {
			return err
		}
		return d.env.Log(ctx, tx, history.Entry{Account: actor.Account, Actor: actor.Name, Action: "surveillance.place.import",
			Record: history.Record{Desk: Name, Kind: "surveillance.place", ID: d.env.IDs.New(), Version: 1}, Detail: detail})
	})
}

func readPlaces(t table, m *place.Matcher) ([]place.Place, error) {
	at := map[string]int{}
	for i, h := range t.Head() {
		at[strings.ToLower(h)] = i
	}
	var c fault.Check
	for _, want := range []string{"code", "name", "parent"} {
		_, ok := at[want]
		c.That(ok, "file", "fault.surveillance.place_column", fault.Args{"column": want})
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	var out []place.Place
	rows := map[string]int{}
	bad := 0
	for {
		cells, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(out) >= mostPlaces {
			return nil, fault.New(fault.Invalid, "fault.surveillance.too_large")
		}
		p, faults := placeOf(func(name string) string {
			if i, ok := at[name]; ok && i < len(cells) {
				return cells[i]
			}
			return ""
		}, t.Head(), m, rows)
		for _, f := range faults {
			if bad++; bad <= mostProblems {
				c.Row(false, t.Row(), f.Name, f.Key, f.Args)
			}
		}
		rows[p.Code] = t.Row()
		out = append(out, p)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "fault.surveillance.empty")
	}
	return out, nil
}

func placeOf(get func(string) string, head []string, m *place.Matcher, before map[string]int) (place.Place, []fault.Field) {
	p := place.Place{Code: strings.ToUpper(get("code")), Name: get("name"), Parent: strings.ToUpper(get("parent")), Level: place.Below,
		From: get("valid_from"), To: get("valid_to"), PCode: strings.ToUpper(get("pcode"))}
	for _, h := range head {
		if lang, ok := strings.CutPrefix(strings.ToLower(h), "name:"); ok && len(lang) <= 8 && get("name:"+lang) != "" {
			if p.Names == nil {
				p.Names = map[string]string{}
			}
			p.Names[lang] = get("name:" + lang)
		}
	}
	for _, s := range strings.Split(get("aliases"), ";") {
		if s = strings.TrimSpace(s); s != "" && len(p.Aliases) < 20 {
			p.Aliases = append(p.Aliases, clip(s))
		}
	}
	if s := strings.ToUpper(get("successor_of")); s != "" {
		p.SuccessorOf = strings.Fields(strings.ReplaceAll(s, ";", " "))
	}
	var out []fault.Field
	say := func(ok bool, name, key string, args fault.Args) {
		if !ok {
			out = append(out, fault.Field{Name: name, Key: key, Args: args})
		}
	}
	row, twice := before[p.Code]
	say(placeCode.MatchString(p.Code), "code", "fault.surveillance.place_code", fault.Args{"value": clip(p.Code)})
	say(!twice, "code", "fault.surveillance.place_twice", fault.Args{"row": row})
	if built, ok := place.Lookup(p.Code); ok {
		say(false, "code", "fault.surveillance.place_built", fault.Args{"name": built.Name})
	}
	say(p.Name != "" && len(p.Name) <= 200, "name", "fault.surveillance.place_name", nil)
	_, known := m.Lookup(p.Parent)
	_, above := before[p.Parent]
	say((known || above) && strings.HasPrefix(p.Code, p.Parent+"-"), "parent", "fault.surveillance.place_parent", fault.Args{"value": clip(p.Parent)})
	say(placeDate.MatchString(p.From), "valid_from", "fault.surveillance.date", fault.Args{"value": clip(p.From)})
	say(placeDate.MatchString(p.To), "valid_to", "fault.surveillance.date", fault.Args{"value": clip(p.To)})
	return p, out
}

// OwnPlaces are the places of the node's own list whose name or code holds the
// text, at most limit, and how many there are.
func (d *Desk) OwnPlaces(ctx context.Context, actor access.Actor, text string, limit int) ([]place.Place, int, error) {
	if _, err := reads(actor); err != nil {
		return nil, 0, err
	}
	m, err := d.Matcher(ctx)
	if err != nil {
		return nil, 0, err
	}
	text = strings.ToLower(strings.TrimSpace(text))
	var out []place.Place
	for _, p := range m.Own() {
		if text == "" || strings.Contains(strings.ToLower(p.Code+" "+p.Name+" "+strings.Join(p.Aliases, " ")), text) {
			out = append(out, p)
		}
	}
	n := len(out)
	return slices.Clip(out[:min(n, limit)]), n, nil
}
