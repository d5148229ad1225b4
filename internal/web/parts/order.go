package parts

import "slices"

// primaryFirst puts the button that most people press before the others, on
// every page alike: on a phone it then stands at the top.
func primaryFirst(bs []Button) []Button {
	out := slices.Clone(bs)
	slices.SortStableFunc(out, func(a, b Button) int { return rank(a) - rank(b) })
	return out
}

func rank(b Button) int {
	switch {
	case b.Kind == Primary:
		return 0
	case b.Print:
		return 2
	}
	return 1
}
