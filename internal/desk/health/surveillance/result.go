package surveillance

import (
	"lintas/internal/fault"
	"lintas/internal/place"
)

// Result is what became of the rows of a file. Every row is counted once, so
// that the sum shows that nothing was dropped.
type Result struct {
	Rows     int `json:"rows"`
	Ready    int `json:"ready"`    // counts
	Same     int `json:"same"`     // say again what another row said
	Filtered int `json:"filtered"` // left out by the mapping's conditions
	Empty    int `json:"empty"`    // without a count: says nothing
	Outside  int `json:"outside"`  // states that are not of the region
	Aside    int `json:"aside"`    // a person said that the place is none of the list
	Waiting  int `json:"waiting"`  // a person must say which place is meant
	Stored   int `json:"stored"`   // by an earlier pass of the same import
	Bad      int `json:"bad"`

	Cells    int            `json:"cells"`
	Series   int            `json:"series"`
	First    int32          `json:"first"`
	Last     int32          `json:"last"`
	Diseases map[string]int `json:"diseases,omitempty"` // rows by disease
	Problems []Problem      `json:"problems,omitempty"` // the first of the bad rows
	Terms    []Term         `json:"terms,omitempty"`    // that wait
	Unknown  []string       `json:"unknown,omitempty"`  // words of the mapping that mean nothing yet: "disease|A90"
}

// Problem is one thing wrong with one row.
type Problem struct {
	Row   int        `json:"row"`
	Field Field      `json:"field,omitempty"`
	Key   string     `json:"key"`
	Args  fault.Args `json:"args,omitempty"`
}

// Term is a name in the file for which no place is certain.
type Term struct {
	Term       string      `json:"term"`
	Shown      string      `json:"shown"` // as the file has it
	State      string      `json:"state,omitempty"`
	How        place.How   `json:"how"`
	Rows       int         `json:"rows"`
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Candidate is a place that a term may mean.
type Candidate struct {
	Code  string  `json:"code"`
	Score float64 `json:"score"`
}

// Limits of what an import keeps and reads.
const (
	mostProblems = 200
	mostTerms    = 5000
	mostCells    = 20_000_000
)
