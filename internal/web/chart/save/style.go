package save

import (
	"maps"
	"slices"
	"strings"
)

// Colours of the day, as the style sheet has them.
const (
	surface = "#fffefa"
	water   = "#e9f0ef"
	ink     = "#16282e"
	ink2    = "#43555a"
	ink3    = "#53646a"
	lines   = "#dad6c9"
	lines2  = "#c3beae"
	edge    = "#7b8a8c"
	sea     = "#0b4a55"
	sea2    = "#16727c"
	red     = "#a3123a"
)

// rule is one line of the style sheet: which elements, and what they get.
type rule struct {
	in    string // class of an element around it; empty: anywhere
	name  string // of the element; empty: any
	class string // its own class; empty: any
	set   map[string]string
}

type set = map[string]string

// rules are those of data.css that the saved drawings use; a test compares the
// classes.
var rules = []rule{
	{"nb", "path", "", set{"fill": "#e3e0d6"}},
	{"a1", "path", "", set{"stroke": surface, "stroke-width": ".9", "stroke-opacity": ".75"}},
	{"a0", "path", "", set{"fill": "none", "stroke": ink2, "stroke-width": "1.5", "stroke-linejoin": "round"}},
	{"inset", "", "frame", set{"fill": water, "stroke": lines2, "stroke-width": "1"}},
	{"inset", "path", "", set{"stroke": ink3, "stroke-width": "1.2", "stroke-opacity": "1"}},
	{"inset", "text", "", set{"font-size": "9.5", "fill": ink2}},
	{"", "", "q0", set{"fill": "#eceee6"}}, {"", "", "q1", set{"fill": "#d3e3dc"}}, {"", "", "q2", set{"fill": "#a5ccc8"}},
	{"", "", "q3", set{"fill": "#6aa8a9"}}, {"", "", "q4", set{"fill": "#2f7c85"}}, {"", "", "q5", set{"fill": sea}},
	{"", "", "nd-bg", set{"fill": "#eceee6"}}, {"", "", "nd-l", set{"stroke": edge, "stroke-width": "2", "stroke-opacity": ".6"}},
	{"", "", "kp-bg", set{"fill": "#eceee6"}}, {"", "", "kp-l", set{"fill": ink3}},
	{"map", "", "pn", set{"font-size": "11", "fill": ink, "font-weight": "600", "text-anchor": "middle"}},
	{"map", "", "cn", set{"font-size": "10", "fill": ink3, "font-weight": "600", "text-anchor": "middle"}},
	{"chart", "", "gr", set{"stroke": lines, "stroke-width": "1"}}, {"chart", "", "z", set{"stroke": ink3}},
	{"chart", "", "ax", set{"font-size": "11", "fill": ink3}},
	{"chart", "", "s0", set{"fill": sea}}, {"chart", "", "s1", set{"fill": "#79b0b0"}}, {"chart", "", "s2", set{"fill": "#b8a46a"}}, {"chart", "", "s3", set{"fill": "#8d9aa0"}},
	{"p", "rect", "", set{"fill-opacity": ".45"}},
	{"", "", "hl", set{"stroke": lines2, "stroke-width": "1"}},
	{"chart", "", "note", set{"font-size": "10.5", "fill": ink2}},
	{"chart", "", "thr", set{"fill": "none", "stroke": red, "stroke-width": "1.5", "stroke-dasharray": "5 3"}},
	{"chart", "", "exp", set{"fill": "none", "stroke": ink2, "stroke-width": "1.5"}},
	{"chart", "", "al", set{"fill": red}}, {"chart", "", "tk", set{"stroke": ink3, "stroke-width": "1"}},
	{"chart", "", "an", set{"stroke": ink2, "stroke-width": "1"}}, {"chart", "", "anx", set{"font-size": "11", "fill": ink}},
	{"chart", "", "lb", set{"font-size": "12", "fill": ink}}, {"chart", "", "vl", set{"font-size": "12", "fill": ink2}},
	{"chart", "", "ln", set{"fill": "none", "stroke-width": "1.8", "stroke-linejoin": "round"}},
	{"", "", "l0", set{"stroke": sea}}, {"", "", "l1", set{"stroke": "#a84a06", "stroke-dasharray": "6 3"}}, {"", "", "l2", set{"stroke": "#2d5a86", "stroke-dasharray": "2 2"}},
	{"", "", "l3", set{"stroke": "#2f6b4a", "stroke-dasharray": "9 3 2 3"}}, {"", "", "l4", set{"stroke": red}}, {"", "", "l5", set{"stroke": "#6f5a00", "stroke-dasharray": "4 4"}},
	{"chart", "", "band", set{"fill": "#dfecea"}}, {"chart", "", "whisk", set{"fill": "none", "stroke": ink2, "stroke-width": "1.4"}},
	{"chart", "", "mid", set{"fill": "none", "stroke": "#a84a06", "stroke-width": "3"}}, {"chart", "", "hit", set{"fill": "none"}},
	{"multi", "", "band", set{"fill": "#dfecea"}}, {"multi", "", "hi", set{"fill": "none", "stroke": ink3, "stroke-width": ".8", "stroke-dasharray": "2 2"}},
	{"multi", "", "ln", set{"fill": "none", "stroke": sea2, "stroke-width": "1.2", "stroke-linejoin": "round"}},
	{"multi", "", "end", set{"fill": "none", "stroke": sea2, "stroke-width": "4", "stroke-linecap": "round"}}, {"multi", "", "over", set{"stroke": red}},
	{"grid", "", "cell", set{"fill": "none", "stroke": lines, "stroke-width": "1"}}, {"grid", "", "code", set{"font-size": "11", "fill": ink2, "font-weight": "600"}},
	{"grid", "", "val", set{"font-size": "13", "fill": ink, "text-anchor": "end", "font-weight": "600"}}, {"grid", "", "sc", set{"font-size": "10", "fill": ink3}},
}

// resolve writes the styles of the classes into the elements and takes the
// classes away.
func resolve(n *node, around []string) {
	own := strings.Fields(n.attr["class"])
	for _, r := range rules {
		if r.name != "" && r.name != n.name || r.class != "" && !slices.Contains(own, r.class) || r.in != "" && !slices.Contains(around, r.in) {
			continue
		}
		for k, v := range r.set {
			if k == "fill" && strings.HasPrefix(n.attr["fill"], "url(") {
				continue
			}
			n.attr[k] = v
		}
	}
	inner := append(slices.Clip(around), own...)
	for _, k := range n.kids {
		resolve(k, inner)
		delete(k.attr, "class")
	}
}

// order is a fixed order of attributes, so that the same figure is the same
// file.
func order(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
