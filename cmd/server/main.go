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
	"runtime/debug"

	"github.com/voxwarden/voxwarden/internal/config"
)

// garbagePercent is how much garbage is collected at once, in percent of the memory in use. Go's default is 100. With
// 200 a page takes 5 % less processor time, and the console 5 MiB more memory when it is idle.
const garbagePercent = 200

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	// Libraries write to package log what is no entry of our log; net/http quotes what a server sent.
	log.SetOutput(io.Discard)
	args, environ := os.Args[1:], os.Environ()
	limit := config.ShutdownDelay(environ) + stopTimeout
	err := runUntilStopped(stopSignals(), limit, func(ctx context.Context) error {
		return run(ctx, args, environ, os.Stdout, os.Stderr)
	})
	if err != nil {
		reportWithin(logFlushTimeout, func() { reportError(err, args, environ, os.Stderr) })
		os.Exit(1)
	}
}
