package operations

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// Request is what every act says of itself: whose it is and which form it came from.
type Request struct {
	ID          string // the operation id that was made when the form was drawn; see Service.NewID
	Operator    operator.Operator
	Account     int64
	Reason      string
	RequestID   string
	SessionID   string    // a hash of the session's id
	Address     string    // the client's address
	AddressFrom string    // how it was found out, as audit.Actor's AddressFrom
	BulkID      string    // the run that it is a part of, "" for an act of its own
	DecidedAt   time.Time // when the operator decided, if that is not now: the start of its run
}

// Actor is whose act it is, as the record has it.
func (r Request) Actor() audit.Actor {
	return audit.Actor{
		Issuer: r.Operator.Issuer, Subject: r.Operator.Subject, Name: r.Operator.Name, Email: r.Operator.Email,
		Method: r.Operator.Method, SessionID: r.SessionID, Address: r.Address, AddressFrom: r.AddressFrom,
	}
}
