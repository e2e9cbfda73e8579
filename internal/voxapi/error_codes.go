package voxapi

import (
	"sync"

	"github.com/voxwarden/voxwarden/internal/access"
)

// The codes that code in this package compares with.
const (
	codeForbiddenCommand    = 104
	codeRateLimitExceeded   = 340
	codeInvalidRoleSet      = 435
	codeKeysHaveRoles       = 439
	codeTokenIssuedInFuture = 455
	codeTokenExpired        = 456
)

var errorCodeIndex = sync.OnceValue(func() map[int]CodeInfo {
	index := map[int]CodeInfo{}
	for _, info := range errorCodes() {
		index[info.Code] = info
	}
	return index
})

// Advice that several codes share.
const (
	adviceSupport       = "Try again later; if it continues, contact Voximplant's support with the time and this code."
	adviceReport        = "This is a fault of Voxwarden: report it with this code and the request id."
	adviceWait          = "Wait a minute, then try again."
	adviceAddress       = "Check VOXWARDEN_API_URL."
	adviceCredentials   = "Check the key in VOXWARDEN_CREDENTIALS_FILE."
	adviceChildAccount  = "Check the account id, and that the console key belongs to the parent account."
	adviceFillIn        = "Fill it in and try again."
	adviceShorten       = "Shorten it and try again."
	adviceRoles         = "Refresh the list of roles and choose again."
	adviceLogin         = "Choose another login."
	adviceClock         = "Synchronize this server's clock with NTP, then try again."
	adviceOtherPassword = "Choose another password."
	advicePassword      = "Use at least 8 characters, with an upper-case letter, a lower-case letter, a digit and a " +
		"special character."
)

// errorCodes is the table of the codes that the methods in this package can meet, in order.
//
// Codes that may follow a commit are failures inside the service (1, 2, 4), codes that speak of an earlier request,
// which may have been ours (484, 515), and the throttles of which it is not documented when they are checked (162, 314,
// 416, 512).
func errorCodes() []CodeInfo {
	return []CodeInfo{
		{
			Code:            1,
			Name:            "FATAL_ERROR",
			Meaning:         "Voximplant reported an internal error, or did not accept the account.",
			Advice:          adviceSupport,
			Cause:           CauseVendorFault,
			Scope:           ScopeEveryRequest,
			MayFollowCommit: true,
		},
		{
			Code:            2,
			Name:            "INTERNAL_ERROR",
			Meaning:         "Voximplant reported an internal error.",
			Advice:          adviceSupport,
			Cause:           CauseVendorFault,
			Scope:           ScopeEveryRequest,
			MayFollowCommit: true,
		},
		{
			Code:            4,
			Name:            "DB_ERROR",
			Meaning:         "Voximplant reported a database error.",
			Advice:          adviceSupport,
			Cause:           CauseVendorFault,
			Scope:           ScopeEveryRequest,
			MayFollowCommit: true,
		},
		{
			Code:    12,
			Name:    "INVALID_FUNC_NAME",
			Meaning: "Voximplant did not accept a function name.",
			Advice:  adviceReport,
		},
		{
			Code:    100,
			Name:    "AUTHORIZATION_FAILED",
			Meaning: "Voximplant did not accept the console key.",
			// The vendor's notes on two SMS methods say that a missing role can give this code too.
			Advice: "Check that the key in VOXWARDEN_CREDENTIALS_FILE exists and belongs to this account, that this server's " +
				"clock is right, and last that the key has the role Owner.",
			Cause: CauseConsoleKey,
			Scope: ScopeEveryRequest,
		},
		{
			Code:    101,
			Name:    "INVALID_ARGUMENTS",
			Meaning: "Voximplant could not read one of the values.",
			Advice:  "Check the values and try again.",
		},
		{
			Code:    102,
			Name:    "MISSING_CMD",
			Meaning: "Voximplant received no method name.",
			Advice:  adviceAddress,
			Cause:   CauseConfiguration,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    103,
			Name:    "UNKNOWN_COMMAND",
			Meaning: "Voximplant does not know the method.",
			Advice:  adviceAddress,
			Cause:   CauseConfiguration,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    104,
			Name:    "FORBIDDEN_COMMAND",
			Meaning: "The roles of the console key do not allow this.",
			Advice:  "Give the console key the role Owner in Voximplant's panel, then try again.",
			Cause:   CauseConsoleKey,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    105,
			Name:    "REQUIRED_OUTPUT_FORMAT_TYPE_IS_NOT_SUPPORTED",
			Meaning: "Voximplant does not support the output format.",
			Advice:  adviceReport,
		},
		{
			Code:    111,
			Name:    "INVALID_DATE_FORMAT",
			Meaning: "Voximplant could not read a date.",
			Advice:  adviceReport,
		},
		{
			Code:    115,
			Name:    "INVALID_ACCOUNT_ID",
			Meaning: "Voximplant does not know this account, or it is not a child of the console key's account.",
			Advice:  "Check the account id.",
			Cause:   CauseConsoleKey,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    123,
			Name:    "INVALID_DATE_RANGE",
			Meaning: "Voximplant did not accept the date range.",
			Advice:  adviceReport,
		},
		{
			Code:    131,
			Name:    "ACCOUNT_ISNT_ACTIVATED",
			Meaning: "The account is not activated.",
			Advice:  "Activate it in Voximplant's panel, then try again.",
			Cause:   CauseConsoleKey,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    134,
			Name:    "REQUIRED_IS_EMPTY",
			Meaning: "Voximplant requires a value that is empty.",
			Advice:  adviceFillIn,
		},
		{
			Code:    135,
			Name:    "SESSION_TIMEOUT",
			Meaning: "Voximplant reported an expired session.",
			Advice:  adviceCredentials,
			Cause:   CauseConsoleKey,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    137,
			Name:    "ACCOUNT_ISNT_LOGGED",
			Meaning: "Voximplant reported that the account is not signed in.",
			Advice:  adviceCredentials,
			Cause:   CauseConsoleKey,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    161,
			Name:    "INVALID_SESSION_ID",
			Meaning: "Voximplant did not accept the session.",
			Advice:  adviceCredentials,
			Cause:   CauseConsoleKey,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:            162,
			Name:            "TRY_LATER",
			Meaning:         "Voximplant asked to try later.",
			Advice:          adviceWait,
			Cause:           CauseThrottle,
			Scope:           ScopeEveryRequest,
			MayFollowCommit: true,
		},
		{
			Code:    177,
			Name:    "INVALID_PARENT_ACCOUNT_ID",
			Meaning: "Voximplant did not accept the id of the parent account.",
			Advice:  adviceChildAccount,
			Cause:   CauseConfiguration,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    194,
			Name:    "INVALID_CHILD_ACCOUNT_ID",
			Meaning: "Voximplant did not accept the id of the child account.",
			Advice:  adviceChildAccount,
			Cause:   CauseConfiguration,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    198,
			Name:    "INVALID_CHILD_ACCOUNT_NAME",
			Meaning: "Voximplant did not accept the name of the child account.",
			Advice:  adviceChildAccount,
			Cause:   CauseConfiguration,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    199,
			Name:    "INVALID_CHILD_ACCOUNT_EMAIL",
			Meaning: "Voximplant did not accept the e-mail address of the child account.",
			Advice:  adviceChildAccount,
			Cause:   CauseConfiguration,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:            314,
			Name:            "CONCURRENT_RESOURCE_LIMIT_EXCEEDED",
			Meaning:         "Too many requests are running at Voximplant for this account.",
			Advice:          adviceWait,
			Cause:           CauseThrottle,
			Scope:           ScopeEveryRequest,
			MayFollowCommit: true,
		},
		{
			Code:    340,
			Name:    "RATE_LIMIT_EXCEED",
			Meaning: "Voximplant's rate limit was exceeded, so nothing was changed.",
			Advice:  adviceWait,
			Cause:   CauseThrottle,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    401,
			Name:    "INVALID_ADVANCED_FILTERS",
			Meaning: "Voximplant did not accept the filters.",
			Advice:  adviceReport,
		},
		{
			Code:            416,
			Name:            "RETRY_LATER",
			Meaning:         "Voximplant asked to repeat the request later.",
			Advice:          adviceWait,
			Cause:           CauseThrottle,
			Scope:           ScopeEveryRequest,
			MayFollowCommit: true,
		},
		{
			Code:     433,
			Name:     "INVALID_KEY_ID",
			Meaning:  "This key no longer exists.",
			Advice:   "Refresh the list of keys.",
			Scope:    ScopeTarget,
			NotFound: access.Key,
		},
		{
			Code:     434,
			Name:     "INVALID_SUB_USER_ID",
			Meaning:  "This subuser no longer exists.",
			Advice:   "Refresh the list of subusers.",
			Scope:    ScopeTarget,
			NotFound: access.Subuser,
		},
		{
			Code:    435,
			Name:    "INVALID_ROLE_SET",
			Meaning: "Voximplant does not accept this combination of roles here.",
			Advice:  "Check the current roles, then choose other roles.",
			Scope:   ScopeTarget,
		},
		{
			Code:    436,
			Name:    "SUB_USER_LOGIN_NOT_UNIQUE",
			Meaning: "Another subuser has this login.",
			Advice:  adviceLogin,
		},
		{
			Code:    437,
			Name:    "MAX_NUMBER_OF_KEYS_EXCEEDED",
			Meaning: "The account has reached its maximum number of keys.",
			Advice:  "Delete an unused key, or ask Voximplant for a higher limit.",
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    438,
			Name:    "MAX_NUMBER_OF_SUB_USERS_EXCEEDED",
			Meaning: "The account has reached its maximum number of subusers.",
			Advice:  "Delete an unused subuser, or ask Voximplant for a higher limit.",
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    439,
			Name:    "SUB_USER_HAS_KEYS_WITH_ROLES_TO_REMOVE",
			Meaning: "A key of this subuser has one of these roles.",
			Advice: "Revoke the roles from the key first, or use force, which also revokes them from the " +
				"subuser's keys.",
			Scope: ScopeTarget,
		},
		{
			Code:    440,
			Name:    "INVALID_ROLE_ID",
			Meaning: "Voximplant does not know one of these roles.",
			Advice:  adviceRoles,
		},
		{
			Code:    441,
			Name:    "INVALID_ROLE_NAME",
			Meaning: "Voximplant does not know one of these roles.",
			Advice:  adviceRoles,
		},
		{
			Code:    447,
			Name:    "INVALID_TOKEN_FORMAT",
			Meaning: "Voximplant could not read the token.",
			Advice:  adviceCredentials,
			Cause:   CauseConsoleKey,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:    448,
			Name:    "CURRENT_SUB_USER_PASSWORD_MISSING",
			Meaning: "Voximplant requires the current password to set a new one.",
			Advice:  "Enter it, or re-issue the access if the password is not known.",
		},
		{
			Code:    449,
			Name:    "ROLE_ID_AND_ROLE_NAME_AT_THE_SAME_TIME",
			Meaning: "The request named roles both by id and by name.",
			Advice:  adviceReport,
		},
		{
			Code:    452,
			Name:    "INVALID_SUB_USER_NAME_LEN",
			Meaning: "A login must have 5 to 20 characters.",
			Advice:  adviceLogin,
		},
		{
			Code:    453,
			Name:    "INVALID_SUB_USER_NAME_SYMBOLS",
			Meaning: "A login must start with a letter and use Latin characters.",
			Advice:  adviceLogin,
		},
		{
			Code:    454,
			Name:    "INVALID_TOKEN_TTL",
			Meaning: "The token's lifetime exceeds Voximplant's limit.",
			Advice:  adviceClock,
			Cause:   CauseClock,
			Scope:   ScopeEveryRequest,
		},
		{
			Code:              455,
			Name:              "TOKEN_ISSUED_IN_FUTURE",
			Meaning:           "This server's clock is ahead of Voximplant's.",
			Advice:            adviceClock,
			Cause:             CauseClock,
			Scope:             ScopeEveryRequest,
			RetryWithNewToken: true,
		},
		{
			Code:              456,
			Name:              "TOKEN_EXPIRED",
			Meaning:           "The token has expired, or this server's clock is behind Voximplant's.",
			Advice:            adviceClock,
			Cause:             CauseClock,
			Scope:             ScopeEveryRequest,
			RetryWithNewToken: true,
		},
		{
			Code:    458,
			Name:    "ONLY_ONE_OF_PARAMETERS",
			Meaning: "The request has two parameters that exclude each other.",
			Advice:  adviceReport,
		},
		{
			Code:    463,
			Name:    "EMPTY_NEW_PASSWORD",
			Meaning: "The new password is empty or too short.",
			Advice:  advicePassword,
		},
		{
			Code:    464,
			Name:    "REQUIRED_CHARACTERS_NEW_PASSWORD",
			Meaning: "The new password is too short or lacks a required character.",
			Advice:  advicePassword,
		},
		{
			Code:    477,
			Name:    "LENGTH_EXCEEDED",
			Meaning: "A text is longer than Voximplant allows.",
			Advice:  adviceShorten,
		},
		{
			Code:            484,
			Name:            "HTTP_REQUEST_REJECTED",
			Meaning:         "Voximplant rejected the request as a repetition of an earlier one.",
			Advice:          adviceWait,
			MayFollowCommit: true,
		},
		{
			Code:    485,
			Name:    "PARAMETER_CANT_BE_EMPTY_EX",
			Meaning: "Voximplant requires a value that is empty.",
			Advice:  adviceFillIn,
		},
		{
			Code:    492,
			Name:    "FORBIDDEN_PARAMETER",
			Meaning: "Voximplant does not allow one of the parameters.",
			Advice:  adviceReport,
		},
		{
			Code:    493,
			Name:    "VALUE_NOT_UNIQUE",
			Meaning: "This value is already in use at Voximplant.",
			Advice:  "Choose another value.",
		},
		{
			Code:    496,
			Name:    "INVALID",
			Meaning: "Voximplant does not accept one of the values.",
			Advice:  "Change it and try again.",
		},
		{
			Code:    499,
			Name:    "TOO_LONG",
			Meaning: "A text is longer than Voximplant allows.",
			Advice:  adviceShorten,
		},
		{
			Code:            512,
			Name:            "EXCEED",
			Meaning:         "Voximplant limits how often this can be changed.",
			Advice:          adviceWait,
			Cause:           CauseThrottle,
			Scope:           ScopeTarget,
			MayFollowCommit: true,
		},
		{
			Code:            515,
			Name:            "SAME_OPERATION_LIMIT",
			Meaning:         "Voximplant reported that the same change was made a moment ago.",
			Advice:          adviceWait,
			Cause:           CauseThrottle,
			Scope:           ScopeTarget,
			MayFollowCommit: true,
		},
		{
			Code:    523,
			Name:    "PASSWORD_TOO_WEAK",
			Meaning: "Voximplant considers this password too weak.",
			Advice:  "Use a longer password, or let Voxwarden generate one.",
		},
		{
			Code:    524,
			Name:    "WHITESPACES_NOT_ALLOWED",
			Meaning: "A password cannot contain spaces.",
			Advice:  adviceOtherPassword,
		},
		{
			Code:    535,
			Name:    "PASSWORD_WAS_ALREADY_USED",
			Meaning: "This password was used before.",
			Advice:  adviceOtherPassword,
		},
		{
			Code:    536,
			Name:    "PARENT_AUTHORIZED_IPS_USED",
			Meaning: "The parent account decides from which addresses the API may be called.",
			Advice:  "Change the addresses in the parent account.",
		},
		{
			Code:    569,
			Name:    "DATE_RANGE_LIMIT",
			Meaning: "The date range is too long.",
			Advice:  adviceReport,
		},
	}
}
