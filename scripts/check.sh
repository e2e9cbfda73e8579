#!/usr/bin/env bash
# The static checks: format, generated code, go.mod, vet, staticcheck. Changes nothing that is committed.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}

say() { printf '== %s\n' "$*"; }
fail() { printf 'check: %s\n' "$*" >&2; exit 1; }

say gofmt
unformatted=$(git ls-files '*.go' | xargs gofmt -l)
[ -z "$unformatted" ] || fail "gofmt would change: $unformatted"

# Generated code is compared with a fresh run in a copy, so that a stale file is reported and not silently mended.
say "templ fmt and generate"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z '*.templ' '*_templ.go' | xargs -0 cp --parents -t "$copy"
(cd "$copy" && find . -name '*_templ.go' -delete)
"$GO" tool templ generate -path "$copy" >"$copy/log" 2>&1 || { cat "$copy/log"; fail "templ generate"; }
for file in $(git ls-files '*_templ.go'); do
  cmp -s "$file" "$copy/$file" || fail "$file is stale: make generate"
done
"$GO" tool templ fmt -fail "$copy" >"$copy/log" 2>&1 || fail "templ fmt would change a template: go tool templ fmt views"

say "go.mod"
"$GO" mod tidy -diff || fail "go mod tidy would change go.mod or go.sum"
"$GO" mod verify

say vet
"$GO" vet ./...

say staticcheck
"$GO" tool staticcheck ./...
