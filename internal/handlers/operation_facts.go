package handlers

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	auditview "github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// operationFacts returns the facts of an operation other than its change of roles.
func operationFacts(op audit.Operation) []ui.Fact {
	intent, err := operations.ReadIntent(op)
	if err != nil {
		return nil
	}
	var facts []ui.Fact
	add := func(term, text string) {
		if text != "" {
			facts = append(facts, ui.Fact{Term: term, Text: text})
		}
	}
	action := descriptorOf(op)
	switch {
	case action.IsReissue():
		add(auditview.FormerIDFact, op.Target.FormerID)
	case action.Creates:
		add(auditview.LoginFact, intent.Login)
		add(auditview.NameFact, intent.Name)
	}
	if action.Secret == operations.Password {
		add(auditview.PasswordFact, passwordFact(intent.PasswordGenerated, op.Result))
	}
	switch {
	case action.Deletes:
		deletedFacts(intent, add)
	case action.Creates:
		add(auditview.DescriptionFact, intent.Description)
	case action.SetsDescription:
		editFacts(intent, add)
	}
	return facts
}

// editFacts adds the texts before and after an edit.
func editFacts(intent operations.Intent, add func(term, text string)) {
	if intent.OldTexts == nil {
		return
	}
	if intent.OldTexts.Name != intent.Name {
		add(auditview.NameFact, auditview.ReplacedText(intent.OldTexts.Name, intent.Name))
	}
	if intent.OldTexts.Description != intent.Description {
		add(auditview.DescriptionFact, auditview.ReplacedText(intent.OldTexts.Description, intent.Description))
	}
}

// deletedFacts adds what a deleted principal had.
func deletedFacts(intent operations.Intent, add func(term, text string)) {
	add(auditview.DescriptionFact, intent.Description)
	add(auditview.RolesFact, auditview.RolesText(roleRefNames(intent.Before)))
	var keys []string
	for _, k := range intent.Keys[:min(len(intent.Keys), maxFactKeys)] {
		keys = append(keys, strings.TrimSpace(k.Name+" "+k.ID))
	}
	switch more := len(intent.Keys) - len(keys); {
	case more > 0:
		add(auditview.KeysFact, strings.Join(keys, ", ")+" "+page.MoreText(more))
	case len(keys) > 0:
		add(auditview.KeysFact, ui.List(keys))
	}
}

// maxFactKeys is the number of keys of a deleted subuser on the page of the operation. The export has all of them.
const maxFactKeys = 100

// passwordFact returns where a password came from and whether it was shown.
func passwordFact(generated bool, result audit.Result) string {
	switch {
	case !generated:
		return auditview.PasswordTyped
	case result == audit.Refused || result == audit.NotSent || result == audit.PartlyApplied:
		return auditview.PasswordUnused
	default:
		return auditview.PasswordShown
	}
}
