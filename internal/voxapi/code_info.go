package voxapi

import (
	"github.com/voxwarden/voxwarden/internal/access"
)

// CodeInfo describes one of Voximplant's error codes. error_codes.go is the only list of them.
//
// Match on the code and never on the vendor's message: its wording changes. Codes and names:
// https://docs.voximplant.ai/api-reference/management-api/errors.
type CodeInfo struct {
	Code int
	// Name is the vendor's name; "" for a code that is not listed.
	Name string
	// Meaning is a sentence for operators: what happened.
	Meaning string
	// Advice is a sentence for operators: what to do next.
	Advice string
	// Cause is what has to be put right.
	Cause Cause
	// Scope is which other requests would fail in the same way.
	Scope Scope
	// MayFollowCommit is true for a code after which a write may have been carried out. All other codes are checks
	// that the documentation describes as checks, before anything is changed.
	MayFollowCommit bool
	// RetryWithNewToken is true where the vendor rejected the token's times before it read the request. The same
	// request is then sent once more.
	RetryWithNewToken bool
	// NotFound is the kind of principal that does not exist; "" for other codes.
	NotFound access.Kind
}

// Cause is what has to be put right before a request can succeed.
type Cause int

const (
	// CauseRequest is the request itself: its values, its target or a limit of the account. Voximplant, the console
	// key and the clock are fine.
	CauseRequest Cause = iota
	// CauseVendorFault is an internal error of Voximplant.
	CauseVendorFault
	// CauseThrottle is a limit that passes with time.
	CauseThrottle
	// CauseConsoleKey is the console key, its roles or its account.
	CauseConsoleKey
	// CauseClock is this server's clock.
	CauseClock
	// CauseConfiguration is the API's address or the account's id.
	CauseConfiguration
)

// Scope is which requests an error code is about.
type Scope int

const (
	// ScopeRequest means that a request with other values may succeed.
	ScopeRequest Scope = iota
	// ScopeTarget means that the same request for another principal may succeed.
	ScopeTarget
	// ScopeEveryRequest means that every request of the same method would fail in the same way.
	ScopeEveryRequest
)

// InfoOf returns the description of a code. A code that is not listed has no name and may follow a commit.
func InfoOf(code int) CodeInfo {
	if info, listed := errorCodeIndex()[code]; listed {
		return info
	}
	return CodeInfo{
		Code:            code,
		Meaning:         "Voximplant returned an error code that Voxwarden does not know.",
		Advice:          "Look it up in Voximplant's documentation.",
		MayFollowCommit: true,
	}
}

// IsListed reports whether the code is in the table.
func (c CodeInfo) IsListed() bool { return c.Name != "" }

// IsRateLimit reports whether the code is the rate limit, which is checked before anything is changed.
func (c CodeInfo) IsRateLimit() bool { return c.Code == codeRateLimitExceeded }

// IsForbidden reports whether the roles of the console key do not allow the method.
func (c CodeInfo) IsForbidden() bool { return c.Code == codeForbiddenCommand }

// IsInvalidRoleSet reports whether the roles cannot be granted or revoked in this combination.
func (c CodeInfo) IsInvalidRoleSet() bool { return c.Code == codeInvalidRoleSet }

// IsKeysHaveRoles reports whether a key of the subuser has one of the roles to revoke. The same request with force
// revokes them from the keys too.
func (c CodeInfo) IsKeysHaveRoles() bool { return c.Code == codeKeysHaveRoles }
