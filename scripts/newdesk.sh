#!/usr/bin/env bash
# Makes a new desk from the skeleton: make newdesk NAME=plans
set -euo pipefail
name=$1
[[ $name =~ ^[a-z]{3,20}$ ]] || { echo "newdesk: the name is 3 to 20 lower-case letters" >&2; exit 2; }
from=internal/desk/skeleton to=internal/desk/$name
[ ! -e "$to" ] || { echo "newdesk: $to exists already; nothing was changed" >&2; exit 1; }
cp -r "$from" "$to"
mv "$to/schema/0001_skeleton.sql" "$to/schema/0001_$name.sql"
mv "$to/skeleton_test.go" "$to/${name}_test.go"
grep -rl skeleton "$to" | xargs sed -i "s/skeleton/$name/g"
printf '# %s\n\nWhat its people do there, in three sentences.\n' "$name" > "$to/README.md"
sed -i "s#// Package $name is the smallest whole desk: one record with its table,#// Package $name is the desk of ...: one record with its table,#; s# make newdesk copies it.##" "$to/desk.go"
gofmt -l "$to"
go test "./$to"
echo "Made $to. Next: write its workflow.go, then list it in internal/node/desks.go and wire it in internal/node/node.go."
