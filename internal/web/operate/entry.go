package operate

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

// entryView is one entry with the proof that it is in what was signed.
type entryView struct {
	historyView
	Facts  []parts.Definition
	Detail string
	Proof  proofView
}

// proofView is an inclusion proof as it was made and checked for this page.
type proofView struct {
	Notice parts.Notice
	Signed bool // the last checkpoint covers the entry
	Good   bool // the proof leads from the entry to the signed root
	Facts  []parts.Definition
	Hashes []parts.Definition
	Note   string // the checkpoint with its signatures, for a check elsewhere
}

func (p *Pages) entry(w http.ResponseWriter, r *web.Request) error {
	if err := need(r.Actor, listHistory); err != nil {
		return err
	}
	index, err := strconv.ParseInt(r.PathValue("index"), 10, 64)
	if err != nil || index < 0 {
		return fault.Wrap(fault.NotFound, "fault.web.no_page", err)
	}
	top, s, err := p.historyTop(r, "")
	if err != nil {
		return err
	}
	v := entryView{historyView: top}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		e, err := history.At(r.Context(), tx, index)
		if err != nil {
			return err
		}
		v.facts(e)
		if index >= s.last.Size {
			v.Proof.Notice = parts.Notice{Grade: parts.Information, Title: v.T("operate.proof.later"), Text: v.T("operate.proof.later.text", "size", s.last.Size)}
			return nil
		}
		proof, err := history.InclusionProof(r.Context(), tx, index, s.last.Size)
		if err != nil {
			return err
		}
		v.Proof, err = v.prove(e, proof, s.last)
		return err
	})
	if err != nil {
		return err
	}
	return r.Show(w, web.Page{Title: v.Head.Title}, entryPage(v))
}

func (v *entryView) facts(e history.Entry) {
	v.Head = parts.PageHead{Title: v.act(e), Note: v.T("operate.entry.n", "n", e.Index, "at", v.Stamp(e.Recorded)),
		Crumbs: []parts.Link{{Text: v.T("operate.history"), Href: "/node/history"}, {Text: v.T("operate.entry", "n", e.Index)}}}
	add := func(term, text string) {
		if text != "" {
			v.Facts = append(v.Facts, parts.Definition{Term: term, Text: text})
		}
	}
	add(v.T("operate.entry.actor"), e.Actor)
	if e.Role != "" {
		add(v.T("operate.entry.role"), v.say(e.Role, "role."+e.Role))
	}
	v.Facts = append(v.Facts, parts.Definition{Term: v.T("operate.member"), Body: plates([]parts.Plate{v.plate(e.Member, parts.Plain)})})
	if e.Account != "" {
		v.Facts = append(v.Facts, parts.Definition{Term: v.T("operate.account"), Body: link(string(e.Account), with("/node/history", "account", string(e.Account)))})
	}
	v.Facts = append(v.Facts, parts.Definition{Term: v.T("operate.entry.action"), Body: link(e.Action, with("/node/history", "action", e.Action))})
	if e.Record.ID != "" {
		add(v.T("operate.entry.kind"), v.T("operate.record.version", "kind", v.kind(e.Record.Desk+"."+kindOf(e.Record)), "version", e.Record.Version))
		v.Facts = append(v.Facts, parts.Definition{Term: v.T("operate.record"), Body: link(string(e.Record.ID), with("/node/history", "record", string(e.Record.ID)))})
	}
	record := e.Record.Desk + "." + kindOf(e.Record)
	if e.From != "" || e.To != "" {
		add(v.T("operate.entry.step"), v.T("operate.step", "from", v.stateOr(record, string(e.From)), "to", v.stateOr(record, string(e.To))))
	}
	add(v.T("operate.entry.at"), v.Stamp(e.At))
	add(v.T("operate.entry.exercise"), e.Exercise)
	if e.Digest != "" {
		v.Facts = append(v.Facts, parts.Definition{Term: v.T("operate.entry.digest"), Body: code(e.Digest)})
	}
	v.Detail = indent(e.Detail)
}

func (w words) stateOr(record, state string) string {
	if state == "" {
		return "–"
	}
	return w.state(record, state)
}

func indent(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return string(raw)
	}
	return b.String()
}

// prove checks the proof in the way that an outsider would, and shows it.
func (v entryView) prove(e history.Entry, proof tlog.RecordProof, c history.Signed) (proofView, error) {
	leaf, err := e.Leaf()
	if err != nil {
		return proofView{}, err
	}
	own := tlog.RecordHash(leaf)
	out := proofView{Signed: true, Good: history.CheckInclusion(proof, c.Checkpoint, e) == nil, Note: c.Full()}
	if out.Good {
		out.Notice = parts.Notice{Grade: parts.Good, Title: v.T("operate.proof.good"), Text: v.T("operate.proof.good.text", "index", e.Index, "size", c.Size)}
	} else {
		out.Notice = parts.Notice{Grade: parts.Emergency, Title: v.T("operate.proof.bad"), Text: v.T("operate.proof.bad.text", "index", e.Index, "size", c.Size)}
	}
	out.Facts = []parts.Definition{
		{Term: v.T("operate.proof.leaf"), Body: code(hex.EncodeToString(own[:]))},
		{Term: v.T("operate.proof.root"), Body: code(hex.EncodeToString(c.Root[:]))},
		{Term: v.T("operate.proof.checkpoint"), Text: v.T("operate.proof.checkpoint.n", "size", c.Size, "epoch", c.Epoch, "at", v.Stamp(c.At))},
	}
	if len(c.Countersigned) > 0 {
		out.Facts = append(out.Facts, parts.Definition{Term: v.T("operate.countersigned"), Body: plates(v.all(c.Countersigned))})
	}
	for i, h := range proof {
		out.Hashes = append(out.Hashes, parts.Definition{Term: number(int64(i + 1)), Body: code(hex.EncodeToString(h[:]))})
	}
	return out, nil
}
