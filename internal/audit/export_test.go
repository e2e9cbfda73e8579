package audit

import (
	"context"
	"database/sql"
)

// Write is the write function of an audit log.
type Write = func(ctx context.Context, fn func(*sql.Tx) error) error

// WrapWrite replaces the write function of an audit log.
func (r *Log) WrapWrite(with func(Write) Write) { r.write = with(r.write) }

// SetCheckFolder sets the check of the disk before an operation begins.
func (r *Log) SetCheckFolder(check func() error) { r.checkFolder = check }
