package handlers

import (
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
)

// curlCommands returns vendor calls as shell commands. Secrets are shell variables.
func (a *App) curlCommands(calls []operations.VendorCall) string {
	if len(calls) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("# " + page.CodeHint + "\n")
	if secrets := secretVariables(calls); len(secrets) > 0 {
		b.WriteString("# " + page.CodeSecretsHint(secrets) + "\n")
	}
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

// secretVariables returns the shell variables that stand for secrets.
func secretVariables(calls []operations.VendorCall) (variables []string) {
	for _, call := range calls {
		for _, p := range call.Params {
			if name := "$" + p.Secret; p.Secret != "" && !slices.Contains(variables, name) {
				variables = append(variables, name)
			}
		}
	}
	return variables
}

// shellQuote returns a text as one word for every POSIX shell: within single quotes only the quote itself has a
// meaning.
func shellQuote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
