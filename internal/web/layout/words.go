package layout

import (
	"github.com/a-h/templ"
)

// clockLine is the local time with the day, or the day alone where the
// printer has no zone.
func clockLine(v Props) string {
	day := v.P.Weekday(v.Now) + " " + v.P.ShortDay(v.Now)
	if local := v.P.Local(v.Now); local != "" {
		return local + " · " + day
	}
	return day
}

func languageName(v Props) string {
	for _, l := range v.Languages {
		if l.Code == v.P.Lang() {
			return l.Name
		}
	}
	return v.P.Lang()
}

func pressed(is bool) string {
	if is {
		return "true"
	}
	return "false"
}

func currentPage(is bool) templ.Attributes {
	if !is {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}
