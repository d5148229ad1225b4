package web

import (
	"net/url"

	"lintas/internal/access"
	"lintas/internal/desk/health/request"
	"lintas/internal/web/parts"
)

// arrangementBlocks: each text as people read it, with the signatures under
// it, the newest first; the buttons to sign stand at the text.
func (g *Pages) arrangementBlocks(v *recordView) {
	a := v.P.Arrangement
	if len(a.Texts) == 0 && a.Draft != nil {
		v.add(v.textBlock(a.Draft, "draft", v.T("request.text.draft")))
		return
	}
	for i := len(a.Texts) - 1; i >= 0; i-- {
		digest := request.Digest(a.Texts[i])
		t, _ := a.TermsOf(digest)
		if t == nil {
			continue
		}
		b := v.textBlock(t, "text-"+str(t.N)+"-"+digest[:8], v.T("request.text", "n", t.N, "does", v.T("request.does."+t.Does)))
		b.Body = textMark(textView{words: v.words, Path: v.P.Path(), Version: v.P.Head().Version, Digest: digest, Text: a.Texts[i], Signed: v.signatures(g.desk, a, digest), Standing: v.standing(a, digest),
			Acts: v.textActs(a, digest), Parties: v.plates([]access.Member{a.Sending, a.Receiving})})
		v.add(b)
	}
	if len(a.Texts) > 0 {
		v.Links = append(v.Links, parts.Button{Text: v.T("request.proof"), Icon: "download", Href: v.P.Path() + "/arrangement.json"})
	}
}

func (v *recordView) textBlock(t *request.Terms, id, title string) block {
	b := block{ID: id, Title: title}
	b.Defs = []parts.Definition{{Term: v.T("request.sending"), Text: v.name(string(t.Sending))}, {Term: v.T("request.receiving"), Text: v.name(string(t.Receiving))}}
	b.Defs = append(b.Defs, v.definitions(spread(t), group{fields: []spec{line("event_name"), date("from"), date("until"), line("words")}})...)
	for _, c := range t.Clauses {
		b.Defs = append(b.Defs, parts.Definition{Term: v.T("request.clause." + c.Key), Text: c.Text})
	}
	b.Table = v.table(spread(t), arrangementGroups[1], v.T("request.group.scope"))
	return b
}

// standing is what a text is: in force, waiting, refused, taken back, or
// followed by another.
func (v *recordView) standing(a *request.Arrangement, digest string) string {
	for _, w := range a.Waiting() {
		if w == digest {
			return "waits"
		}
	}
	for _, r := range a.Refusals {
		if r.Digest == digest {
			return "refused"
		}
	}
	switch {
	case a.Holds == digest && a.State == request.Ended:
		return "ended"
	case a.Holds == digest:
		return "in_force"
	case a.SignedBy(a.Sending, digest) != nil && a.SignedBy(a.Receiving, digest) != nil:
		return "followed"
	}
	return "withdrawn"
}

func (v *recordView) signatures(d *request.Desk, a *request.Arrangement, digest string) []signed {
	var out []signed
	for _, s := range d.Signatures(a, digest) {
		x := signed{Plate: v.plate(s.Member, parts.Plain), Name: v.name(string(s.Member)), Post: s.Post, At: v.Stamp(s.At), Key: s.Key, Valid: s.Valid}
		out = append(out, x)
	}
	return out
}

// textActs are the steps about one text.
func (v *recordView) textActs(a *request.Arrangement, digest string) []actForm {
	var out []actForm
	if v.standing(a, digest) != "waits" {
		return nil
	}
	t, _ := a.TermsOf(digest)
	nobody := true
	for _, s := range a.Signatures {
		nobody = nobody && s.Digest != digest
	}
	for _, verb := range ofText {
		if _, ok := v.P.Offered(verbOf(verb)); !ok || verb != "take_back" && a.SignedBy(a.Owner, digest) != nil || verb == "take_back" && (t.By != a.Owner || !nobody) {
			continue
		}
		f := actForm{Verb: verb, Button: parts.Button{Text: v.T("request.verb." + verb)}, Digest: digest}
		switch verb {
		case "sign":
			f.Button.Kind, f.Hint = parts.Primary, v.T("request.act.sign")
		case "refuse":
			f.Button.Kind, f.Fold = parts.Danger, true
			f.Sets = v.sets(asks(must(area("words"))), "refuse", url.Values{}, parts.Errors{}, nil, false)
		default:
			f.Fold = true
		}
		out = append(out, f)
	}
	return out
}

// signed is one signature as the page shows it.
type signed struct {
	Plate               parts.Plate
	Name, Post, At, Key string
	Valid               bool
}

// textView is what stands under the terms of a text.
type textView struct {
	words
	Path, Digest, Text, Standing string
	Version                      int
	Signed                       []signed
	Acts                         []actForm
	Parties                      []parts.Plate
}

func (t textView) standingGrade() parts.Grade {
	switch t.Standing {
	case "in_force":
		return parts.Good
	case "waits":
		return parts.Watch
	}
	return parts.Ungraded
}
