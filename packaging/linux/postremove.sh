#!/bin/sh
# After the package was removed. The database and the keys stay, because nothing can replace them.
set -eu
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
case ${1:-} in
purge | 0)
  echo "The database in /var/lib/voxwarden and the keys in /etc/voxwarden were kept. Without its keys an audit log" \
    "cannot be verified. Delete both folders and the user voxwarden when nothing of them is needed."
  ;;
esac
