package outbreakcase

import "lintas/outbreak"

func runSTCD(c Case) (Answer, error) {
	o := outbreak.STCDOptions{Epsilon: 0.2, Compat: outbreak.R}
	var x, y, t []float64
	err := all(c.param("radius", &o.Radius), c.param("epsilon", &o.Epsilon), c.param("threshold", &o.Threshold),
		c.param("cusum", &o.CUSUM), c.input("x", &x), c.input("y", &y), c.input("t", &t))
	if err != nil {
		return nil, err
	}
	if len(x) != len(t) || len(y) != len(t) {
		return nil, fail("input.x, input.y and input.t have %d, %d and %d entries; they must be as many", len(x), len(y), len(t))
	}
	events := make([]outbreak.Event, len(t))
	for i := range t {
		events[i] = outbreak.Event{X: x[i], Y: y[i], T: t[i]}
	}
	r, err := outbreak.STCD(events, o)
	if err != nil {
		return nil, err
	}
	var scores Numbers
	for _, p := range r.Points {
		scores = append(scores, value(p.Score))
	}
	first, centre := r.Alarm+1, r.Centre+1
	if r.Alarm < 0 {
		first, centre = -1, -1
	}
	return Answer{"R": scores, "first_alarm_index_1based": first, "cluster_centre_index_1based": centre}, nil
}
