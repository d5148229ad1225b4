package sop

import "strings"

// Line is one line of a comparison of two texts.
type Line struct {
	Mark string // "+" only in the new one, "-" only in the old one, "" in both
	Text string
}

// maxDiff bounds the work of a comparison; texts with more lines are shown as
// wholly replaced.
const maxDiff = 1500

// Compare lists the lines of two texts side by side in one order: what was
// taken away stands before what took its place.
func Compare(was, is string) []Line {
	a, b := lines(was), lines(is)
	if len(a) > maxDiff || len(b) > maxDiff {
		return append(marked("-", a), marked("+", b)...)
	}
	// common[i][j] is the length of the longest common part of a[i:] and b[j:].
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []Line
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			out, i, j = append(out, Line{"", a[i]}), i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			out, i = append(out, Line{"-", a[i]}), i+1
		default:
			out, j = append(out, Line{"+", b[j]}), j+1
		}
	}
	return append(append(out, marked("-", a[i:])...), marked("+", b[j:])...)
}

func lines(s string) []string { return strings.Split(strings.TrimRight(s, "\n"), "\n") }

func marked(mark string, all []string) []Line {
	out := make([]Line, len(all))
	for i, s := range all {
		out[i] = Line{mark, s}
	}
	return out
}

// Around leaves out what is equal and far from any difference; a line with the
// mark "…" stands for it.
func Around(all []Line, context int) []Line {
	keep := make([]bool, len(all))
	for i, l := range all {
		if l.Mark == "" {
			continue
		}
		for j := max(0, i-context); j <= min(len(all)-1, i+context); j++ {
			keep[j] = true
		}
	}
	var out []Line
	for i, l := range all {
		switch {
		case keep[i]:
			out = append(out, l)
		case i == 0 || keep[i-1]:
			out = append(out, Line{"…", ""})
		}
	}
	return out
}
