package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
)

// configCommand runs server config check and server config print. They show problems of the configuration without
// starting the console.
func configCommand(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	command := ""
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	subcommand := map[string]func(context.Context, []string, bool, io.Writer) error{
		"check": checkConfig,
		"print": printConfig,
	}[command]
	if subcommand == nil {
		return fmt.Errorf("unknown command %q: use config check or config print", strings.TrimSpace("config "+command))
	}
	set := flag.NewFlagSet("server config "+command, flag.ContinueOnError)
	demo := set.Bool("demo", false, "the configuration of a demo instead of a real account")
	online := false
	if command == "check" {
		set.BoolVar(&online, "online", false, "also try the database, the sign-in and the vendor, with a line for each check")
	}
	if err := parseFlags(set, args, stderr); err != nil {
		return err
	}
	switch {
	case online && *demo:
		return errors.New("-online is for a real account: leave out -demo")
	case online:
		return checkOnline(ctx, environ, stdout)
	}
	return subcommand(ctx, environ, *demo, stdout)
}

// checkConfig writes that the configuration is valid, with its warnings, and whether the database is missing. The error
// has all problems.
func checkConfig(ctx context.Context, environ []string, demo bool, stdout io.Writer) error {
	cfg, err := readConfig(environ, demo)
	if err != nil {
		return err
	}
	text := "The configuration is valid.\n"
	for _, warning := range cfg.Warnings() {
		text += "Warning: " + warning + "\n"
	}
	if !demo {
		text += databaseWarning(ctx, cfg.Database.Reveal())
	}
	_, err = io.WriteString(stdout, config.AsCalled(text))
	return err
}

// databaseWarning returns a line about a database with which the console will not start, "" for a usable one.
func databaseWarning(ctx context.Context, databaseURL string) string {
	const setting = "Warning: " + config.Prefix + "DATABASE_URL names a database "
	switch err := store.CheckExists(ctx, databaseURL); {
	case err == nil:
		return ""
	case errors.Is(err, store.ErrMissing):
		return setting + "that does not exist. If this console had one, restore it or mount its volume. To create a new " +
			"one, run: server init\n"
	default:
		return fmt.Sprintf("%sthat cannot be used at the moment: %v.\n", setting, err)
	}
}

// printConfig writes a line for every setting, with its value and source, and then the problems. Problems are output,
// not an error of this command.
func printConfig(_ context.Context, environ []string, demo bool, stdout io.Writer) error {
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

// readConfig reads the configuration, the console key and what the database's file permits, which package config does
// not know.
func readConfig(environ []string, demo bool) (config.Config, error) {
	if demo {
		return config.Demo(environ)
	}
	cfg, err := config.Parse(environ)
	if err != nil {
		return config.Config{}, err
	}
	if _, _, err := parseCredentialsFile(cfg.CredentialsFile); err != nil {
		sentence := fmt.Sprintf(
			"%sCREDENTIALS_FILE names an invalid file: %v. Write the credentials.json from Voximplant into it.",
			config.Prefix,
			err,
		)
		return config.Config{}, &config.Problems{Sentences: []string{sentence}}
	}
	if err := canWriteFiles(cfg); err != nil {
		return config.Config{}, err
	}
	if err := store.CheckAccess(cfg.Database.Reveal()); err != nil {
		return config.Config{}, &config.Problems{Sentences: []string{config.Prefix + "DATABASE_URL: " + err.Error()}}
	}
	return cfg, nil
}
