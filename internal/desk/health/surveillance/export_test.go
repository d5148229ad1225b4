package surveillance

import (
	"context"
	"time"

	"lintas/internal/desk/health/surveillance/packed"
	"lintas/internal/id"
)

// Fill stores counts as one revision without an import, for benchmarks of the
// pages.
func (d *Desk) Fill(ctx context.Context, s Dataset, name string, known time.Time, cells map[Key][]packed.Cell) error {
	return d.revise(ctx, &revision{Import: id.ID(name), Dataset: s.Number, KnownAt: known, Cells: cells}, nil)
}
