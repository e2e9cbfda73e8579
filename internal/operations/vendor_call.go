package operations

import (
	"strconv"
	"strings"
)

// VendorCall is a call of the Management API, for showing a form as code. It never holds a secret.
type VendorCall struct {
	Method string
	Params []Param
}

// Param is one parameter of a VendorCall, in the order in which it is sent.
type Param struct {
	Name  string
	Value string
	// the name of a placeholder, in capitals, that stands for a value which is never shown; Value is empty then
	Secret string
}

// roleParam is a list of roles as the API wants it.
func roleParam(ids []int64) Param {
	texts := make([]string, 0, len(ids))
	for _, id := range ids {
		texts = append(texts, strconv.FormatInt(id, 10))
	}
	return Param{Name: "role_id", Value: strings.Join(texts, ";")}
}

// roleCalls are the calls of a change of roles: take away first, then give.
func roleCalls(target Param, remove, set string, revoke, grant []int64, more ...Param) []VendorCall {
	var calls []VendorCall
	if len(revoke) > 0 {
		calls = append(calls, VendorCall{Method: remove, Params: append([]Param{target, roleParam(revoke)}, more...)})
	}
	if len(grant) > 0 {
		calls = append(calls, VendorCall{Method: set, Params: []Param{target, roleParam(grant)}})
	}
	return calls
}

// optionalParams leaves out what is empty, as the console does.
func optionalParams(params ...Param) []Param {
	var out []Param
	for _, p := range params {
		if p.Value != "" || p.Secret != "" {
			out = append(out, p)
		}
	}
	return out
}
