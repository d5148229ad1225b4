package skeleton

import "lintas/internal/id"

// MemoView is what a recipient gets.
type MemoView struct {
	ID   id.ID  `json:"id"`
	Text string `json:"text"`
}

func view(m *Memo) MemoView { return MemoView{ID: m.ID, Text: m.Text} }
