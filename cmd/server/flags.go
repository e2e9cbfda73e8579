package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// usage is the help of server -h before the flags.
const usage = `Usage: server [flags]
       server COMMAND

Without a command, start the console. It is configured with environment variables.

Commands:
  setup DIR      write the keys of a new console and a file with all settings
  config check   check the configuration and list all problems; with --online, also try what it leads to
  config print   print the configuration without secrets
  init           create the database
  backup FILE    copy the SQLite database, or print a command for PostgreSQL
  restore FILE   replace the SQLite database with a backup
  audit verify   check the audit log for missing and changed events
  audit accept   accept that the audit log lacks events, and let the console write again
  audit export   write the audit log as CSV or JSON Lines
  audit prune    delete old operations from the audit log
  audit reset-drift
                 begin drift anew, after its rows were changed in the database
  audit reset-facts
                 begin the facts about subusers and keys anew, after their rows were changed in the database
  healthcheck    exit with status 0 if the console on this machine is ready
  version        print the version
  licenses       print the licences of the console and its components

Flags:
`

// startFlags are the flags of a console that starts. All except demo and listen describe the simulated account.
type startFlags struct {
	demo    bool
	listen  string
	company voxsim.Company
	variant voxsim.Variants
	latency time.Duration
	history bool // write a history of changes before the start
}

// parseFlags parses the flags of a command that takes no other arguments. The error is flag.ErrHelp after -h, when the
// help has been printed.
func parseFlags(set *flag.FlagSet, args []string, out io.Writer) error {
	set.SetOutput(out)
	set.Init(config.AsCalled(set.Name()), flag.ContinueOnError)
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", set.Arg(0))
	}
	return nil
}

// parseStartFlags parses the flags of a console that starts. Errors are as in parseFlags.
func parseStartFlags(args []string, out io.Writer) (startFlags, error) {
	var f startFlags
	set := flag.NewFlagSet("server", flag.ContinueOnError)
	set.Usage = func() {
		fmt.Fprint(out, config.AsCalled(usage))
		set.PrintDefaults()
	}
	set.BoolVar(
		&f.demo,
		"demo",
		false,
		"simulate the account, and let visitors choose an operator; only on a loopback address",
	)
	set.StringVar(&f.listen, "listen", "", "`address` to listen on, instead of VOXWARDEN_LISTEN")
	set.DurationVar(&f.latency, "latency", 0, "with -demo: response time of the simulated account")
	set.BoolVar(
		&f.history,
		"history",
		true,
		"with -demo: begin with three months of changes; only with the small company, without -variant and -latency",
	)
	company := set.String("company", "small", "with -demo: size of the simulated account: small, empty or large")
	subusers := set.Int("subusers", 0, "with -demo: number of subusers with -company large (default 10000)")
	variant := set.String(
		"variant",
		"",
		"with -demo: behaviour of the API where its documentation is unclear, as `name=value,…`",
	)
	if err := parseFlags(set, args, out); err != nil {
		return startFlags{}, err
	}
	if name := onlyWithDemo(set, f.demo); name != "" {
		return startFlags{}, fmt.Errorf("-%s requires -demo", name)
	}
	if *subusers < 0 {
		return startFlags{}, errors.New("-subusers cannot be negative")
	}
	var err error
	if f.company, err = voxsim.CompanyNamed(*company, *subusers); err != nil {
		return startFlags{}, fmt.Errorf("-company: %w", err)
	}
	if f.variant, err = voxsim.ParseVariants(*variant); err != nil {
		return startFlags{}, fmt.Errorf("-variant: %w", err)
	}
	// The history is about the subusers of the small company, and expects the default behaviour of the API.
	f.history = f.history && *company == "small" && *variant == "" && f.latency == 0
	return f, nil
}

// onlyWithDemo returns the name of a flag that is set but requires -demo, or "".
func onlyWithDemo(set *flag.FlagSet, demo bool) (name string) {
	set.Visit(func(given *flag.Flag) {
		if !demo && given.Name != "demo" && given.Name != "listen" {
			name = given.Name
		}
	})
	return name
}
