package store

import "context"

// Unavailable reports whether an error means that the database cannot be used at the moment: it cannot be reached, does
// not respond in time, is locked by another program, read-only or full. The same statement may succeed later.
func Unavailable(err error) bool {
	switch KindOf(err) {
	case DiskFullError, ReadOnlyError, LockedError, TimeoutError, ConnectionError, PermissionError, IOError:
		return true
	}
	return false
}

// Detach returns a context that outlives the caller's, but not its deadline: a browser that is gone must not stop a
// write in progress, and the time limit of the request must.
func Detach(ctx context.Context) (context.Context, context.CancelFunc) {
	detached := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(detached, deadline)
	}
	return detached, func() {}
}
