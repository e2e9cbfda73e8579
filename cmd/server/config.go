package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/voxwarden/voxwarden/internal/config"
)

// configCommand is server config check and server config print: what a console with this environment would say when it
// starts, without starting it.
func configCommand(args, environ []string, stdout, stderr io.Writer) error {
	command := ""
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	subcommand := map[string]func([]string, bool, io.Writer) error{"check": checkConfig, "print": printConfig}[command]
	if subcommand == nil {
		return fmt.Errorf(
			"there is no command %q; there are config check and config print",
			strings.TrimSpace("config "+command),
		)
	}
	set := flag.NewFlagSet("server config "+command, flag.ContinueOnError)
	demo := set.Bool("demo", false, "the configuration of a demo instead of a real account's")
	if done, err := parseCommand(set, args, stderr); done || err != nil {
		return err
	}
	return subcommand(environ, *demo, stdout)
}

// checkConfig says that the configuration is right, and what may not be meant; everything that is wrong is its error.
func checkConfig(environ []string, demo bool, stdout io.Writer) error {
	cfg, err := readConfig(environ, demo)
	if err != nil {
		return err
	}
	text := "The configuration is right.\n"
	for _, warning := range cfg.Warnings() {
		text += "Warning: " + warning + "\n"
	}
	_, err = io.WriteString(stdout, text)
	return err
}

// printConfig writes a line for every setting, as NAME=value and where it is from, and then what is wrong with them.
// That something is wrong is not its error: it was asked what there is.
func printConfig(environ []string, demo bool, stdout io.Writer) error {
	text := ""
	for _, line := range config.Describe(environ, demo) {
		text += line.Name + "=" + line.Value + "  # " + line.From + "\n"
	}
	_, err := readConfig(environ, demo)
	if problems, wrong := errors.AsType[*config.Problems](err); wrong {
		text += "\n# Problems:\n"
		for _, sentence := range problems.Sentences {
			text += "# " + sentence + "\n"
		}
	}
	_, err = io.WriteString(stdout, text)
	return err
}

// readConfig reads the configuration, and the console's key, which only the client of the Management API understands.
func readConfig(environ []string, demo bool) (config.Config, error) {
	if demo {
		return config.Demo(environ)
	}
	cfg, err := config.Parse(environ)
	if err != nil {
		return config.Config{}, err
	}
	if _, err := parseCredentialsFile(cfg.CredentialsFile); err != nil {
		sentence := fmt.Sprintf(
			"%sCREDENTIALS_FILE cannot be used: %v. Put the credentials.json there that Voximplant handed out.",
			config.Prefix,
			err,
		)
		return config.Config{}, &config.Problems{Sentences: []string{sentence}}
	}
	return cfg, nil
}
