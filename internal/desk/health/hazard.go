package health

import "slices"

// Hazard is one row of the hazard list: codes of ICD-11 MMS and ICD-10, and
// the path of Annex 2 of the IHR (2005): A always notifiable, B always
// assessed, C any other event.
type Hazard struct {
	Key    string // catalogue "hazard.<key>"
	Class  string // bio, zoonosis, chem, radio-nuclear, food, unknown
	ICD11  string
	ICD10  string
	Annex2 string
}

// Hazards is the seed list; a code that the sources dispute is left empty
// rather than guessed (MERS has no ICD-10 code of its own, Nipah none here).
// Source of the pairs: ICD-11 MMS and ICD-10 (WHO).
var Hazards = []Hazard{
	{"covid_19", "bio", "RA01", "U07.1", "C"},
	{"sars", "bio", "1D65", "U04.9", "A"},
	{"mers", "zoonosis", "1D64", "", "C"},
	{"respiratory_unknown", "unknown", "", "", "B"},
	{"influenza_new_subtype", "zoonosis", "1E31", "J09", "A"},
	{"polio_wild", "bio", "1C81", "A80.9", "A"},
	{"smallpox", "bio", "1E70", "B03", "A"},
	{"cholera", "bio", "1A00", "A00.9", "B"},
	{"plague_pneumonic", "zoonosis", "1B93", "A20.2", "B"},
	{"yellow_fever", "bio", "1D47", "A95.9", "B"},
	{"vhf", "bio", "1D86", "A99", "B"},
	{"ebola", "zoonosis", "1D60", "A98.4", "B"},
	{"marburg", "zoonosis", "1D60", "A98.3", "B"},
	{"lassa", "zoonosis", "1D61", "A96.2", "B"},
	{"west_nile", "bio", "1D46", "A92.3", "B"},
	{"rift_valley", "zoonosis", "1D44", "A92.4", "B"},
	{"dengue", "bio", "1D2Z", "A97.9", "B"},
	{"meningococcal", "bio", "1C1C", "A39", "B"},
	{"nipah", "zoonosis", "", "", "C"},
	{"chikungunya", "bio", "1D40", "A92.0", "C"},
	{"zika", "bio", "1D48", "A92.5", "C"},
	{"measles", "bio", "1F03", "B05", "C"},
	{"mpox", "zoonosis", "1E71", "B04", "C"},
	{"diphtheria", "bio", "1C17", "A36.9", "C"},
	{"rabies", "zoonosis", "1C82", "A82", "C"},
	{"japanese_encephalitis", "bio", "1C85", "A83.0", "C"},
	{"leptospirosis", "zoonosis", "1B91", "A27.9", "C"},
	{"malaria", "bio", "1F4Z", "B54", "C"},
	{"typhoid", "bio", "1A07", "A01.0", "C"},
	{"botulism", "food", "1A11", "A05.1", "C"},
	{"anthrax", "zoonosis", "1B97", "A22", "C"},
	{"hand_foot_mouth", "bio", "1F05", "B08.4", "C"},
	{"food_event", "food", "", "", "C"},
	{"chemical_event", "chem", "", "", "C"},
	{"radionuclear_event", "radio-nuclear", "", "", "C"},
	{"unknown", "unknown", "", "", "C"},
}

// HazardByKey returns the row of the list.
func HazardByKey(key string) (Hazard, bool) {
	i := slices.IndexFunc(Hazards, func(h Hazard) bool { return h.Key == key })
	if i < 0 {
		return Hazard{}, false
	}
	return Hazards[i], true
}
