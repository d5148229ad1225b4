package region

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/level"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// levelled is a level that is raised against the dissent of Singapore: the
// same outcome at every node, and over at its review date without anybody
// doing anything.
func (w *response) levelled(of id.ID) {
	w.t.Helper()
	kh, duty := w.node("KH").Levels, w.as("KH", access.DutyOfficer)
	review := w.r.clock.Now().AddDate(0, 0, 10)
	p, err := kh.Draft(w.ctx, duty, of, level.ProposalInput{Title: "Level 2 (sample)", Lang: "en", Level: 2, Criteria: []string{"two_states"}, Reasons: "Two states report cases.",
		Rule: "all_but_one", Window: 24, Review: review, Marking: access.TLPAmber})
	w.must(err)
	w.levelStep(duty, p.ID, "submit")
	w.levelStep(w.as("KH", access.Approver), p.ID, "propose")
	stances := map[access.Member]string{"TH": level.Agree, "SG": level.Disagree, "VN": level.Agree, "ID": level.Agree, "LA": level.Agree, "PH": level.Agree}
	for m, stance := range stances {
		w.says(m, p.ID, stance)
	}
	w.until("every position at KH", func() bool {
		x, err := kh.Page(w.ctx, duty, p.ID)
		return err == nil && w.stand(x.Result, stances)
	})
	w.later(25 * time.Hour)
	w.levelStep(duty, p.ID, "close")
	var first []level.Stand
	for _, m := range five {
		n, who := w.node(m).Levels, w.as(m, dutyRole(m))
		var x level.Page
		w.until("the decision at "+string(m), func() bool {
			var err error
			x, err = n.Page(w.ctx, who, p.ID)
			return err == nil && x.Result.Outcome == level.Adopted
		})
		if first == nil {
			first = x.Result.Stands
		}
		if !w.stand(x.Result, stances) || !slices.Equal(x.Result.Stands, first) || len(first) != len(access.States) {
			w.t.Errorf("%s shows %+v", m, x.Result.Stands)
		}
		w.level(m, of, 2)
	}
	w.at(review.Add(-time.Minute))
	for _, m := range five {
		w.level(m, of, 2)
	}
	w.at(review)
	for _, m := range five {
		w.level(m, of, 0)
	}
	w.must(kh.Sweep(w.ctx))
	if x, err := kh.Page(w.ctx, duty, p.ID); err != nil || x.View.State != level.Expired {
		w.t.Errorf("after the review date: %s %v", x.View.State, err)
	}
}

func (w *response) levelStep(by access.Actor, pid id.ID, verb workflow.Verb) {
	w.t.Helper()
	_, err := w.node("KH").Levels.Step(w.ctx, by, pid, 0, verb, "")
	w.must(err)
}

// says gives the position of a state.
func (w *response) says(m access.Member, pid id.ID, stance string) {
	w.t.Helper()
	d, duty := w.node(m).Levels, w.as(m, access.DutyOfficer)
	w.until("the proposal at "+string(m), func() bool { _, err := d.Page(w.ctx, duty, pid); return err == nil })
	x, err := d.Answer(w.ctx, duty, pid, level.PositionInput{Stance: stance, Reasons: "Because (sample).", Lang: "en"})
	w.must(err)
	_, err = d.StepPosition(w.ctx, duty, x.ID, 0, "submit", "")
	w.must(err)
	_, err = d.StepPosition(w.ctx, w.as(m, access.Approver), x.ID, 0, "release", "")
	w.must(err)
}

// stand reports whether a result has these stances, and silence for a state
// that said nothing.
func (w *response) stand(r level.Result, want map[access.Member]string) bool {
	return !slices.ContainsFunc(r.Stands, func(s level.Stand) bool {
		if s.Member == "KH" {
			return s.Stance != level.Implied
		}
		if stance, ok := want[s.Member]; ok {
			return s.Stance != stance
		}
		return s.Stance != level.NoAnswer
	})
}

func (w *response) level(m access.Member, of id.ID, want int) {
	w.t.Helper()
	s, err := w.node(m).Levels.Current(w.ctx, w.as(m, dutyRole(m)), of)
	if err != nil || s.Level != want {
		w.t.Errorf("%s is at level %d, want %d: %v", m, s.Level, want, err)
	}
}
