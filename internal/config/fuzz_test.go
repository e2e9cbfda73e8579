package config_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

// FuzzParse reads random environments with secrets, in their variables or by mistake in the variables for their paths.
// It must not panic, every problem must be a sentence about a variable, and no problem, description or configuration
// may show a secret.
func FuzzParse(f *testing.F) {
	for _, lines := range signInEnvirons() {
		f.Add(strings.Join(lines, "\n"), "", false)
	}
	f.Add(
		"BASE_URL=https://[::1%25eth0]:/a%2fb\nTRUSTED_PROXIES=::ffff:1.2.3.4/1,1/1,\nADMIN_PEOPLE=|,a|email:@",
		"\n",
		false,
	)
	f.Add("AUTH=proxy-jwt\nPROXY_JWT_PRESET=pomerium\nPROXY_JWT_ISSUER=https://\x00", "@/,:", true)
	f.Add("OIDC_CLIENT_SECRET_FILE=/dev/zero\nCREDENTIALS_FILE=\nDATABASE_URL=", "\xff", true)
	const planted = "planted-7f3a9c"
	valid := accountEnviron(f)
	f.Fuzz(func(t *testing.T, text, tail string, mistaken bool) {
		if strings.Contains(text, planted) {
			t.Skip("the text itself contains the planted secret")
		}
		environ := slices.Clone(valid)
		for line := range strings.SplitSeq(text, "\n") {
			environ = append(environ, config.Prefix+strings.TrimPrefix(line, config.Prefix))
		}
		secrets := []string{"SECRET_KEY=" + key + planted, "OIDC_CLIENT_SECRET=" + planted, "DATABASE_URL=sqlite:" + planted}
		if mistaken {
			secrets = []string{
				"SECRET_KEY=" + planted,
				"OIDC_CLIENT_SECRET_FILE=" + planted,
				"DATABASE_URL=" + planted,
				"CREDENTIALS_FILE=" + planted,
			}
		}
		for _, secret := range secrets {
			environ = append(environ, config.Prefix+secret+tail)
		}
		examine(t, environ, planted, false)
		examine(t, environ, planted, true)
	})
}

func examine(t *testing.T, environ []string, planted string, demo bool) {
	t.Helper()
	read := config.Parse
	if demo {
		read = config.Demo
	}
	c, err := read(environ)
	shown := fmt.Sprintf("%+v %v %v", c, config.Describe(environ, demo), err)
	if err == nil {
		shown += strings.Join(c.Warnings(), "\n")
	} else {
		problems, ok := errors.AsType[*config.Problems](err)
		if !ok || slices.ContainsFunc(problems.Sentences, notAboutASetting) {
			t.Errorf("a problem is not a sentence about a variable: %v", err)
		}
	}
	if strings.Contains(shown, planted) {
		t.Errorf("output contains a secret: %s", shown)
	}
}

func notAboutASetting(sentence string) bool {
	return !strings.HasPrefix(sentence, config.Prefix) || !strings.HasSuffix(sentence, ".") ||
		!strings.Contains(sentence, " ")
}
