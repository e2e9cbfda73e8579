// Package identity says who is asking: it turns what came with a request into an operator, or into nobody.
//
// Each way of signing in has an Identify with one contract: the zero Operator and no error mean that nobody is signed
// in; a *Refused means that what came with the request proves nobody; an error that is ErrAway means that nobody can
// be proven now; any other error means that the sessions cannot be read or written.
package identity
