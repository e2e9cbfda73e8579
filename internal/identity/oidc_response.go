package identity

import (
	"crypto/subtle"
	"net/url"
)

// maxParameterBytes is the maximum length of a parameter. Codes of large providers have about 2 KB.
const maxParameterBytes = 8 << 10

// authorizationResponse is the provider's response in the query of the callback.
type authorizationResponse struct{ state, code, errorCode, errorDescription, issuer string }

// parseResponse parses the query of the callback. It refuses duplicate parameters, which programs could read
// differently.
func parseResponse(query string) (authorizationResponse, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return authorizationResponse{}, &Refused{"the response is malformed"}
	}
	var response authorizationResponse
	for _, parameter := range []struct {
		name string
		to   *string
	}{
		{"state", &response.state},
		{"code", &response.code},
		{"error", &response.errorCode},
		{"iss", &response.issuer},
	} {
		switch given := values[parameter.name]; {
		case len(given) > 1:
			return authorizationResponse{}, &Refused{"the response has a parameter twice"}
		case len(given) == 1 && len(given[0]) > maxParameterBytes:
			return authorizationResponse{}, &Refused{"the response has a parameter that is too long"}
		case len(given) == 1:
			*parameter.to = given[0]
		}
	}
	response.errorDescription = values.Get("error_description") // only for the log
	return response, nil
}

// providerError returns the error in a response, nil for none. Providers send some errors without a state, such as
// those of an unknown client.
func (a authorizationResponse) providerError() error {
	if a.errorCode == "" {
		return nil
	}
	detail := a.errorDescription
	code, standard := standardError(a.errorCode)
	if !standard {
		detail = a.errorCode + ": " + detail
	}
	switch {
	case standard && a.state == "":
		return refuseWithDetail("the provider returned, without a state, the error "+code, detail)
	case standard:
		return refuseWithDetail("the provider returned the error "+code, detail)
	case a.state == "":
		return refuseWithDetail("the provider returned an unknown error without a state", detail)
	default:
		return refuseWithDetail("the provider returned an unknown error", detail)
	}
}

// constantTimeEqual compares in a time that does not depend on where the strings differ. Empty strings are never equal.
func constantTimeEqual(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
