package page_test

import (
	"os"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/views/page"
)

// A command on a page has the name that it has on the console's machine. It is not
// parallel, because it changes the name of the program.
func TestProblemsNameTheCommand(t *testing.T) {
	before := os.Args[0]
	defer func() { os.Args[0] = before }()
	os.Args[0] = "voxwarden"
	for _, text := range []string{
		page.AuditAlarmBanner(page.AuditChanged).Text,
		page.AuditAlarmBanner(page.AuditLostEvents).Text,
		strings.Join(page.RowMismatch().Sentences, " "),
		page.RowMismatchBanner().Text,
		page.AuditCopiesBanner(0, 1).Text,
	} {
		if strings.Contains(text, "server audit") || !strings.Contains(text, "“voxwarden audit ") {
			t.Error(text)
		}
	}
}
