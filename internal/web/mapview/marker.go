package mapview

import (
	"math"
	"strconv"
	"sync"

	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/web/parts"
	"lintas/internal/web/svg"
)

// spread moves markers apart until none covers another; near ones keep their
// place.
func spread(at [][2]float64, w, h float64) [][2]float64 {
	const apart = 25.0
	out := append([][2]float64(nil), at...)
	for range 60 {
		moved := false
		for i := range out {
			for j := i + 1; j < len(out); j++ {
				dx, dy := out[j][0]-out[i][0], out[j][1]-out[i][1]
				dist := math.Hypot(dx, dy)
				if dist >= apart {
					continue
				}
				if dist < .01 {
					// the same place: leave in the direction that the index gives
					a := float64(j) * 2.4
					dx, dy, dist = math.Cos(a), math.Sin(a), 1
				}
				push := (apart - math.Min(dist, apart-.5)) / 2 / dist
				out[i][0], out[i][1] = out[i][0]-dx*push, out[i][1]-dy*push
				out[j][0], out[j][1] = out[j][0]+dx*push, out[j][1]+dy*push
				moved = true
			}
		}
		for i := range out {
			out[i][0] = math.Min(math.Max(out[i][0], 14), w-14)
			out[i][1] = math.Min(math.Max(out[i][1], 14), h-14)
		}
		if !moved {
			break
		}
	}
	return out
}

func (m Map) markers(d *svg.Drawing, p *locale.Printer, v projection) {
	var spots [][2]float64
	var shown []Marker
	for _, k := range m.Markers {
		pl, ok := place.Lookup(k.Code)
		if !ok || pl.At == (place.Point{}) {
			continue
		}
		x, y := v.xy(pl.At)
		if x < -10 || y < -10 || x > v.w+10 || y > v.h+10 {
			continue
		}
		spots, shown = append(spots, [2]float64{x, y}), append(shown, k)
	}
	at := spread(spots, v.w, v.h)
	for i := len(shown) - 1; i >= 0; i-- { // the gravest, first in the list, on top
		k := shown[i]
		d.Open("a", "href", safeLink(k.Href), "class", "mk "+k.Grade.Class(), "aria-label", k.words(p))
		if math.Hypot(at[i][0]-spots[i][0], at[i][1]-spots[i][1]) > 7 {
			d.El("path", "class", "lead", "d", "M"+svg.Num(spots[i][0])+" "+svg.Num(spots[i][1])+"L"+svg.Num(at[i][0])+" "+svg.Num(at[i][1]))
			d.El("circle", "class", "spot", "cx", svg.Num(spots[i][0]), "cy", svg.Num(spots[i][1]), "r", "2")
		}
		d.Open("g", "transform", "translate("+svg.Num(at[i][0])+" "+svg.Num(at[i][1])+")")
		d.Say("title", k.words(p))
		mark(d, k.Grade)
		if k.Number > 0 {
			y := "3.7"
			if k.Grade == parts.Warning {
				y = "5"
			}
			d.Say("text", strconv.Itoa(k.Number), "y", y)
		}
		d.Close("g")
		d.Close("a")
	}
}

func mark(d *svg.Drawing, g parts.Grade) {
	if path := g.Outline(); path != "" {
		d.El("path", "d", path)
		return
	}
	d.El("circle", "r", "10")
}

// safeLink lets through addresses of this node only.
func safeLink(href string) string {
	if len(href) > 0 && (href[0] == '/' && (len(href) == 1 || href[1] != '/') || href[0] == '#' || href[0] == '?') {
		return href
	}
	return "#"
}

func (k Marker) words(p *locale.Printer) string {
	s := k.Grade.Word(p) + ": " + k.Title + ", " + place.Full(k.Code, p.Lang())
	if k.Number > 0 {
		s = strconv.Itoa(k.Number) + ". " + s
	}
	return s
}

// The inset shows Singapore, a speck at this scale, in the open sea to the
// south-west.
const insetX, insetY, insetW, insetH = 10, 326, 96, 62

var singapore = sync.OnceValue(func() map[string]string {
	v := fit(insetW-10, insetH-10, place.Box{103.6, 1.2, 104.05, 1.48})
	out := map[string]string{}
	for _, u := range place.Detail().Units {
		if place.Member(u.Code) == "SG" {
			out[u.Code] = v.path(u.Rings)
		}
	}
	return out
})

func (m Map) inset(d *svg.Drawing, p *locale.Printer) {
	class, words := map[string]Area{}, place.Name("SG", p.Lang())
	for _, a := range m.Areas {
		if place.Member(a.Code) == "SG" {
			class[a.Code], words = a, a.words(p)
		}
	}
	d.Open("g", "class", "inset", "transform", "translate("+strconv.Itoa(insetX)+" "+strconv.Itoa(insetY)+")")
	d.Say("title", p.T("map.singapore")+". "+words)
	d.El("rect", "class", "frame", "width", strconv.Itoa(insetW), "height", strconv.Itoa(insetH), "rx", "3")
	d.Open("g", "transform", "translate(5 3) scale(.5)", "class", "a1")
	for _, u := range place.Units("SG", false) {
		a, ok := class[u.Code]
		if !ok {
			a, ok = class["SG"]
		}
		if !ok {
			a.Class = Ramp0
		}
		d.El("path", append(fill(a.Class, m.ID), "d", singapore()[u.Code])...)
	}
	d.Close("g")
	d.Say("text", place.Name("SG", p.Lang()), "x", "5", "y", strconv.Itoa(insetH-5))
	d.Close("g")
}
