package voxsim

import "fmt"

// Refusal is an error of the Management API: a code, and a text for people.
type Refusal struct {
	Code    int    `json:"code"`
	Message string `json:"msg"`
}

// Error implements error.
func (r *Refusal) Error() string { return fmt.Sprintf("refused with code %d: %s", r.Code, r.Message) }

// The codes that the simulator returns by itself. All codes of the vendor are listed at
// https://docs.voximplant.ai/api-reference/management-api/errors. A fault can return any code.
const (
	codeInternal            = 2
	codeDatabase            = 4
	codeAuthorizationFailed = 100
	codeInvalidArguments    = 101
	codeMissingCommand      = 102
	codeUnknownCommand      = 103
	codeForbiddenCommand    = 104
	codeOutputFormat        = 105
	codeDateFormat          = 111
	codeInvalidAccountID    = 115
	codeDateRange           = 123
	codeNotActivated        = 131
	codeRequiredIsEmpty     = 134
	codeInvalidChildID      = 194
	codeInvalidChildName    = 198
	codeInvalidChildEmail   = 199
	codeRateLimit           = 340
	codeAdvancedFilters     = 401
	codeInvalidKeyID        = 433
	codeInvalidSubuserID    = 434
	codeInvalidRoleSet      = 435
	codeLoginNotUnique      = 436
	codeTooManyKeys         = 437
	codeTooManySubusers     = 438
	codeKeysHaveRoles       = 439
	codeInvalidRoleID       = 440
	codeInvalidRoleName     = 441
	codeTokenFormat         = 447
	codeCurrentPassword     = 448
	codeRoleIDAndName       = 449
	codeLoginLength         = 452
	codeLoginSymbols        = 453
	codeTokenTTL            = 454
	codeTokenFromFuture     = 455
	codeTokenExpired        = 456
	codeEmptyPassword       = 463
	codePasswordCharacters  = 464
	codeLengthExceeded      = 477
	codeProbableResend      = 484
	codeSpecifyParameter    = 485
	codeForbiddenParameter  = 492
	codeInvalidParameter    = 496
	codeTooLong             = 499
	codePasswordTooWeak     = 523
	codePasswordSpaces      = 524
	codePasswordUsed        = 535
	codeDateRangeLimit      = 569
)

// refuse returns a Refusal with the published text of its code. The arguments fill the placeholders of the text, most
// often with the name of a parameter; a text without placeholders ignores them.
func refuse(code int, args ...any) *Refusal {
	format := publishedMessage(code)
	if len(args) == 0 || !hasPlaceholders(code) {
		return &Refusal{Code: code, Message: format}
	}
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

func hasPlaceholders(code int) bool {
	switch code {
	case codeLengthExceeded,
		codeTooLong,
		codeSpecifyParameter,
		codeForbiddenParameter,
		codeInvalidParameter,
		codeDateRangeLimit:
		return true
	}
	return false
}
