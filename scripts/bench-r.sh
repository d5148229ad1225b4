#!/bin/sh
# Compares package outbreak with the R packages surveillance and EpiEstim on the
# same simulated series, in one run: the answers must agree, and the times are
# printed with their ratio. Installs R from Debian where that is possible.
set -eu
cd "$(dirname "$0")/.."
export TZ="${TZ:-UTC}" # R asks systemd for the zone, which a container has not

have_r() { command -v Rscript >/dev/null 2>&1 && Rscript -e 'library(surveillance)' >/dev/null 2>&1; }
have_epiestim() { Rscript -e 'library(EpiEstim)' >/dev/null 2>&1; }
install() {
	command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ] || return 0
	echo "Installing $* from Debian ..."
	apt-get update -qq >/dev/null 2>&1 || true
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 || true
}
if ! have_r; then
	install r-base-core r-cran-surveillance
	have_r || { echo "R with the package surveillance is absent and cannot be installed here: no ratio is measured."; exit 0; }
fi
have_epiestim || install r-cran-epiestim

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
LINTAS_BENCH_R="$dir" ${GO:-go} test -count=1 -run WriteSampleForR ./outbreak >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
Rscript scripts/bench-r.R "$dir"
