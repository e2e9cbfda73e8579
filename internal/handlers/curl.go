package handlers

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
)

// curlCommands writes calls of the Management API for a shell. No secret is in them: where one belongs stands a
// variable.
func (a *App) curlCommands(calls []operations.VendorCall) string {
	if len(calls) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("# " + page.CodeHint + "\n")
	for _, call := range calls {
		b.WriteString(
			"curl -X POST " + shellQuote(a.APIURL+"/"+call.Method) + " \\\n  -H \"Authorization: Bearer $VOXIMPLANT_TOKEN\"",
		)
		for _, p := range call.Params {
			b.WriteString(" \\\n  --data-urlencode ")
			if p.Secret != "" {
				b.WriteString(`"` + p.Name + "=$" + p.Secret + `"`)
			} else {
				b.WriteString(shellQuote(p.Name + "=" + p.Value))
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// shellQuote makes one word of a text for every shell: within single quotes nothing has a meaning but the quote itself.
func shellQuote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
