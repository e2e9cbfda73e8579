package voxapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"syscall"
)

// connectProblem is why no connection could be made. It quotes nothing.
type connectProblem struct {
	failure         string // see CallInfo.Failure
	meaning, advice string // what is wrong, as the end of a sentence, and what to do
}

// newConnectProblem returns why no connection could be made, the zero connectProblem for other failures.
func newConnectProblem(err error) connectProblem {
	const (
		checkURL  = "Check VOXWARDEN_API_URL, and any proxy in between."
		checkPath = "Check VOXWARDEN_API_URL, and firewalls in between."
	)
	if problem := newCertificateProblem(err); problem.failure != "" {
		return problem
	}
	failed, isNet := errors.AsType[*net.OpError](err)
	name, isName := errors.AsType[*net.DNSError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	refusal, isRefusal := errors.AsType[proxyRefusal](err)
	switch {
	case isRefusal:
		return connectProblem{"proxy", refusal.Error(), "Check VOXWARDEN_HTTPS_PROXY, and what the proxy allows."}
	case isNet && failed.Op == "proxyconnect":
		return connectProblem{
			"proxy",
			"the proxy in VOXWARDEN_HTTPS_PROXY cannot be reached",
			"Check its address, and that it is running.",
		}
	case isName && name.IsNotFound:
		return connectProblem{
			"no_such_host",
			"the host name in VOXWARDEN_API_URL was not found",
			"Check its spelling, and this server's DNS.",
		}
	case isName:
		return connectProblem{
			"dns",
			"the host name in VOXWARDEN_API_URL could not be looked up",
			"Check this server's DNS.",
		}
	case noTLS:
		return connectProblem{"no_tls", "the server in VOXWARDEN_API_URL does not use TLS", checkURL}
	case isNet && failed.Op != "dial":
		return connectProblem{}
	case errors.Is(err, syscall.ECONNREFUSED):
		return connectProblem{"refused", "the connection was refused", checkPath}
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return connectProblem{"no_route", "there is no route to the server in VOXWARDEN_API_URL", checkPath}
	case isNet && (failed.Timeout() || errors.Is(err, context.DeadlineExceeded)):
		return connectProblem{"connect_timeout", "connecting took too long", checkPath}
	}
	return connectProblem{}
}

// newCertificateProblem is newConnectProblem for a certificate that is not accepted.
func newCertificateProblem(err error) connectProblem {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, otherHost := errors.AsType[x509.HostnameError](err)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	_, other := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case unknown:
		return connectProblem{
			"unknown_authority",
			"its certificate is signed by an authority that this server does not know",
			"Name a file with the authority's certificate in VOXWARDEN_CA_FILE.",
		}
	case otherHost:
		return connectProblem{
			"certificate",
			"its certificate is for another host",
			"Check VOXWARDEN_API_URL, and any proxy in between.",
		}
	case isInvalid && invalid.Reason == x509.Expired:
		return connectProblem{
			"certificate",
			"its certificate has expired or is not valid yet",
			"Check this server's clock, and any proxy in between.",
		}
	case isInvalid, other:
		return connectProblem{
			"certificate",
			"its certificate is not accepted",
			"Check any proxy in between, and VOXWARDEN_CA_FILE.",
		}
	}
	return connectProblem{}
}

// ConnectionAdvice returns two sentences for an operator after no connection could be made: what is wrong, and what to
// do. It returns "" for any other error.
func (e *Error) ConnectionAdvice() string {
	failure, ok := errors.AsType[*transportError](e.cause)
	if !ok || failure.meaning == "" {
		return ""
	}
	sentence := failure.meaning
	if rest, its := strings.CutPrefix(sentence, "its "); its {
		sentence = "Voximplant's " + rest
	}
	return strings.ToUpper(sentence[:1]) + sentence[1:] + ". " + failure.advice
}
