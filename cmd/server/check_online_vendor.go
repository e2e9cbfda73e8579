package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// maxClockDifference is the difference of clocks from which Voximplant may take a token for one from the future.
const maxClockDifference = 5 * time.Second

// newestDifference keeps the difference of clocks of the newest call. It is safe for concurrent use.
type newestDifference struct {
	mu    sync.Mutex
	known bool
	ahead time.Duration // of Voximplant's clock
}

func (d *newestDifference) observe(call voxapi.CallInfo) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if ahead, known := call.ClockDifference(); known {
		d.known, d.ahead = true, ahead
	}
}

// checkVendor reads from the account what the console needs for its pages. It changes nothing there.
func checkVendor(ctx context.Context, cfg config.Config) []checkLine {
	const name = "Voximplant"
	if cfg.CredentialsFile == "" || cfg.APIURL == "" {
		return notChecked(name)
	}
	key, _, err := parseCredentialsFile(cfg.CredentialsFile)
	if err != nil {
		return []checkLine{failuref(
			name, "%v. Write the credentials.json from Voximplant into the file that VOXWARDEN_CREDENTIALS_FILE names", err,
		)}
	}
	var difference newestDifference
	client, err := voxapi.New(voxapi.Options{
		BaseURL:     cfg.APIURL,
		Credentials: voxapi.FixedCredentials(key),
		RootCAs:     cfg.RootCAs,
		Proxy:       cfg.ProxyFunc(),
		RPS:         cfg.VendorRPS,
		Observe:     difference.observe,
	})
	if err != nil {
		return []checkLine{failure(name, err)}
	}
	lines := readAccount(ctx, client.Reader(), key.AccountID)
	return append(lines, difference.lines()...)
}

// readAccount reads the account's facts, which every key may, and then what only some roles may.
func readAccount(ctx context.Context, reader *voxapi.Reader, account int64) []checkLine {
	const name = "Voximplant"
	info, err := reader.GetAccountInfo(ctx, account)
	switch {
	case err != nil:
		return []checkLine{failure(name, explainVendor(err))}
	case info.Frozen != nil && *info.Frozen:
		return []checkLine{failuref(name, "the account %d is frozen. Settle that in Voximplant's panel", account)}
	case info.Active != nil && !*info.Active:
		return []checkLine{failuref(name, "the account %d is not active. Activate it in Voximplant's panel", account)}
	}
	lines := []checkLine{{passed, name, fmt.Sprintf("it accepts the console key for the account %d", account)}}
	var refused []string
	for _, read := range []struct {
		method string
		call   func() error
	}{
		{"GetSubUsers", func() error {
			_, err := reader.GetSubUsers(ctx, account, voxapi.SubUsersQuery{Count: 1})
			return err
		}},
		{"GetKeys", func() error {
			_, err := reader.GetKeys(ctx, account, voxapi.KeysQuery{Count: 1})
			return err
		}},
		{"GetRoles", func() error { _, err := reader.GetRoles(ctx, account, ""); return err }},
		{"GetAuditLog", func() error {
			now := time.Now()
			_, err := reader.AuditLog(ctx, account, voxapi.AuditQuery{From: now.Add(-time.Minute), To: now, Count: 1})
			return err
		}},
	} {
		err := read.call()
		switch {
		case voxapi.InfoOf(voxapi.Code(err)).Cause == voxapi.CauseConsoleKey: // code 0 has another cause
			refused = append(refused, read.method)
		case err != nil:
			lines = append(lines, failure(name, explainVendor(err)))
		}
	}
	if len(refused) > 0 {
		return append(lines, checkLine{failed, "console key", "its roles do not allow " + strings.Join(refused, ", ") +
			". Give the key in VOXWARDEN_CREDENTIALS_FILE the role Owner in Voximplant's panel"})
	}
	return append(lines, checkLine{passed, "console key", "its roles allow what the console reads"})
}

// lines returns the line of the difference of clocks.
func (d *newestDifference) lines() []checkLine {
	d.mu.Lock()
	defer d.mu.Unlock()
	const name = "clock"
	direction := "ahead of"
	if d.ahead > 0 {
		direction = "behind"
	}
	text := fmt.Sprintf("%v %s Voximplant's", d.ahead.Abs().Round(time.Second), direction)
	switch {
	case !d.known:
		return []checkLine{{skipped, name, "not checked, because Voximplant did not respond"}}
	case d.ahead.Abs() > maxClockDifference:
		return []checkLine{failuref(name, "this server's is %s. Set it by NTP, such as with: timedatectl set-ntp true", text)}
	}
	return []checkLine{{passed, name, "at most a few seconds from Voximplant's"}}
}

// explainVendor returns what an error of a call means and what to do, without the vendor's text.
func explainVendor(err error) error {
	failure, ok := errors.AsType[*voxapi.Error](err)
	if !ok {
		return err
	}
	sentence := failure.ConnectionAdvice()
	if sentence == "" {
		sentence = failure.Advice()
		if failure.Code == 0 && failure.Status == 0 {
			sentence += " Check VOXWARDEN_API_URL, and any proxy in between."
		}
	}
	if failure.Code != 0 {
		sentence += fmt.Sprintf(" (code %d)", failure.Code)
	}
	return errors.New(sentence)
}
