package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// usage is what server -h says before the flags.
const usage = `Usage: server [flags]

Without a command the console starts, configured by environment variables.

  server config check   says what is wrong with the configuration
  server config print   prints it, without its secrets
  server backup FILE    copies the database of a console that runs, or says how to
  server audit verify   says whether the record is whole
  server audit export   writes what the page of the record would export
  server audit prune    takes out of the record what is old
  server healthcheck    exits 0 when the console that listens here is ready
  server version

Flags:
`

// flags are the command line of a console that starts. All but demo and listen say what the demo's account is like.
type flags struct {
	demo    bool
	listen  string
	company voxsim.Company
	variant voxsim.Variants
	latency time.Duration
}

// parseFlags reads the command line. Asking for help is an error too, flag.ErrHelp, after the help was printed.
func parseFlags(args []string, out io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("server", flag.ContinueOnError)
	set.SetOutput(out)
	set.Usage = func() {
		fmt.Fprint(out, usage)
		set.PrintDefaults()
	}
	set.BoolVar(
		&f.demo,
		"demo",
		false,
		"simulate the account, and let visitors choose who to be; on a loopback address only",
	)
	set.StringVar(&f.listen, "listen", "", "`address` to listen on, instead of VOXWARDEN_LISTEN")
	set.DurationVar(&f.latency, "latency", 0, "with -demo: how long the simulated account takes for each answer")
	company := set.String("company", "small", "with -demo: what the simulated account holds: small, empty or large")
	subusers := set.Int("subusers", 0, "with -demo: how many subusers the large company has (default 10000)")
	variant := set.String(
		"variant",
		"",
		"with -demo: answers to what the vendor's documentation leaves open, as `name=value,…`",
	)
	if err := set.Parse(args); err != nil {
		return flags{}, err
	}
	if set.NArg() > 0 {
		return flags{}, fmt.Errorf("unexpected argument %q", set.Arg(0))
	}
	if stray := onlyWithDemo(set, f.demo); stray != "" {
		return flags{}, fmt.Errorf("-%s has a meaning only with -demo", stray)
	}
	if *subusers < 0 {
		return flags{}, errors.New("-subusers cannot be negative")
	}
	var err error
	if f.company, err = voxsim.CompanyNamed(*company, *subusers); err != nil {
		return flags{}, fmt.Errorf("-company: %w", err)
	}
	if f.variant, err = voxsim.ParseVariants(*variant); err != nil {
		return flags{}, fmt.Errorf("-variant: %w", err)
	}
	return f, nil
}

// onlyWithDemo names a flag that was given without -demo and means nothing then, "" for none.
func onlyWithDemo(set *flag.FlagSet, demo bool) (stray string) {
	set.Visit(func(given *flag.Flag) {
		if !demo && given.Name != "demo" && given.Name != "listen" {
			stray = given.Name
		}
	})
	return stray
}

// parseCommand reads the flags of a command that takes nothing else. done says that help was asked for, and printed.
func parseCommand(set *flag.FlagSet, args []string, out io.Writer) (done bool, err error) {
	set.SetOutput(out)
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		return true, nil
	} else if err != nil {
		return false, err
	}
	if set.NArg() > 0 {
		return false, fmt.Errorf("unexpected argument %q", set.Arg(0))
	}
	return false, nil
}
