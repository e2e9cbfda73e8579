package account

import "strings"

// BrowserName is a browser in short, "Firefox on Linux", from what it says of itself; "" when that tells nothing. Every
// browser names older ones it wants to pass for, so that the order matters.
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

// firstMatch is the name for the first of the signs that the text has; signs and names take turns.
func firstMatch(text string, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if strings.Contains(text, pairs[i]) {
			return pairs[i+1]
		}
	}
	return ""
}
