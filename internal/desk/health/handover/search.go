package handover

import (
	"context"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
)

// searched is how many notes a search looks through, the newest first.
const searched = 200

// Search finds handover notes in which every word of the query occurs: in what
// was written, in the posts, and in the titles of what the note listed.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	if len(desk.Words(query)) == 0 || mayRead(actor) != nil {
		return nil, nil
	}
	notes, err := d.List(ctx, actor, time.Time{}, searched)
	var out []desk.Hit
	for _, n := range notes {
		text := []string{n.Words, n.To, n.Created.Post, n.Accepted.Post, n.Remark}
		for _, x := range n.Items {
			text = append(text, x.Title)
		}
		if len(out) < limit && desk.Holds(strings.Join(text, "\n"), query) {
			title := n.Words
			if r := []rune(title); len(r) > 120 {
				title = string(r[:120]) + "…"
			}
			if title == "" {
				title = n.Created.Post
			}
			out = append(out, desk.Hit{Key: "hit.handover", Title: title, Text: n.Created.Post, Owner: n.Owner, Href: "/health/handover/" + string(n.ID), At: n.Until})
		}
	}
	return out, err
}
