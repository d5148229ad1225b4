#!/usr/bin/env bash
# Runs every fuzz test of the module for the given time.
set -euo pipefail
for dir in $(git ls-files '*_test.go' | xargs grep -l '^func Fuzz' | xargs -n1 dirname | sort -u); do
  for name in $(grep -ho '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go | awk '{print $2}'); do
    echo "== $dir $name"
    go test "./$dir" -run '^$' -fuzz "^$name\$" -fuzztime "${1:-20s}"
  done
done
