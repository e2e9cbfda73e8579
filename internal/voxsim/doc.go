// Package voxsim is a simulated Voximplant Management API: the Role System methods, GetAccountInfo and GetAuditLog
// over one account that lives in memory. It stands in for a service that tests and development cannot call.
//
// It shares no code with the client in this repository. Its wire structures, its parsing and its checks are its own,
// so that a mistake made on one side cannot be made again on the other and pass unseen. Where the published contract
// is silent the choice is ours, says so in a comment, and can be switched (see [Variants]); what a network and a
// server in trouble do can be switched on call by call (see [Fault]).
//
// A Sim may be used inside a testing/synctest bubble when it was also made inside that bubble; [Sim.Transport] serves
// it there without a network.
package voxsim
