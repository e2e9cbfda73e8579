#!/usr/bin/env bash
# Lists what "make release-snapshot" has built, and what "server version" of this machine's architecture prints in each.
# It fails if they differ, if licences are missing, or if a checksum is wrong.
set -euo pipefail
cd "$(dirname "$0")/../dist"
architecture=$(dpkg --print-architecture 2>/dev/null || uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
sha256sum --quiet --check checksums.txt
ls -l --human-readable -- *.tar.gz *.deb *.rpm *.cdx.json checksums.txt | awk '{print $5 "\t" $NF}'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
versions=()
report() { # report FILE PROGRAM
  versions+=("$("$2" version)")
  "$2" licenses >/dev/null
  printf '%s\t%s\n' "${versions[-1]}" "$1"
}
for file in *"$architecture"*.tar.gz; do
  mkdir "$work/tar"
  tar -xzf "$file" -C "$work/tar"
  report "$file" "$work"/tar/*/server
done
for file in *"$architecture"*.deb; do
  command -v dpkg-deb >/dev/null || { echo "dpkg-deb is missing: $file was not looked into" >&2; continue; }
  dpkg-deb -x "$file" "$work/deb"
  report "$file" "$work/deb/usr/lib/voxwarden/server"
done
for file in *"$architecture"*.rpm; do
  command -v rpm2cpio >/dev/null && command -v cpio >/dev/null ||
    { echo "rpm2cpio or cpio is missing: $file was not looked into" >&2; continue; }
  mkdir "$work/rpm"
  rpm2cpio "$file" >"$work/rpm.cpio" || true # status 1 in Debian 12, although everything was written
  # The package has absolute paths, which cpio reports.
  cpio --extract --quiet --make-directories --no-absolute-filenames --directory "$work/rpm" <"$work/rpm.cpio" 2>/dev/null
  report "$file" "$work/rpm/usr/lib/voxwarden/server"
done
for file in *"$architecture"*.cdx.json; do
  version=$(sed -n 's/.*"bom-ref": "pkg:golang\/github.com\/voxwarden\/voxwarden@\([^?]*\)?.*/\1/p' "$file" | head -n 1)
  versions+=("$version")
  printf '%s\t%s\n' "$version" "$file"
done
[ "$(printf '%s\n' "${versions[@]}" | sort -u | wc -l)" = 1 ] || { echo "the versions differ" >&2; exit 1; }
