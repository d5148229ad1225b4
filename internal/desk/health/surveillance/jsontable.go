package surveillance

import (
	"encoding/json"
	"io"
	"strconv"

	"lintas/internal/fault"
)

// mostJSON is how many values one file may hold.
const mostJSON = 2_000_000

// scalar is a JSON value that is text in some systems and a number in others.
type scalar string

// UnmarshalJSON takes a string, a number or null.
func (s *scalar) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var t string
		err := json.Unmarshal(b, &t)
		*s = scalar(t)
		return err
	}
	if string(b) == "null" {
		return nil
	}
	var n json.Number
	err := json.Unmarshal(b, &n)
	*s = scalar(n)
	return err
}

// valueSet is a DHIS2 dataValueSet. Period and organisation unit may stand
// once for all values (DHIS2 developer guide, "Data values").
type valueSet struct {
	Period     scalar `json:"period"`
	OrgUnit    string `json:"orgUnit"`
	DataValues []struct {
		DataElement          string `json:"dataElement"`
		Period               scalar `json:"period"`
		OrgUnit              string `json:"orgUnit"`
		CategoryOptionCombo  string `json:"categoryOptionCombo"`
		AttributeOptionCombo string `json:"attributeOptionCombo"`
		Value                scalar `json:"value"`
		Deleted              bool   `json:"deleted"`
	} `json:"dataValues"`
}

func openJSON(r io.Reader) (table, Format, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, "", err
	}
	var kind struct {
		ResourceType string          `json:"resourceType"`
		DataValues   json.RawMessage `json:"dataValues"`
	}
	if err := json.Unmarshal(b, &kind); err != nil {
		return nil, "", fault.Wrap(fault.Invalid, "fault.surveillance.json", err)
	}
	switch {
	case kind.ResourceType != "":
		t, err := measureReports(b)
		return t, FormatFHIR, err
	case kind.DataValues != nil:
		t, err := dataValues(b)
		return t, FormatDHIS2, err
	}
	return nil, "", fault.New(fault.Invalid, "fault.surveillance.json")
}

func dataValues(b []byte) (table, error) {
	var s valueSet
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.surveillance.json", err)
	}
	if len(s.DataValues) > mostJSON {
		return nil, fault.New(fault.Invalid, "fault.surveillance.too_large")
	}
	t := &listTable{head: []string{"dataElement", "period", "orgUnit", "categoryOptionCombo", "attributeOptionCombo", "value"}}
	for _, v := range s.DataValues {
		if v.Period == "" {
			v.Period = s.Period
		}
		if v.OrgUnit == "" {
			v.OrgUnit = s.OrgUnit
		}
		if v.Deleted {
			v.Value = "" // a value that was taken back says nothing
		}
		t.rows = append(t.rows, []string{v.DataElement, string(v.Period), v.OrgUnit, v.CategoryOptionCombo, v.AttributeOptionCombo, string(v.Value)})
	}
	return t, nil
}

// Parts of a FHIR MeasureReport (HL7 FHIR R4 and R5) that counts come from.
type measureReport struct {
	ResourceType string                      `json:"resourceType"`
	Status       string                      `json:"status"`
	Measure      string                      `json:"measure"`
	Subject      reference                   `json:"subject"`
	Reporter     reference                   `json:"reporter"`
	Location     reference                   `json:"location"`
	Period       struct{ Start, End string } `json:"period"`
	Group        []measureGroup              `json:"group"`
	Entry        []struct {
		Resource json.RawMessage `json:"resource"`
	} `json:"entry"`
}

type reference struct {
	Reference  string `json:"reference"`
	Display    string `json:"display"`
	Identifier struct {
		Value string `json:"value"`
	} `json:"identifier"`
}

// word is how a report names a place: its identifier, else the end of the
// reference, else the words.
func (r reference) word() string {
	if r.Identifier.Value != "" {
		return r.Identifier.Value
	}
	for i := len(r.Reference) - 1; i >= 0; i-- {
		if r.Reference[i] == '/' {
			return r.Reference[i+1:]
		}
	}
	if r.Reference != "" {
		return r.Reference
	}
	return r.Display
}

type concept struct {
	Text   string `json:"text"`
	Coding []struct {
		Code    string `json:"code"`
		Display string `json:"display"`
	} `json:"coding"`
}

func (c concept) word() string {
	if len(c.Coding) > 0 && c.Coding[0].Code != "" {
		return c.Coding[0].Code
	}
	return c.Text
}

type population struct {
	Code  concept `json:"code"`
	Count *int64  `json:"count"`
}

type measureGroup struct {
	Code       concept      `json:"code"`
	Population []population `json:"population"`
	Stratifier []struct {
		Code    json.RawMessage `json:"code"` // a list in R4, one in R5
		Stratum []struct {
			Value      concept      `json:"value"`
			Population []population `json:"population"`
		} `json:"stratum"`
	} `json:"stratifier"`
}

func measureReports(b []byte) (table, error) {
	t := &listTable{head: []string{"measure", "group", "population", "subject", "period_start", "period_end", "stratifier", "stratum", "count"}}
	var top measureReport
	if err := json.Unmarshal(b, &top); err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.surveillance.json", err)
	}
	reports := []measureReport{top}
	if top.ResourceType == "Bundle" {
		reports = nil
		for _, e := range top.Entry {
			var r measureReport
			if err := json.Unmarshal(e.Resource, &r); err != nil {
				return nil, fault.Wrap(fault.Invalid, "fault.surveillance.json", err)
			}
			reports = append(reports, r)
		}
	}
	for _, r := range reports {
		if r.ResourceType != "MeasureReport" || r.Status == "error" {
			continue // a bundle may hold what the reports refer to
		}
		if err := r.rows(t); err != nil {
			return nil, err
		}
	}
	if len(t.rows) == 0 {
		return nil, fault.New(fault.Invalid, "fault.surveillance.fhir_empty")
	}
	return t, nil
}

// rows writes one row for each population of a group, and for each of a
// stratum; a stratum's row names it, so that the mapping can keep them apart.
func (r measureReport) rows(t *listTable) error {
	where := r.Subject.word()
	for _, o := range []reference{r.Location, r.Reporter} {
		if where == "" {
			where = o.word()
		}
	}
	add := func(g measureGroup, p population, stratifier, stratum string) {
		count := ""
		if p.Count != nil {
			count = strconv.FormatInt(*p.Count, 10)
		}
		t.rows = append(t.rows, []string{r.Measure, g.Code.word(), p.Code.word(), where, r.Period.Start, r.Period.End, stratifier, stratum, count})
	}
	for _, g := range r.Group {
		for _, p := range g.Population {
			add(g, p, "", "")
		}
		for _, s := range g.Stratifier {
			for _, x := range s.Stratum {
				for _, p := range x.Population {
					add(g, p, stratifierName(s.Code), x.Value.word())
				}
			}
		}
		if len(t.rows) > mostJSON {
			return fault.New(fault.Invalid, "fault.surveillance.too_large")
		}
	}
	return nil
}

func stratifierName(raw json.RawMessage) string {
	var one concept
	if json.Unmarshal(raw, &one) == nil {
		return one.word()
	}
	var many []concept
	if json.Unmarshal(raw, &many) == nil && len(many) > 0 {
		return many[0].word()
	}
	return ""
}
