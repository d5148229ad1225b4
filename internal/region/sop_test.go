package region

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/family"
	"lintas/internal/desk/health/level"
	"lintas/internal/desk/health/sop"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// playbooks is a region in which the Secretariat releases a playbook, Cambodia
// takes it over, Thailand adapts it, and Viet Nam leaves it.
type playbooks struct {
	response
	own map[access.Member]id.ID
}

// A playbook over real nodes: released, adopted and adapted; started by each
// node by itself when a level is in force; told by those who wish to; open
// when the level is over.
func TestPlaybooks(t *testing.T) {
	if testing.Short() {
		t.Skip("runs four nodes")
	}
	w := &playbooks{response: response{rules: rules{t: t, ctx: t.Context(), r: open(t, "KH", "TH", "VN", access.ASEC)}}, own: map[access.Member]id.ID{}}
	w.at(time.Now().UTC().Truncate(time.Second))
	w.spread()
	of := w.levelInForce()
	runs := map[access.Member]id.ID{}
	for _, m := range []access.Member{"KH", "TH", access.ASEC} {
		runs[m] = w.started(m, of)
	}
	if list := w.runs("VN"); len(list) != 0 {
		t.Errorf("Viet Nam published none, and %d are in use", len(list))
	}
	w.told(runs)
	w.over(runs)
}

func (w *playbooks) runs(m access.Member) []sop.RunView {
	w.t.Helper()
	list, _, err := w.node(m).Playbooks.ListRuns(w.ctx, w.as(m, dutyRole(m)), sop.Filter{})
	w.must(err)
	return list
}

// publish takes a text through the hands of two people of a member.
func (w *playbooks) publish(m access.Member, text string, from id.ID) id.ID {
	w.t.Helper()
	d := w.node(m).Playbooks
	p, err := d.DraftPlaybook(w.ctx, w.as(m, dutyRole(m)), sop.PlaybookInput{Text: text, Marking: access.TLPGreen, From: from})
	w.must(err)
	_, err = d.StepPlaybook(w.ctx, w.as(m, dutyRole(m)), p.ID, 0, "submit", "")
	w.must(err)
	_, err = d.StepPlaybook(w.ctx, w.as(m, access.Approver), p.ID, 0, "publish", "")
	w.must(err)
	w.own[m] = p.ID
	return p.ID
}

// spread is the playbook of the Secretariat, and what its members make of it.
func (w *playbooks) spread() {
	w.t.Helper()
	s, _ := sop.SampleBy("foodborne-cross-border")
	text := strings.Replace(s.Text, "hazard ", "hazard cholera ", 1) + `
step Z1 Call the members together
  function liaison
  role secretariat_desk
  within 12h of start
  evidence Who came
`
	p := w.publish(access.ASEC, text, "")
	_, err := w.node(access.ASEC).Playbooks.ReleasePlaybook(w.ctx, w.as(access.ASEC, access.Approver), p, 0, []access.Member{"KH", "TH", "VN"})
	w.must(err)
	for _, m := range []access.Member{"KH", "TH", "VN"} {
		var got sop.PlaybookPage
		w.until("the playbook at "+string(m), func() bool {
			var err error
			got, err = w.node(m).Playbooks.PlaybookPage(w.ctx, w.as(m, access.DutyOfficer), p)
			return err == nil
		})
		if got.Digest != sop.Digest(text) || got.Own {
			w.t.Errorf("%s has %s of %s", m, sop.Short(got.Digest), got.Owner)
		}
		mine := map[access.Member]string{"KH": got.Text, "TH": strings.Replace(got.Text, "optional\n", "", 1)}[m]
		if m == "TH" {
			mine = strings.Replace(mine, "title ", "title Thailand: ", 1)
		}
		if mine != "" {
			w.publish(m, mine, p)
		}
	}
	for m, adapted := range map[access.Member]bool{"KH": false, "TH": true} {
		x, err := w.node(m).Playbooks.PlaybookPage(w.ctx, w.as(m, access.DutyOfficer), w.own[m])
		w.must(err)
		if x.Adapted() != adapted || x.From.Member != access.ASEC {
			w.t.Errorf("%s: adapted %v from %+v", m, x.Adapted(), x.From)
		}
	}
}

// levelInForce is a level of a family to which three states agree.
func (w *playbooks) levelInForce() id.ID {
	w.t.Helper()
	kh, duty := w.node("KH"), w.as("KH", access.DutyOfficer)
	e := w.recorded("KH", 114)
	f, err := kh.Families.Make(w.ctx, duty, family.Input{Name: "Cholera on the border (sample)", Lang: "en", Hazard: "cholera", Marking: access.TLPAmber}, []id.ID{e})
	w.must(err)
	_, err = kh.Families.Share(w.ctx, w.as("KH", access.Approver), f.ID, 0, []access.Member{"TH", "VN", access.ASEC})
	w.must(err)
	p, err := kh.Levels.Draft(w.ctx, duty, f.ID, level.ProposalInput{Title: "Level 2 (sample)", Lang: "en", Level: 2, Criteria: []string{"two_states"}, Reasons: "Two states report cases.",
		Rule: "all_but_one", Window: 24, Review: w.r.clock.Now().AddDate(0, 0, 10), Marking: access.TLPAmber, Concerned: []access.Member{"KH", "TH", "VN"}})
	w.must(err)
	w.levelStep(duty, p.ID, "submit")
	w.levelStep(w.as("KH", access.Approver), p.ID, "propose")
	for _, m := range []access.Member{"TH", "VN"} {
		w.says(m, p.ID, level.Agree)
	}
	w.until("the positions at KH", func() bool {
		x, err := kh.Levels.Page(w.ctx, duty, p.ID)
		return err == nil && !slices.ContainsFunc(x.Result.Stands, func(s level.Stand) bool { return s.Member != "KH" && s.Stance != level.Agree })
	})
	w.later(25 * time.Hour)
	w.levelStep(duty, p.ID, "close")
	return f.ID
}

// started is the run that a node begins by itself, once.
func (w *playbooks) started(m access.Member, of id.ID) id.ID {
	w.t.Helper()
	w.until("the level at "+string(m), func() bool {
		w.must(w.node(m).Playbooks.Sweep(w.ctx))
		return len(w.runs(m)) > 0
	})
	w.must(w.node(m).Playbooks.Sweep(w.ctx))
	list := w.runs(m)
	if len(list) != 1 || list[0].Why != sop.ByLevel || list[0].Level != 2 || list[0].Family != of {
		w.t.Fatalf("%s: %+v", m, list)
	}
	r, err := w.node(m).Playbooks.RunPage(w.ctx, w.as(m, dutyRole(m)), list[0].ID)
	w.must(err)
	for _, x := range r.Tasks {
		if x.Role != access.Approver && (x.Role == access.SecretariatDsk) != (m == access.ASEC) {
			w.t.Errorf("%s was given the step %s of %s", m, x.Code, x.Role)
		}
	}
	return r.ID
}

// told: Cambodia does one step and cannot do another; it tells the Secretariat
// and nobody else. Thailand tells nobody.
func (w *playbooks) told(runs map[access.Member]id.ID) {
	w.t.Helper()
	d := w.node("KH").Playbooks
	r, err := d.RunPage(w.ctx, w.as("KH", access.DutyOfficer), runs["KH"])
	w.must(err)
	first, second := r.Tasks[0], r.Tasks[1]
	step := func(x sop.TaskPage, verb string, in sop.TaskInput) {
		w.t.Helper()
		_, err := d.StepTask(w.ctx, w.as("KH", x.Role), x.ID, 0, workflow.Verb(verb), in)
		w.must(err)
	}
	step(first, "accept", sop.TaskInput{})
	step(first, "finish", sop.TaskInput{Evidence: "Seen on the ground."})
	step(second, "not_executable", sop.TaskInput{Reason: "No laboratory here can do it."})
	r, err = d.RunPage(w.ctx, w.as("KH", access.Approver), runs["KH"])
	w.must(err)
	_, err = d.ReleaseRun(w.ctx, w.as("KH", access.Approver), r.ID, r.Version, []access.Member{access.ASEC})
	w.must(err)
	var b sop.Board
	w.until("the progress of KH at the Secretariat", func() bool {
		list, err := w.node(access.ASEC).Playbooks.Boards(w.ctx, w.as(access.ASEC, access.SecretariatDsk), "")
		w.must(err)
		if len(list) != 1 {
			w.t.Fatalf("%d boards for one playbook and one family", len(list))
		}
		b = list[0]
		return b.Reports() == 2 // its own, and Cambodia's
	})
	for i := range b.Members {
		x := &b.Members[i]
		if x.Reported != (x.Member == "KH" || x.Member == access.ASEC) {
			w.t.Errorf("%s: reported %v", x.Member, x.Reported)
		}
		if s, _ := x.Cell(second.Code); x.Member == "KH" && (s.State != sop.Not || s.Because != "No laboratory here can do it.") {
			w.t.Errorf("KH on %s: %+v", second.Code, s)
		}
		if raw, err := json.Marshal(x.Progress); err != nil || strings.Contains(string(raw), "on the ground") {
			w.t.Errorf("evidence left Cambodia: %s %v", raw, err)
		}
	}
	if list, err := w.node("TH").Playbooks.Boards(w.ctx, w.as("TH", access.DutyOfficer), ""); err != nil || len(list) != 1 || list[0].Reports() != 1 {
		w.t.Errorf("Thailand knows more than its own: %+v %v", list, err)
	}
}

// over: the level ends, and nothing is closed by that.
func (w *playbooks) over(runs map[access.Member]id.ID) {
	w.t.Helper()
	w.later(11 * 24 * time.Hour)
	for m, rid := range runs {
		w.must(w.node(m).Playbooks.Sweep(w.ctx))
		r, err := w.node(m).Playbooks.RunPage(w.ctx, w.as(m, dutyRole(m)), rid)
		w.must(err)
		if !r.Over || r.State != sop.Open || r.Counts.Planned == 0 {
			w.t.Errorf("%s after the level: over %v, %s, %+v", m, r.Over, r.State, r.Counts)
		}
	}
}
