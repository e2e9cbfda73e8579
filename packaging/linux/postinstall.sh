#!/bin/sh
# After the installation or upgrade of the package. It starts nothing that was not running.
set -eu

if command -v systemd-sysusers >/dev/null; then
  systemd-sysusers voxwarden.conf
elif ! getent passwd voxwarden >/dev/null; then
  useradd --system --user-group --home-dir /var/lib/voxwarden --no-create-home --shell /usr/sbin/nologin voxwarden
fi

# The same as voxwarden.conf of tmpfiles.d, which repairs it at each start of the system.
install -d -m 0750 -o root -g voxwarden /etc/voxwarden
install -d -m 0700 -o voxwarden -g voxwarden /var/lib/voxwarden
settings=/etc/voxwarden/voxwarden.env
if [ -f "$settings" ]; then # an admin may have deleted it
  chown root:voxwarden "$settings"
  chmod 0640 "$settings"
fi

# A failure here must not leave the package half installed.
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
  systemctl try-restart voxwarden.service ||
    echo "Voxwarden was not started again. Read: journalctl -u voxwarden" >&2
fi

# dpkg passes "configure" and the version before, rpm the number of versions that are installed.
if [ "${1:-}" = configure ] && [ -z "${2:-}" ] || [ "${1:-}" = 1 ]; then
  echo "Voxwarden is installed and not started. Next: voxwarden setup"
fi
