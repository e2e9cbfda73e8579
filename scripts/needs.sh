#!/usr/bin/env bash
# Installs what the tests need beyond Go and Node, from Debian's packages, when it may; else says what is missing.
# With CI=true a missing one is an error.
set -euo pipefail

# The tests look where Debian's packages put the programs, so this does too.
have_chromium() { [ -x /usr/bin/chromium-headless-shell ]; } # Chromium without its windows: less than half the work
have_nginx() { [ -x /usr/sbin/nginx ]; }
have_postgres() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; }

packages=()
have_chromium || packages+=(chromium-headless-shell fonts-dejavu-core)
have_nginx || packages+=(nginx-light)
have_postgres || packages+=(postgresql)
[ ${#packages[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing for the tests: ${packages[*]}"
  log=$(mktemp)
  # The tests start their own nginx and PostgreSQL; Debian's packages would start one for the whole machine.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
  fi
  (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}") >"$log" 2>&1 || tail -n 5 "$log"
  rm -f "$log"
fi

missing=0
have_chromium || { missing=1; echo "Chromium is missing: the browser tests are skipped. Install the package 'chromium-headless-shell' to run them." >&2; }
have_nginx || { missing=1; echo "nginx is missing: the tests through it are skipped. Install the package 'nginx-light' to run them." >&2; }
have_postgres || { missing=1; echo "PostgreSQL is missing: the tests on it are skipped. Install the package 'postgresql' to run them." >&2; }
[ "$missing" = 0 ] || [ "${CI:-}" != true ]
