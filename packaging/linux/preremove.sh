#!/bin/sh
# Before the package is removed; not before an upgrade. dpkg passes "remove", rpm the number of versions that will remain.
set -eu
case ${1:-} in
remove | 0)
  if [ -d /run/systemd/system ]; then
    systemctl disable --now voxwarden.service
  fi
  ;;
esac
