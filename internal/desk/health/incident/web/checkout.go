package web

import (
	"net/http"
	"net/url"
	"slices"

	"lintas/internal/desk/health/incident"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// what is released: a function or a resource.
func (w words) what(x *incident.Checkout) string {
	if x.Function != "" {
		return w.function(x.Function)
	}
	return x.Resource
}

// demobilisationView is the release of functions and resources.
type demobilisationView struct {
	frame
	Table     parts.Table
	Add       form
	Resources []incident.Resource
	Begin     *parts.Button
	Left      int
}

func (g *Pages) demobilisation(w http.ResponseWriter, r *shell.Request) error {
	return g.showDemobilisation(w, r, http.StatusOK, url.Values{}, nil)
}

func (g *Pages) showDemobilisation(w http.ResponseWriter, r *shell.Request, status int, posted url.Values, cause error) error {
	f, err := g.book(r, "demobilisation")
	if err != nil {
		return err
	}
	v := demobilisationView{frame: f, Add: form{words: f.words, Action: f.path() + "/demobilisation", Form: posted, Errors: errorsOf(r.Printer, cause), Save: f.T("incident.checkout.list")}}
	if v.Resources, err = g.desk.Resources(r.Context(), r.Actor, &f.B.Incident); err != nil {
		return err
	}
	if o, ok := offered(f.B.Offers, "stand_down"); ok {
		v.Begin = &parts.Button{Text: f.T("incident.verb.incident.stand_down"), Kind: parts.Primary, Href: f.path() + "/step/stand_down", Unmet: f.unmet(o)}
	}
	v.Table = f.checkouts(true)
	for i := range f.B.Checkouts {
		if f.B.Checkouts[i].State == incident.Listed {
			v.Left++
		}
	}
	return r.ShowStatus(w, status, f.page(), demobilisationPage(v))
}

func (f *frame) checkouts(buttons bool) parts.Table {
	t := parts.Table{Caption: f.T("incident.checkouts"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: f.T("incident.col.what")}, {Text: f.T("incident.col.state")}, {Text: f.T("incident.col.items")}, {Text: f.T("incident.field.words")}, {Text: f.T("incident.col.released")}}}
	if buttons {
		t.Columns = append(t.Columns, parts.Column{Text: f.T("incident.col.steps")})
	}
	for i := range f.B.Checkouts {
		x := &f.B.Checkouts[i]
		grade := parts.Watch
		if x.State == incident.Cleared {
			grade = parts.Good
		}
		row := []parts.Cell{{Text: f.what(&x.Checkout)}, {Body: parts.Tag(grade, f.state(x.State))}, {Body: itemList(f.words, x.Items)}, {Text: x.Words}, {Text: "–"}}
		if !x.Cleared.IsZero() {
			row[4] = parts.Cell{At: x.Cleared, Note: x.ClearedAs}
		}
		if x.Reason != "" {
			row[4].Note = joined(row[4].Note, x.Reason)
		}
		if buttons {
			var bs []parts.Button
			for _, o := range x.Offers {
				if o.Verb == "clear" {
					continue // it stands on the page where the items are
				}
				bs = append(bs, parts.Button{Text: f.T("incident.verb.checkout." + string(o.Verb)), Small: true, Href: f.path() + "/checkouts/" + string(x.ID) + "/" + string(o.Verb)})
			}
			row = append(row, parts.Cell{Body: parts.Buttons(f.Printer, bs)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

func (g *Pages) listResource(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	_, err = g.desk.List(r.Context(), r.Actor, iid, incident.CheckoutInput{Resource: r.PostForm.Get("resource")})
	if status := again(err); status != 0 {
		return g.showDemobilisation(w, r, status, r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.checkout.list", nil)
	return r.Redirect(w, incident.Path(iid)+"/demobilisation")
}

// checkoutForm is the sheet of one release with what is still owed.
type checkoutForm struct {
	stepForm
	Rows  int
	Sheet bool
	Clear *parts.Button
}

// done is the tick of an item.
func (v checkoutForm) done(n string) parts.Choices {
	f := v.field("i_done."+n, false)
	return parts.Choices{Field: parts.Field{Name: f.Name, Label: f.Label}, Many: true, Inline: true, Options: []parts.Option{{Value: "yes", Text: v.T("incident.item.done"), Chosen: v.Form.Get("i_done."+n) != ""}}}
}

func (g *Pages) findCheckout(r *shell.Request) (frame, incident.CheckoutView, error) {
	f, err := g.book(r, "demobilisation")
	if err != nil {
		return f, incident.CheckoutView{}, err
	}
	i := slices.IndexFunc(f.B.Checkouts, func(x incident.CheckoutView) bool { return string(x.ID) == r.PathValue("checkout") })
	if i < 0 {
		return f, incident.CheckoutView{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return f, f.B.Checkouts[i], nil
}

func (g *Pages) askCheckout(w http.ResponseWriter, r *shell.Request) error {
	return g.showCheckout(w, r, http.StatusOK, nil, nil)
}

func (g *Pages) showCheckout(w http.ResponseWriter, r *shell.Request, status int, items []incident.Item, cause error) error {
	f, x, err := g.findCheckout(r)
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	if verb == "clear" {
		verb = "edit" // one sheet has both buttons
	}
	o, ok := offered(x.Offers, workflow.Verb(verb))
	if !ok {
		_, known := incident.Checkouts.Find(x.State, workflow.Verb(verb))
		return refusal(known, verb, x.State)
	}
	path := f.path() + "/checkouts/" + string(x.ID) + "/"
	v := checkoutForm{stepForm: f.stepOf(r, "checkout", verb, path+verb, f.path()+"/demobilisation", x.Version, o, cause), Sheet: verb == "edit"}
	v.Title = f.what(&x.Checkout) + ": " + v.Title
	if !v.Sheet {
		v.why(true)
		return r.ShowStatus(w, status, f.page(), stepPage(v.stepForm))
	}
	if r.Method == http.MethodGet {
		items = x.Items
		v.Form = url.Values{"words": {x.Words}}
	} else {
		v.Form = url.Values{"words": r.PostForm["words"], "reason": r.PostForm["reason"]}
	}
	for i, it := range items {
		n := "." + str(i+1)
		v.Form.Set("i_text"+n, it.Text)
		v.Form.Set("i_to"+n, it.To)
		if it.Done {
			v.Form.Set("i_done"+n, "yes")
		}
	}
	v.Rows = min(len(items)+3, incident.MaxRows)
	return r.ShowStatus(w, status, f.page(), checkoutPage(v))
}

func (g *Pages) stepCheckout(w http.ResponseWriter, r *shell.Request) error {
	f, x, err := g.findCheckout(r)
	if err != nil {
		return err
	}
	p, verb := r.PostForm, r.PathValue("verb")
	if verb == "edit" && p.Get("then") == "clear" {
		verb = "clear"
	}
	in := incident.CheckoutInput{Words: text(p.Get("words"))}
	for i := 1; i <= incident.MaxRows; i++ {
		n := "." + str(i)
		if it := (incident.Item{Text: text(p.Get("i_text" + n)), To: text(p.Get("i_to" + n)), Done: p.Get("i_done"+n) != ""}); it.Text != "" || it.To != "" {
			in.Items = append(in.Items, it)
		}
	}
	_, err = g.desk.StepCheckout(r.Context(), r.Actor, x.ID, version(p.Get("version")), workflow.Verb(verb), in, text(p.Get("reason")))
	if status := again(err); status != 0 {
		return g.showCheckout(w, r, status, in.Items, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.checkout."+verb, nil)
	return r.Redirect(w, f.path()+"/demobilisation")
}
