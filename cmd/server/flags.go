package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxsim"
)

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
	set.BoolVar(&f.demo, "demo", false, "simulate the account, and let visitors choose who to be; on a loopback address only")
	set.StringVar(&f.listen, "listen", "", "`address` to listen on, instead of VOXWARDEN_LISTEN")
	set.DurationVar(&f.latency, "latency", 0, "with -demo: how long the simulated account takes for each answer")
	company := set.String("company", "small", "with -demo: what the simulated account holds: small, empty or large")
	subusers := set.Int("subusers", 0, "with -demo: how many subusers the large company has (default 10000)")
	variant := set.String("variant", "", "with -demo: answers to what the vendor's documentation leaves open, as `name=value,…`")
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
