package web

import (
	"cmp"
	"net/url"
	"strings"

	"lintas/internal/web/parts"
)

// draw makes one input. full is its whole name in the form.
func (w words) draw(s spec, full string, form url.Values, errs parts.Errors, l lists) field {
	f := field{Kind: s.kind, Value: form.Get(full), Field: parts.Field{Name: full, Label: w.labelOf(s), Error: errs.Of(full), Required: s.must, Optional: !s.must && s.kind != "hidden"}}
	if hint := "request.hint." + cmp.Or(s.says, full[strings.LastIndexByte(full, '.')+1:]); w.Has(hint) {
		f.Hint = w.T(hint)
	}
	options := l[s.of]
	for _, v := range s.list {
		options = append(options, parts.Option{Value: v, Text: w.T("request." + s.of + "." + v)})
	}
	f.Options = chosen(options, form[full])
	return f
}

// sets draws groups. prefix stands before every name: the verb of a step.
func (w words) sets(groups []group, prefix string, form url.Values, errs parts.Errors, l lists, grow bool) []fieldset {
	var out []fieldset
	for _, g := range groups {
		fs := fieldset{ID: "set-" + prefix + g.key}
		if g.key != "" {
			fs.Legend, fs.Row = w.T("request.group."+g.key), w.T("request.row")
		}
		if g.rows == "" {
			for _, s := range g.fields {
				fs.Fields = append(fs.Fields, w.draw(s, join(prefix, s.name), form, errs, l))
			}
			out = append(out, fs)
			continue
		}
		rows := join(prefix, g.rows)
		n := rowsOf(form, rows)
		if len(g.counts) > 0 && (n == 0 || form.Get("do") == "row."+rows) {
			n++
		}
		fs.Grow, fs.Error = grow && len(g.counts) > 0, errs.Of(g.rows)
		fs.ID = strings.ReplaceAll("f-"+rows, ".", "-")
		for i := range n {
			var row []field
			for _, s := range g.fields {
				row = append(row, w.draw(s, rows+"."+str(i)+"."+s.name, form, errs, l))
			}
			fs.Rows = append(fs.Rows, row)
		}
		out = append(out, fs)
	}
	return out
}

// faults brings the fields of a fault to the inputs of the form.
func (w words) faults(groups []group, prefix string, err error) parts.Errors {
	e := parts.ErrorsOf(w.Printer, err)
	for i := range e.Items {
		it := &e.Items[i]
		for _, g := range groups {
			for _, s := range g.fields {
				if s.name[strings.LastIndexByte(s.name, '.')+1:] != it.Name || (g.rows != "") != (it.Row > 0) {
					continue
				}
				name := s.name
				if g.rows != "" {
					name = g.rows + "." + str(it.Row-1) + "." + s.name
				}
				it.Name, it.Row = join(prefix, name), -1
			}
		}
	}
	return e
}
