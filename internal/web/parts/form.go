package parts

import (
	"errors"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/fault"
	"lintas/internal/locale"
)

// Field is what every input has. Its id is "f-" and its name.
type Field struct {
	Name     string
	Label    string
	Hint     string
	Error    string
	Required bool // said in words; the server decides, not the browser
	Optional bool // marks "(optional)" where most fields are required
}

// ID is the id of the input, where the summary of errors leads.
func (f Field) ID() string { return "f-" + strings.ReplaceAll(f.Name, ".", "-") }

// describe ties hint and error to the input.
func (f Field) describe() templ.Attributes {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID()+"-hint")
	}
	a := templ.Attributes{}
	if f.Error != "" {
		ids = append(ids, f.ID()+"-error")
		a["aria-invalid"] = "true"
	}
	if len(ids) > 0 {
		a["aria-describedby"] = strings.Join(ids, " ")
	}
	if f.Required {
		a["aria-required"] = "true"
	}
	return a
}

// Input is one line of text. Type is that of HTML: text, password, email,
// search, number, tel, url, date, datetime-local (in UTC; say so in the hint).
type Input struct {
	Field
	Type         string
	Value        string
	Autocomplete string
	InputMode    string
	MaxLength    int
	Width        string // "short", "medium" or empty for the whole width
	Suffix       string // words after the input, such as a unit
}

func (v Input) attributes() templ.Attributes {
	a := v.describe()
	for k, s := range map[string]string{"autocomplete": v.Autocomplete, "inputmode": v.InputMode} {
		if s != "" {
			a[k] = s
		}
	}
	if v.MaxLength > 0 {
		a["maxlength"] = str(v.MaxLength)
	}
	return a
}

func (v Input) kind() string {
	if v.Type == "" {
		return "text"
	}
	return v.Type
}

// TextArea is text of several lines.
type TextArea struct {
	Field
	Value     string
	Rows      int
	MaxLength int
}

// Option is one choice.
type Option struct {
	Value    string
	Text     string
	Hint     string
	Chosen   bool
	Disabled bool
	Grade    Grade  // draws its shape
	Group    string // heading in a select or above choices; options of a group stand together
}

// Select is a list to choose one from.
type Select struct {
	Field
	Options []Option
	Blank   string // text of an empty first choice; empty: none
}

// Choices are radio buttons, or checkboxes when Many. Each input's id is the
// field's id with the number of the option; the first carries the field's id.
type Choices struct {
	Field
	Many    bool
	Inline  bool
	Options []Option
}

// describe: of groups only one of radio buttons can be required.
func (v Choices) describe() templ.Attributes {
	a := v.Field.describe()
	if v.Required && !v.Many {
		a["role"] = "radiogroup"
	} else {
		delete(a, "aria-required")
	}
	return a
}

// Dated is a date with how precisely it is known: inputs <Name> (date),
// <Name>_time (UTC, used for precision minute) and <Name>_precision.
type Dated struct {
	Field
	Date       string // 2026-11-23
	Time       string // 08:18
	Precision  string
	Precisions []string // as locale.Dated: "minute", "day", "week", "month", "year", "unknown"
}

func (v Dated) describe() templ.Attributes {
	a := v.Field.describe()
	delete(a, "aria-required")
	return a
}

// File lets a file be chosen.
type File struct {
	Field
	Accept   string
	Multiple bool
}

// Form is posted to Action. Guard warns before typed words are left unsaved.
type Form struct {
	ID        string
	Action    string
	Get       bool
	Guard     bool
	Multipart bool
	Class     string
}

func (f Form) attributes() templ.Attributes {
	a := templ.Attributes{"method": "post"}
	if f.Get {
		a["method"] = "get"
	}
	if f.Guard {
		a["data-guard"] = "true"
	}
	if f.Multipart {
		a["enctype"] = "multipart/form-data"
	}
	if f.ID != "" {
		a["id"] = f.ID
	}
	return a
}

// Errors are what is wrong with a form, in the order that it was found.
type Errors struct {
	Title string
	Items []FieldError
}

// FieldError is one fault of one field.
type FieldError struct {
	Name string
	Row  int
	Text string
}

// ErrorsOf says a fault of the kind Invalid in words; nil has none.
func ErrorsOf(p *locale.Printer, err error) Errors {
	var f *fault.Error
	if !errors.As(err, &f) {
		return Errors{}
	}
	out := Errors{Title: p.With(f.Key, f.Args)}
	for _, item := range f.Fields {
		text := p.With(item.Key, item.Args)
		if item.Row > 0 {
			text = p.T("parts.form.row", "n", item.Row, "text", text)
		}
		out.Items = append(out.Items, FieldError{Name: item.Name, Row: item.Row, Text: text})
	}
	return out
}

// Of is the text for one field, to put into its Field.Error.
func (e Errors) Of(name string) string {
	var all []string
	for _, i := range e.Items {
		if i.Name == name {
			all = append(all, i.Text)
		}
	}
	return strings.Join(all, " ")
}

// Any reports whether something is wrong.
func (e Errors) Any() bool { return e.Title != "" || len(e.Items) > 0 }

// Confirm is a page that asks once more, in place of a dialog.
type Confirm struct {
	Title  string
	Text   string
	Points []string // what will happen
	Action string   // the form is posted here
	Hidden [][2]string
	Submit Button
	Cancel Link
}
