package surveillance

import "lintas/internal/desk"

// scanKinds makes what the desk must know of methods, serial intervals and scans.
func (d *Desk) scanKinds() {
	d.methods = &desk.Kind[Method]{
		Name: "surveillance.method", Desk: Name, Table: Methods, Head: func(m *Method) *desk.Head { return &m.Head },
		Validate: validateMethod, Load: loadMethod, Insert: insertMethod, Update: updateMethod,
		Topics: func(m *Method) []string { return []string{"desk", "methods", "method:" + string(m.ID)} },
	}
	d.intervals = &desk.Kind[Interval]{
		Name: "surveillance.interval", Desk: Name, Table: Intervals, Head: func(i *Interval) *desk.Head { return &i.Head },
		Validate: validateInterval, Load: loadInterval, Insert: insertInterval, Update: updateInterval,
		Topics: func(i *Interval) []string { return []string{"desk", "intervals", "interval:" + string(i.ID)} },
	}
	d.scans = &desk.Kind[ScanRun]{
		Name: "surveillance.scan", Desk: Name, Table: Scans, Head: func(r *ScanRun) *desk.Head { return &r.Head },
		Validate: validateScan, Load: loadScan, Insert: insertScan, Update: updateScan,
		Topics: func(r *ScanRun) []string { return []string{"desk", "scans", "scan:" + string(r.ID)} },
	}
}
