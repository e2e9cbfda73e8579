#!/usr/bin/env bash
# "make dev": the demo behind a proxy that reloads the browser. Without an argument it starts the proxy, which runs
# "dev.sh server" now and after each change of a Go, templ, CSS, JavaScript or SQL file.
# The database and the keys stay in .dev, so a session outlives a restart. The simulated account starts anew.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
LISTEN=${LISTEN:-127.0.0.1:8080}
PROXY_PORT=${PROXY_PORT:-7331}
export GO LISTEN PROXY_PORT

if [ "${1:-}" != server ]; then
  mkdir -p .dev
  for key in secret audit; do
    [ -s ".dev/$key.key" ] || (umask 077 && head -c 32 /dev/urandom | base64 >".dev/$key.key")
  done
  echo "With live reload: http://127.0.0.1:$PROXY_PORT"
  exec "$GO" tool templ generate -watch -watch-pattern '\.(go|templ|css|js|sql)$' -ignore-pattern '_test\.go$' \
    -proxy "http://$LISTEN" -proxyport "$PROXY_PORT" -open-browser=false -log-level warn -cmd "scripts/dev.sh server"
fi

"$GO" build -o bin/dev ./cmd/server

# The server refuses a database with another schema, so each schema has a database of its own and the old one goes.
schema=$(find internal/store -name '*.sql' | LC_ALL=C sort | xargs cat | cksum | cut -d ' ' -f 1)
database=.dev/$schema.db
if [ ! -e "$database" ] && compgen -G '.dev/*.db' >/dev/null; then
  echo "The schema changed: starting with a new database." >&2
  rm -f .dev/*.db .dev/*.db-*
fi

export VOXWARDEN_BASE_URL=http://127.0.0.1:$PROXY_PORT
export VOXWARDEN_DATABASE_URL=sqlite:$database
# The server refuses a file with a key in a folder that the group can write, as a checkout often is.
VOXWARDEN_SECRET_KEY=$(cat .dev/secret.key) VOXWARDEN_AUDIT_KEY=$(cat .dev/audit.key)
export VOXWARDEN_SECRET_KEY VOXWARDEN_AUDIT_KEY
exec bin/dev -demo -history=false -listen "$LISTEN"
