package db

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"

	"lintas/internal/fault"
)

// A backup is one zstd stream of JSON lines, the same for both engines:
//
//	{"lintas_backup":1,"owner":"KH","engine":"sqlite","at":…,"steps":[…]}
//	{"table":"people_account","columns":["id","seats","length","papers"]}
//	["tA1",12,"f7.5","bAAE="]     t text, b bytes in base64, f float; plain integers and null
//	{"tables":1,"rows":1,"sha256":"…"}
//
// The last line holds the SHA-256 of all lines before it; a file without it
// was cut off. steps are the migrations that had been applied.

const (
	backupFormat = 1
	maxLine      = 64 << 20 // a row with an attachment of 25 MiB is far below
	maxWindow    = 64 << 20 // memory that a stream may ask for
)

// BackupInfo says what a backup file holds.
type BackupInfo struct {
	Owner  string
	Engine Engine
	At     int64 // clock.Micros
	Tables int64
	Rows   int64
	SHA256 string
}

type backupHeader struct {
	Format int          `json:"lintas_backup"`
	Owner  string       `json:"owner"`
	Engine Engine       `json:"engine"`
	At     int64        `json:"at"`
	Steps  []backupStep `json:"steps"`
}

type backupStep struct {
	Schema  string `json:"schema"`
	Number  int64  `json:"number"`
	File    string `json:"file"`
	SHA256  string `json:"sha256"`
	Applied int64  `json:"applied"`
}

type backupTable struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

type backupEnd struct {
	Tables int64  `json:"tables"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

// backupWriter writes the lines.
type backupWriter struct {
	z    *zstd.Encoder
	sum  hash.Hash
	buf  []byte
	info BackupInfo
}

func newBackupWriter(w io.Writer, h backupHeader) (*backupWriter, error) {
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(4<<20))
	if err != nil {
		return nil, err
	}
	b := &backupWriter{z: z, sum: sha256.New(), info: BackupInfo{Owner: h.Owner, Engine: h.Engine, At: h.At}}
	return b, b.object(h)
}

func (b *backupWriter) object(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.line(line)
}

func (b *backupWriter) line(line []byte) error {
	line = append(line, '\n')
	if len(line) > maxLine {
		return errors.New("a row larger than a backup can hold")
	}
	b.sum.Write(line)
	_, err := b.z.Write(line)
	return err
}

func (b *backupWriter) table(name string, columns []string) error {
	b.info.Tables++
	return b.object(backupTable{name, columns})
}

func (b *backupWriter) row(values []any) error {
	b.info.Rows++
	out := append(b.buf[:0], '[')
	for i, v := range values {
		if i > 0 {
			out = append(out, ',')
		}
		switch x := v.(type) {
		case nil:
			out = append(out, "null"...)
		case int64:
			out = strconv.AppendInt(out, x, 10)
		case float64:
			out = strconv.AppendFloat(append(out, `"f`...), x, 'g', -1, 64)
			out = append(out, '"')
		case []byte:
			out = base64.StdEncoding.AppendEncode(append(out, `"b`...), x)
			out = append(out, '"')
		case string:
			if !utf8.ValidString(x) {
				return errors.New("a text that is not UTF-8")
			}
			text, err := json.Marshal("t" + x)
			if err != nil {
				return err
			}
			out = append(out, text...)
		default:
			return fmt.Errorf("a value of type %T", v)
		}
	}
	b.buf = append(out, ']')
	return b.line(b.buf)
}

func (b *backupWriter) close() (BackupInfo, error) {
	b.info.SHA256 = hex.EncodeToString(b.sum.Sum(nil))
	err := b.object(backupEnd{b.info.Tables, b.info.Rows, b.info.SHA256})
	return b.info, errors.Join(err, b.z.Close())
}

// backupReader is told what a file holds, in order.
type backupReader struct {
	header func(backupHeader) error
	table  func(backupTable) error
	row    func([]any) error
}

func damaged(why string, args ...any) error {
	return fault.Wrap(fault.Invalid, "fault.db.backup_damaged", fmt.Errorf(why, args...))
}

// readBackup tells v, whose functions may be nil, all lines and then checks
// the digest: what v did must be undone when readBackup fails.
func readBackup(r io.Reader, v backupReader) (BackupInfo, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxWindow))
	if err != nil {
		return BackupInfo{}, fmt.Errorf("db: %w", err)
	}
	defer z.Close()
	return readLines(z, v)
}

// readLines is readBackup below the compression.
func readLines(r io.Reader, v backupReader) (BackupInfo, error) {
	p := &backupParser{in: bufio.NewReaderSize(r, 64<<10), sum: sha256.New(), v: v}
	for !p.ended {
		line, err := p.line()
		if err != nil {
			return p.info, err
		}
		if err := p.take(line); err != nil {
			return p.info, err
		}
	}
	if _, err := p.in.ReadByte(); err != io.EOF {
		return p.info, damaged("something follows the last line")
	}
	return p.info, nil
}

type backupParser struct {
	in     *bufio.Reader
	sum    hash.Hash
	v      backupReader
	info   BackupInfo
	seen   bool // the header
	width  int  // columns of the current table, 0 before the first
	ended  bool
	before []byte // the digest of all lines before the current one
	long   []byte
}

func (p *backupParser) line() ([]byte, error) {
	p.before = p.sum.Sum(p.before[:0])
	p.long = p.long[:0]
	for {
		part, err := p.in.ReadSlice('\n')
		p.sum.Write(part)
		if err == nil && len(p.long) == 0 {
			return part, nil
		}
		p.long = append(p.long, part...)
		if err == nil {
			return p.long, nil
		}
		if err != bufio.ErrBufferFull {
			return nil, damaged("cut off: %w", err)
		}
		if len(p.long) > maxLine {
			return nil, damaged("a line is too long")
		}
	}
}

func (p *backupParser) take(line []byte) error {
	if !p.seen {
		return p.takeHeader(line)
	}
	if line[0] == '[' {
		return p.takeRow(line)
	}
	if bytes.HasPrefix(line, []byte(`{"table":`)) {
		var t backupTable
		if err := json.Unmarshal(line, &t); err != nil || t.Table == "" || len(t.Columns) == 0 {
			return damaged("a bad table")
		}
		p.width = len(t.Columns)
		p.info.Tables++
		if p.v.table == nil {
			return nil
		}
		return p.v.table(t)
	}
	var e backupEnd
	if err := json.Unmarshal(line, &e); err != nil {
		return damaged("a bad last line: %w", err)
	}
	p.info.SHA256 = hex.EncodeToString(p.before)
	if e.SHA256 != p.info.SHA256 || e.Tables != p.info.Tables || e.Rows != p.info.Rows {
		return damaged("digest or counts differ")
	}
	p.ended = true
	return nil
}

func (p *backupParser) takeHeader(line []byte) error {
	var h backupHeader
	if err := json.Unmarshal(line, &h); err != nil || h.Format == 0 {
		return damaged("no backup header")
	}
	if h.Format != backupFormat {
		return fault.New(fault.Invalid, "fault.db.backup_newer").With("format", h.Format)
	}
	p.seen = true
	p.info = BackupInfo{Owner: h.Owner, Engine: h.Engine, At: h.At}
	if p.v.header == nil {
		return nil
	}
	return p.v.header(h)
}

func (p *backupParser) takeRow(line []byte) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(line, &raw); err != nil || len(raw) != p.width || p.width == 0 {
		return damaged("a bad row")
	}
	p.info.Rows++
	if p.v.row == nil {
		return nil
	}
	row := make([]any, len(raw))
	for i, r := range raw {
		v, err := backupValue(r)
		if err != nil {
			return damaged("a bad value: %w", err)
		}
		row[i] = v
	}
	return p.v.row(row)
}

func backupValue(raw json.RawMessage) (any, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	if raw[0] != '"' {
		return strconv.ParseInt(string(raw), 10, 64)
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, err
	}
	if s == "" {
		return nil, errors.New("no kind")
	}
	switch s[0] {
	case 't':
		return s[1:], nil
	case 'f':
		return strconv.ParseFloat(s[1:], 64)
	case 'b':
		b, err := base64.StdEncoding.DecodeString(s[1:])
		return b, err
	}
	return nil, fmt.Errorf("kind %q", s[0])
}
