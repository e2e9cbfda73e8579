package audit

import (
	"context"
	"database/sql"
)

// Write is how a record writes to its database.
type Write = func(ctx context.Context, fn func(*sql.Tx) error) error

// WrapWrite puts something between the record and its database.
func (r *Log) WrapWrite(with func(Write) Write) { r.write = with(r.write) }
