// Command server is the console: it serves the web pages by which a company runs the access of a Voximplant account.
//
//	server -demo          a simulated account in the same process, on http://127.0.0.1:8080
//	server healthcheck    exits 0 when the console that listens here is ready
//	server version
//
// It is configured by environment variables; internal/config has them all.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}
