package operations

import (
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
)

// VendorCall is a call of the Management API, to show a form as code. It never contains a secret.
type VendorCall struct {
	Method string
	Params []Param
}

// Param is a parameter of a VendorCall, in the order in which it is sent.
type Param struct {
	Name   string
	Value  string
	Secret string // the placeholder of a value that is never shown, in capitals; Value is empty then
}

// idParam returns the parameter that identifies a principal.
func idParam(ref access.Ref) Param {
	if ref.Kind == access.Key {
		return Param{Name: "key_id", Value: ref.ID}
	}
	return Param{Name: "subuser_id", Value: ref.ID}
}

// roleParam returns a list of roles in the API's format.
func roleParam(ids []int64) Param {
	texts := make([]string, 0, len(ids))
	for _, id := range ids {
		texts = append(texts, strconv.FormatInt(id, 10))
	}
	return Param{Name: "role_id", Value: strings.Join(texts, ";")}
}

// roleCalls returns the calls of a change of roles: revoke first, then grant. more are further parameters of the first.
func roleCalls(target Param, remove, set string, d access.Difference, more ...Param) []VendorCall {
	var calls []VendorCall
	if len(d.Revoke) > 0 {
		calls = append(calls, VendorCall{Method: remove, Params: append([]Param{target, roleParam(d.Revoke)}, more...)})
	}
	if len(d.Grant) > 0 {
		calls = append(calls, VendorCall{Method: set, Params: []Param{target, roleParam(d.Grant)}})
	}
	return calls
}

// optionalParams leaves out empty parameters.
func optionalParams(params ...Param) []Param {
	var out []Param
	for _, p := range params {
		if p.Value != "" || p.Secret != "" {
			out = append(out, p)
		}
	}
	return out
}
