// Command gallery shows every page of the console in every state, with canned data.
//
//	gallery [-listen 127.0.0.1:8081]      serve an index of all states
//	gallery -shots DIR [-only subusers.]  take a screenshot of each state, wide and narrow, light and dark
//	gallery -pictures DIR                 take the pictures of the README
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/voxwarden/voxwarden/internal/testkit/chromium"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "gallery:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("gallery", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:8081", "loopback `address` to serve the gallery on")
	shots := flags.String("shots", "", "write screenshots of all states to this `directory` instead of serving")
	pictures := flags.String("pictures", "", "write the README's pictures to this `directory` instead of serving")
	only := flags.String("only", "", "with -shots: only states with this key `prefix`")
	browser := flags.String("chromium", chromium.Path, "with -shots or -pictures: the browser's `path`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	address := *listen
	if *shots != "" || *pictures != "" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return errors.Join(fmt.Errorf("%s is not a loopback address", address), listener.Close())
	}
	server := &http.Server{Handler: handler(), ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	url := "http://" + listener.Addr().String()
	if *shots != "" {
		err := takeShots(ctx, *browser, url, *shots, *only, out)
		return errors.Join(err, server.Close())
	}
	if *pictures != "" {
		err := takePictures(ctx, *browser, url, *pictures, out)
		return errors.Join(err, server.Close())
	}
	fmt.Fprintln(out, "Gallery on", url)
	select {
	case <-ctx.Done():
		return server.Close()
	case err := <-stopped:
		return err
	}
}
