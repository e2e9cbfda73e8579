package store_test

import (
	"sync"
	"testing"

	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// TestClosedTwice: the second call neither fails nor returns before the database is closed.
func TestClosedTwice(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
				if err := db.SQL().PingContext(t.Context()); err == nil {
					t.Error("the database is not closed")
				}
			})
		}
		group.Wait()
	})
}
