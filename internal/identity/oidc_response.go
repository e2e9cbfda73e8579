package identity

import (
	"crypto/subtle"
	"net/url"
)

// maxParameter bounds each parameter of an answer, in bytes: codes of large providers have some 2 KB.
const maxParameter = 8 << 10

// authorizationResponse is what the provider's answer says in the address that it sends the browser to.
type authorizationResponse struct{ state, code, errorCode, issuer string }

// parseResponse reads the query of the callback. A parameter that is there twice could be read in two ways, so it
// counts as a forgery.
func parseResponse(query string) (authorizationResponse, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return authorizationResponse{}, &Refused{"the answer cannot be read"}
	}
	var response authorizationResponse
	for name, into := range map[string]*string{
		"state": &response.state,
		"code":  &response.code,
		"error": &response.errorCode,
		"iss":   &response.issuer,
	} {
		switch given := values[name]; {
		case len(given) > 1:
			return authorizationResponse{}, &Refused{"the answer has a parameter twice"}
		case len(given) == 1 && len(given[0]) > maxParameter:
			return authorizationResponse{}, &Refused{"the answer has a parameter that is too long"}
		case len(given) == 1:
			*into = given[0]
		}
	}
	if response.state == "" {
		return authorizationResponse{}, &Refused{"the answer has no state"}
	}
	return response, nil
}

// constantTimeEqual compares in a time that tells nothing of where two texts differ. Empty texts are the same as
// nothing.
func constantTimeEqual(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
