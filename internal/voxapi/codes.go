package voxapi

// The vendor's error codes that this package or its callers branch on. Match on
// the code and never on the message, whose wording changes. The whole list is at
// https://docs.voximplant.ai/api-reference/management-api/errors; what each one
// means for us is in [Codes].
const (
	// CodeFatalError is a failure inside the service.
	CodeFatalError = 1
	// CodeInternalError is a failure inside the service.
	CodeInternalError = 2
	// CodeDatabaseError is a failure of the service's database.
	CodeDatabaseError = 4
	// CodeAuthorizationFailed means that the key or its signature was not accepted.
	CodeAuthorizationFailed = 100
	// CodeUnknownCommand means that the service does not know the method.
	CodeUnknownCommand = 103
	// CodeForbiddenCommand means that the key's roles do not allow the method.
	CodeForbiddenCommand = 104
	// CodeInvalidAccountID means that the account is unknown or not a child of ours.
	CodeInvalidAccountID = 115
	// CodeRequiredIsEmpty means that a required parameter was left out.
	CodeRequiredIsEmpty = 134
	// CodeRateLimitExceeded is the rate limit; nothing was done.
	CodeRateLimitExceeded = 340
	// CodeInvalidKeyID means that there is no key with this id.
	CodeInvalidKeyID = 433
	// CodeInvalidSubUserID means that there is no subuser with this id.
	CodeInvalidSubUserID = 434
	// CodeInvalidRoleSet means that these roles cannot be given or taken.
	CodeInvalidRoleSet = 435
	// CodeLoginNotUnique means that another subuser of the account has this login.
	CodeLoginNotUnique = 436
	// CodeTooManyKeys means that the account may hold no more keys.
	CodeTooManyKeys = 437
	// CodeTooManySubUsers means that the account may hold no more subusers.
	CodeTooManySubUsers = 438
	// CodeSubUserHasKeysWithRoles means that a key of the subuser holds one of the
	// roles, and that force was not asked for.
	CodeSubUserHasKeysWithRoles = 439
	// CodeInvalidRoleID means that a role id is unknown.
	CodeInvalidRoleID = 440
	// CodeCurrentPasswordMissing means a new password without the old one.
	CodeCurrentPasswordMissing = 448
	// CodeInvalidLoginLength means a login of fewer than 5 or more than 20 characters.
	CodeInvalidLoginLength = 452
	// CodeInvalidLoginSymbols means a login with characters that are not allowed.
	CodeInvalidLoginSymbols = 453
	// CodeTokenIssuedInFuture means that our clock is ahead of the vendor's.
	CodeTokenIssuedInFuture = 455
	// CodeTokenExpired means that the token is too old, or our clock behind.
	CodeTokenExpired = 456
	// CodeEmptyNewPassword means a blank or too short password.
	CodeEmptyNewPassword = 463
	// CodePasswordCharacters means a password that lacks a kind of character.
	CodePasswordCharacters = 464
	// CodeRequestRejected means that the vendor took the request for a resend of
	// an earlier one, which may have been carried out.
	CodeRequestRejected = 484
	// CodeParameterEmpty means that a required parameter was left out.
	CodeParameterEmpty = 485
	// CodeSameOperationLimit means that the same was done a moment ago, maybe by us.
	CodeSameOperationLimit = 515
	// CodePasswordTooWeak means a password that the vendor finds too weak.
	CodePasswordTooWeak = 523
	// CodePasswordWhitespace means a password with spaces.
	CodePasswordWhitespace = 524
	// CodePasswordUsedBefore means a password that was used before.
	CodePasswordUsedBefore = 535
)
