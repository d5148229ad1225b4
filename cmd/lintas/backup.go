package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/node"
)

var backupCommand = command{
	name:    "backup",
	summary: "Copies all data of a node, also while it runs",
	usage:   "--dir FOLDER --to FOLDER [--keep N] [--keys FOLDER]",
	example: `  lintas backup --dir /var/lib/lintas --to /var/backups/lintas --keep 30
  lintas backup --dir /var/lib/lintas --to /var/backups/lintas --keys /media/offline/lintas-keys`,
	run: runBackup,
}

func runBackup(ctx context.Context, k *call) error {
	dir := k.dir()
	to := k.flags.String("to", "", "folder for the backup")
	keep := k.flags.Int("keep", 0, "delete all but so many of this member's backups in the folder; 0 keeps all")
	keys := k.flags.String("keys", "", "also copy configuration, keys and directory to this folder; keep it offline")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	if err := k.needed("to"); err != nil {
		return err
	}
	if err := os.MkdirAll(*to, 0o700); err != nil {
		return err
	}
	return attend(ctx, *dir, func(n *node.Node, _ access.Actor) error {
		prefix := "lintas-" + string(n.Config.Member) + "-"
		path := filepath.Join(*to, prefix+time.Now().UTC().Format("20060102T150405Z")+".backup")
		// The entry is written first, so that the backup holds it.
		if err := n.DB.Write(ctx, func(tx *db.Tx) error {
			return n.Note(ctx, tx, "node.backup.made", map[string]string{"file": filepath.Base(path)})
		}); err != nil {
			return err
		}
		if _, err := n.DB.Backup(ctx, path); err != nil {
			return err
		}
		info, err := db.CheckBackup(path)
		if err != nil {
			return err
		}
		k.say("%s holds %d rows of %d tables as of %s and was read again.", path, info.Rows, info.Tables, clock.FromMicros(info.At).Format(time.RFC3339))
		if *keys != "" {
			if err := node.KeepFiles(*dir, *keys); err != nil {
				return err
			}
			k.say("%s holds the configuration and the secret keys. Keep it offline and apart from the backups: both together are the node.", *keys)
		} else {
			k.say("The keys are not in it. Without them a backup cannot be restored: see lintas backup --keys.")
		}
		return prune(k, *to, prefix, *keep)
	})
}

// prune deletes the oldest backups; their names sort by time.
func prune(k *call, dir, prefix string, keep int) error {
	if keep <= 0 {
		return nil
	}
	all, err := filepath.Glob(filepath.Join(dir, prefix+"*.backup"))
	if err != nil {
		return err
	}
	slices.Sort(all)
	for len(all) > keep {
		if err := os.Remove(all[0]); err != nil {
			return err
		}
		k.say("%s was deleted.", all[0])
		all = all[1:]
	}
	return nil
}

var restoreCommand = command{
	name:    "restore",
	summary: "Makes a node's folder anew from a backup and its keys",
	usage:   "--from BACKUP --keys FOLDER --dir NEW-FOLDER",
	example: "  lintas restore --from /var/backups/lintas/lintas-KH-20260301T020000Z.backup --keys /media/offline/lintas-keys --dir /var/lib/lintas-new",
	run:     runRestore,
}

func runRestore(ctx context.Context, k *call) error {
	from := k.flags.String("from", "", "file that lintas backup wrote")
	keys := k.flags.String("keys", "", "folder that lintas backup --keys wrote (or what is left of the old node's folder)")
	dir := k.flags.String("dir", "", "new, empty folder")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	if err := k.needed("from", "keys", "dir"); err != nil {
		return err
	}
	info, err := node.Restore(ctx, *from, *keys, *dir)
	if err != nil {
		return err
	}
	k.say("%s holds the node %s as of %s: %d rows of %d tables.\n", *dir, info.Owner, clock.FromMicros(info.At).Format(time.RFC3339), info.Rows, info.Tables)
	k.say("1. Never run the old folder again: two nodes with the same keys would contradict each other.")
	k.say("2. lintas doctor --dir %s, then lintas serve --dir %s.", *dir, *dir)
	k.say("3. The node asks the others what they hold of it, and what it missed arrives again. If it had sent more than the")
	k.say("   backup knows, it begins new sequences by itself; nothing is sent twice.")
	k.say("4. The history signs no checkpoint until you decide. Wait until the others have answered, then")
	k.say("   lintas verify --dir %s says whether entries were lost, and which of --resume and --reopen is right.", *dir)
	return nil
}
