package exchange

import (
	"bytes"
	"context"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
)

// What is sealed to a member's new key before its process has loaded it opens
// once the key is there: what came first, what of the same session followed,
// on both channels.
func TestSealedBeforeTheNewKeyIsLoaded(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		r := newRegion(t, e, "KH", "TH", "SG")
		kh, th := r.nodes["KH"], r.nodes["TH"]
		kh.send("before")
		th.gets("before")
		asked := th.send("asked", "KH")
		kh.gets("asked")
		next, err := th.keys.Rotate()
		if err != nil {
			t.Fatal(err)
		}
		m := memberOf(th.keys)
		m.Sealing = append(m.Sealing, directory.MakeKey(next.SealPublic(), start))
		s, err := kh.dirs.Current().Signed.Next(start.Add(time.Minute), directory.Put(m))
		if err != nil {
			t.Fatal(err)
		}
		s = s.Sign(kh.keys).Sign(th.keys)
		ctx := context.Background()
		if err := kh.db.Write(ctx, func(tx *db.Tx) error { return kh.x.PublishDirectory(ctx, tx, s) }); err != nil {
			t.Fatal(err)
		}
		eventually(t, "TH has the directory", func() bool { return th.dirs.Current().Document.Version == 2 })
		kh.send("to all")
		kh.send("first", "TH")
		kh.send("second", "TH")
		kh.answer(asked, Acknowledged, "")
		data := []byte("a file in one part")
		f := kh.file(data)
		if err := kh.x.SendFile(ctx, f, []access.Member{"TH"}, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		th.refuses(envelope.NoKey)
		eventually(t, "three releases, a receipt and a file wait", func() bool { return len(th.reasons()) >= 5 })
		keys := th.keys
		keys.Open = next.Open
		th.x.SetKeys(keys)
		eventually(t, "all are applied", func() bool { return stored(th) == 4 })
		eventually(t, "the receipt too", func() bool { return th.stages(asked)["KH"] == Acknowledged })
		eventually(t, "and the file", func() bool { return th.fileStatus("KH", f).State == FileComplete })
		kh.send("after", "TH")
		eventually(t, "and what follows", func() bool { return stored(th) == 5 })
	})
}
