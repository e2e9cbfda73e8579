#!/bin/sh
# After the package was removed. The database and the keys stay, also when it is purged, because nothing can replace them.
set -eu
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then
  systemctl daemon-reload || true
fi
case ${1:-} in
purge | 0)
  for folder in /var/lib/voxwarden /etc/voxwarden; do
    rmdir "$folder" 2>/dev/null || [ ! -d "$folder" ] || echo "$folder was kept."
  done
  if [ -d /var/lib/voxwarden ] || [ -d /etc/voxwarden ]; then
    echo "Without its database and its keys an audit log is lost, and credentials.json still gives access to the" \
      "Voximplant account. Delete what was kept, and the user voxwarden, when you need none of it."
  fi
  ;;
esac
