package voxapi

// CodeInfo is what we know and say about one code of the vendor's.
type CodeInfo struct {
	// Code is the vendor's number.
	Code int
	// Name is the vendor's name for it.
	Name string
	// WriteKind is what the code means for a write: Refused for a check that comes
	// before the act, so that nothing happened, or Unknown when the act may have
	// been carried out.
	WriteKind Kind
	// Advice tells an operator what it means and what to do next.
	Advice string
}

// Codes lists, in order, the codes that a call of ours may meet. A code that is
// not listed is Unknown for a write.
//
// Refused are the checks that the documentation describes as checks: of the
// token, the account, the command, the caller's roles and the parameters, and
// the rate limit 340. Unknown are failures inside the service (1, 2, 4), the
// two that speak of an earlier request, which may have been ours (484, 515), and
// the throttles of which nobody says when they strike (162, 314, 416, 512).
func Codes() []CodeInfo {
	return []CodeInfo{
		{
			1,
			"FATAL_ERROR",
			Unknown,
			"Voximplant failed inside, or did not accept the account. Try again later; if it stays, give Voximplant's " +
				"support the time and this code.",
		},
		{
			2,
			"INTERNAL_ERROR",
			Unknown,
			"Voximplant failed inside. Try again later; if it stays, give Voximplant's support the time and this code.",
		},
		{
			4,
			"DB_ERROR",
			Unknown,
			"Voximplant's database failed. Try again later; if it stays, give Voximplant's support the time and this code.",
		},
		{12, "INVALID_FUNC_NAME", Refused, adviceReport},
		{
			100,
			"AUTHORIZATION_FAILED",
			Refused,
			"Voximplant did not accept our key. Check that the key in CREDENTIALS_FILE still exists, belongs to this " +
				"account, and that this server's clock is right.",
		},
		{
			101,
			"INVALID_ARGUMENTS",
			Refused,
			"Voximplant could not read one of the values. Check what was entered and try again.",
		},
		{102, "MISSING_CMD", Refused, adviceAddress},
		{103, "UNKNOWN_COMMAND", Refused, adviceAddress},
		{
			104,
			"FORBIDDEN_COMMAND",
			Refused,
			"The roles of the console's own key do not allow this. Give that key the role Owner in Voximplant's panel, then " +
				"try again.",
		},
		{105, "REQUIRED_OUTPUT_FORMAT_TYPE_IS_NOT_SUPPORTED", Refused, adviceReport},
		{111, "INVALID_DATE_FORMAT", Refused, adviceReport},
		{
			115,
			"INVALID_ACCOUNT_ID",
			Refused,
			"Voximplant does not know this account, or it is not a child of the account that our key belongs to. Check the " +
				"account's id.",
		},
		{123, "INVALID_DATE_RANGE", Refused, adviceReport},
		{
			131,
			"ACCOUNT_ISNT_ACTIVATED",
			Refused,
			"The account is not activated. Activate it in Voximplant's panel, then try again.",
		},
		{134, "REQUIRED_IS_EMPTY", Refused, "Something that Voximplant requires was left empty. Fill it in and try again."},
		{135, "SESSION_TIMEOUT", Refused, adviceKey},
		{137, "ACCOUNT_ISNT_LOGGED", Refused, adviceKey},
		{161, "INVALID_SESSION_ID", Refused, adviceKey},
		{162, "TRY_LATER", Unknown, "Voximplant asks to try later. Wait a minute, then try again."},
		{177, "INVALID_PARENT_ACCOUNT_ID", Refused, adviceChild},
		{194, "INVALID_CHILD_ACCOUNT_ID", Refused, adviceChild},
		{198, "INVALID_CHILD_ACCOUNT_NAME", Refused, adviceChild},
		{199, "INVALID_CHILD_ACCOUNT_EMAIL", Refused, adviceChild},
		{
			314,
			"CONCURRENT_RESOURCE_LIMIT_EXCEEDED",
			Unknown,
			"Too much is running at Voximplant for this account at once. Wait a minute, then try again.",
		},
		{
			340,
			"RATE_LIMIT_EXCEED",
			Refused,
			"Voximplant limits how often it may be called, and did nothing. Wait a minute, then try again.",
		},
		{401, "INVALID_ADVANCED_FILTERS", Refused, adviceReport},
		{416, "RETRY_LATER", Unknown, "Voximplant asks to come back a little later. Wait a minute, then try again."},
		{433, "INVALID_KEY_ID", Refused, "There is no key with this id any more. Refresh the list of keys."},
		{434, "INVALID_SUB_USER_ID", Refused, "There is no subuser with this id any more. Refresh the list of subusers."},
		{
			435,
			"INVALID_ROLE_SET",
			Refused,
			"Voximplant does not take these roles together or in this place. Look at what is held now, then choose other roles.",
		},
		{436, "SUB_USER_LOGIN_NOT_UNIQUE", Refused, "Another subuser has this login. Choose another login."},
		{
			437,
			"MAX_NUMBER_OF_KEYS_EXCEEDED",
			Refused,
			"The account may hold no more keys. Delete one that is not used, or ask Voximplant for a higher limit.",
		},
		{
			438,
			"MAX_NUMBER_OF_SUB_USERS_EXCEEDED",
			Refused,
			"The account may hold no more subusers. Delete one that is not used, or ask Voximplant for a higher limit.",
		},
		{
			439,
			"SUB_USER_HAS_KEYS_WITH_ROLES_TO_REMOVE",
			Refused,
			"A key of this subuser holds one of these roles. Take the roles from the key first, or force it, which strips " +
				"the subuser's keys of these roles too.",
		},
		{440, "INVALID_ROLE_ID", Refused, adviceRoles},
		{441, "INVALID_ROLE_NAME", Refused, adviceRoles},
		{447, "INVALID_TOKEN_FORMAT", Refused, adviceKey},
		{
			448,
			"CURRENT_SUB_USER_PASSWORD_MISSING",
			Refused,
			"Voximplant wants the current password with a new one. Enter the current password, or re-issue the access if " +
				"nobody knows it.",
		},
		{449, "ROLE_ID_AND_ROLE_NAME_AT_THE_SAME_TIME", Refused, adviceReport},
		{452, "INVALID_SUB_USER_NAME_LEN", Refused, "A login has 5 to 20 characters. Choose another login."},
		{
			453,
			"INVALID_SUB_USER_NAME_SYMBOLS",
			Refused,
			"A login starts with a letter and holds Latin characters. Choose another login.",
		},
		{454, "INVALID_TOKEN_TTL", Refused, adviceClock},
		{455, "TOKEN_ISSUED_IN_FUTURE", Refused, adviceClock},
		{456, "TOKEN_EXPIRED", Refused, adviceClock},
		{458, "ONLY_ONE_OF_PARAMETERS", Refused, adviceReport},
		{463, "EMPTY_NEW_PASSWORD", Refused, advicePassword},
		{464, "REQUIRED_CHARACTERS_NEW_PASSWORD", Refused, advicePassword},
		{477, "LENGTH_EXCEEDED", Refused, adviceLength},
		{
			484,
			"HTTP_REQUEST_REJECTED",
			Unknown,
			"Voximplant took the request for one that was sent twice. Wait a minute before trying again.",
		},
		{
			485,
			"PARAMETER_CANT_BE_EMPTY_EX",
			Refused,
			"Something that Voximplant requires was left empty. Fill it in and try again.",
		},
		{492, "FORBIDDEN_PARAMETER", Refused, adviceReport},
		{493, "VALUE_NOT_UNIQUE", Refused, "Voximplant has this value already and wants it to be unique. Choose another."},
		{496, "INVALID", Refused, "Voximplant does not accept one of the values. Change what was entered and try again."},
		{499, "TOO_LONG", Refused, adviceLength},
		{512, "EXCEED", Unknown, "Voximplant limits how often this may be changed. Wait a while before trying again."},
		{
			515,
			"SAME_OPERATION_LIMIT",
			Unknown,
			"Voximplant says that the same was done a moment ago. Wait a minute before trying again.",
		},
		{
			523,
			"PASSWORD_TOO_WEAK",
			Refused,
			"Voximplant finds this password too weak. Choose a longer one, or let one be made.",
		},
		{524, "WHITESPACES_NOT_ALLOWED", Refused, "A password cannot contain spaces. Choose another password."},
		{535, "PASSWORD_WAS_ALREADY_USED", Refused, "This password was used before. Choose a new one."},
		{
			536,
			"PARENT_AUTHORIZED_IPS_USED",
			Refused,
			"The parent account decides from which addresses the API may be called. Change it there.",
		},
		{569, "DATE_RANGE_LIMIT", Refused, adviceReport},
	}
}

// Sentences that several codes share.
const (
	adviceReport = "Voximplant refused the request for a reason that the console should not give. Report it with " +
		"this code and the request id."
	adviceAddress = "The address of the API does not lead to the method. Check API_URL in the configuration."
	adviceKey     = "Voximplant did not accept our sign-in. Check the key in CREDENTIALS_FILE."
	adviceChild   = "Voximplant does not accept the child account. Check the account's id, and that the console's key " +
		"belongs to its parent."
	adviceRoles    = "Voximplant does not know one of these roles. Refresh the list of roles and choose again."
	adviceClock    = "This server's clock and Voximplant's differ. Set this server's clock by NTP, then try again."
	advicePassword = "A password has at least 8 characters, among them an upper-case letter, a lower-case letter, a " +
		"digit and a special character. Choose another password."
	adviceLength = "One of the texts is longer than Voximplant allows. Shorten it and try again."
)

// lookUpCode returns what is known of a code.
func lookUpCode(code int) (CodeInfo, bool) {
	for _, info := range Codes() {
		if info.Code == code {
			return info, true
		}
	}
	return CodeInfo{}, false
}

// writeKind classifies the codes of one answer to a write. One code that may
// follow a commit makes the whole answer Unknown.
func writeKind(failures []vendorError) Kind {
	for _, failure := range failures {
		if info, known := lookUpCode(failure.code); !known || info.WriteKind != Refused {
			return Unknown
		}
	}
	return Refused
}
