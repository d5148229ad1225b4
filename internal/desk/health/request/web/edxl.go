package web

import (
	"context"
	"net/http"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/edxl"
	"lintas/internal/desk/health/request"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// edxlFile is a record as an EDXL-RM message.
func (g *Pages) edxlFile(w http.ResponseWriter, r *shell.Request) error {
	if !health.Capabilities.May(r.Actor, "health.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	p, err := g.pageOf(r)
	if err != nil {
		return err
	}
	m, err := p.EDXL(edxl.Type(r.URL.Query().Get("message")), r.Now)
	if err != nil {
		return err
	}
	raw, err := m.Encode()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", edxl.MediaType)
	w.Header().Set("Content-Disposition", `attachment; filename="`+string(m.Type)+`.xml"`)
	_, err = w.Write(raw)
	return err
}

// edxlLinks lead to the messages and bundles that the record can be told as.
func (v *recordView) edxlLinks() {
	b := block{ID: "edxl", Title: v.T("request.edxl"), Note: v.T("request.edxl.note")}
	for _, t := range v.P.EDXLTypes() {
		b.Defs = append(b.Defs, parts.Definition{Term: "EDXL-RM 1.0", Body: link(v.P.Path()+"/edxl.xml?message="+string(t), string(t))})
	}
	b.Defs = append(b.Defs, v.fhirLink()...)
	if len(b.Defs) > 0 {
		v.Side = append(v.Side, b)
	}
}

// EDXLMessage is an EDXL-RM message, with the members that a request made from
// it shall go to.
type EDXLMessage struct {
	XML string          `json:"xml" maxLength:"1048576"`
	To  []access.Member `json:"to,omitempty"`
}

// edxlOperations take and give EDXL-RM messages.
func (g *Pages) edxlOperations(a *api.API) {
	api.Add(a, api.Op{Method: "POST", Path: "/request/edxl", ID: "request-edxl-read", Summary: "Draft a request from an EDXL-RM RequestResource message", Tag: "request", Scope: writeScope},
		func(ctx context.Context, c *api.Call, in *newBody[EDXLMessage]) (*api.One[RequestDoc], error) {
			m, err := edxl.Decode([]byte(in.Body.XML))
			if err != nil {
				return nil, err
			}
			x, err := request.RequestOf(m)
			if err != nil {
				return nil, err
			}
			x.To = in.Body.To
			r, err := g.desk.DraftRequest(ctx, c.Actor, x)
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
