package mapview

import (
	"slices"
	"strings"
	"sync"

	"lintas/internal/place"
)

// kept holds the last zoomed grounds: an event page is opened by many people
// while its places stay the same.
var kept = struct {
	sync.Mutex
	order []string
	base  map[string]*base
}{base: map[string]*base{}}

const keep = 24

func zoomed(v projection, codes []string) *base {
	sorted := slices.Sorted(slices.Values(codes))
	key := strings.Join(slices.Compact(sorted), " ")
	if v.w > 600 {
		key += " wide"
	}
	kept.Lock()
	b := kept.base[key]
	kept.Unlock()
	if b != nil {
		return b
	}
	b = newBase(v, place.Detail()) // outside the lock: two at once do the same work
	kept.Lock()
	defer kept.Unlock()
	if kept.base[key] == nil {
		kept.order = append(kept.order, key)
	}
	kept.base[key] = b
	if len(kept.order) > keep {
		delete(kept.base, kept.order[0])
		kept.order = kept.order[1:]
	}
	return b
}
