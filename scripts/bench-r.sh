#!/bin/sh
# Compares package outbreak with the R package surveillance on the same simulated
# series, in one run: the answers must agree, and the times are printed with
# their ratio. Installs R from Debian where that is possible.
set -eu
cd "$(dirname "$0")/.."

have_r() { command -v Rscript >/dev/null 2>&1 && Rscript -e 'library(surveillance)' >/dev/null 2>&1; }
if ! have_r; then
	if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
		echo "Installing R and the package surveillance from Debian ..."
		apt-get update -qq >/dev/null 2>&1 || true
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends r-base-core r-cran-surveillance >/dev/null 2>&1 || true
	fi
	have_r || { echo "R with the package surveillance is absent and cannot be installed here: no ratio is measured."; exit 0; }
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
LINTAS_BENCH_R="$dir" ${GO:-go} test -count=1 -run WriteSampleForR ./outbreak >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
Rscript scripts/bench-r.R "$dir"
