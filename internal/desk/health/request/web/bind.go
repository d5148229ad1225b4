package web

import (
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A form names its inputs by the JSON names of the record's fields, with dots
// between, and rows by their number from 0: "lines.0.item". So one table of
// specs serves the form, the page of the record and the sheet.

// maxRows bounds what a form may bring, whatever it says.
const maxRows = 500

func tag(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// bind reads the fields of v, a pointer to a struct, from the form. What is
// not a number where one is due becomes -1, which every check refuses.
func bind(form url.Values, prefix string, v any) { bindValue(form, prefix, reflect.ValueOf(v).Elem()) }

func bindValue(form url.Values, name string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if hasPrefix(form, name+".") {
			v.Set(reflect.New(v.Type().Elem()))
			bindValue(form, name, v.Elem())
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch t := tag(f); {
			case !f.IsExported() || t == "-":
			case t == "" && f.Anonymous:
				bindValue(form, name, v.Field(i))
			default:
				bindValue(form, join(name, t), v.Field(i))
			}
		}
	case reflect.Slice:
		bindSlice(form, name, v)
	case reflect.String:
		v.SetString(text(form.Get(name)))
	case reflect.Bool:
		v.SetBool(form.Get(name) != "")
	case reflect.Int, reflect.Int64:
		if s := strings.ReplaceAll(strings.TrimSpace(form.Get(name)), ",", ""); s != "" {
			n, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				n = -1
			}
			v.SetInt(n)
		}
	}
}

func bindSlice(form url.Values, name string, v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.String {
		for _, s := range form[name] {
			if s != "" && v.Len() < maxRows {
				v.Set(reflect.Append(v, reflect.ValueOf(s).Convert(v.Type().Elem())))
			}
		}
		return
	}
	for i := 0; i < maxRows && hasPrefix(form, name+"."+str(i)+"."); i++ {
		row := reflect.New(v.Type().Elem()).Elem()
		bindValue(form, name+"."+str(i), row)
		v.Set(reflect.Append(v, row))
	}
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "." + b
}

func hasPrefix(form url.Values, prefix string) bool {
	for k := range form {
		if strings.HasPrefix(k, prefix) {
			return true
		}
	}
	return false
}

// spread writes the fields of v into a form, as bind reads them.
func spread(v any) url.Values {
	out := url.Values{}
	spreadValue(out, "", reflect.ValueOf(v))
	return out
}

func spreadValue(out url.Values, name string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			spreadValue(out, name, v.Elem())
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch t := tag(f); {
			case !f.IsExported() || t == "-":
			case t == "" && f.Anonymous:
				spreadValue(out, name, v.Field(i))
			default:
				spreadValue(out, join(name, t), v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if e := v.Index(i); e.Kind() == reflect.String {
				out.Add(name, e.String())
			} else {
				spreadValue(out, name+"."+str(i), e)
			}
		}
	case reflect.String:
		if v.String() != "" {
			out.Set(name, v.String())
		}
	case reflect.Bool:
		if v.Bool() {
			out.Set(name, "1")
		}
	case reflect.Int, reflect.Int64:
		if v.Int() != 0 {
			out.Set(name, strconv.FormatInt(v.Int(), 10))
		}
	}
}

// rowsOf is how many rows of a name a form has.
func rowsOf(form url.Values, name string) int {
	n := 0
	for n < maxRows && hasPrefix(form, name+"."+str(n)+".") {
		n++
	}
	return n
}

// compact drops the rows of which none of the fields that count was filled in,
// so that the number of a row in a fault is its number in the form.
func compact(form url.Values, name string, counts ...string) {
	to := 0
	for from := range rowsOf(form, name) {
		pre := name + "." + str(from) + "."
		empty := !slices.ContainsFunc(counts, func(c string) bool { return text(form.Get(pre+c)) != "" })
		moved := url.Values{}
		for k, v := range form {
			if strings.HasPrefix(k, pre) {
				moved[name+"."+str(to)+"."+strings.TrimPrefix(k, pre)] = v
				delete(form, k)
			}
		}
		if empty {
			continue
		}
		for k, v := range moved {
			form[k] = v
		}
		to++
	}
}

func str(n int) string { return strconv.Itoa(n) }

func text(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
