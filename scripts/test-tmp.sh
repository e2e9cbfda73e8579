#!/usr/bin/env bash
# Prints the folder for the files of tests: one in memory if it has 2 GiB and may hold programs, because tests write many
# small databases and would wait for the disk at each commit.
set -euo pipefail
memory=/dev/shm
if [ -w "$memory" ] && [ "$(df --output=avail -k "$memory" | tail -n 1)" -gt $((2 * 1024 * 1024)) ] &&
  ! grep -q "^[^ ]* $memory [^ ]* [^ ]*noexec" /proc/mounts; then
  echo "$memory"
else
  echo "${TMPDIR:-/tmp}"
fi
