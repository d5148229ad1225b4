package cap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"lintas/internal/fault"
)

// element is one element of the CAP namespace; children keep their order.
type element struct {
	name     string
	text     string
	children []*element
}

const (
	maxDepth    = 8
	maxElements = 20000
)

// parse reads the elements and refuses what could attack a reader of XML:
// document types (and with them entities), instructions, other encodings,
// deep nesting and too many elements.
func parse(data []byte) (*element, error) {
	if len(data) > MaxDocument {
		return nil, fault.New(fault.Invalid, "fault.cap.size").With("max", MaxDocument>>10)
	}
	p := &parser{d: xml.NewDecoder(bytes.NewReader(data))}
	p.d.Strict = true
	if err := p.run(); err != nil {
		if e, ok := errors.AsType[*fault.Error](err); ok {
			return nil, e
		}
		return nil, fault.Wrap(fault.Invalid, "fault.cap.xml", err)
	}
	return p.root, nil
}

type parser struct {
	d     *xml.Decoder
	root  *element
	open  []*element
	text  []*strings.Builder
	count int
}

var errForm = errors.New("cap: not a plain XML document")

func (p *parser) run() error {
	for first := true; ; first = false {
		t, err := p.d.Token()
		if errors.Is(err, io.EOF) {
			if p.root == nil || len(p.open) > 0 {
				return errForm
			}
			return nil
		}
		if err != nil {
			return err
		}
		if err := p.token(t, first); err != nil {
			return err
		}
	}
}

func (p *parser) token(t xml.Token, first bool) error {
	switch t := t.(type) {
	case xml.Directive:
		return errForm
	case xml.ProcInst:
		if t.Target != "xml" || !first {
			return errForm
		}
	case xml.StartElement:
		return p.start(t)
	case xml.EndElement:
		last := len(p.open) - 1
		p.open[last].text = p.text[last].String()
		p.open, p.text = p.open[:last], p.text[:last]
	case xml.CharData:
		if len(p.open) == 0 {
			if len(bytes.TrimSpace(t)) > 0 {
				return errForm
			}
			return nil
		}
		p.text[len(p.open)-1].Write(t)
	}
	return nil
}

func (p *parser) start(t xml.StartElement) error {
	p.count++
	if len(p.open) >= maxDepth || p.count > maxElements {
		return errForm
	}
	if len(p.open) == 0 {
		if p.root != nil {
			return errForm
		}
		if t.Name.Space != Namespace || t.Name.Local != "alert" {
			return fault.New(fault.Invalid, "fault.cap.namespace")
		}
		p.root = &element{name: "alert"}
		p.push(p.root)
		return nil
	}
	if t.Name.Space != Namespace {
		if len(p.open) == 1 {
			return p.skip()
		}
		return fault.New(fault.Invalid, "fault.cap.element").With("name", t.Name.Local)
	}
	e := &element{name: t.Name.Local}
	parent := p.open[len(p.open)-1]
	parent.children = append(parent.children, e)
	p.push(e)
	return nil
}

// skip passes over an extension, within the same limits.
func (p *parser) skip() error {
	for depth := 1; depth > 0; {
		t, err := p.d.Token()
		if err != nil {
			return err
		}
		switch t.(type) {
		case xml.Directive, xml.ProcInst:
			return errForm
		case xml.StartElement:
			depth++
			p.count++
		case xml.EndElement:
			depth--
		}
		if depth > 4*maxDepth || p.count > maxElements {
			return errForm
		}
	}
	return nil
}

func (p *parser) push(e *element) {
	p.open = append(p.open, e)
	p.text = append(p.text, &strings.Builder{})
}
