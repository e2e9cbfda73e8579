package config

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// headerIssuer is the issuer of all operators who are named by plain headers.
const headerIssuer = "proxy"

// emailPrefix is what a person is written with who is known by a verified address instead of the issuer's own name.
const emailPrefix = "email:"

// setPeople takes a list of "issuer|subject" and "issuer|email:address". A subject may hold a bar itself.
func setPeople(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, value string) error {
		names := split(value)
		if len(names) == 0 {
			return valueError("names nobody. Give it people as issuer|subject, separated by commas, or unset it.")
		}
		var people []string
		for _, name := range names {
			issuer, subject, _ := strings.Cut(name, "|")
			issuer, subject = strings.TrimSpace(issuer), strings.TrimSpace(subject)
			if issuer == "" || subject == "" {
				return valueError("must hold people as issuer|subject or issuer|email:address, separated by commas.")
			}
			if address, mailed := strings.CutPrefix(subject, emailPrefix); mailed && !email(address) {
				return valueError(fmt.Sprintf(
					"has %q, which is not an e-mail address. Write issuer|email:anna@example.com.",
					address,
				))
			}
			people = append(people, issuer+"|"+subject)
		}
		*field(c) = people
		return nil
	}
}

// email says whether a text can be an address at all: one @ with something on both sides, and no spaces. More than
// that, only the issuer knows.
func email(text string) bool {
	local, domain, found := strings.Cut(text, "@")
	return found && local != "" && domain != "" && !strings.Contains(domain, "@") &&
		!strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

// checkPeople wants every person to be of the issuer that vouches for everybody here. Otherwise one slash too many
// would lock the only admin out, and nothing would say why.
func (r *envReader) checkPeople(c *Config) {
	issuer := c.issuer()
	if issuer == "" {
		return // it is missing, and that was said
	}
	for _, list := range []struct {
		name   string
		people []string
	}{
		{"ADMIN_PEOPLE", c.Access.AdminPeople}, {"EDITOR_PEOPLE", c.Access.EditorPeople},
		{"AUDITOR_PEOPLE", c.Access.AuditorPeople}, {"VIEWER_PEOPLE", c.Access.ViewerPeople},
	} {
		for _, person := range list.people {
			if of, _, _ := strings.Cut(person, "|"); of != issuer {
				r.report(
					list.name,
					fmt.Sprintf(
						"has a person of the issuer %s, but everybody here comes from %s. Write that before the vertical bar, to "+
							"the letter.",
						quoted(of),
						quoted(issuer),
					),
				)
				break
			}
		}
	}
}

// issuer is who vouches for everybody with this configuration; empty while that is not known.
func (c *Config) issuer() string {
	switch c.Auth {
	case operator.OIDC:
		return c.OIDC.Issuer
	case operator.ProxyHeader:
		return headerIssuer
	case operator.ProxyJWT:
		if preset, ok := FindPreset(c.ProxyJWT.Preset); ok && preset.Issuer != "" {
			return preset.Issuer
		}
		return c.ProxyJWT.Issuer
	}
	return ""
}
