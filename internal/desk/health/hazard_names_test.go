package health_test

import (
	"slices"
	"testing"

	"lintas/internal/desk"
	"lintas/internal/desk/health"
)

// Who writes in one language finds what was recorded in another.
func TestHazardsNamed(t *testing.T) {
	for query, want := range map[string]string{
		"Cholera": "cholera", "chol": "cholera", "Kolera": "cholera", "Cólera": "cholera", "អាសន្នរោគ": "cholera", "ជំងឺអាសន្នរោគ": "cholera", "อหิวาตกโรค": "cholera",
		"tả": "cholera", "nipah": "nipah", "campak": "measles", "dengue": "dengue",
	} {
		if got := health.HazardsNamed(desk.Words(query)[0]); !slices.Contains(got, want) {
			t.Errorf("%q names %v, not %s", query, got, want)
		}
	}
	for _, query := range []string{"kh", "MM-14", "95", "ch", "olera", "%", "takeo"} {
		if got := health.HazardsNamed(desk.Words(query)[0]); len(got) > 0 {
			t.Errorf("%q names %v", query, got)
		}
	}
	if got := health.HazardNames("cholera"); !desk.Holds(got, "អាសន្នរោគ kolera") {
		t.Errorf("%q", got)
	}
}
