package sop

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed samples/*.txt
var sampleFS embed.FS

// Sample is a playbook that comes with the program, to be taken and adapted.
// None of them is a text that a body adopted.
type Sample struct {
	Plan
	Text, Digest string
}

// Samples are those that come with the program, by code.
func Samples() []Sample {
	names, err := fs.Glob(sampleFS, "samples/*.txt")
	if err != nil {
		panic(err) // the pattern is fixed
	}
	var out []Sample
	for _, n := range names {
		b, err := sampleFS.ReadFile(n)
		if err != nil {
			panic(err) // it is embedded above
		}
		text := Canonical(string(b))
		p, err := Parse(text)
		if err != nil {
			panic(n + ": " + err.Error()) // a test reads every one of them
		}
		out = append(out, Sample{Plan: p, Text: text, Digest: Digest(text)})
	}
	slices.SortFunc(out, func(a, b Sample) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// SampleBy finds a sample by its code.
func SampleBy(code string) (Sample, bool) {
	all := Samples()
	i := slices.IndexFunc(all, func(s Sample) bool { return s.Code == code })
	if i < 0 {
		return Sample{}, false
	}
	return all[i], true
}
