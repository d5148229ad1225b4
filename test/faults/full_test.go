package faults

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"lintas/internal/node"
)

func (p *proc) report(t testing.TB) report {
	t.Helper()
	var r report
	must(t, json.Unmarshal([]byte(p.ask(t, "state", "state")), &r))
	return r
}

// A node's disk is full: a small one in memory, in a name space of its own.
func TestFullDisk(t *testing.T) {
	private := func(c *exec.Cmd) {
		c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}}
	}
	fullDisk(t, role{Is: "node", Tmpfs: 12 << 20}, private)
}

// No file of the node may grow any more: where nothing can be mounted this is
// the nearest thing to a full disk, and it strikes the running write.
func TestFilesCannotGrow(t *testing.T) {
	fullDisk(t, role{Is: "node", FSize: 5 << 20})
}

// fullDisk has TH on a disk that fills up: it stops taking and writing and says
// so, keeps what it confirmed, and goes on by itself when there is room.
func fullDisk(t *testing.T, small role, change ...func(*exec.Cmd)) {
	t.Helper()
	n := 600
	if small.FSize > 0 {
		n = 900 // one file takes longer to fill
	}
	r := newRegion(t, nil, "KH", "SG", "TH")
	small.Dir = r.dirs["TH"]
	th, err := tryStart(small, change...)
	if err != nil {
		t.Skipf("no name space for a small disk here: %v", err)
	}
	t.Cleanup(th.kill)
	until(t, 20*time.Second, "TH is ready", func() bool {
		select {
		case <-th.done:
			t.Skip("nothing can be mounted here")
		default:
		}
		return th.hasSaid("ready")
	})
	kh, sg := r.start("KH"), r.start("SG")
	kh.order(t, "publish 0 50 500 TH,SG")
	until(t, 20*time.Second, "the first fifty", func() bool { return th.gotSoFar() == 50 })
	if small.Tmpfs > 0 {
		th.ask(t, "disk", "disk fill")
	}
	kh.order(t, "publish 0 %d 8000 TH,SG", n)
	until(t, time.Minute, "TH says that its disk is full", func() bool { return th.report(t).Full })
	until(t, time.Minute, "SG has everything meanwhile", func() bool { return sg.gotSoFar() == n })
	stopped := th.report(t)
	th.order(t, "publish 1 1 500 KH,SG")
	until(t, 10*time.Second, "its own write is refused", func() bool { return th.hasSaid("error") })
	had := th.gotSoFar()
	time.Sleep(1500 * time.Millisecond) // a try to recover, in vain
	if s := th.report(t); !s.Full || th.gotSoFar() != had || had >= n || th.sentSoFar() != 0 {
		t.Errorf("full %v, took %d more, wrote %d", s.Full, th.gotSoFar()-had, th.sentSoFar())
	}
	th.ask(t, "disk", "disk free")
	began := time.Now()
	until(t, time.Minute, "TH goes on without a restart", func() bool { return th.gotSoFar() >= n && !th.report(t).Full })
	t.Logf("full with %d of %d taken, %d writes refused; all %v after there was room", had, n, stopped.Refused, time.Since(began).Round(time.Millisecond))
	th.order(t, "publish 1 10 500 KH,SG")
	until(t, 20*time.Second, "it writes and sends again", func() bool { return len(r.notes("KH", "TH")) == 10 })
	r.check("KH", "TH", numbers(1, 10))
	r.check("SG", "KH", numbers(1, n))
	checkSmall(t, r, th, small, n)
}

// checkSmall reads the small disk, which only its process sees: it is stopped
// where it stands and its folder copied out, as after a power cut.
func checkSmall(t *testing.T, r *region, th *proc, small role, n int) {
	t.Helper()
	if small.Tmpfs > 0 {
		must(t, th.cmd.Process.Signal(syscall.SIGSTOP))
		must(t, os.RemoveAll(r.dirs["TH"]))
		must(t, os.CopyFS(r.dirs["TH"], os.DirFS("/proc/"+strconv.Itoa(th.cmd.Process.Pid)+"/root"+small.Dir+".disk")))
		th.kill()
		must(t, os.Chmod(filepath.Join(r.dirs["TH"], node.KeyFile), 0o600))
		remove(t, r.dirs["TH"], node.DatabaseFile+"-shm")
	}
	r.check("TH", "KH", numbers(1, n))
}
