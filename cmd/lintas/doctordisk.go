//go:build unix

package main

import "syscall"

// Below this a node may stop writing within days.
const (
	diskWarn = 5 << 30
	diskFail = 512 << 20
)

func (d *doctor) disk() {
	var st syscall.Statfs_t
	if err := syscall.Statfs(d.dir, &st); err != nil {
		d.fail("disk", "%v", err)
		return
	}
	free := int64(st.Bavail) * int64(st.Bsize)
	const mib = 1 << 20
	switch {
	case free < diskFail:
		d.fail("disk", "%d MiB free: the node stops writing when the disk is full", free/mib)
	case free < diskWarn:
		d.warn("disk", "%d MiB free", free/mib)
	default:
		d.ok("disk", "%d MiB free", free/mib)
	}
}
