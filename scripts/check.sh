#!/usr/bin/env bash
# The static checks. They change no committed file.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}

step() { printf '== %s\n' "$*"; }
fail() { printf 'check: %s\n' "$*" >&2; exit 1; }
tool() { "$GO" tool -modfile=tools/go.mod "$@"; }

step gofmt
unformatted=$(git ls-files -z '*.go' | xargs -0 gofmt -l)
[ -z "$unformatted" ] || fail "gofmt would change: $unformatted"

step "lines of at most 120 columns"
"$GO" test ./internal/suites/house -run 120Columns

# A fresh run in a copy is compared with what is committed, so that a stale file is reported and not repaired.
step "templ fmt and generate"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z '*.templ' '*_templ.go' | xargs -0 cp --parents -t "$copy"
(cd "$copy" && find . -name '*_templ.go' -delete)
"$GO" tool templ generate -path "$copy" >"$copy/log" 2>&1 || { cat "$copy/log"; fail "templ generate"; }
for file in $(git ls-files '*_templ.go'); do
  cmp -s "$file" "$copy/$file" || fail "$file is stale: run make generate"
done
"$GO" tool templ fmt -fail "$copy" >"$copy/log" 2>&1 ||
  fail "templ fmt would change a template: run go tool templ fmt views"

step "go.mod"
"$GO" mod tidy -diff || fail "go mod tidy would change go.mod or go.sum"
(cd tools && "$GO" mod tidy -diff) || fail "go mod tidy would change tools/go.mod or tools/go.sum"
"$GO" mod verify

step vet
"$GO" vet ./...

step staticcheck
tool staticcheck ./...

step "errorlint: errors are compared with errors.Is and errors.As"
tool go-errorlint ./...

step "bodyclose: response bodies are closed" # not in tests, where helpers close them out of the tool's sight
tool bodyclose -test=false ./...

step "sqlclosecheck: rows and statements are closed"
tool sqlclosecheck ./...

step "unparam: parameters and results are used"
tool unparam ./...
