package web

import (
	"context"
	"net/http"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/fhir"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// fhirFile is the goods of a record as a FHIR bundle.
func (g *Pages) fhirFile(w http.ResponseWriter, r *shell.Request) error {
	if !health.Capabilities.May(r.Actor, "health.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	p, err := g.pageOf(r)
	if err != nil {
		return err
	}
	b, ok := p.FHIR()
	if !ok {
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	raw, err := b.Encode()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", fhir.MediaType)
	w.Header().Set("Content-Disposition", `attachment; filename="`+p.FHIRType()+`.json"`)
	_, err = w.Write(raw)
	return err
}

// fhirLink leads to the bundle, where the record has goods.
func (v *recordView) fhirLink() []parts.Definition {
	t := v.P.FHIRType()
	if t == "" {
		return nil
	}
	return []parts.Definition{{Term: "FHIR R4", Body: link(v.P.Path()+"/fhir.json", t)}}
}

// FHIRBundle is a FHIR R4 bundle of SupplyRequests, with the members that a
// request made from it shall go to.
type FHIRBundle struct {
	JSON string          `json:"bundle" maxLength:"1048576" doc:"The bundle as JSON text."`
	To   []access.Member `json:"to,omitempty"`
}

// fhirOperations take FHIR bundles.
func (g *Pages) fhirOperations(a *api.API) {
	api.Add(a, api.Op{Method: "POST", Path: "/request/fhir", ID: "request-fhir-read", Summary: "Draft a request from a FHIR R4 bundle of SupplyRequests", Tag: "request", Scope: writeScope},
		func(ctx context.Context, c *api.Call, in *newBody[FHIRBundle]) (*api.One[RequestDoc], error) {
			r, err := g.desk.DraftFHIR(ctx, c.Actor, []byte(in.Body.JSON), in.Body.To)
			if err != nil {
				return nil, err
			}
			p, err := g.desk.Page(ctx, c.Actor, r.ID)
			if err != nil {
				return nil, err
			}
			return api.NewOne(int64(r.Version), requestDoc(g, &p.Entry, c.Now)), nil
		})
}
