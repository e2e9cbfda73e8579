package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// words are the status and the text of one way in which the vendor cannot be read.
type words struct {
	status      int
	title, text string
}

// troubleWords finds the words for a trouble. A kind that is not known here is the vendor's saying no.
func troubleWords(t *directory.Trouble) words {
	if ownFault(t.Code) {
		return words{http.StatusBadGateway, "Voximplant has a fault of its own", "The Management API answered that something went wrong on its side."}
	}
	known := map[directory.TroubleKind]words{
		directory.Unreachable: {http.StatusBadGateway, "Voximplant cannot be reached", "No connection to the Management API could be made."},
		directory.Slow:        {http.StatusGatewayTimeout, "Voximplant does not answer", "The Management API did not answer in time."},
		directory.RateLimited: {http.StatusTooManyRequests, "Voximplant wants fewer requests", "The Management API takes no more requests from this account for the moment."},
		directory.KeyRefused:  {http.StatusServiceUnavailable, "Voximplant refuses this console's key", "The service-account key that this console runs on was not accepted, or may not do this."},
		directory.ClockWrong:  {http.StatusServiceUnavailable, "The clocks are too far apart", "Voximplant refuses this console's requests because the clock of its machine is wrong."},
		directory.Unreadable:  {http.StatusBadGateway, "Voximplant's answer cannot be read", "Something answered in the place of the Management API, but not in its language."},
		directory.Refused:     {http.StatusBadGateway, "Voximplant said no", "The Management API refused what this page needs."},
	}
	if w, ok := known[t.Kind]; ok {
		return w
	}
	return known[directory.Refused]
}

// ownFault says whether a code is the vendor's word for a fault of theirs: fatal error, internal error, DB error.
func ownFault(code int) bool { return code == 1 || code == 2 || code == 4 }

// troubleProblem is the page for a vendor that could not be read.
func troubleProblem(t *directory.Trouble) problem {
	w := troubleWords(t)
	sentences := []string{w.text}
	if t.Advice != "" {
		sentences = append(sentences, t.Advice)
	}
	p := say(w.status, w.title, sentences...).posted(unchanged)
	p.Vendor = quote(t.Method, t.Code, t.VendorMessage)
	return p
}

// troubleOf shows a trouble beside what is still known; nil for none.
func troubleOf(t *directory.Trouble) *page.Trouble {
	if t == nil {
		return nil
	}
	w := troubleWords(t)
	text := w.text
	if t.Advice != "" {
		text += " " + t.Advice
	}
	return &page.Trouble{Title: w.title, Text: text, Vendor: quote(t.Method, t.Code, t.VendorMessage), At: t.At}
}

// quote is what the vendor said; nil when it said nothing.
func quote(method string, code int, message string) *ui.VendorQuote {
	if code == 0 && message == "" {
		return nil
	}
	return &ui.VendorQuote{Method: method, Code: code, Text: message}
}
