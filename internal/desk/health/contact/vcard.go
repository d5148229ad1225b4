package contact

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// VCardType is the media type of Cards.
const VCardType = "text/vcard; charset=utf-8"

// Cards writes the contacts as vCard 4.0 (RFC 6350), one card for each. A duty
// post is a card of the kind org, unless its member names a person. role says
// what the post is for, in the language of who takes the file.
func Cards(ks []Contact, role func(Role) string) []byte {
	var b cardWriter
	for i := range ks {
		b.card(&ks[i], role)
	}
	return []byte(b.String())
}

type cardWriter struct{ strings.Builder }

func (b *cardWriter) card(k *Contact, role func(Role) string) {
	b.line("BEGIN:VCARD")
	b.line("VERSION:4.0")
	b.line("UID:urn:uuid:" + string(k.ID))
	b.line("REV:" + k.AsOf.UTC().Format("20060102T150405Z"))
	if k.Person != "" {
		b.line("KIND:individual")
		b.line("FN:" + escape(k.Person))
		b.line("TITLE:" + escape(k.Post))
	} else {
		b.line("KIND:org")
		b.line("FN:" + escape(k.Post+", "+k.Organisation))
	}
	org := "ORG:" + component(k.Organisation)
	if k.Unit != "" {
		org += ";" + component(k.Unit)
	}
	b.line(org)
	b.line("ROLE:" + escape(role(k.Role)))
	b.line("CATEGORIES:" + escape(string(k.Role)) + "," + escape(string(k.Member)))
	for i, c := range k.Channels {
		b.channel(c, i+1)
	}
	for i, l := range k.Languages {
		b.line("LANG;PREF=" + strconv.Itoa(i+1) + ":" + l)
	}
	if k.Note != "" {
		b.line("NOTE:" + escape(k.Note))
	}
	if to, err := time.Parse(time.DateOnly, k.To); err == nil {
		b.line("X-LINTAS-VALID-TO:" + to.Format("20060102"))
	}
	b.line("END:VCARD")
}

// channel writes one way of reaching the post; the order is the preference.
func (b *cardWriter) channel(c Channel, pref int) {
	p := ";PREF=" + strconv.Itoa(pref)
	switch c.Kind {
	case "phone":
		b.line("TEL" + p + ";VALUE=uri;TYPE=voice;TYPE=work:tel:" + c.Value)
	case "mobile":
		b.line("TEL" + p + ";VALUE=uri;TYPE=voice;TYPE=text;TYPE=cell:tel:" + c.Value)
	case "email":
		b.line("EMAIL" + p + ";TYPE=work:" + escape(c.Value))
	default:
		b.line("X-LINTAS-SECURE" + p + ":" + escape(c.Value))
	}
}

// escape follows RFC 6350, 3.4: backslash, comma and newline of a text value.
// A semicolon stays as it is: readers take the backslash before it for text
// where the value has no components.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", "").Replace(s)
}

// component is escape for one part of a value that has several.
func component(s string) string { return strings.ReplaceAll(escape(s), ";", `\;`) }

// line ends with CR LF and is folded at 75 octets, never within a character
// (RFC 6350, 3.2).
func (b *cardWriter) line(s string) {
	const most = 75
	width := most
	for len(s) > width {
		cut := width
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		b.WriteString(s[:cut] + "\r\n ")
		s, width = s[cut:], most-1
	}
	b.WriteString(s + "\r\n")
}
