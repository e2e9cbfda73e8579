package config

import (
	"os"
	"path/filepath"
	"regexp"
)

// packagedName is the name of the program in packages. In the repository and in archives it is server.
const packagedName = "voxwarden"

// ownCommand matches the program's name in front of one of its commands, and at the beginning of an error.
var ownCommand = regexp.MustCompile(
	`^server(:)|\bserver( \[flags]| COMMAND| -h| (?:setup|init|config|backup|restore|audit|healthcheck)\b)`,
)

// AsCalled returns a text with the name under which the program was called, so that the commands in the text can be
// pasted: packages install it as voxwarden.
func AsCalled(text string) string {
	if filepath.Base(os.Args[0]) != packagedName {
		return text
	}
	return ownCommand.ReplaceAllString(text, packagedName+"$1$2")
}
