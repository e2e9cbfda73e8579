package identity

import (
	"crypto/subtle"
	"net/url"
)

// maxParameter bounds each parameter of an answer, in bytes: codes of large providers have some 2 KB.
const maxParameter = 8 << 10

// callbackAnswer is what the provider's answer says in the address that it sends the browser to.
type callbackAnswer struct{ state, code, failure, issuer string }

// readAnswer reads the query of the callback. A parameter that is there twice could be read in two ways, so it
// counts as a forgery.
func readAnswer(query string) (callbackAnswer, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return callbackAnswer{}, &Refused{"the answer cannot be read"}
	}
	var answer callbackAnswer
	for name, into := range map[string]*string{
		"state": &answer.state,
		"code":  &answer.code,
		"error": &answer.failure,
		"iss":   &answer.issuer,
	} {
		switch given := values[name]; {
		case len(given) > 1:
			return callbackAnswer{}, &Refused{"the answer has a parameter twice"}
		case len(given) == 1 && len(given[0]) > maxParameter:
			return callbackAnswer{}, &Refused{"the answer has a parameter that is too long"}
		case len(given) == 1:
			*into = given[0]
		}
	}
	if answer.state == "" {
		return callbackAnswer{}, &Refused{"the answer has no state"}
	}
	return answer, nil
}

// sameText compares in a time that tells nothing of where two texts differ. Empty texts are the same as nothing.
func sameText(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
