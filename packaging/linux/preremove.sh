#!/bin/sh
# Before the package is removed; not before an upgrade. dpkg passes "remove", rpm the number of versions that will remain.
# A failure of systemctl must not prevent the removal.
set -eu
case ${1:-} in
remove | 0)
  if command -v systemctl >/dev/null; then
    if [ -d /run/systemd/system ]; then
      systemctl stop voxwarden.service || echo "Voxwarden may still run. Read: systemctl status voxwarden" >&2
    fi
    # Also in a chroot: the link would let the next installation start with the system.
    systemctl disable voxwarden.service || true
  fi
  ;;
esac
