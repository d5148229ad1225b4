package web

import (
	"strings"

	"lintas/internal/desk/health/incident"
	"lintas/internal/web/svg"
)

// chartOf draws the organisation: the manager, the staff beside, the sections
// below, and the units of planning under theirs.
func (f *frame) chartOf(w float64) *svg.Drawing {
	d := &svg.Drawing{}
	const bh, gap, top = 62.0, 26.0, 6.0
	rows := f.rows()
	across := max(len(rows[1]), len(rows[2]), len(rows[3]), 3)
	bw := min((w-float64(across-1)*14)/float64(across), 210)
	h := top
	for _, r := range rows {
		if len(r) > 0 {
			h += bh + gap
		}
	}
	d.Open("svg", "class", "chart org", "viewBox", "0 0 "+svg.Num(w)+" "+svg.Num(h), "role", "img", "aria-labelledby", "org-t org-d")
	d.Say("title", f.T("incident.chart.title"), "id", "org-t")
	d.Say("desc", f.T("incident.chart.desc"), "id", "org-d")
	y := top
	from := w / 2 // where the row above hangs
	for i, r := range rows {
		if len(r) == 0 {
			continue
		}
		total := float64(len(r))*bw + float64(len(r)-1)*14
		x := (w - total) / 2
		if i == 3 && len(rows[2]) > 0 { // below planning, as far as the page allows
			x = min(max(from-total/2, 0), w-total)
		}
		if i > 0 {
			bar := y - gap/2
			d.El("path", "class", "ol", "d", "M"+svg.Num(from)+" "+svg.Num(y-gap)+"V"+svg.Num(bar)+"M"+svg.Num(min(x+bw/2, from))+" "+svg.Num(bar)+"H"+svg.Num(max(x+total-bw/2, from)))
		}
		next := w / 2
		for _, s := range r {
			if i > 0 {
				d.El("path", "class", "ol", "d", "M"+svg.Num(x+bw/2)+" "+svg.Num(y-gap/2)+"V"+svg.Num(y))
			}
			f.box(d, s, x, y, bw, bh)
			if s.Key == incident.Planning {
				next = x + bw/2
			}
			x += bw + 14
		}
		if i == 1 && len(rows[2]) > 0 { // the line of command passes the staff
			d.El("path", "class", "ol", "d", "M"+svg.Num(w/2)+" "+svg.Num(y-gap/2)+"V"+svg.Num(y))
			if len(r)%2 == 0 {
				d.El("path", "class", "ol", "d", "M"+svg.Num(w/2)+" "+svg.Num(y)+"V"+svg.Num(y+bh))
			}
		}
		if i == 2 {
			from = next
		}
		y += bh + gap
	}
	d.Close("svg")
	return d
}

// rows are the manager, the staff, the sections and their units.
func (f *frame) rows() [4][]incident.Seat {
	var rows [4][]incident.Seat
	for _, s := range f.B.Seats {
		i := 2
		switch {
		case s.Key == incident.Manager:
			i = 0
		case s.Staff:
			i = 1
		case s.Above == incident.Planning:
			i = 3
		}
		rows[i] = append(rows[i], s)
	}
	return rows
}

func (f *frame) box(d *svg.Drawing, s incident.Seat, x, y, bw, bh float64) {
	class, second, third := "ob", "", ""
	switch {
	case len(s.On) > 0:
		second = s.On[0].Post
		if third = f.T("incident.seat.until", "time", f.ShortStamp(s.On[0].To)); s.On[0].State == incident.HandedOver {
			class, third = "ob od", f.state(incident.HandedOver)
		}
		if len(s.On) > 1 {
			third = f.T("incident.seat.more", "n", len(s.On)-1)
		}
	case len(s.Due) > 0:
		class, second, third = "ob od", f.T("incident.vacant"), f.T("incident.seat.waits", "post", s.Due[0].Post)
	default:
		class, second = "ob ov", f.T("incident.vacant")
		if len(s.Next) > 0 {
			third = f.T("incident.seat.from", "time", f.ShortStamp(s.Next[0].From))
		}
	}
	d.Open("g", "class", class)
	d.El("rect", "x", svg.Num(x), "y", svg.Num(y), "width", svg.Num(bw), "height", svg.Num(bh), "rx", "4")
	line := func(text, class string, dy float64, per float64) {
		d.Say("text", fit(text, bw-16, per), "class", class, "x", svg.Num(x+bw/2), "y", svg.Num(y+dy), "text-anchor", "middle")
	}
	line(f.function(s.Key), "o1", 19, 7.2)
	line(second, "o2", 37, 6.3)
	line(third, "o3", 53, 5.9)
	d.Close("g")
}

// fit cuts a text that is wider than its box; the table has it whole.
func fit(s string, w, per float64) string {
	r := []rune(s)
	if n := int(w / per); len(r) > n && n > 1 {
		return strings.TrimSpace(string(r[:n-1])) + "…"
	}
	return s
}
