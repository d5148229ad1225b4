package trail

import "slices"

// Closed lists that findings choose from; the words stand in the catalogue.

// Sorts of findings.
const (
	Gap      = "gap"
	Practice = "practice" // worth keeping
)

// Sorts of findings in the order of the form.
var Sorts = []string{Gap, Practice}

// Methods by which a root cause is found.
const (
	Whys    = "whys"    // five times why, kept as a chain
	Factors = "factors" // contributing factors from a list
)

// Methods in the order of the form.
var Methods = []string{Whys, Factors}

// MaxWhys is how long a chain of whys can be.
const MaxWhys = 5

// Contributing are the factors that may lie behind a finding, after the
// categories that after-action reviews of WHO work with (WHO, Guidance for
// after action review, 2019, annex on root cause analysis).
var Contributing = []string{"policy", "coordination", "leadership", "staff", "training", "procedure", "equipment", "supplies", "funding", "information", "communication",
	"logistics", "infrastructure", "community", "law", "politics", "environment", "other_sector"}

// Themes are the technical areas of the Joint External Evaluation tool, third
// edition (WHO 2022), and the capacities of the State Party Self-Assessment
// Annual Reporting tool, second edition (WHO 2021), which begin with C1.
var Themes = []string{"P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "D1", "D2", "D3", "R1", "R2", "R3", "R4", "R5", "PoE", "CE", "RE",
	"C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10", "C11", "C12", "C13", "C14", "C15"}

// IsSPAR reports whether a theme is a capacity of the self-assessment tool.
func IsSPAR(theme string) bool { return slices.Index(Themes, theme) >= slices.Index(Themes, "C1") }

// Clocks of 7-1-7 that a finding may speak of.
var Clocks = []string{"detect", "notify", "respond"}

// NotExamined is the answer that nobody looked at who was affected. It is an
// answer of its own: nobody known is not the same.
const NotExamined = "not_examined"

// Groups of people who may have been affected more than others, or otherwise.
var Groups = []string{"everyone", "women", "pregnant", "children", "older", "disabilities", "migrants", "displaced", "minorities", "remote", "low_income", "health_workers",
	"none_more", NotExamined}

// Ways in which a recommendation helps.
var Ways = []string{"law", "plan", "capacity", "training", "supplies", "data", "mechanism", "funding"}

// Priorities of a recommendation.
var Priorities = []string{"high", "medium", "low"}

func among(list, all []string) bool {
	for i, s := range list {
		if !slices.Contains(all, s) || slices.Contains(list[:i], s) {
			return false
		}
	}
	return true
}
