package main

import (
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// options are the flags, with those of the simulator already in its own terms.
type options struct {
	listen      string
	tls         bool
	ca          string
	credentials string
	sim         voxsim.Options
}

// parseFlags reads the command line. Asking for help is an error too, flag.ErrHelp, after the help was printed.
func parseFlags(args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("voxsim", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:9091", "`address` to answer on")
	flags.BoolVar(&o.tls, "tls", false, "serve TLS with a certificate made for 127.0.0.1 and localhost")
	flags.StringVar(&o.ca, "ca", "", "write that certificate to this `file`, for clients to trust")
	flags.StringVar(&o.credentials, "credentials", "", "write the Owner key's credentials.json to this `file` (required)")
	flags.DurationVar(&o.sim.Latency, "latency", 0, "wait this long before each call is carried out")
	company := flags.String("company", "small", "what the account holds: small, empty or large")
	subusers := flags.Int("subusers", 0, "how many subusers the large company has (default 10000)")
	variant := flags.String("variant", "", "answers to what the contract leaves open, as `name=value,…`")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.credentials == "" {
		return options{}, errors.New("-credentials is required: the file to write the Owner key's credentials to")
	}
	if o.ca != "" && !o.tls {
		return options{}, errors.New("-ca has a meaning only with -tls")
	}
	if *subusers < 0 {
		return options{}, errors.New("-subusers cannot be negative")
	}
	if *subusers > 0 && *company != "large" {
		return options{}, errors.New("-subusers has a meaning only with -company large")
	}
	var err error
	if o.sim.Company, err = voxsim.CompanyNamed(*company, *subusers); err != nil {
		return options{}, fmt.Errorf("-company: %w", err)
	}
	if o.sim.Variants, err = voxsim.ParseVariants(*variant); err != nil {
		return options{}, fmt.Errorf("-variant: %w", err)
	}
	return o, nil
}
