package verification

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

// RequestView is the body of a verification.request release: the questions as
// the member that is asked gets them. What the asker refers to in its own node
// is not in it.
type RequestView struct {
	ID        id.ID      `json:"id"`
	Message   id.ID      `json:"message"` // this line of the exchange
	Title     string     `json:"title"`
	Context   string     `json:"context,omitempty"`
	Lang      string     `json:"lang"`
	Hazard    string     `json:"hazard,omitempty"`
	Where     string     `json:"where,omitempty"`
	Questions []Question `json:"questions"` // of every round
	Round     int        `json:"round"`
	Asked     time.Time  `json:"asked"`
	Post      string     `json:"post"`
	Words     string     `json:"words,omitempty"`
	FirstBy   time.Time  `json:"first_by"`
	AnswerBy  time.Time  `json:"answer_by"`
}

// viewRequest is made from the record by this one function, for the page that
// shows what will leave and for the release.
func viewRequest(r *Request, message id.ID, words string) RequestView {
	return RequestView{ID: r.ID, Message: message, Title: r.Title, Context: r.Context, Lang: r.Lang, Hazard: r.Hazard, Where: r.Where,
		Questions: slices.Clone(r.Questions), Round: r.Round, Asked: r.Asked, Post: r.AskedAs, Words: words, FirstBy: r.FirstBy, AnswerBy: r.AnswerBy}
}

// Capabilities of the part: what is not a step of a record.
var Capabilities = access.Capabilities{}

// Sees is the rule for one exchange: it concerns another member, so a reader
// whose grants all name places does not see it, and its marking counts.
func Sees(a access.Actor, r *Request) bool {
	reach := health.ReachOf(a)
	return !reach.None && reach.Places == nil && !(reach.NoRed && r.Marking == access.TLPRed)
}

// MayCompose reports whether the actor may ask another member at all.
func MayCompose(a access.Actor) bool {
	row, ok := Requests.Find("", "compose")
	return ok && a.HasAny(row.By...)
}
