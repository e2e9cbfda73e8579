#!/usr/bin/env bash
# Writes the list of components of a program in CycloneDX's JSON: sbom.sh PROGRAM FILE VERSION. The release runs it in dist.
set -euo pipefail
program=$(realpath "$1") file=$(realpath "$2") version=$3
cd "$(dirname "$0")/.."
GO=${GO:-go}
"$GO" run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 bin \
  -json -std -short-purls -noserial -notimestamp -version "$version" -output "$file" "$program"
"$GO" run ./internal/licenses/generate -sbom "$file"
