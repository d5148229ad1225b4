package outbreakcase

import "lintas/outbreak"

// algorithm is how a kind of case is run and how closely its answer must match.
type algorithm struct {
	run   func(Case) (Answer, error)
	rules rules
	vary  func(Case) rules // rules that depend on the case, in place of those above; nil for none
}

// algorithms is the list of all kinds of case.
var algorithms = map[string]algorithm{
	"surveillance/farringtonFlexible":  {run: runFarrington, rules: farringtonRules},
	"reference/farrington_textbook_se": {run: runFarringtonTextbook, rules: textbookRules},
	"surveillance/earsC":               {run: runEARS, rules: rules{"*": {rel: 1e-12}}},
	"reference/ears_documented":        {run: runEARSDocumented, rules: rules{"*": {rel: 1e-12}}},
	"surveillance/algo.cusum":          {run: runCUSUM, rules: cusumRules},
	"surveillance/algo.glrnb":          {run: runGLR, rules: rules{"*": {rel: 1e-6}}},
	"surveillance/stcd":                {run: runSTCD, rules: rules{"*": {rel: 1e-9}}},
	"EpiEstim/estimate_R":              {run: runEstimateR, rules: rtRules, vary: varyRt},
	"EpiEstim/wallinga_teunis":         {run: runWallingaTeunis, rules: rtRules},
	"EpiEstim/discr_si":                {run: runDiscretisedSI, rules: rules{"*": {abs: 1e-10}}},
	"incidence/fit":                    {run: runGrowth, rules: rules{"*": {rel: 1e-9}, "warnings": words}},
	"surveillance/nowcast":             {run: runNowcast, rules: nowcastRules, vary: varyNowcast},
	"scanstatistics/scan_pb_poisson":   {run: runScan(outbreak.ScanPoisson), rules: scanRules, vary: varyScan},
	"scanstatistics/scan_permutation":  {run: runScan(outbreak.ScanPermutation), rules: scanRules, vary: varyScan},
	"scanstatistics/scan_eb_poisson":   {run: runScan(outbreak.ScanExpectation), rules: scanRules, vary: varyScan},
}
