package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
)

func TestWords(t *testing.T) {
	for query, want := range map[string][]string{
		"": nil, "  \t\n": nil, "Hà Nội": {"ha", "noi"}, "Đắk": {"dak"}, "100%_x!": {"100%_x!"},
		"อหิวาตกโรค ตาก": {"อหิวาตกโรค", "ตาก"}, "1 2 3 4 5 6 7 8 9": {"1", "2", "3", "4", "5", "6", "7", "8"},
	} {
		if got := desk.Words(query); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	if got := desk.Words(strings.Repeat("ក", 300)); len([]rune(got[0])) != desk.MaxQuery {
		t.Errorf("%d characters", len([]rune(got[0])))
	}
	for _, c := range []struct {
		text, query string
		want        bool
	}{{"Cholera in Takéo", "takeo CHOLERA", true}, {"Cholera in Takéo", "takeo measles", false}, {"อหิวาตกโรคในจังหวัด", "ในจังหวัด", true}, {"x", "", true}} {
		if got := desk.Holds(c.text, c.query); got != c.want {
			t.Errorf("%q in %q: %v", c.query, c.text, got)
		}
	}
}

// What a person types is searched for as it stands: the signs of a pattern
// are no pattern.
func TestLike(t *testing.T) {
	texts := []string{"100% of 5_a", "100 of 5xa", "ready! 100%", "อหิวาตกโรค"}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for word, want := range map[string][]string{"100%": {texts[0], texts[2]}, "5_a": {texts[0]}, "y!": {texts[2]}, "วาต": {texts[3]}, "%": {texts[0], texts[2]}, "zz": nil} {
			var got []string
			err := d.Read(context.Background(), func(tx *db.Tx) error {
				for _, s := range texts {
					var n int
					if _, err := tx.Row(context.Background(), `SELECT CASE WHEN ? LIKE ? ESCAPE '!' THEN 1 ELSE 0 END`, []any{s, desk.Like(word)}, &n); err != nil {
						return err
					}
					if n == 1 {
						got = append(got, s)
					}
				}
				return nil
			})
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%q: %q, want %q (%v)", word, got, want, err)
			}
		}
	})
}
