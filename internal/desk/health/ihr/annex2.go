package ihr

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Outcome of an assessment by Annex 2.
type Outcome string

const (
	Notify  Outcome = "notify"  // Article 6
	Consult Outcome = "consult" // Article 8: too little is known
	NoNeed  Outcome = "no"
)

// Outcomes from the least to the most.
var Outcomes = []Outcome{NoNeed, Consult, Notify}

func (o Outcome) rank() int { return slices.Index(Outcomes, o) }

// Definition is the question that only path A asks.
const Definition = "definition"

// Limits, in characters.
const (
	MaxTitle  = 160
	MaxText   = 4000
	MaxReason = 1000
)

// Reply is the answer to one question with its reason, and to its parts.
type Reply struct {
	Answer Answer            `json:"answer"`
	Reason string            `json:"reason,omitempty"`
	Subs   map[string]Answer `json:"subs,omitempty"`
}

// Suggested is what the parts of a question add up to: any yes is a yes, else
// anything unknown or not answered is unknown.
func (r Reply) Suggested(q Question) Answer {
	out := No
	for _, s := range q.Subs {
		switch r.Subs[s.ID] {
		case Yes:
			return Yes
		case No:
		default:
			out = Unknown
		}
	}
	return out
}

// Result is what the form says of a set of answers.
type Result struct {
	Form    string  `json:"form"`
	Digest  string  `json:"digest"`
	Path    string  `json:"path"`
	Yes     int     `json:"yes"`
	Unknown int     `json:"unknown"`
	Outcome Outcome `json:"outcome"`
}

// Compute applies the form: path A with a case that meets the definition is
// notifiable, and so are enough answers of yes. Where answers that are unknown
// could still make it so, it is a consultation. No answer is unknown.
func (f *Form) Compute(path string, replies map[string]Reply) Result {
	r := Result{Form: f.Version, Digest: f.Digest, Path: path, Outcome: NoNeed}
	defined := No
	for _, q := range f.Asked(path) {
		a := replies[q.ID].Answer
		if a != Yes && a != No {
			a = Unknown
		}
		switch {
		case q.Only != "":
			defined = a
		case a == Yes:
			r.Yes++
		case a == Unknown:
			r.Unknown++
		}
	}
	switch {
	case defined == Yes || r.Yes >= f.Threshold:
		r.Outcome = Notify
	case defined == Unknown || r.Yes+r.Unknown >= f.Threshold:
		r.Outcome = Consult
	}
	return r
}

// Reading is one reader's answers. Authors are accounts and stay in the node.
type Reading struct {
	Replies map[string]Reply `json:"replies,omitempty"`
	Result  Result           `json:"result"`
	Authors []id.ID          `json:"authors,omitempty"`
	Post    string           `json:"post,omitempty"`
	At      time.Time        `json:"at,omitzero"` // when it was finished
}

// Begun reports whether somebody answered.
func (r *Reading) Begun() bool { return len(r.Authors) > 0 }

// Annex2 is the assessment of an own event with the decision instrument: two
// people answer, the second without seeing what the first answered, and the
// National IHR Focal Point decides.
type Annex2 struct {
	desk.Head
	Event      id.ID     `json:"event"`
	EventName  string    `json:"event_name"`
	EventAt    int       `json:"event_at"`
	Hazard     string    `json:"hazard"`
	Class      string    `json:"class"`
	Form       string    `json:"form"`
	Path       string    `json:"path"`
	Recorded   time.Time `json:"recorded"` // of the event; the 48 hours begin here
	First      Reading   `json:"first"`
	Second     Reading   `json:"second"`
	Outcome    Outcome   `json:"outcome,omitempty"` // as decided
	Follows    string    `json:"follows,omitempty"` // first or second: whose answers the decision rests on
	Reason     string    `json:"reason,omitempty"`  // of the decision, or of the last reset or cancellation
	DecidedAs  string    `json:"decided_as,omitempty"`
	DecidedAt  time.Time `json:"decided_at,omitzero"`
	Told       time.Time `json:"told,omitzero"` // when WHO was notified or consulted
	ToldHow    string    `json:"told_how,omitempty"`
	Supersedes id.ID     `json:"supersedes,omitempty"`
}

// adopted is the reading that the decision rests on.
func (a *Annex2) adopted() *Reading {
	if a.Follows == "second" {
		return &a.Second
	}
	return &a.First
}

// Differ reports whether the two readers answered a question differently.
func (a *Annex2) Differ(qid string) bool {
	return a.First.Replies[qid].Answer != a.Second.Replies[qid].Answer
}

// differ reports whether they came to different results.
func (a *Annex2) differ() bool { return a.First.Result.Outcome != a.Second.Result.Outcome }

func validateAnnex2(a *Annex2) error {
	var c fault.Check
	a.Reason, a.ToldHow = strings.TrimSpace(a.Reason), strings.TrimSpace(a.ToldHow)
	short(&c, a.Reason, "reason", MaxReason)
	short(&c, a.ToldHow, "told_how", MaxReason)
	form := FormOf(a.Form, "en")
	c.That(form != nil, "form", "fault.ihr.form")
	c.That(a.Outcome == "" || a.Outcome.rank() >= 0, "outcome", "fault.ihr.outcome")
	if form != nil {
		checkReplies(&c, form, a.Path, a.First.Replies)
		checkReplies(&c, form, a.Path, a.Second.Replies)
	}
	return c.Err()
}

func checkReplies(c *fault.Check, f *Form, path string, replies map[string]Reply) {
	known := 0
	for _, q := range f.Asked(path) {
		r, ok := replies[q.ID]
		if !ok {
			continue
		}
		known++
		c.That(r.Answer == "" || slices.Contains(Answers, r.Answer), q.ID, "fault.ihr.answer")
		short(c, r.Reason, q.ID+".reason", MaxReason)
		subs := 0
		for _, s := range q.Subs {
			a, ok := r.Subs[s.ID]
			if ok {
				subs++
			}
			c.That(a == "" || slices.Contains(Answers, a), q.ID+"."+s.ID, "fault.ihr.answer")
		}
		c.That(subs == len(r.Subs), q.ID, "fault.ihr.answer")
	}
	c.That(known == len(replies), "form", "fault.ihr.form")
}
