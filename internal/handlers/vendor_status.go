package handlers

import (
	"time"

	"github.com/voxwarden/voxwarden/views/overview"
)

// VendorStatus is the result of the newest call to the vendor. The zero value means that no call was made yet.
type VendorStatus struct {
	At         time.Time
	Method     string
	Failure    VendorFailure
	Code       int // the vendor's code; 0 if there was none
	Duration   time.Duration
	ClockKnown bool
	Clock      time.Duration    // how far the vendor's clock is ahead of this server's, to about a second
	Forbidden  *ForbiddenMethod // the newest call that the console key's roles do not allow; nil if there was none
}

// VendorFailure is how a call to the vendor failed.
type VendorFailure int

const (
	NoFailure      VendorFailure = iota
	NoResponse                   // no response that can be used
	InternalFault                // an internal error of the vendor
	RequestRefused               // an error code about one request, such as an unknown id: the vendor and the key work
	Refused                      // any other error code, for example about the console key
)

// ForbiddenMethod is a method that the console key's roles do not allow.
type ForbiddenMethod struct {
	At     time.Time
	Method string
	Code   int
}

// clockTolerance is the difference of clocks from which the vendor may take a token for one from the future, or for
// one that has ended.
const clockTolerance = 5 * time.Second

// answer returns the view of the vendor's newest response, or nil if no call was made yet.
func (s VendorStatus) answer() *overview.VendorAnswer {
	if s.At.IsZero() {
		return nil
	}
	shown := &overview.VendorAnswer{At: s.At, Method: s.Method}
	switch s.Failure {
	case NoFailure:
		shown.OK, shown.Text = true, overview.AnsweredText(s.Duration)
	case InternalFault:
		shown.Text = overview.FailedText(s.Code)
	case RequestRefused:
		shown.OK, shown.Text, shown.Note = true, overview.AnsweredText(s.Duration), overview.RefusedText(s.Code)
	case Refused:
		shown.Text = overview.RefusedText(s.Code)
	default:
		shown.Text = overview.UnusableAnswerText
	}
	return shown
}

// forbidden returns the view of the newest call that the console key's roles do not allow, or nil if there was none.
func (s VendorStatus) forbidden() *overview.VendorAnswer {
	if s.Forbidden == nil {
		return nil
	}
	return &overview.VendorAnswer{
		At:     s.Forbidden.At,
		Method: s.Forbidden.Method,
		Text:   overview.RefusedText(s.Forbidden.Code),
	}
}

func (s VendorStatus) clockWrong() bool { return s.ClockKnown && s.Clock.Abs() > clockTolerance }
