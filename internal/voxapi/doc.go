// Package voxapi is a client of Voximplant's Management API: the sixteen methods of its role system, GetAccountInfo and
// GetAuditLog.
//
// A [Client] returns a [Reader] and a [Writer], so that the imports and fields of a package show whether it can change
// anything. Every method takes the account that it acts for. The account goes into the token, which is how a parent
// account acts for a child account.
//
// Callers rely on the [Kind] of an [Error]. After a write it is NotSent or Refused if certainly nothing happened, and
// Unknown otherwise. Reporting a change as not made although it was made would be the worst error of this package, so
// the kind is Unknown in every doubtful case. Reads are repeated after transient failures. Writes are repeated only
// once, after the vendor refused the token itself.
//
// The vendor's error codes, with a sentence for operators each, are in error_codes.go. Transport, errors and shapes are
// documented at https://docs.voximplant.ai/api-reference/management-api
package voxapi
