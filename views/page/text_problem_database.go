package page

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/views/ui"
)

// DatabaseUnavailable is the page shown when the sessions cannot be read.
func DatabaseUnavailable() Problem {
	return newUnchangedProblem(
		"The database cannot be reached",
		"The console cannot check whether you are signed in.",
		retryOrContactAdmins,
	)
}

// DatabaseNotUsable is the page shown when the database fails while a page or a form is processed.
func DatabaseNotUsable() Problem {
	return newProblem(
		"The database cannot be used",
		"It does not respond, is locked by another program, or has no free space.",
		"Try again in a moment. Before you send a form again, check the latest changes on the overview.",
	)
}

// DatabaseFileGone is the page shown when the database file was deleted or replaced.
func DatabaseFileGone() Problem {
	return newUnchangedProblem(
		"The database file was deleted or replaced",
		"The console writes nothing until the same file is back.",
		"Tell the administrators of this console.",
	)
}

// SchemaChanged is the page shown when another version of the console has upgraded the tables.
func SchemaChanged() Problem {
	return newUnchangedProblem(
		"A newer version has taken over",
		"A newer version of this console has upgraded the database. This one does not write to it any more.",
		"Load the page again in a moment. If that does not help, tell the administrators of this console.",
	)
}

// AuditAlarm is why nothing is written to the audit log any more.
type AuditAlarm string

// The alarms. The values are the titles of their page and banner.
const (
	AuditLostEvents     AuditAlarm = "The audit log lacks events that it had"
	AuditChanged        AuditAlarm = "The audit log was changed outside Voxwarden"
	AuditWithoutWitness AuditAlarm = "The witness of the audit log cannot be used"
)

// AuditLogStopped is the page shown while nothing is written to the audit log.
func AuditLogStopped(alarm AuditAlarm) Problem {
	return newUnchangedProblem(
		string(alarm),
		"The console changes nothing until an administrator has looked for the cause.",
		"Tell the administrators of this console.",
	)
}

// AuditLogStoppedText returns the message of a form that changed nothing because of an alarm.
func AuditLogStoppedText(alarm AuditAlarm) string {
	return string(alarm) + ", so nothing was changed. Tell the administrators of this console."
}

// AuditAlarmBanner tells admins why nothing is changed, and what to do.
func AuditAlarmBanner(alarm AuditAlarm) ui.Banner {
	b := ui.Banner{
		Tone:  ui.Danger,
		Title: string(alarm) + ": nothing is changed",
		Text: config.AsCalled(
			"Look for a failover or a restored copy, and run “server audit verify -head” with the head from the log. " +
				"Restore the database, or accept the loss with “server audit accept”.",
		),
	}
	if alarm == AuditChanged {
		b.Text = config.AsCalled(
			"Run “server audit verify” and look for the cause. Restore the database, or accept its state with " +
				"“server audit accept”.",
		)
	}
	return b
}

// OperationNotLogged is the page shown when an intent cannot be written to the audit log.
func OperationNotLogged() Problem {
	return newProblem(
		"The audit log cannot be written",
		"No change was made, because every change must be in the audit log first.",
		retryOrContactAdmins,
	)
}

// RowMismatch is the page for a row that does not agree with the audit log.
func RowMismatch() Problem {
	return newUnchangedProblem(
		"The database does not agree with the audit log",
		config.AsCalled(
			"A row was changed outside the console, so it was not used. Run “server audit verify” to see what differs.",
		),
	)
}

// NewAuditLogBanner is the banner for a day after the beginning of the audit log.
func NewAuditLogBanner(at time.Time) ui.Banner {
	return ui.Banner{
		Tone:  ui.Warning,
		Title: "The audit log is new: it begins at " + ui.UTC(at),
		Text:  "If this console had an audit log before, its database is missing. Stop the console and restore it.",
	}
}

// RowMismatchBanner tells admins that rows do not agree with the audit log.
func RowMismatchBanner() ui.Banner {
	return ui.Banner{
		Tone:  ui.Danger,
		Title: "The database was changed outside Voxwarden",
		Text: config.AsCalled(
			"Rows did not agree with the audit log and were not used. Run “server audit verify” and look for the cause.",
		),
	}
}

// AuditCopiesBanner tells admins that copies of audit events cannot be written, or else that some were lost.
func AuditCopiesBanner(waiting, lost int) ui.Banner {
	if waiting > 0 {
		return ui.Banner{
			Tone:  ui.Danger,
			Title: "Copies of audit events cannot be written",
			Text: "The audit log itself is complete. Check what receives the console's log, and the file in " +
				"VOXWARDEN_AUDIT_COPY.",
		}
	}
	return ui.Banner{
		Tone:  ui.Warning,
		Title: ui.Count(lost, "copy of an audit event was lost", "copies of audit events were lost"),
		Text: config.AsCalled(
			"The audit log itself is complete. Add the missing events to the copy with “server audit export”.",
		),
	}
}
