#!/usr/bin/env bash
# Installs what the tests need beyond Go and Node, from Debian's packages, when it may; else says what is missing.
# With CI=true a missing one is an error.
set -euo pipefail

have_chromium() { command -v chromium >/dev/null; }
have_chromium && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing Chromium for the browser tests"
  log=$(mktemp)
  (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-dejavu-core) >"$log" 2>&1 || tail -n 5 "$log"
  rm -f "$log"
fi
have_chromium && exit 0

echo "Chromium is missing: the browser tests are skipped. Install the package 'chromium' to run them." >&2
[ "${CI:-}" != true ]
