package main

import (
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// options are the parsed flags.
type options struct {
	listen      string
	tls         bool
	ca          string
	credentials string
	sim         voxsim.Options
}

// parseFlags parses the command line. If it asks for help, the help is printed and the error is flag.ErrHelp.
func parseFlags(args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("voxsim", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:9091", "`address` to listen on")
	flags.BoolVar(&o.tls, "tls", false, "serve TLS with a new certificate for 127.0.0.1 and localhost")
	flags.StringVar(&o.ca, "ca", "", "write the certificate to this `file`, for clients to trust; needs -tls")
	flags.StringVar(&o.credentials, "credentials", "", "write the Owner key's credentials.json to this `file` (required)")
	flags.DurationVar(&o.sim.Latency, "latency", 0, "delay before each call is carried out")
	company := flags.String("company", "small", "content of the account: small, empty or large")
	subusers := flags.Int("subusers", 0, "number of subusers of the large company (default 10000)")
	variant := flags.String("variant", "", "choices where the vendor's documentation is silent, as `name=value,…`")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.credentials == "" {
		return options{}, errors.New("-credentials is required: the file for the credentials of the Owner key")
	}
	if o.ca != "" && !o.tls {
		return options{}, errors.New("-ca can be used only with -tls")
	}
	if *subusers < 0 {
		return options{}, errors.New("-subusers cannot be negative")
	}
	if *subusers > 0 && *company != "large" {
		return options{}, errors.New("-subusers can be used only with -company large")
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
