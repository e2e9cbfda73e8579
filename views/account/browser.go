package account

import "strings"

// BrowserName returns the short name of a browser and its system, "Firefox on Linux", from a User-Agent header, "" for
// an unknown one. Browsers also name older ones in the header, so the order matters.
func BrowserName(agent string) string {
	name := firstMatch(
		agent,
		"Edg/",
		"Edge",
		"OPR/",
		"Opera",
		"Firefox/",
		"Firefox",
		"Chrome/",
		"Chrome",
		"Safari/",
		"Safari",
		"curl/",
		"curl",
	)
	system := firstMatch(
		agent,
		"Android",
		"Android",
		"iPhone",
		"iPhone",
		"iPad",
		"iPad",
		"Windows",
		"Windows",
		"Mac OS X",
		"macOS",
		"CrOS",
		"ChromeOS",
		"Linux",
		"Linux",
	)
	switch {
	case name != "" && system != "":
		return name + " on " + system
	default:
		return name + system
	}
}

// firstMatch returns the name of the first pattern that text contains. pairs holds patterns and names in turn.
func firstMatch(text string, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if strings.Contains(text, pairs[i]) {
			return pairs[i+1]
		}
	}
	return ""
}
