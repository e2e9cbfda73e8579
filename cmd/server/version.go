package main

import "runtime/debug"

// shortRevision is the number of characters of a commit id in a version.
const shortRevision = 12

// version returns the version from the build: a release, or the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= shortRevision {
			return "devel-" + setting.Value[:shortRevision]
		}
	}
	return "devel"
}
