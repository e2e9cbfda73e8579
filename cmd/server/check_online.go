package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
)

// onlineTimeout limits each check, whatever hangs.
const onlineTimeout = 15 * time.Second

// mark is the result of a check.
type mark string

const (
	passed  mark = "✓"
	failed  mark = "✗"
	warning mark = "!" // does not make the command fail
	skipped mark = "-" // because of another failure
)

// checkLine is one line of server config check --online.
type checkLine struct {
	mark mark
	name string
	text string // what is right; or what is wrong, and what to do
}

// failure returns the line of a failed check.
func failure(name string, err error) checkLine { return checkLine{failed, name, err.Error()} }

// failuref is failure with a format, as for fmt.Sprintf.
func failuref(name, format string, args ...any) checkLine {
	return checkLine{failed, name, fmt.Sprintf(format, args...)}
}

// onlineCheck checks one thing outside the program. It changes nothing there.
type onlineCheck struct {
	name string // of the line if it does not end in time
	run  func(ctx context.Context, cfg config.Config) []checkLine
}

// onlineChecks returns the checks in the order of their lines.
func onlineChecks() []onlineCheck {
	return []onlineCheck{
		{"database", checkDatabase},
		{"Voximplant", checkVendor},
		{"sign-in", checkSignIn},
		{"addresses", checkAddresses},
		{"trusted proxies", checkTrustedProxies},
		{"files to write", checkWrittenFiles},
	}
}

// checkOnline checks the settings and what they lead to, and writes a line for each check. It makes all checks, also
// with settings that have problems, and returns an error if one failed.
func checkOnline(ctx context.Context, environ []string, stdout io.Writer) error {
	cfg, err := config.ParsePartly(environ)
	lines := settingLines(cfg, err)
	checks := onlineChecks()
	results := make([]chan []checkLine, len(checks))
	for i, check := range checks {
		results[i] = make(chan []checkLine, 1)
		go func() { results[i] <- check.within(ctx, cfg, onlineTimeout) }()
	}
	count := 0
	for i := -1; i < len(checks); i++ {
		if i >= 0 {
			lines = <-results[i]
		}
		for _, line := range lines {
			if line.mark == failed {
				count++
			}
			text := config.AsCalled(oneLine(line.text))
			if _, err := fmt.Fprintf(stdout, "%s %s: %s\n", line.mark, line.name, text); err != nil {
				return err
			}
		}
	}
	if count > 0 {
		return fmt.Errorf("failed checks: %d", count)
	}
	return nil
}

// within runs a check, and returns a failure when it does not end in time: a call of the system may hang.
func (c onlineCheck) within(ctx context.Context, cfg config.Config, limit time.Duration) []checkLine {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := make(chan []checkLine, 1)
	go func() { done <- c.run(ctx, cfg) }()
	select {
	case lines := <-done:
		return lines
	case <-ctx.Done():
	}
	select {
	case lines := <-done: // it noticed the end itself
		return lines
	case <-time.After(time.Second):
		return []checkLine{failuref(c.name, "no result within %v. Check what it depends on", limit)}
	}
}

// oneLine returns a text without line ends.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// settingLines returns the lines of the settings and of the files with secrets. err is that of reading them.
func settingLines(cfg config.Config, err error) []checkLine {
	var lines []checkLine
	problems, wrong := errors.AsType[*config.Problems](err)
	if wrong {
		for _, sentence := range problems.Sentences {
			lines = append(lines, checkLine{failed, "settings", sentence})
		}
	} else {
		lines = append(lines, checkLine{passed, "settings", "all are valid"})
		for _, sentence := range cfg.Warnings() {
			lines = append(lines, checkLine{warning, "settings", sentence})
		}
	}
	private, exposed := cfg.SecretFiles()
	if len(private) > 0 {
		text := fmt.Sprintf("only this user can read them: %s", strings.Join(private, ", "))
		lines = append(lines, checkLine{passed, "secret files", text})
	}
	if wrong { // otherwise they are among the warnings
		for _, sentence := range exposed {
			lines = append(lines, checkLine{warning, "secret files", sentence})
		}
	}
	return lines
}

// notChecked returns the line of a check that lacks settings, because they are missing or have a problem.
func notChecked(name string) []checkLine {
	return []checkLine{{skipped, name, "not checked, because of a problem of its settings"}}
}

// hasAny reports whether a line has a mark.
func hasAny(lines []checkLine, m mark) bool {
	return slices.ContainsFunc(lines, func(line checkLine) bool { return line.mark == m })
}
