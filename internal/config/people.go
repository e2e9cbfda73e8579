package config

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// headerIssuer is the issuer of all operators who are named by plain headers.
const headerIssuer = "proxy"

// emailPrefix marks a verified e-mail address that identifies a person instead of the subject.
const emailPrefix = "email:"

// setPeople accepts a list of "issuer|subject" and "issuer|email:address". A subject may contain a vertical bar.
func setPeople(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, value string) error {
		names := split(value)
		if len(names) == 0 {
			return valueError("is empty. Set it to people as issuer|subject, separated by commas, or unset it.")
		}
		var people []string
		for _, name := range names {
			issuer, subject, _ := strings.Cut(name, "|")
			issuer, subject = strings.TrimSpace(issuer), strings.TrimSpace(subject)
			if issuer == "" || subject == "" {
				return valueError("must contain people as issuer|subject or issuer|email:address, separated by commas.")
			}
			if address, mailed := strings.CutPrefix(subject, emailPrefix); mailed && !email(address) {
				return valueError(fmt.Sprintf(
					"contains %q, which is not an e-mail address. Write issuer|email:anna@example.com.",
					address,
				))
			}
			people = append(people, issuer+"|"+subject)
		}
		*field(c) = people
		return nil
	}
}

// email reports whether text has the form of an e-mail address: one @ with text on both sides, and no spaces.
func email(text string) bool {
	local, domain, found := strings.Cut(text, "@")
	return found && local != "" && domain != "" && !strings.Contains(domain, "@") &&
		!strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

// checkPeople reports people with an issuer other than the configured one. They could never sign in: one slash too many
// would lock out the only admin without an explanation.
func (r *envReader) checkPeople(c *Config) {
	issuer := c.issuer()
	if issuer == "" {
		return // apply has reported that it is missing
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
				r.report(list.name, fmt.Sprintf(
					"contains a person with the issuer %s, but the issuer of all operators is %s. Write exactly that before "+
						"the vertical bar.",
					quoted(of),
					quoted(issuer),
				))
				break
			}
		}
	}
}

// issuer returns the issuer of all operators, or "" if a setting for it is missing.
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
