package web

import (
	"net/http"

	"lintas/internal/desk/health/edxlsitrep"
	"lintas/internal/desk/health/sitrep"
	"lintas/internal/fault"
	shell "lintas/internal/web"
)

// edxl is an issued report in the exchange format; what nobody cleared does
// not leave in it.
func (g *Pages) edxl(w http.ResponseWriter, r *shell.Request) error {
	if err := mayExport(r); err != nil {
		return err
	}
	p, err := g.find(r)
	if err != nil {
		return err
	}
	if p.View.State != sitrep.Issued && p.View.State != sitrep.Corrected {
		return fault.New(fault.Conflict, "fault.sitrep.not_issued")
	}
	x := sitrep.EDXL(&p.View)
	body, err := edxlsitrep.Encode(&x)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", edxlsitrep.MediaType)
	h.Set("Content-Disposition", `attachment; filename="sitrep-`+str(p.View.Number)+`-`+string(p.View.Owner)+`.xml"`)
	_, err = w.Write(body)
	return err
}
