package operations

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/directory"
)

// textMax is how long a reason or a description may be, in characters. The vendor's own limit for descriptions
// is not published; this one keeps the record readable.
const textMax = 1000

// reasonProblem says what is wrong with a reason, "" when nothing is.
func (s *Service) reasonProblem(reason string) string {
	switch {
	case s.RequireReason && strings.TrimSpace(reason) == "":
		return "Say why: a reason is required here."
	case utf8.RuneCountInString(reason) > textMax:
		return tooLong("reason")
	default:
		return ""
	}
}

// DescriptionProblem says what is wrong with a description that somebody wrote, "" when nothing is.
func DescriptionProblem(description string) string {
	if _, tag := directory.SplitTag(description); tag != "" {
		return "The description ends in a mark that belongs to something else that was created here. Remove it."
	}
	if utf8.RuneCountInString(description) > textMax {
		return tooLong("description")
	}
	return ""
}

// tooLong says that a text is longer than textMax.
func tooLong(what string) string {
	return fmt.Sprintf("The %s is too long: at most %d characters are kept.", what, textMax)
}
