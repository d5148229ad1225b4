package mapview

import (
	"math"
	"strconv"
	"strings"

	"lintas/internal/place"
)

// projection is Mercator fitted into a drawing: shapes keep their angles, and
// near the equator their sizes nearly.
type projection struct{ w, h, scale, dx, dy float64 }

func mercator(p place.Point) (x, y float64) {
	return p.Lon * math.Pi / 180, -math.Log(math.Tan(math.Pi/4 + p.Lat*math.Pi/360))
}

func fit(w, h float64, box place.Box) projection {
	ax, ay := mercator(place.Point{Lon: box[0], Lat: box[3]})
	bx, by := mercator(place.Point{Lon: box[2], Lat: box[1]})
	k := math.Min(w/(bx-ax), h/(by-ay))
	return projection{w, h, k, w/2 - k*(ax+bx)/2, h/2 - k*(ay+by)/2}
}

func (v projection) xy(p place.Point) (float64, float64) {
	x, y := mercator(p)
	return x*v.scale + v.dx, y*v.scale + v.dy
}

// path writes rings in half pixels as relative moves, and leaves out what
// lies outside the drawing or is too small to see.
func (v projection) path(rings [][]place.Point) string {
	var sb strings.Builder
	for _, ring := range rings {
		minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
		points := make([][2]int, 0, len(ring))
		for _, p := range ring {
			x, y := v.xy(p)
			minX, maxX, minY, maxY = math.Min(minX, x), math.Max(maxX, x), math.Min(minY, y), math.Max(maxY, y)
			q := [2]int{int(math.Round(x * 2)), int(math.Round(y * 2))}
			if n := len(points); n == 0 || points[n-1] != q {
				points = append(points, q)
			}
		}
		const margin = 20
		if maxX < -margin || minX > v.w+margin || maxY < -margin || minY > v.h+margin || len(points) < 4 {
			continue
		}
		writeRing(&sb, points)
	}
	return sb.String()
}

func writeRing(sb *strings.Builder, points [][2]int) {
	sb.WriteByte('M')
	sb.WriteString(strconv.Itoa(points[0][0]))
	sb.WriteByte(' ')
	sb.WriteString(strconv.Itoa(points[0][1]))
	sb.WriteByte('l')
	for i := 1; i < len(points)-1; i++ {
		writeStep(sb, points[i][0]-points[i-1][0], i > 1)
		writeStep(sb, points[i][1]-points[i-1][1], true)
	}
	sb.WriteByte('z')
}

func writeStep(sb *strings.Builder, n int, separate bool) {
	if separate && n >= 0 {
		sb.WriteByte(' ') // a minus sign separates by itself
	}
	sb.WriteString(strconv.Itoa(n))
}
