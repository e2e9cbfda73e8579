package operations

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// textMax is the longest reason or description, in characters. The vendor does not document its limit for descriptions;
// this one keeps the audit log readable.
const textMax = 1000

// ReasonProblem returns what is wrong with a reason, "" when nothing is.
func ReasonProblem(reason string, required bool) string {
	switch {
	case required && isBlank(reason):
		return "Enter a reason. It is required here."
	case utf8.RuneCountInString(reason) > textMax:
		return tooLong("reason")
	default:
		return ""
	}
}

// PrivilegedReasonProblem is ReasonProblem for an operation that grants a privileged role. It always needs a reason.
func PrivilegedReasonProblem(reason string) string {
	if isBlank(reason) {
		return "Enter a reason. It is required to grant a privileged role."
	}
	return ReasonProblem(reason, false)
}

// isBlank reports whether a text has no visible character.
func isBlank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !csvsafe.IsInvisible(r) })
}

// DescriptionProblem returns what is wrong with a typed description, "" when nothing is.
func DescriptionProblem(description string) string {
	if _, tag := directory.SplitTag(description); tag != "" {
		return "The description ends in the tag of another operation. Remove the tag."
	}
	if utf8.RuneCountInString(description) > textMax {
		return tooLong("description")
	}
	return ""
}

func tooLong(field string) string {
	return fmt.Sprintf("The %s is too long. Use at most %d characters.", field, textMax)
}
