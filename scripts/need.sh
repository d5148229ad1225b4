#!/usr/bin/env bash
# Installs what the tests need and the machine lacks, from Debian's packages.
set -euo pipefail
missing=()
for what in "$@"; do
  case $what in
    postgresql) { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1 || missing+=(postgresql) ;;
    chromium) command -v chromium >/dev/null || missing+=(chromium) ;;
    xmllint) command -v xmllint >/dev/null || missing+=(libxml2-utils) ;;
    gcc) command -v gcc >/dev/null || missing+=(gcc libc6-dev) ;;
    *) echo "need.sh: unknown: $what" >&2; exit 2 ;;
  esac
done
[ ${#missing[@]} -eq 0 ] && exit 0
command -v apt-get >/dev/null || { echo "Install these and try again: ${missing[*]}" >&2; exit 1; }
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
echo "Installing for the tests: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
