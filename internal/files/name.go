package files

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxName is the longest name in bytes; the exchange carries no longer one.
const maxName = 200

// reserved names mean a device on some systems, with any extension.
var reserved = []string{"con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"}

// CleanName makes a name that is only a name: no folders, nothing invisible
// or that turns the direction of writing (it could hide an extension), nothing
// that a file system takes for something else. Joiners stay: Khmer, Lao and
// Burmese words need them.
func CleanName(name string) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200b' || r == '\u200c' || r == '\u200d':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) || r == utf8.RuneError:
			return -1
		case strings.ContainsRune(`<>:"|?*;%`, r):
			return '_'
		}
		return r
	}, norm.NFC.String(name))
	name = strings.Trim(strings.Join(strings.Fields(name), " "), ". ")
	stem, _, _ := strings.Cut(name, ".")
	if slices.Contains(reserved, strings.ToLower(strings.TrimSpace(stem))) {
		name = "_" + name
	}
	name = shorten(name)
	if strings.Trim(name, "\u200b\u200c\u200d ") == "" {
		return "file"
	}
	return name
}

// shorten keeps the extension.
func shorten(name string) string {
	if len(name) <= maxName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	stem := name[:maxName-len(ext)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(stem, ". ") + ext
}

// Opaque is the type of everything that is not on the short list of types
// that a browser may be told of.
const Opaque = "application/octet-stream"

// known are those types: name and first bytes must both agree.
var known = []struct {
	ext, kind string
	magic     string
}{
	{".pdf", "application/pdf", "%PDF-"}, {".png", "image/png", "\x89PNG\r\n\x1a\n"},
	{".jpg", "image/jpeg", "\xff\xd8\xff"}, {".jpeg", "image/jpeg", "\xff\xd8\xff"},
	{".csv", "text/csv", ""}, {".txt", "text/plain", ""},
}

// TypeOf is the type of a file by its name and its first bytes.
func TypeOf(name string, head []byte) string {
	ext := strings.ToLower(path.Ext(name))
	for _, k := range known {
		if k.ext == ext && bytes.HasPrefix(head, []byte(k.magic)) {
			return k.kind
		}
	}
	return Opaque
}

// SafeType is a type that another node announced, if it is one of the list.
func SafeType(kind string) string {
	for _, k := range known {
		if k.kind == kind {
			return kind
		}
	}
	return Opaque
}

func textual(kind string) bool { return strings.HasPrefix(kind, "text/") }

// plain reports whether bytes can be text. Chunks end anywhere, also inside a
// character, so only what no text has counts.
func plain(b []byte) bool { return bytes.IndexByte(b, 0) < 0 }
