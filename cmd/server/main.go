// Command server is the web console for the access of a Voximplant account.
//
//	server -demo   a simulated account in the same process, on http://127.0.0.1:8080
//	server         a real account, behind the company's sign-in
//	server -h      all commands and flags
//
// It is configured with environment variables; see internal/config.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// Libraries write to package log what is no entry of our log; net/http quotes what a server sent.
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	if err != nil {
		reportError(err, os.Args[1:], os.Environ(), os.Stderr)
		os.Exit(1)
	}
}
