package faults

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lintas/internal/access"
)

// The hub confirms a message before the disk has it for certain (decision
// 0009). What a power cut may then leave is a hub that stands where it stood
// some time ago: here it is set back to a copy of its disk, by far more than
// the power cut could, while all nodes stay as they are. One recipient had
// taken everything and confirmed it to the hub; another was away, so that only
// the hub had what was sent to it. Everything must arrive once and in order,
// and nobody has to do anything.
func TestHubSetBack(t *testing.T) {
	for name, newer := range map[string]string{
		"all of its disk": "",
		// The engine writes what consumers confirmed into files of their own,
		// which may be newer than the stream: they then point beyond its end,
		// and the numbers up to there are given a second time.
		"its stream, not what was confirmed": "obs",
	} {
		t.Run(name, func(t *testing.T) { setBack(t, newer) })
	}
}

func setBack(t *testing.T, newer string) {
	n := size(200, 1000, 5000)
	r := newRegion(t, nil, "KH", "SG", "TH")
	th, sg, kh := r.start("TH"), r.start("SG"), r.start("KH")
	disk, old := filepath.Join(r.dir, "hub"), filepath.Join(r.dir, "hub.old")
	kh.order(t, "publish 0 %d 500 TH,SG", n)
	until(t, time.Minute, "the first notes", func() bool { return th.gotSoFar() >= n && sg.gotSoFar() >= n })
	r.hub.kill()
	must(t, os.CopyFS(old, os.DirFS(disk)))
	r.startHub(r.hubAddress())

	th.kill()
	kh.order(t, "publish 0 %d 500 TH,SG", 2*n)
	until(t, time.Minute, "the hub has all, and one recipient too", func() bool { return sg.gotSoFar() >= 2*n && kh.report(t).Waiting == 0 })
	until(t, time.Minute, "the hub wrote down what SG confirmed", func() bool {
		return !bytes.Equal(read(t, disk, confirmedBySG), read(t, old, confirmedBySG))
	})
	before := [2]int{len(r.epochs("TH", "KH")), len(r.epochs("SG", "KH"))}
	r.hub.kill()
	if newer != "" {
		keepNewer(t, disk, old, newer)
	}
	must(t, os.RemoveAll(disk))
	must(t, os.Rename(old, disk))
	r.startHub(r.hubAddress())

	kh.order(t, "publish 0 %d 500 TH,SG", 2*n+20) // its numbers are given anew
	began := time.Now()
	th = r.start("TH")
	until(t, 2*time.Minute, "both have everything", func() bool { return sg.gotSoFar() >= 2*n+20 && th.gotSoFar() >= n+20 })
	took := time.Since(began)
	kh.order(t, "publish 0 %d 500 TH,SG", 2*n+50)
	until(t, time.Minute, "and it goes on", func() bool { return sg.gotSoFar() >= 2*n+50 && th.gotSoFar() >= n+50 })
	for _, m := range []access.Member{"TH", "SG"} {
		r.check(m, "KH", numbers(1, 2*n+50))
	}
	// It is the hub that lost something, not KH, which begins nothing anew.
	if after := [2]int{len(r.epochs("TH", "KH")), len(r.epochs("SG", "KH"))}; after != before || len(r.epochs("KH", "KH")) > 0 {
		t.Errorf("%v beginnings of KH, %v before the hub was set back", after, before)
	}
	t.Logf("hub set back by %d confirmed notes; the recipient that had none of them was in step %v after", n, took.Round(time.Millisecond))
}

const stream = "jetstream/EX/streams/EX"

// confirmedBySG is where the engine writes down what SG has confirmed.
const confirmedBySG = stream + "/obs/SG/o.dat"

func read(t testing.TB, dir, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, file))
	must(t, err)
	return b
}

// keepNewer takes one folder of the stream into the old copy as it is now.
func keepNewer(t testing.TB, disk, old, folder string) {
	t.Helper()
	into := filepath.Join(old, stream, folder)
	must(t, os.RemoveAll(into))
	must(t, os.CopyFS(into, os.DirFS(filepath.Join(disk, stream, folder))))
}
