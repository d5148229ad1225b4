package reserve

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
)

// Limits of what a person enters.
const (
	MaxTitle = health.MaxName
	MaxShort = 120
	MaxText  = 4000
	MaxQty   = ledger.MaxAmount
	MaxLines = 40
)

// Records of the part. Each has one owner.
type (
	Item         = Record[ItemContent]
	Registration = Record[RegistrationContent]
	Lot          = Record[LotContent]
	Pledge       = Record[PledgeContent]
)

// Cold are the classes of a cold chain.
var Cold = []string{"ambient", "cool", "frozen", "ultra"}

// ItemContent says what an item is. All quantities of it, everywhere, are
// whole numbers of its unit, the smallest pack that is ever handed out.
type ItemContent struct {
	Code   string `json:"code"` // short, such as ORS-1L
	Name   string `json:"name"` // generic name
	Spec   string `json:"spec"`
	Unit   string `json:"unit"`           // "sachet for 1 litre"
	Pack   string `json:"pack,omitempty"` // how it comes: "carton of 100 sachets"
	UNSPSC string `json:"unspsc,omitempty"`
	GMDN   string `json:"gmdn,omitempty"`
	INN    string `json:"inn,omitempty"`
	ATC    string `json:"atc,omitempty"`
	Shelf  int    `json:"shelf_months,omitempty"`
	Keeps  string `json:"cold"`
}

var codeForm = map[string]*regexp.Regexp{"code": regexp.MustCompile(`^[A-Z0-9][A-Z0-9.-]{1,23}$`), "unspsc": regexp.MustCompile(`^([0-9]{8}([0-9]{2})?)?$`),
	"gmdn": regexp.MustCompile(`^([0-9]{5})?$`), "atc": regexp.MustCompile(`^([A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?)?$`)}

func (i *ItemContent) check(c *fault.Check) {
	i.Code, i.ATC = strings.ToUpper(strings.TrimSpace(i.Code)), strings.ToUpper(strings.TrimSpace(i.ATC))
	c.That(codeForm["code"].MatchString(i.Code), "code", "fault.reserve.code")
	c.That(codeForm["unspsc"].MatchString(i.UNSPSC), "unspsc", "fault.reserve.unspsc")
	c.That(codeForm["gmdn"].MatchString(i.GMDN), "gmdn", "fault.reserve.gmdn")
	c.That(codeForm["atc"].MatchString(i.ATC), "atc", "fault.reserve.atc")
	need(c, &i.Name, MaxShort, "name")
	text(c, &i.Spec, MaxText, "spec")
	need(c, &i.Unit, MaxShort, "unit")
	text(c, &i.Pack, MaxShort, "pack")
	text(c, &i.INN, MaxShort, "inn")
	c.That(i.Shelf >= 0 && i.Shelf <= 240, "shelf", "fault.reserve.between", fault.Args{"low": 0, "high": 240})
	c.That(slices.Contains(Cold, i.Keeps), "cold", "fault.reserve.choice")
}

// Statuses of an item in a state.
var Statuses = []string{"registered", "emergency", "permit", "not_registered"}

// RegistrationContent is what a state's own authority says of an item there.
type RegistrationContent struct {
	Item   id.ID  `json:"item"`
	Name   string `json:"name"`
	Status string `json:"status"`
	Ref    string `json:"ref,omitempty"`
	Until  string `json:"until,omitempty"`
	Words  string `json:"words,omitempty"`
}

func (r *RegistrationContent) check(c *fault.Check) {
	ref(c, r.Item, "item")
	need(c, &r.Name, MaxShort, "name")
	c.That(slices.Contains(Statuses, r.Status), "status", "fault.reserve.choice")
	text(c, &r.Ref, MaxShort, "ref")
	day(c, r.Until, "until", false)
	text(c, &r.Words, health.MaxReason, "words")
}

// LotContent is one lot of an item that was here once. How much of it is
// where stands in the book.
type LotContent struct {
	Item    id.ID         `json:"item"`
	Name    string        `json:"name"`
	Unit    string        `json:"unit"`
	Number  string        `json:"number"`
	Maker   string        `json:"maker"`
	Expires string        `json:"expires,omitempty"`
	Holder  access.Member `json:"holder"` // whose property it is
	Keeps   string        `json:"cold"`
}

func (l *LotContent) check(c *fault.Check) {
	ref(c, l.Item, "item")
	need(c, &l.Name, MaxShort, "name")
	need(c, &l.Unit, MaxShort, "unit")
	need(c, &l.Number, 60, "number")
	need(c, &l.Maker, MaxShort, "maker")
	day(c, l.Expires, "expires", false)
	member(c, l.Holder, "holder")
	c.That(slices.Contains(Cold, l.Keeps), "cold", "fault.reserve.choice")
}

// PledgeContent is what a state promises out of its own supplies. It stays
// the state's until it is drawn.
type PledgeContent struct {
	Item     id.ID  `json:"item"`
	Name     string `json:"name"`
	Unit     string `json:"unit"`
	Qty      int64  `json:"qty"`
	Drawn    int64  `json:"drawn,omitempty"`
	Notice   int    `json:"notice_hours"`
	Blackout string `json:"blackout,omitempty"` // when it cannot be drawn
	Until    string `json:"until"`              // the last day
}

// Left is what can still be drawn.
func (p *PledgeContent) Left() int64 { return p.Qty - p.Drawn }

func (p *PledgeContent) check(c *fault.Check) {
	ref(c, p.Item, "item")
	need(c, &p.Name, MaxShort, "name")
	need(c, &p.Unit, MaxShort, "unit")
	quantity(c, p.Qty, 1, "qty")
	c.That(p.Drawn >= 0 && p.Drawn <= p.Qty, "drawn", "fault.reserve.pledge_drawn")
	c.That(p.Notice >= 0 && p.Notice <= 24*90, "notice", "fault.reserve.between", fault.Args{"low": 0, "high": 24 * 90})
	text(c, &p.Blackout, health.MaxReason, "blackout")
	day(c, p.Until, "until", true)
}

func long(s string, n int) bool { return utf8.RuneCountInString(s) > n }

func text(c *fault.Check, s *string, n int, field string) {
	*s = strings.TrimSpace(*s)
	c.That(!long(*s, n), field, "fault.too_long", fault.Args{"max": n})
}

func need(c *fault.Check, s *string, n int, field string) {
	text(c, s, n, field)
	c.That(*s != "", field, "fault.reserve.empty")
}

func ref(c *fault.Check, i id.ID, field string) {
	_, err := id.Parse(string(i))
	c.That(err == nil, field, "fault.reserve.choose")
}

func refs(c *fault.Check, list ...id.ID) {
	for _, i := range list {
		if i != "" {
			ref(c, i, "ref")
		}
	}
}

func member(c *fault.Check, m access.Member, field string) {
	c.That(slices.Contains(access.All(), m), field, "fault.reserve.choose")
}

func quantity(c *fault.Check, n, low int64, field string) {
	c.That(n >= low && n <= MaxQty, field, "fault.reserve.qty", fault.Args{"max": MaxQty})
}

// tooMuch is the refusal of a sum.
func tooMuch(field string, most int64) error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: field, Key: "fault.reserve.sum", Args: fault.Args{"max": most}}}}
}

func day(c *fault.Check, s, field string, must bool) {
	_, err := time.Parse(time.DateOnly, s)
	c.That(err == nil || s == "" && !must, field, "fault.reserve.day")
}

func language(s string) bool {
	return slices.ContainsFunc(locale.Languages(), func(l locale.Language) bool { return l.Code == s })
}
