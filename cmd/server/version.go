package main

import "runtime/debug"

// shortRevision is how many characters of a commit's id name it well enough.
const shortRevision = 12

// version is what this program was built from, as the build recorded it: a release, or the commit.
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
