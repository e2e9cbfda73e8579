#!/usr/bin/env bash
# Installs the programs that the tests need beyond Go and Node from Debian's packages. Where it may not install, it names
# the missing ones: their tests are skipped, and with CI=true it fails.
set -euo pipefail

# The tests look for the programs where Debian's packages put them.
have_chromium() { [ -x /usr/bin/chromium-headless-shell ]; } # without windows: less than half the work for the machine
have_haproxy() { [ -x /usr/sbin/haproxy ]; }
have_nginx() { [ -x /usr/sbin/nginx ]; }
have_postgres() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; }
have_pgbouncer() { [ -x /usr/sbin/pgbouncer ]; }
have_systemd() { command -v systemd-analyze >/dev/null; }

packages=()
have_chromium || packages+=(chromium-headless-shell fonts-dejavu-core)
have_haproxy || packages+=(haproxy)
have_nginx || packages+=(nginx-light)
have_postgres || packages+=(postgresql)
have_pgbouncer || packages+=(pgbouncer)
have_systemd || packages+=(systemd)
[ ${#packages[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing for the tests: ${packages[*]}"
  log=$(mktemp)
  # Debian's packages start HAProxy, nginx and PostgreSQL for the whole machine; the tests start their own.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
  fi
  (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}") \
    >"$log" 2>&1 || tail -n 5 "$log"
  rm -f "$log"
fi

missing=0
report() { # report PROGRAM PACKAGE
  missing=1
  echo "$1 is missing: its tests are skipped. Install the package '$2' to run them." >&2
}
have_chromium || report Chromium chromium-headless-shell
have_haproxy || report HAProxy haproxy
have_nginx || report nginx nginx-light
have_postgres || report PostgreSQL postgresql
have_pgbouncer || report PgBouncer pgbouncer
have_systemd || report systemd-analyze systemd
[ "$missing" = 0 ] || [ "${CI:-}" != true ]
