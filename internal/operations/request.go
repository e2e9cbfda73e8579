package operations

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// Request is the part of a request that all actions share.
type Request struct {
	ID          string // the operation id of the form; see Service.NewID
	Operator    operator.Operator
	Account     int64
	Reason      string
	RequestID   string
	SessionID   string    // a hash of the session's id
	Address     string    // the client's address
	AddressFrom string    // as audit.Actor.AddressFrom
	BulkID      string    // the bulk change that it is an item of, "" for none
	DecidedAt   time.Time // when the operator decided: the start of the bulk change; zero for now
}

// Actor returns the operator as the audit log stores it.
func (r Request) Actor() audit.Actor {
	return audit.Actor{
		Issuer:      r.Operator.Issuer,
		Subject:     r.Operator.Subject,
		Name:        r.Operator.Name,
		Email:       r.Operator.Email,
		Method:      r.Operator.Method,
		SessionID:   r.SessionID,
		Address:     r.Address,
		AddressFrom: r.AddressFrom,
	}
}
