package edxl

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func sample(t Type) *Message {
	m := &Message{Type: t, ID: "urn:lintas:KH:1", Sent: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC), Description: "Wards & tents <full>", Originating: "urn:lintas:KH:1",
		Incidents: []Incident{{"EP-2026-000001-KHM", "Cholera (sample)"}}, Funding: []Funding{{"F-1", "Free"}}, Contacts: []Contact{{"Duty post", "Requester", "Ministry of Health"}, {Role: "Approver", Party: "EOC"}},
		Resources: []Resource{
			{Element: "1", Name: "Salts", Kind: Value{"urn:lintas:category", "supplies"}, Keywords: []Value{{"urn:lintas:priority", "urgent"}}, Description: "Boxes of 100", Amount: "1000", Unit: Value{"urn:lintas:unit", "box"},
				Restrictions: "transport", Function: "Treatment", Price: "free", Order: "O-1", Transport: "air", Special: "2 °C to 8 °C", Credentials: "none",
				Schedule: []Schedule{{"RequestedArrival", time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), "KH-7"}, {Type: "ReportTo", Location: "PNH"}}},
			{Element: "2", ID: "R-2", Name: "Team", Kind: Value{"urn:lintas:category", "team"}, Quantity: "two teams", Status: Value{"urn:lintas:stage", "arrived"}, Available: "now"},
		}}
	if t.Response() {
		m.Preceding = "urn:lintas:KH:0"
		m.Resources[0].Response = &Response{"1", "Accept", ""}
		m.Resources[1].Response = &Response{"2", "Decline", "We have none."}
	}
	return m
}

// Every message comes back as it was, and is what the standard's schema asks
// for: the elements in their order.
func TestRoundTrip(t *testing.T) {
	if len(All) != 16 {
		t.Fatalf("%d messages", len(All))
	}
	for _, kind := range All {
		m := sample(kind)
		if kind == RequestReturn {
			m.Recall = &Recall{"urn:lintas:KH:0", "Cancel"}
		}
		raw, err := m.Encode()
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		back, err := Decode(raw)
		if err != nil {
			t.Fatalf("%s: %v\n%s", kind, err, raw)
		}
		if !reflect.DeepEqual(m, back) {
			t.Errorf("%s:\n%+v\n%+v", kind, m, back)
		}
		last := -1
		for _, name := range []string{"<MessageID>", "<SentDateTime>", "<MessageContentType>", "<MessageDescription>", "<OriginatingMessageID>", "<PrecedingMessageID>", "<IncidentInformation>", "<MessageRecall>", "<Funding>",
			"<ContactInformation>", "<ResourceInformation>", "<ResponseInformation>", "<Resource>", "<TypeStructure>", "<Keyword>", "<Description>", "<AssignmentInformation>", "<Quantity>", "<ScheduleInformation>"} {
			if i := strings.Index(string(raw), name); i >= 0 {
				if i < last {
					t.Errorf("%s: %s is out of order", kind, name)
				}
				last = i
			}
		}
	}
}

// A message as other systems write it: shared elements in the messages'
// namespace, an offset in the time, more than one name element.
const foreign = `<?xml version="1.0" encoding="UTF-8"?>
<RequestResource xmlns="urn:oasis:names:tc:emergency:EDXL:RM:1.0:msg" xmlns:rm="urn:oasis:names:tc:emergency:EDXL:RM:1.0" xmlns:x="urn:oasis:names:tc:ciq:xpil:3" xmlns:n="urn:oasis:names:tc:ciq:xnl:3">
  <MessageID>urn:sample:1</MessageID><SentDateTime>2026-11-23T13:00:00+07:00</SentDateTime><MessageContentType>RequestResource</MessageContentType>
  <OriginatingMessageID>urn:sample:1</OriginatingMessageID>
  <ContactInformation><rm:ContactRole>Requester</rm:ContactRole><rm:AdditionalContactInformation><x:PartyName><n:OrganisationName><n:NameElement>Ministry</n:NameElement><n:NameElement>of Health</n:NameElement></n:OrganisationName></x:PartyName></rm:AdditionalContactInformation></ContactInformation>
  <ResourceInformation><ResourceInfoElementID>001</ResourceInfoElementID>
    <Resource><TypeStructure><rm:ValueListURN>urn:sample:types</rm:ValueListURN><rm:Value>Sheltering team</rm:Value></TypeStructure></Resource>
    <AssignmentInformation><Quantity><MeasuredQuantity><Amount>3</Amount></MeasuredQuantity></Quantity></AssignmentInformation>
    <ScheduleInformation><ScheduleType>RequestedArrival</ScheduleType><DateTime>2026-11-24T09:00:00+07:00</DateTime></ScheduleInformation>
  </ResourceInformation>
</RequestResource>`

func TestForeignMessage(t *testing.T) {
	m, err := Decode([]byte(foreign))
	if err != nil {
		t.Fatal(err)
	}
	r := m.Resources[0]
	if m.Sent.Hour() != 6 || m.Contacts[0].Party != "Ministry of Health" || r.Amount != "3" || r.Kind.Value != "Sheltering team" || r.Schedule[0].At.Hour() != 2 {
		t.Errorf("%+v", m)
	}
	for _, c := range []string{strings.Replace(foreign, "RM:1.0:msg", "RM:2.0:msg", 1), strings.Replace(foreign, "<MessageContentType>RequestResource", "<MessageContentType>CommitResource", 1),
		strings.Replace(foreign, ">3<", ">three<", 1), strings.Replace(foreign, "RequestedArrival", "Whenever", 1), strings.Replace(foreign, "T13:00", " 13:00", 1), strings.Replace(foreign, "</RequestResource>", "", 1), "", "<a/>"} {
		if _, err := Decode([]byte(c)); err == nil {
			t.Errorf("taken: %s", c)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(foreign))
	for _, k := range All {
		raw, err := sample(k).Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Decode(raw)
		if err != nil {
			return
		}
		if _, err := m.Encode(); err != nil {
			t.Fatalf("read but not written: %v", err)
		}
	})
}
