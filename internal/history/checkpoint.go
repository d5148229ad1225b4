package history

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/fault"
)

// Checkpoint is what a member signs: so many entries with this root. Its text
// is that of the transparency logs (origin, size, root in base64), with the
// time as one more line.
type Checkpoint struct {
	Member access.Member
	Epoch  int64
	Size   int64
	Root   tlog.Hash
	At     time.Time // the machine's time
}

// Point names a checkpoint of a member without its content.
type Point struct {
	Epoch int64 `json:"epoch"`
	Size  int64 `json:"size"`
}

// Point is the checkpoint's name.
func (c Checkpoint) Point() Point { return Point{c.Epoch, c.Size} }

const (
	originPrefix = "lintas/"
	timeFormat   = "2006-01-02T15:04:05.000000Z"
	maxNote      = 64 << 10
	maxMember    = 16
)

// Origin is the first line of a checkpoint: "lintas/KH", and "lintas/KH/2"
// for the second epoch.
func Origin(m access.Member, epoch int64) string {
	if epoch == 1 {
		return KeyName(m)
	}
	return KeyName(m) + "/" + strconv.FormatInt(epoch, 10)
}

// Text is what is signed.
func (c Checkpoint) Text() string {
	return Origin(c.Member, c.Epoch) + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() +
		"\ntime " + c.At.UTC().Format(timeFormat) + "\n"
}

// ParseCheckpoint reads the text of a note. Only the one form that Text
// writes is accepted, so that a checkpoint has one text.
func ParseCheckpoint(text string) (Checkpoint, error) {
	bad := fault.New(fault.Invalid, "fault.history.checkpoint")
	lines := strings.Split(text, "\n")
	if len(text) > 512 || len(lines) != 5 {
		return Checkpoint{}, bad
	}
	parts := strings.Split(strings.TrimPrefix(lines[0], originPrefix), "/")
	c := Checkpoint{Member: access.Member(parts[0]), Epoch: 1}
	var errs [4]error
	if len(parts) == 2 {
		c.Epoch, errs[0] = strconv.ParseInt(parts[1], 10, 64)
	}
	c.Size, errs[1] = strconv.ParseInt(lines[1], 10, 64)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	errs[2] = err
	c.At, errs[3] = time.Parse(timeFormat, strings.TrimPrefix(lines[3], "time "))
	for _, err := range errs {
		if err != nil {
			return Checkpoint{}, bad
		}
	}
	if len(root) != tlog.HashSize || !validMember(c.Member) || c.Epoch < 1 || c.Size < 1 || c.Size > 1<<62 {
		return Checkpoint{}, bad
	}
	copy(c.Root[:], root)
	c.At = clock.Cut(c.At)
	if c.Text() != text {
		return Checkpoint{}, bad
	}
	return c, nil
}

func validMember(m access.Member) bool {
	if m == "" || len(m) > maxMember {
		return false
	}
	for _, r := range m {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// sign makes the note of a checkpoint.
func (c Checkpoint) sign(s note.Signer) (string, error) {
	msg, err := note.Sign(&note.Note{Text: c.Text()}, s)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "fault.history.sign", err)
	}
	return string(msg), nil
}

// Opened is a note whose owner's signature was verified.
type Opened struct {
	Checkpoint
	By   []access.Member // the others whose signatures were verified
	note *note.Note
}

// Open reads a signed checkpoint and verifies that its own member signed it.
// Signatures of unknown keys are left aside; a wrong one of a known key
// refuses the note.
func Open(msg string, keys note.Verifiers) (Opened, error) {
	bad := func(err error) error { return fault.Wrap(fault.Invalid, "fault.history.signature", err) }
	if len(msg) > maxNote {
		return Opened{}, fault.New(fault.Invalid, "fault.history.checkpoint")
	}
	n, err := note.Open([]byte(msg), keys)
	if err != nil {
		return Opened{}, bad(err)
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Opened{}, err
	}
	o := Opened{Checkpoint: c, note: n}
	owner := false
	for _, s := range n.Sigs {
		if s.Name == KeyName(c.Member) {
			owner = true
		} else if m, ok := memberOf(s.Name); ok {
			o.By = append(o.By, m)
		}
	}
	if !owner {
		return Opened{}, bad(nil)
	}
	return o, nil
}

// only keeps the verified signatures of the named members, so that what is
// stored or passed on carries nothing unverified.
func (o Opened) only(members ...access.Member) string {
	var b strings.Builder
	b.WriteString(o.note.Text)
	b.WriteString("\n")
	for _, m := range members {
		for _, s := range o.note.Sigs {
			if s.Name == KeyName(m) {
				b.WriteString("— " + s.Name + " " + s.Base64 + "\n")
			}
		}
	}
	return b.String()
}

// signedBy reports whether the note carries a valid signature of the member.
func signedBy(msg string, m access.Member, keys note.Verifiers) bool {
	n, err := note.Open([]byte(msg), keys)
	if err != nil {
		return false
	}
	for _, s := range n.Sigs {
		if s.Name == KeyName(m) {
			return true
		}
	}
	return false
}
