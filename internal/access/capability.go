package access

// Capability is something an actor may do that is not a step of a record:
// see a page, export a list, administer the node. Each part of the system
// declares its own as rows; one page shows them all.
type Capability struct {
	Name  string // "health.event.list"
	By    []Role
	Scope string // what an API token must carry; empty: not by token
}

// Capabilities is a table of rows.
type Capabilities []Capability

// May reports whether the actor has the capability. Unknown names are refused.
func (c Capabilities) May(a Actor, name string) bool {
	for _, row := range c {
		if row.Name == name {
			return a.System || (a.HasAny(row.By...) && (a.Scopes == nil || row.Scope != "" && a.InScope(row.Scope)))
		}
	}
	return false
}
