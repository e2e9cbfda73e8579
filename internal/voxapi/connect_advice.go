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

// connectAdvice explains why no connection could be made: what is wrong, as the end of a sentence, and what to do. It
// returns "" for other failures. It quotes nothing.
func connectAdvice(err error) (meaning, advice string) {
	const (
		checkURL  = "Check VOXWARDEN_API_URL, and any proxy in between."
		checkPath = "Check VOXWARDEN_API_URL, and firewalls in between."
	)
	if meaning, advice := certificateAdvice(err); meaning != "" {
		return meaning, advice
	}
	failed, isNet := errors.AsType[*net.OpError](err)
	name, isName := errors.AsType[*net.DNSError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	refusal, isRefusal := errors.AsType[proxyRefusal](err)
	switch {
	case isRefusal:
		return refusal.Error(), "Check VOXWARDEN_HTTPS_PROXY, and what the proxy allows."
	case isNet && failed.Op == "proxyconnect":
		return "the proxy in VOXWARDEN_HTTPS_PROXY cannot be reached", "Check its address, and that it is running."
	case isName && name.IsNotFound:
		return "the host name in VOXWARDEN_API_URL was not found", "Check its spelling, and this server's DNS."
	case isName:
		return "the host name in VOXWARDEN_API_URL could not be looked up", "Check this server's DNS."
	case noTLS:
		return "the server in VOXWARDEN_API_URL does not use TLS", checkURL
	case isNet && failed.Op != "dial":
		return "", ""
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused", checkPath
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to the server in VOXWARDEN_API_URL", checkPath
	case isNet && (failed.Timeout() || errors.Is(err, context.DeadlineExceeded)):
		return "connecting took too long", checkPath
	}
	return "", ""
}

// certificateAdvice is connectAdvice for a certificate that is not accepted.
func certificateAdvice(err error) (meaning, advice string) {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, otherHost := errors.AsType[x509.HostnameError](err)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	_, other := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case unknown:
		return "its certificate is signed by an authority that this server does not know",
			"Name a file with the authority's certificate in VOXWARDEN_CA_FILE."
	case otherHost:
		return "its certificate is for another host", "Check VOXWARDEN_API_URL, and any proxy in between."
	case isInvalid && invalid.Reason == x509.Expired:
		return "its certificate has expired or is not valid yet", "Check this server's clock, and any proxy in between."
	case isInvalid, other:
		return "its certificate is not accepted", "Check any proxy in between, and VOXWARDEN_CA_FILE."
	}
	return "", ""
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
