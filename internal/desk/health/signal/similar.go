package signal

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"
	"unicode"

	"lintas/internal/desk/health"
)

// How near duplicates are found. Two signals are compared in what they say
// (characters in groups of three, so that scripts without word spaces are
// compared like others), where, which hazard and when. The score only orders
// proposals: a person decides, and every part is shown.
//
// Words: the Dice coefficient over sets of trigrams (Dice 1945). Which pairs
// are worth comparing: minhash in bands (Broder 1997; Indyk and Motwani 1998).

// The weights of the parts and the score from which a pair is proposed. They
// are the desk's proposal, version SimilarVersion.
const (
	SimilarVersion = "1"
	weightText     = 0.45
	weightPlace    = 0.20
	weightHazard   = 0.15
	weightTime     = 0.20
	// acrossLanguages lowers what place, hazard and time say together where
	// the texts cannot be compared.
	acrossLanguages = 0.75
	Threshold       = 0.62
	timeReach       = 21 // days after which time says nothing
)

// Likeness is the score of a pair and its parts, each from 0 to 1. Text is
// negative where the languages differ.
type Likeness struct {
	Score  float64 `json:"score"`
	Text   float64 `json:"text"`
	Place  float64 `json:"place"`
	Hazard float64 `json:"hazard"`
	Time   float64 `json:"time"`
	Ref    bool    `json:"ref,omitempty"` // the source's own reference is the same
}

// Features are what of a signal is compared.
type Features struct {
	Lang, Place, Country, Locality, Hazard, Ref string
	From, To                                    time.Time
	Grams                                       []uint64 // sorted, without repeats
}

func featuresOf(s *Signal) Features {
	f := Features{Lang: s.Lang, Place: s.Place, Country: Country(s.Place), Locality: health.Fold(s.Locality), Hazard: s.Hazard, Grams: Grams(s.Text)}
	if s.Ref != "" {
		f.Ref = string(s.Source) + " " + s.Ref
	}
	var ok bool
	if f.From, f.To, ok = s.FirstSeen.Span(); !ok {
		f.From = s.Seen()
		f.To = f.From
	}
	return f
}

// Grams are the hashes of the trigrams of the letters and digits of a text.
func Grams(text string) []uint64 {
	var r []rune
	space := true
	for _, c := range health.Fold(text) {
		if unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) {
			r, space = append(r, c), false
		} else if !space {
			r, space = append(r, ' '), true
		}
	}
	r = []rune(strings.TrimSpace(string(r)))
	if len(r) == 0 {
		return nil
	}
	r = append(append([]rune{' '}, r...), ' ')
	out := make([]uint64, 0, len(r))
	for i := 0; i+3 <= len(r); i++ {
		out = append(out, mix(uint64(r[i])<<42|uint64(r[i+1])<<21|uint64(r[i+2])))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// mix spreads the bits of a number (the finaliser of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// Alike compares two signals; the order does not matter.
func Alike(a, b *Features) Likeness {
	l := Likeness{Text: -1, Place: alikePlace(a, b), Hazard: alikeHazard(a.Hazard, b.Hazard), Time: alikeTime(a, b)}
	rest := weightPlace*l.Place + weightHazard*l.Hazard + weightTime*l.Time
	if base(a.Lang) == base(b.Lang) {
		l.Text = dice(a.Grams, b.Grams)
		l.Score = weightText*l.Text + rest
	} else {
		l.Score = acrossLanguages * rest / (1 - weightText)
	}
	if l.Ref = a.Ref != "" && a.Ref == b.Ref && a.Country == b.Country; l.Ref && l.Hazard > 0 {
		l.Score = max(l.Score, 0.9)
	}
	return l
}

func base(lang string) string {
	b, _, _ := strings.Cut(lang, "-")
	return b
}

// dice is twice what both have over what each has.
func dice(a, b []uint64) float64 {
	if len(a)+len(b) == 0 {
		return 0
	}
	same := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			same, i, j = same+1, i+1, j+1
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return 2 * float64(same) / float64(len(a)+len(b))
}

func alikePlace(a, b *Features) float64 {
	units := strings.Contains(a.Place, "-") && strings.Contains(b.Place, "-")
	switch {
	case a.Country != b.Country:
		return 0
	case a.Place == b.Place && units, a.Locality != "" && a.Locality == b.Locality:
		return 1
	case a.Place == b.Place:
		return 0.8 // the same state, neither says where in it
	case !units:
		return 0.6 // one does not say where in it
	}
	return 0.3
}

func alikeHazard(a, b string) float64 {
	const open = "unknown"
	switch {
	case a == open && b == open:
		return 0.5
	case a == b:
		return 1
	case a == open || b == open:
		return 0.5
	}
	x, _ := health.HazardByKey(a)
	y, _ := health.HazardByKey(b)
	if x.Class == "unknown" || y.Class == "unknown" {
		return 0.3
	}
	return 0
}

// alikeTime is 1 where the intervals meet and falls to 0 over timeReach days.
func alikeTime(a, b *Features) float64 {
	gap := max(a.From.Sub(b.To), b.From.Sub(a.To), 0).Hours() / 24
	return max(0, 1-gap/timeReach)
}

const (
	bands    = 8
	bandRows = 3
)

// seeds of the hash functions of the minhash.
var seeds = func() (out [bands * bandRows]uint64) {
	for i := range out {
		out[i] = mix(uint64(i+1) * 0x9e3779b97f4a7c15)
	}
	return out
}()

// Bands are the keys under which a text is found again by one that shares
// much of it: with half of the trigrams in common two texts share a band with
// a probability of 66 %, with 70 % in common of 97 %.
func Bands(grams []uint64) []int64 {
	if len(grams) == 0 {
		return nil
	}
	var least [bands * bandRows]uint64
	for i := range least {
		least[i] = ^uint64(0)
	}
	for _, g := range grams {
		for i := range least {
			least[i] = min(least[i], mix(g^seeds[i]))
		}
	}
	out := make([]int64, bands)
	for b := range out {
		h := fnv.New64a()
		var buf [8 * (bandRows + 1)]byte
		put(buf[:], uint64(b))
		for r := range bandRows {
			put(buf[8*(r+1):], least[b*bandRows+r])
		}
		_, _ = h.Write(buf[:])
		out[b] = int64(h.Sum64())
	}
	return out
}

func put(b []byte, v uint64) {
	for i := range 8 {
		b[i] = byte(v >> (8 * i))
	}
}
