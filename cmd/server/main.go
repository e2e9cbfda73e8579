// Command server is the console: it serves the web pages by which a company runs the access of a Voximplant account.
//
//	server -demo          a simulated account in the same process, on http://127.0.0.1:8080
//	server                a real account, behind the company's sign-in
//	server config check   says what is wrong with the configuration
//	server config print   prints it, without its secrets
//	server backup FILE    copies the database of a console that runs, or says how to
//	server audit verify   says whether the record is whole
//	server audit export   writes what the page of the record would export
//	server audit prune    takes out of the record what is old
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
