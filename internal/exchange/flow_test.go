package exchange

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"lintas/internal/access"
	"lintas/internal/db"
)

func (n *node) file(data []byte) File {
	sum := sha256.Sum256(data)
	return File{ID: n.x.c.IDs.New(), Name: "map.png", Type: "image/png", Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
}

func (n *node) fileStatus(from access.Member, f File) (s FileStatus) {
	n.read(func(ctx context.Context, tx *db.Tx) (err error) {
		s, _, err = n.x.FileStatus(ctx, tx, from, f.ID)
		return err
	})
	return s
}

// TestAlertOvertakesFiles queues 25 MiB before an alert, once where nothing
// leaves the sender and once where the hub keeps all of it for a recipient
// that is away: the alert arrives while most of the file is still to come.
func TestAlertOvertakesFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("compares the speed of two ways: not under the race detector")
	}
	r := newRegion(t, db.SQLite, "KH", "TH", "SG")
	kh, th := r.nodes["KH"], r.nodes["TH"]
	data := make([]byte, MaxFile)
	rand.Read(data)
	kh.send("first", "TH", "SG")
	th.gets("first")
	for _, c := range []struct {
		text string
		away *node
		to   []access.Member
	}{{"waits at the sender", kh, []access.Member{"TH"}}, {"waits at the hub", th, []access.Member{"TH", "SG"}}} {
		f := kh.file(data)
		had := make(chan FileStatus, 1)
		th.hook = func(in Inbound) error {
			had <- th.fileStatus("KH", f)
			return nil
		}
		c.away.link.cut(true)
		if err := kh.x.SendFile(context.Background(), f, c.to, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		kh.send(c.text, c.to...)
		if c.away == th {
			eventually(t, "the hub has it all", func() bool {
				var s SelfStatus
				kh.read(func(ctx context.Context, tx *db.Tx) (err error) { s, err = kh.x.Self(ctx, tx); return err })
				return s.Waiting == 0
			})
		}
		c.away.link.cut(false)
		s := <-had
		if s.Have > f.chunks()/2 {
			t.Errorf("%s: %d of %d parts of the file came before the alert", c.text, s.Have, f.chunks())
		}
		t.Logf("%s: the alert came with %d of %d parts", c.text, s.Have, f.chunks())
		eventually(t, "the file is complete", func() bool { return th.fileStatus("KH", f).State == FileComplete })
	}
}
