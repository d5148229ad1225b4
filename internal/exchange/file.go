package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Attachments travel apart from their release, in chunks on channels of their
// own, each sealed like anything else. They may arrive before or after
// the release that names them, and are complete when the digest matches.

const (
	// MaxFile is the largest attachment.
	MaxFile = 25 << 20
	// ChunkSize is how much of a file one message carries.
	ChunkSize = 512 << 10
)

// FileState says how far a file has come.
type FileState string

const (
	FilePartial  FileState = "partial"
	FileComplete FileState = "complete"
	FileDamaged  FileState = "damaged" // all there, but not what the digest says
	FileDropped  FileState = "dropped" // withdrawn or old: its bytes were deleted
)

// FileStatus is a file with how many of its chunks are here.
type FileStatus struct {
	File
	From   access.Member
	State  FileState
	Chunks int
	Have   int
}

// chunkHead stands before the bytes of a chunk, after its length.
type chunkHead struct {
	File
	N      int `json:"n"`
	Chunks int `json:"chunks"`
}

func (f File) chunks() int { return max(1, int((f.Size+ChunkSize-1)/ChunkSize)) }

func (f File) check() error {
	var c fault.Check
	_, err := id.Parse(string(f.ID))
	c.That(err == nil, "id", "fault.bad_id")
	c.That(f.Size >= 0 && f.Size <= MaxFile, "size", "fault.exchange.file_size", fault.Args{"max_mib": MaxFile >> 20})
	sum, err := hex.DecodeString(f.SHA256)
	c.That(err == nil && len(sum) == sha256.Size, "sha256", "fault.exchange.file_digest")
	c.That(f.Name != "" && len(f.Name) <= 255, "name", "fault.exchange.file_name")
	return c.Err()
}

// SendFile queues a file for members, one chunk per transaction. Called again
// with the same file after an interruption it goes on where it stopped.
func (x *Exchange) SendFile(ctx context.Context, f File, to []access.Member, r io.Reader) error {
	if err := f.check(); err != nil {
		return err
	}
	v, err := x.dir()
	if err != nil {
		return err
	}
	for i, m := range to {
		if _, known := v.Member(m); !known || m == x.me || slices.Contains(to[:i], m) {
			return fault.New(fault.Invalid, "fault.exchange.recipient").With("member", string(m))
		}
	}
	have, err := x.beginFile(ctx, f)
	if err != nil {
		return err
	}
	sum, buf, total := sha256.New(), make([]byte, ChunkSize), int64(0)
	for n := range f.chunks() {
		size, err := io.ReadFull(r, buf)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return fmt.Errorf("exchange: read file: %w", err)
		}
		sum.Write(buf[:size])
		total += int64(size)
		if n < have {
			continue
		}
		if want := min(ChunkSize, f.Size-int64(n)*ChunkSize); int64(size) != want {
			return fault.New(fault.Invalid, "fault.exchange.file_short").With("file", f.Name)
		}
		if n == f.chunks()-1 && (total != f.Size || hex.EncodeToString(sum.Sum(nil)) != f.SHA256) {
			return fault.New(fault.Invalid, "fault.exchange.file_digest")
		}
		if err := x.queueChunk(ctx, f, n, to, buf[:size]); err != nil {
			return err
		}
	}
	return nil
}

func (x *Exchange) beginFile(ctx context.Context, f File) (have int, err error) {
	err = x.c.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `INSERT INTO exchange_file (from_member, id, name, type, size, sha256, chunks, have, state, at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 'partial', ?)
			ON CONFLICT (from_member, id) DO NOTHING`, string(x.me), f.ID, f.Name, f.Type, f.Size, f.SHA256, f.chunks(), clock.Micros(x.c.Clock.Now()))
		if err != nil || n == 1 {
			return err
		}
		var sum string
		if _, err := tx.Row(ctx, "SELECT have, sha256 FROM exchange_file WHERE from_member = ? AND id = ?", []any{string(x.me), string(f.ID)}, &have, &sum); err != nil {
			return err
		}
		if sum != f.SHA256 {
			return fault.New(fault.Conflict, "fault.exchange.file_other").With("file", string(f.ID))
		}
		return nil
	})
	return have, err
}

func (x *Exchange) queueChunk(ctx context.Context, f File, n int, to []access.Member, data []byte) error {
	head, err := json.Marshal(chunkHead{File: f, N: n, Chunks: f.chunks()})
	if err != nil {
		return err
	}
	body := binary.BigEndian.AppendUint32(nil, uint32(len(head)))
	body = append(append(body, head...), data...)
	return x.c.DB.Write(ctx, func(tx *db.Tx) error {
		v, err := x.dir()
		if err != nil {
			return err
		}
		moved, err := tx.Exec(ctx, "UPDATE exchange_file SET have = ?, state = ? WHERE from_member = ? AND id = ? AND have = ?",
			n+1, string(stateOf(n+1, f.chunks())), string(x.me), f.ID, n)
		if err != nil {
			return err
		}
		if err := db.Conflict(moved); err != nil {
			return err
		}
		for _, ch := range x.channels(to, v) {
			if err := x.appendOf(ctx, tx, v, ch.Files(), kindChunk, "", f.ID, body); err != nil {
				return err
			}
		}
		return nil
	})
}

func stateOf(have, chunks int) FileState {
	if have == chunks {
		return FileComplete
	}
	return FilePartial
}

func decodeChunk(body []byte) (chunkHead, []byte, error) {
	var h chunkHead
	if len(body) < 4 {
		return h, nil, errors.New("cut short")
	}
	n := int64(binary.BigEndian.Uint32(body))
	if n > int64(len(body)-4) {
		return h, nil, errors.New("cut short")
	}
	if err := json.Unmarshal(body[4:4+n], &h); err != nil {
		return h, nil, err
	}
	data := body[4+n:]
	if err := h.File.check(); err != nil {
		return h, nil, err
	}
	if h.Chunks != h.File.chunks() || h.N < 0 || h.N >= h.Chunks || int64(len(data)) != min(ChunkSize, h.Size-int64(h.N)*ChunkSize) {
		return h, nil, errors.New("chunk does not fit its file")
	}
	return h, data, nil
}

// applyChunk stores one chunk and, with the last, checks the digest.
func (a *application) applyChunk(ctx context.Context, tx *db.Tx, it *item) error {
	h, data, err := decodeChunk(it.body)
	if err != nil {
		return envelope.Refuse(envelope.BadContent, err)
	}
	from := it.env.From
	if _, err := tx.Exec(ctx, `INSERT INTO exchange_file (from_member, id, name, type, size, sha256, chunks, have, state, at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 'partial', ?)
		ON CONFLICT (from_member, id) DO NOTHING`, string(from), h.ID, h.Name, h.Type, h.Size, h.SHA256, h.Chunks, clock.Micros(a.x.c.Clock.Now())); err != nil {
		return err
	}
	s, _, err := a.x.FileStatus(ctx, tx, from, h.ID)
	if err != nil {
		return err
	}
	if s.State == FileDropped {
		return nil
	}
	if s.File != h.File {
		return envelope.Refuse(envelope.BadContent, errors.New("chunk of another file with the same id"))
	}
	n, err := tx.Exec(ctx, "INSERT INTO exchange_chunk (from_member, file, n, data) VALUES (?, ?, ?, ?) ON CONFLICT (from_member, file, n) DO NOTHING",
		string(from), h.ID, h.N, data)
	if err != nil || n == 0 {
		return err
	}
	state := stateOf(s.Have+1, s.Chunks)
	if state == FileComplete {
		sum := sha256.New()
		if err := eachChunk(ctx, tx, from, h.ID, sum); err != nil {
			return err
		}
		if hex.EncodeToString(sum.Sum(nil)) != h.SHA256 {
			state = FileDamaged
		}
	}
	a.topics = append(a.topics, TopicFile)
	_, err = tx.Exec(ctx, "UPDATE exchange_file SET have = have + 1, state = ? WHERE from_member = ? AND id = ?", string(state), string(from), h.ID)
	return err
}

func eachChunk(ctx context.Context, tx *db.Tx, from access.Member, file id.ID, w io.Writer) error {
	return tx.Each(ctx, "SELECT data FROM exchange_chunk WHERE from_member = ? AND file = ? ORDER BY n", []any{string(from), string(file)},
		func(scan func(...any) error) error {
			var data []byte
			if err := scan(&data); err != nil {
				return err
			}
			_, err := w.Write(data)
			return err
		})
}

// FileStatus says how far a file of a member, or of this node, has come.
func (x *Exchange) FileStatus(ctx context.Context, tx *db.Tx, from access.Member, file id.ID) (FileStatus, bool, error) {
	s := FileStatus{From: from, File: File{ID: file}}
	found, err := tx.Row(ctx, "SELECT name, type, size, sha256, chunks, have, state FROM exchange_file WHERE from_member = ? AND id = ?",
		[]any{string(from), string(file)}, &s.Name, &s.Type, &s.Size, &s.SHA256, &s.Chunks, &s.Have, (*string)(&s.State))
	return s, found, err
}

// Arrivals is how many parts of one's own file each recipient has reported to
// have.
func (x *Exchange) Arrivals(ctx context.Context, tx *db.Tx, file id.ID) (map[access.Member]int, error) {
	v, err := x.dir()
	if err != nil {
		return nil, err
	}
	s, found, err := x.FileStatus(ctx, tx, x.me, file)
	if err != nil || !found {
		return nil, err
	}
	sent := map[envelope.Channel][]place{}
	if err := tx.Each(ctx, "SELECT channel, epoch, seq FROM exchange_envelope WHERE release = ? AND kind = 'chunk' ORDER BY ord", []any{string(file)},
		func(scan func(...any) error) error {
			var ch envelope.Channel
			var p place
			err := scan((*string)(&ch), &p.Epoch, &p.Seq)
			sent[ch] = append(sent[ch], p)
			return err
		}); err != nil {
		return nil, err
	}
	have, err := places(ctx, tx, "SELECT channel, member, epoch, seq FROM exchange_have WHERE channel LIKE 'files-%'")
	if err != nil {
		return nil, err
	}
	out := map[access.Member]int{}
	for _, m := range v.Others(x.me) {
		for _, ch := range []envelope.Channel{envelope.All.Files(), envelope.Channel(m).Files()} {
			if ps := sent[ch]; len(ps) > 0 {
				out[m] = max(0, s.Have-missingOf(ps, have[channelKey{m, ch}]))
			}
		}
	}
	return out, nil
}

// missingOf is how many of the parts a member lacks. After a new epoch a part
// may have two places.
func missingOf(parts []place, have place) int {
	after, most := map[int64]int{}, 0
	for _, p := range parts {
		if have.before(p) {
			after[p.Epoch]++
			most = max(most, after[p.Epoch])
		}
	}
	return most
}

// ReadFile writes a complete file; its digest is checked once more.
func (x *Exchange) ReadFile(ctx context.Context, tx *db.Tx, from access.Member, file id.ID, w io.Writer) error {
	s, found, err := x.FileStatus(ctx, tx, from, file)
	if err != nil {
		return err
	}
	if !found || s.State != FileComplete {
		return fault.New(fault.NotFound, "fault.exchange.no_file")
	}
	sum := sha256.New()
	if err := eachChunk(ctx, tx, from, file, both{w, sum}); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != s.SHA256 {
		return fault.New(fault.Internal, "fault.exchange.file_digest")
	}
	return nil
}

type both struct {
	w   io.Writer
	sum hash.Hash
}

func (b both) Write(p []byte) (int, error) {
	b.sum.Write(p)
	return b.w.Write(p)
}
