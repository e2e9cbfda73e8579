package identity

import (
	"errors"
	"regexp"
	"strings"
)

// The shapes of AWS's names. A region becomes part of a host name, so it is held to what regions look like.
var (
	albRegion = regexp.MustCompile(`^[a-z]{2}(-[a-z]{2,12}){1,2}-[1-9]$`)
	albARN    = regexp.MustCompile(
		`^arn:aws[a-z-]*:elasticloadbalancing:([a-z0-9-]+):[0-9]{12}:loadbalancer/app/[A-Za-z0-9-]+/[0-9a-f]+$`,
	)
)

// checkALBSettings checks the settings of a load balancer of AWS.
func checkALBSettings(p assertionPreset, o *ProxyJWTOptions) []error {
	faults := fillPreset(p, o)
	faults = append(faults, unused("the other presets", map[string]string{
		"audience": strings.Join(o.Audiences, ","), "key set address": o.KeysURL, "keys file": o.KeysFile,
	})...)
	faults = append(faults, missing(*o, false)...)
	arn := albARN.FindStringSubmatch(o.Signer)
	switch {
	case !albRegion.MatchString(o.Region):
		faults = append(faults, errors.New("the region is missing or not one: name the load balancer's, as in eu-central-1"))
	case arn == nil:
		faults = append(
			faults,
			errors.New(
				"the signer is missing or not one: name the load balancer's ARN, arn:aws:elasticloadbalancing:…:loadbalancer/app/…",
			),
		)
	case arn[1] != o.Region:
		faults = append(faults, errors.New("the signer's ARN is of another region than the one that is set"))
	}
	if o.Client == "" {
		faults = append(
			faults,
			errors.New("the client is missing: name the client id that the load balancer has at the identity provider"),
		)
	}
	return faults
}
