package assets

// IconNames are the icons that the pages use, by their names in lucide-static.
// The build program puts these into the sprite and no others.
var IconNames = []string{
	"activity", "arrow-left", "arrow-right", "badge-check", "bell", "book-user", "boxes", "building-2", "calendar",
	"check", "chevron-down", "chevron-left", "chevron-right", "circle-alert", "circle-help", "clipboard-list",
	"clock", "cloud-off", "download", "external-link", "eye", "file-plus-2", "file-text", "filter", "gauge",
	"graduation-cap", "history", "inbox", "info", "key-round", "languages", "layout-dashboard", "link", "list",
	"lock", "log-in", "log-out", "mail", "map", "map-pin", "megaphone", "menu", "message-circle-question", "monitor",
	"moon", "network", "notebook-pen", "pause", "pencil", "play", "plug", "plus", "printer", "refresh-cw", "rotate-ccw",
	"scroll-text", "search", "send", "server", "settings", "shield", "shield-check", "siren", "sun", "target", "trash-2",
	"triangle-alert", "truck", "undo-2", "unplug", "upload", "user-round", "users", "x",
}
