package handlers

import (
	"time"

	"github.com/voxwarden/voxwarden/views/overview"
)

// VendorStatus is how the vendor answered when it was last asked for anything. The zero value means that it was not
// asked yet.
type VendorStatus struct {
	At         time.Time
	Method     string
	OK         bool
	Code       int // the vendor's code, 0 when there was none
	Duration   time.Duration
	ClockKnown bool
	Clock      time.Duration // how far the vendor's clock is ahead of ours, to a second or so
	// ForbiddenAt and ForbiddenMethod are of the newest answer with code 104: our key's roles do not allow a method.
	ForbiddenAt     time.Time
	ForbiddenMethod string
}

// clockTolerance is the difference of clocks from which the vendor may take a token for one from the future, or for
// one that has ended.
const clockTolerance = 5 * time.Second

// response shows the vendor's last answer; nil when it was not asked yet.
func (s VendorStatus) answer() *overview.VendorAnswer {
	if s.At.IsZero() {
		return nil
	}
	shown := &overview.VendorAnswer{At: s.At, Method: s.Method, OK: s.OK}
	switch {
	case s.OK:
		shown.Text = overview.AnsweredText(s.Duration)
	case isVendorFault(s.Code):
		shown.Text = overview.FailedText(s.Code)
	case isRequestScoped(s.Code):
		shown.OK, shown.Text, shown.Note = true, overview.AnsweredText(s.Duration), overview.RefusedText(s.Code)
	case s.Code != 0:
		shown.Text = overview.RefusedText(s.Code)
	default:
		shown.Text = overview.UnusableAnswerText
	}
	return shown
}

// codeForbidden is the vendor's refusal for want of a role.
const codeForbidden = 104

// forbidden shows the newest refusal for want of a role; nil when there was none.
func (s VendorStatus) forbidden() *overview.VendorAnswer {
	if s.ForbiddenAt.IsZero() {
		return nil
	}
	return &overview.VendorAnswer{At: s.ForbiddenAt, Method: s.ForbiddenMethod, Text: overview.RefusedText(codeForbidden)}
}

// isRequestScoped says whether a code is about what was asked for, such as an id that does not exist: then the vendor
// is well, and so are our key and our clock.
func isRequestScoped(code int) bool {
	return code >= 433 && code <= 441 || code == 448 || code == 449 || code == 452 || code == 453
}

func (s VendorStatus) clockWrong() bool { return s.ClockKnown && s.Clock.Abs() > clockTolerance }
