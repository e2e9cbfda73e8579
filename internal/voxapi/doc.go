// Package voxapi is the client of Voximplant's Management API: the sixteen
// methods of its role system, GetAccountInfo, and GetAuditLog.
//
// A [Client] hands out a [Reader] and a [Writer], so that a package's imports
// and fields show whether it may change anything. Every method names the
// account it acts for; the account goes into the token, which is how a parent
// account acts for one of its children.
//
// The one promise that the rest of the program builds on is the [Kind] of an
// [Error]. For a write it says whether nothing happened (NotSent, Refused) or
// whether nobody can tell (Unknown). When in doubt it is Unknown: a change
// reported as not made, and made all the same, is the worst answer this package
// could give. Reads are repeated on passing faults, writes never are, save once
// after the vendor refused the token itself.
//
// The transport, the errors and the shapes are described at
// https://docs.voximplant.ai/api-reference/management-api
package voxapi
