package web

import (
	"encoding/json"
	"strings"
)

// alarmHref is the page of the alarm that a reference names: a page of this
// node, or none.
func alarmHref(ref string) string {
	var r struct {
		Href string `json:"href"`
	}
	if json.Unmarshal([]byte(ref), &r) != nil || !strings.HasPrefix(r.Href, "/surveillance/alarms/") {
		return ""
	}
	return r.Href
}
