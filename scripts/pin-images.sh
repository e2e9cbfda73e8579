#!/usr/bin/env bash
# Writes the digests of the base images into the Dockerfile, so that a build uses exactly these. It needs docker and a
# connection to the registry. Run it again after each security update of the images.
set -euo pipefail
cd "$(dirname "$0")/.."
file=${1:-Dockerfile}

grep -E '^ARG [A-Z]+_IMAGE=' "$file" | while IFS='=' read -r name image; do
  tag=${image%%@*}
  digest=$(docker buildx imagetools inspect "$tag" --format '{{.Manifest.Digest}}')
  [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "no digest for $tag: $digest" >&2; exit 1; }
  sed -i "s|^$name=.*|$name=$tag@$digest|" "$file"
  echo "$tag@$digest"
done
