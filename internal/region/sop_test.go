package region

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
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
	proof, err := d.Attach(w.ctx, w.as("KH", first.Role), first.ID, "list.csv", strings.NewReader("day,cases\n1,12\n"))
	w.must(err)
	step(first, "finish", sop.TaskInput{Evidence: "Seen on the ground."})
	step(second, "not_executable", sop.TaskInput{Reason: "No laboratory here can do it."})
	r, err = d.RunPage(w.ctx, w.as("KH", access.Approver), runs["KH"])
	w.must(err)
	_, err = d.ReleaseRun(w.ctx, w.as("KH", access.Approver), r.ID, r.Version, []access.Member{access.ASEC}, proof.ID)
	w.must(err)
	var b sop.Board
	w.until("the progress of KH at the Secretariat", func() bool {
		list, err := w.node(access.ASEC).Playbooks.Boards(w.ctx, w.as(access.ASEC, access.SecretariatDsk), "")
		w.must(err)
		if len(list) != 1 {
			w.t.Fatalf("%d boards for one playbook and one family", len(list))
		}
		b = list[0]
		n, of := b.Reports() // Cambodia, of the three that the level concerns
		return n == 1 && of == 3 && b.Secretariat() != nil && b.Secretariat().Reported
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
	list, err := w.node("TH").Playbooks.Boards(w.ctx, w.as("TH", access.DutyOfficer), "")
	w.must(err)
	if n, _ := list[0].Reports(); len(list) != 1 || n != 1 || list[0].Secretariat().Reported {
		w.t.Errorf("Thailand knows more than its own: %+v", list)
	}
	w.shown(runs["KH"], first.Code)
	w.takenBack(runs["KH"])
}

// column is what the Secretariat knows of Cambodia.
func (w *playbooks) column() *sop.BoardMember {
	w.t.Helper()
	list, err := w.node(access.ASEC).Playbooks.Boards(w.ctx, w.as(access.ASEC, access.SecretariatDsk), "")
	w.must(err)
	i := slices.IndexFunc(list[0].Members, func(m sop.BoardMember) bool { return m.Member == "KH" })
	return &list[0].Members[i]
}

// shown: the file that was released with a step arrives whole, and is what
// Cambodia attached.
func (w *playbooks) shown(run id.ID, code string) {
	w.t.Helper()
	var f sop.File
	w.until("the file at the Secretariat", func() bool {
		m := w.column()
		s, _ := m.Cell(code)
		if len(s.Files) != 1 {
			w.t.Fatalf("%+v", s)
		}
		f = s.Files[0]
		return m.States[f.ID] == sop.FileWhole
	})
	_, body, err := w.node(access.ASEC).Playbooks.ProgressFile(w.ctx, w.as(access.ASEC, access.SecretariatDsk), run, f.ID)
	w.must(err)
	if b, err := io.ReadAll(body); err != nil || string(b) != "day,cases\n1,12\n" || f.Name != "list.csv" {
		w.t.Errorf("%s: %q %v", f.Name, b, err)
	}
}

// takenBack: what was told goes at the recipient, with the file; the reason
// stays. Then Cambodia tells it anew.
func (w *playbooks) takenBack(run id.ID) {
	w.t.Helper()
	d := w.node("KH").Playbooks
	_, err := d.TakeBack(w.ctx, w.as("KH", access.Approver), run, 0, "The wrong list (sample).")
	w.must(err)
	w.until("the withdrawal at the Secretariat", func() bool {
		m := w.column()
		return !m.Reported && m.BackWhy == "The wrong list (sample)." && len(m.Progress.Steps) == 0
	})
	_, err = d.ReleaseRun(w.ctx, w.as("KH", access.Approver), run, 0, []access.Member{access.ASEC})
	w.must(err)
	w.until("the progress told anew", func() bool { return w.column().Reported })
}

// A state's own activation starts its playbook, at its node alone; a person of
// the node is asked to do a step; the end of the activation closes nothing.
func TestPlaybookOfActivation(t *testing.T) {
	if testing.Short() {
		t.Skip("runs two nodes")
	}
	w := &playbooks{response: response{rules: rules{t: t, ctx: t.Context(), r: open(t, "KH", "TH")}}, own: map[access.Member]id.ID{}}
	w.at(time.Now().UTC().Truncate(time.Second))
	s, _ := sop.SampleBy("respiratory-72h")
	text := strings.Replace(s.Text, "hazard ", "hazard cholera ", 1)
	for _, m := range []access.Member{"KH", "TH"} {
		w.publish(m, text, "")
	}
	kh, duty, approver := w.node("KH"), w.as("KH", access.DutyOfficer), w.as("KH", access.Approver)
	e := w.recorded("KH", 40)
	until := w.r.clock.Now().AddDate(0, 0, 5)
	a, err := kh.Levels.Propose(w.ctx, duty, e, level.ActivationInput{Level: 2, Trigger: "Wards are full (sample).", Lang: "en", Review: until, Marking: access.TLPAmber})
	w.must(err)
	w.must(kh.Playbooks.Sweep(w.ctx))
	if n := len(w.runs("KH")); n != 0 {
		t.Fatalf("%d runs of an activation that nobody adopted", n)
	}
	_, err = kh.Levels.StepActivation(w.ctx, approver, a.ID, 0, "activate", 2, until, "")
	w.must(err)
	for range 2 {
		for _, m := range []access.Member{"KH", "TH"} {
			w.must(w.node(m).Playbooks.Sweep(w.ctx))
		}
	}
	list := w.runs("KH")
	if len(list) != 1 || list[0].Why != sop.ByActivation || list[0].Decision != a.ID || list[0].Event != e || list[0].Level != 2 || list[0].Family != "" || list[0].Over {
		t.Fatalf("%+v", list)
	}
	if n := len(w.runs("TH")); n != 0 {
		t.Errorf("the activation of Cambodia started %d runs in Thailand", n)
	}
	w.askedOf(list[0].ID)
	w.later(6 * 24 * time.Hour)
	w.must(kh.Playbooks.Sweep(w.ctx))
	if list = w.runs("KH"); len(list) != 1 || !list[0].Over || list[0].State != sop.Open || list[0].Counts.Accepted != 1 {
		t.Errorf("after the activation %+v", list)
	}
}

// askedOf: the approver asks somebody who has the role of a step; that person
// is told and accepts.
func (w *playbooks) askedOf(run id.ID) {
	w.t.Helper()
	d, approver := w.node("KH").Playbooks, w.as("KH", access.Approver)
	r, err := d.RunPage(w.ctx, approver, run)
	w.must(err)
	i := slices.IndexFunc(r.Tasks, func(x sop.TaskPage) bool { return x.Role == access.DutyOfficer && len(x.After) == 0 })
	task, duty := r.Tasks[i], w.as("KH", access.DutyOfficer)
	people, err := d.Candidates(w.ctx, approver, task.ID)
	w.must(err)
	if !slices.ContainsFunc(people, func(p sop.Person) bool { return p.Account == duty.Account }) ||
		slices.ContainsFunc(people, func(p sop.Person) bool { return !p.HasAny(access.DutyOfficer) }) {
		w.t.Errorf("who can be asked: %+v", people)
	}
	_, err = d.StepTask(w.ctx, approver, task.ID, 0, "assign", sop.TaskInput{Who: duty.Account})
	w.must(err)
	todos, err := d.Todos(w.ctx, duty)
	w.must(err)
	if !slices.ContainsFunc(todos, func(t desk.Todo) bool { return t.Key == "todo.sop.asked" && t.Record == task.ID }) {
		w.t.Errorf("who is asked is not told: %+v", todos)
	}
	_, err = d.StepTask(w.ctx, duty, task.ID, 0, "accept", sop.TaskInput{})
	w.must(err)
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
