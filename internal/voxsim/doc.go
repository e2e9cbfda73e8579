// Package voxsim simulates Voximplant's Management API: the role system methods, GetAccountInfo,
// GetChildrenAccounts, GetAuditLog and GetAuditLogAsync, for one account and its child accounts, held in memory. It
// replaces a service that tests and development cannot call.
//
// It shares no code with the client in this repository. Its wire types, parsing, checks and error codes are its own, so
// that a mistake in one of the two is not repeated in the other and missed. Where the vendor's documentation is silent,
// a comment says so and a variant changes the choice (see [Variants]). Failures of a network or a server are added per
// call (see [Fault]).
//
// A Sim can be used inside a testing/synctest bubble if it was created in that bubble; [Sim.Transport] then serves it
// without a network.
package voxsim
