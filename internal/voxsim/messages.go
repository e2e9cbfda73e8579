package voxsim

import "fmt"

// publishedMessage returns the vendor's text for a code. The texts change between releases of the vendor, so no code
// may depend on them.
func publishedMessage(code int) string {
	switch code {
	case 1:
		return "Fatal error"
	case codeInternal:
		return "Internal error"
	case codeDatabase:
		return "DB error"
	case codeAuthorizationFailed:
		return "Authorization failed"
	case codeInvalidArguments:
		return "Invalid arguments"
	case codeMissingCommand:
		return "Missing 'cmd' parameter"
	case codeUnknownCommand:
		return "Unknown command"
	case codeForbiddenCommand:
		return "Forbidden command"
	case codeOutputFormat:
		return "The required output format type is not supported"
	case codeInvalidAccountID:
		return "The 'account_id' parameter is invalid"
	case codeNotActivated:
		return "The account is not activated"
	case codeRequiredIsEmpty:
		return "Required parameter is empty"
	case codeInvalidChildID:
		return "The 'child_account_id' parameter is invalid"
	case codeInvalidChildName:
		return "The 'child_account_name' parameter is invalid"
	case codeInvalidChildEmail:
		return "The 'child_account_email' parameter is invalid"
	case 162:
		return "try later.."
	case 314:
		return "Concurrent resource limit exceeded"
	case codeRateLimit:
		return "Rate limit exceed"
	case codeProbableResend:
		return "HTTP request is rejected due to probable automatic request resend. Try again later."
	case codeSpecifyParameter:
		return "Specify the '%s' parameter."
	case codeForbiddenParameter:
		return "The '%s' parameter is forbidden."
	case codeInvalidParameter:
		return "The '%s' parameter is invalid."
	case codeDateFormat:
		return "Invalid date format"
	case codeDateRange:
		return "Invalid date range"
	case codeAdvancedFilters:
		return "The 'advanced_filters' parameter is invalid"
	case codeDateRangeLimit:
		return "Date range should be within %d days."
	case 515:
		return "The same operation has been performed recently. Please"
	}
	return publishedRoleSystemMessage(code)
}

// publishedRoleSystemMessage has the texts that only the Role System and its tokens use.
func publishedRoleSystemMessage(code int) string {
	switch code {
	case codeInvalidKeyID:
		return "Invalid key id."
	case codeInvalidSubuserID:
		return "Invalid subuser id."
	case codeInvalidRoleSet:
		return "Invalid role set."
	case codeLoginNotUnique:
		return "Sub user login is not unique."
	case codeTooManyKeys:
		return "maximum number of keys exceeded."
	case codeTooManySubusers:
		return "maximum number of subusers exceeded."
	case codeKeysHaveRoles:
		return "Subuser has at least one key with this roles."
	case codeInvalidRoleID:
		return "The 'role_id' parameter is invalid."
	case codeInvalidRoleName:
		return "The 'role_name' parameter is invalid."
	case codeTokenFormat:
		return "Invalid token format."
	case codeCurrentPassword:
		return "Current subuser password is missing."
	case codeRoleIDAndName:
		return "Using 'role_id' and 'role_name' at the same_time."
	case codeLoginLength:
		return "Subuser name should be at least 5 and up to 20 characters long."
	case codeLoginSymbols:
		return "Subuser name should start with a letter and can contain latin characters"
	case codeTokenTTL:
		return "The token TTL exceeds the maximum limit."
	case codeTokenFromFuture:
		return "Token issued in the future."
	case codeTokenExpired:
		return "The token has expired."
	case codeEmptyPassword:
		return "Blank password is not allowed. Please specify a new password at least 8 characters long."
	case codePasswordCharacters:
		return "Password should be at least 8 characters long and contain uppercase characters (A-Z)"
	case codeLengthExceeded:
		return "The '%s' parameter length should not exceed %d symbols."
	case codeTooLong:
		return "The '%s' parameter length should be less than %d."
	case codePasswordTooWeak:
		return "Password is too weak"
	case codePasswordSpaces:
		return "Password cannot contain spaces."
	case codePasswordUsed:
		return "Please choose a password that you have not used before."
	}
	return fmt.Sprintf("Simulated error %d", code)
}
