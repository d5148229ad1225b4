package risk

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The matrix and the rule for what is unknown are data: a text that experts
// read, in the folder matrix, one file for each version. Every result keeps
// version and digest, so that it can be computed again.

//go:embed matrix/*.txt
var matrixFS embed.FS

// CurrentMatrix is the version with which new assessments are made.
const CurrentMatrix = "lintas-1"

// Band is how likely a likelihood is, in percent.
type Band struct{ From, To int }

// Matrix is one version of the table with its rule.
type Matrix struct {
	Version, Status, Source, Digest string

	Bands   map[Likelihood]Band
	cells   map[Likelihood]map[Consequence]Level
	worstL  Likelihood
	worstC  Consequence
	raises  []raise
	mostL   int
	mostC   int
	columns []Consequence // while a text is read
}

type raise struct {
	unknown, scale string
	steps          int
}

// Inputs are what a level is computed from.
type Inputs struct {
	Likelihood  Likelihood
	Consequence Consequence
	Unknowns    []string
}

// Result is a level with what it rests on. Likelihood and Consequence are as
// counted: after unknown answers and unknowns raised them.
type Result struct {
	Matrix      string      `json:"matrix"`
	Digest      string      `json:"digest"`
	Base        Level       `json:"base"` // without the unknowns
	Level       Level       `json:"level"`
	Likelihood  Likelihood  `json:"likelihood"`
	Consequence Consequence `json:"consequence"`
}

// Raised reports whether what is unknown raised the level.
func (r Result) Raised() bool { return r.Level.Rank() > r.Base.Rank() }

// Level is one cell.
func (m *Matrix) Level(l Likelihood, c Consequence) Level { return m.cells[l][c] }

// Unknowns are those that the rule knows, in the order of the text.
func (m *Matrix) Unknowns() []string {
	out := make([]string, len(m.raises))
	for i, r := range m.raises {
		out[i] = r.unknown
	}
	return out
}

// Raises says which scale an unknown raises, and by how many steps.
func (m *Matrix) Raises(unknown string) (scale string, steps int) {
	for _, r := range m.raises {
		if r.unknown == unknown {
			return r.scale, r.steps
		}
	}
	return "", 0
}

// Assess computes a level. Knowing less never gives a lower one.
func (m *Matrix) Assess(in Inputs) Result {
	l, c := in.Likelihood, in.Consequence
	if l == Unknown {
		l = m.worstL
	}
	if c == Unknown {
		c = m.worstC
	}
	r := Result{Matrix: m.Version, Digest: m.Digest, Base: m.Level(l, c)}
	upL, upC := 0, 0
	for _, x := range m.raises {
		if !slices.Contains(in.Unknowns, x.unknown) {
			continue
		}
		if x.scale == "likelihood" {
			upL += x.steps
		} else {
			upC += x.steps
		}
	}
	r.Likelihood = Likelihoods[len(Likelihoods)-1-min(l.rank()+min(upL, m.mostL), len(Likelihoods)-1)]
	r.Consequence = Consequences[min(c.rank()+min(upC, m.mostC), len(Consequences)-1)]
	r.Level = m.Level(r.Likelihood, r.Consequence)
	return r
}

// Matrices are all versions that the program carries, by version.
var Matrices = sync.OnceValue(func() map[string]*Matrix {
	out := map[string]*Matrix{}
	files, err := matrixFS.ReadDir("matrix")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	for _, f := range files {
		text, err := matrixFS.ReadFile("matrix/" + f.Name())
		if err != nil {
			panic(err)
		}
		m, err := ParseMatrix(string(text))
		if err != nil {
			panic(fmt.Errorf("risk: %s: %w", f.Name(), err)) // a test reads every file
		}
		out[m.Version] = m
	}
	return out
})

// Current is the matrix of new assessments.
func Current() *Matrix { return Matrices()[CurrentMatrix] }

// Recompute computes a stored result again. known is false where this program
// does not carry the same text of the matrix.
func Recompute(in Inputs, stored Result) (same, known bool) {
	m := Matrices()[stored.Matrix]
	if m == nil || m.Digest != stored.Digest {
		return false, false
	}
	return m.Assess(in) == stored, true
}

// ParseMatrix reads the text of a version and refuses one with a hole, or one
// in which something graver gives a lower level.
func ParseMatrix(text string) (*Matrix, error) {
	sum := sha256.Sum256([]byte(text))
	m := &Matrix{Digest: hex.EncodeToString(sum[:6]), Bands: map[Likelihood]Band{}, cells: map[Likelihood]map[Consequence]Level{}, mostL: -1, mostC: -1}
	section := ""
	for n, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		var err error
		if strings.HasPrefix(line, " ") {
			err = m.row(section, words)
		} else {
			section = words[0]
			err = m.open(words)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	return m, m.check()
}

func (m *Matrix) open(words []string) error {
	rest := strings.Join(words[1:], " ")
	switch words[0] {
	case "version":
		m.Version = rest
	case "status":
		m.Status = rest
	case "source":
		m.Source = rest
	case "matrix":
		for _, w := range words[1:] {
			m.columns = append(m.columns, Consequence(w))
		}
		if !slices.Equal(m.columns, Consequences) {
			return fmt.Errorf("columns %v, want %v", m.columns, Consequences)
		}
	case "likelihood", "unknown", "raises", "most":
	default:
		return fmt.Errorf("unknown section %q", words[0])
	}
	return nil
}

func (m *Matrix) row(section string, words []string) error {
	switch section {
	case "likelihood":
		b, err := numbers(words, 2)
		if err != nil {
			return err
		}
		m.Bands[Likelihood(words[0])] = Band{b[0], b[1]}
	case "matrix":
		return m.matrixRow(words)
	case "unknown":
		if len(words) != 2 {
			return fmt.Errorf("want a scale and its gravest answer")
		}
		if words[0] == "likelihood" {
			m.worstL = Likelihood(words[1])
		} else {
			m.worstC = Consequence(words[1])
		}
	case "raises":
		if len(words) != 3 || words[1] != "likelihood" && words[1] != "consequence" {
			return fmt.Errorf("want an unknown, a scale and a number of steps")
		}
		b, err := numbers(words[1:], 1)
		if err != nil {
			return err
		}
		m.raises = append(m.raises, raise{words[0], words[1], b[0]})
	case "most":
		b, err := numbers(words, 1)
		if err != nil {
			return err
		}
		if words[0] == "likelihood" {
			m.mostL = b[0]
		} else {
			m.mostC = b[0]
		}
	default:
		return fmt.Errorf("a row outside a section")
	}
	return nil
}

func (m *Matrix) matrixRow(words []string) error {
	if len(words) != len(Consequences)+1 || len(m.columns) == 0 {
		return fmt.Errorf("want a likelihood and %d levels", len(Consequences))
	}
	row := map[Consequence]Level{}
	for i, c := range m.columns {
		level := Level(words[i+1])
		if level.Rank() < 0 {
			return fmt.Errorf("no level %q", words[i+1])
		}
		row[c] = level
	}
	m.cells[Likelihood(words[0])] = row
	return nil
}

// numbers reads n whole numbers, none below zero, after the first word.
func numbers(words []string, n int) ([]int, error) {
	if len(words) != n+1 {
		return nil, fmt.Errorf("want %d numbers after %q", n, words[0])
	}
	out := make([]int, n)
	for i := range out {
		v, err := strconv.Atoi(words[i+1])
		if err != nil || v < 0 {
			return nil, fmt.Errorf("%q is no number of steps or percent", words[i+1])
		}
		out[i] = v
	}
	return out, nil
}

func (m *Matrix) check() error {
	if m.Version == "" || m.Source == "" || m.mostL < 0 || m.mostC < 0 {
		return fmt.Errorf("version, source or the limits of raising are missing")
	}
	if m.worstL != Likelihoods[0] || m.worstC != Consequences[len(Consequences)-1] {
		return fmt.Errorf("an unknown answer must count as the gravest, else knowing less could lower a level")
	}
	above := 101
	for i, l := range Likelihoods {
		b, ok := m.Bands[l]
		if !ok || m.cells[l] == nil || b.From > b.To || b.To >= above {
			return fmt.Errorf("likelihood %s: no row, no band, or a band that overlaps", l)
		}
		above = b.From
		for j, c := range Consequences {
			level := m.Level(l, c)
			if j > 0 && level.Rank() < m.Level(l, Consequences[j-1]).Rank() {
				return fmt.Errorf("%s: %s is lower than %s", l, c, Consequences[j-1])
			}
			if i > 0 && level.Rank() > m.Level(Likelihoods[i-1], c).Rank() {
				return fmt.Errorf("%s: %s is higher than where it is likelier", c, l)
			}
		}
	}
	return nil
}
