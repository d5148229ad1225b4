package risk

import "slices"

// Likelihood of what the risk question asks, from the likeliest down.
type Likelihood string

// Consequence if it happens, from the slightest up.
type Consequence string

// Level of risk, from the lowest up.
type Level string

// Confidence in an assessment.
type Confidence string

// Unknown is an answer of both scales; it counts as the gravest.
const Unknown = "unknown"

// The scales of a WHO rapid risk assessment (domain reference, section 7); the
// catalogue has "risk.likelihood.<l>" and so on.
var (
	Likelihoods  = []Likelihood{"almost_certain", "highly_likely", "likely", "unlikely", "very_unlikely"}
	Consequences = []Consequence{"minimal", "minor", "moderate", "major", "severe"}
	Levels       = []Level{"low", "moderate", "high", "very_high"}
	Confidences  = []Confidence{"low", "moderate", "high"}
)

// Groups are the populations that an assessment can look at; "general" comes
// first in every assessment, "other" is named in words.
var Groups = []string{"general", "women", "pregnant_women", "children", "adolescents", "older_persons", "health_workers", "disabilities",
	"chronic_illness", "migrants", "displaced", "detention", "seafarers", "border", "livestock_workers", "informal_settlements", "other"}

// Parts of local receptivity, and how each stands.
var (
	ReceptivityParts = []string{"vector", "immunity", "season"}
	Receptivities    = []string{"favours", "partly", "hinders", "not_applicable", Unknown}
	Capacities       = []string{"sufficient", "strained", "insufficient", Unknown}
)

// Scopes of an assessment.
const (
	National = "national"
	Regional = "regional"
)

// Rank orders levels; one that is not in the scale is below all.
func (l Level) Rank() int { return slices.Index(Levels, l) }

// rank counts from the least likely up.
func (l Likelihood) rank() int { return len(Likelihoods) - 1 - slices.Index(Likelihoods, l) }

func (c Consequence) rank() int { return slices.Index(Consequences, c) }

func (l Likelihood) valid() bool  { return l == Unknown || slices.Contains(Likelihoods, l) }
func (c Consequence) valid() bool { return c == Unknown || slices.Contains(Consequences, c) }
