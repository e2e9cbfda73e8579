package main

import (
	"runtime/debug"
	"strings"
)

// release is the version of a release, such as 1.2.3. A build sets it with -ldflags "-X main.release=1.2.3", because an
// image and a package are built without the repository's history.
var release string

// shortRevision is the number of characters of a commit id in a version.
const shortRevision = 12

// version returns the version of this build: a release, or the commit.
func version() string {
	info, _ := debug.ReadBuildInfo()
	return versionFrom(release, info)
}

// versionFrom returns the release, or else the version from the build information, which may be nil. Versions of
// modules begin with a v, versions of packages and images do not: it is removed, so that all of them agree.
func versionFrom(release string, info *debug.BuildInfo) string {
	if release != "" {
		return strings.TrimPrefix(release, "v")
	}
	if info == nil {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return strings.TrimPrefix(v, "v")
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= shortRevision {
			return "devel-" + setting.Value[:shortRevision]
		}
	}
	return "devel"
}
