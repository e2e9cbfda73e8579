package voxapi

import "net/http"

// Advice is a sentence or two of ours, for an operator, that say what the
// failure means and what to do next. It quotes nothing.
func (e *Error) Advice() string {
	advice := e.meaning()
	if e.Kind == Unknown {
		return advice + " The change may have been made all the same: look at what holds now first."
	}
	return advice
}

// meaning is the advice that does not depend on whether the call was a write.
func (e *Error) meaning() string {
	info, known := lookUpCode(e.Code)
	switch {
	case known && info.WriteKind == Refused && e.Kind != Refused:
		return "Voximplant's answer contradicts itself: it carries a refusal and a result at once, so neither can be " +
			"believed."
	case known:
		return info.Advice
	case e.Code != 0:
		return "Voximplant answered with a code that the console does not know. Look the code up in Voximplant's " +
			"documentation."
	case e.Kind == NotSent:
		return "The request was not sent, so nothing was changed. Check that this server can reach Voximplant, then " +
			"try again."
	case e.Status != 0:
		return adviceForStatus(e.Status)
	default:
		return "Voximplant gave no usable answer. Try again in a moment."
	}
}

func adviceForStatus(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return "Voximplant limits how often it may be called. Wait a minute, then try again."
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return "Access to Voximplant was denied on the way. Check the key in CREDENTIALS_FILE, the account's list of " +
			"allowed addresses, and any proxy between."
	case status >= 500:
		return "Voximplant is not working properly at the moment. Try again in a few minutes."
	case status >= 300 && status < 400:
		return "The address of the API leads elsewhere. Check API_URL in the configuration."
	default:
		return "Voximplant gave an answer that it does not document. Check API_URL in the configuration, and any " +
			"proxy between."
	}
}
