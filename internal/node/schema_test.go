package node

import (
	"os"
	"testing"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
)

// The schema of the whole node stands in schema.sql, so that a change of it is
// seen in review. make generate writes it.
func TestSchemaIsCurrent(t *testing.T) {
	d := dbtest.Open(t, dbtest.Options(t, db.SQLite), Schemas()...)
	got, err := d.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const file = "schema.sql"
	if os.Getenv("LINTAS_WRITE") == "1" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not current: run make generate", file)
	}
}
