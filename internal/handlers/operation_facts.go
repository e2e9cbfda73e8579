package handlers

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	auditview "github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/ui"
)

// operationFacts is what an operation found and asked for, beside a change of roles.
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
	switch op.Action {
	case audit.CreateSubuser:
		add(auditview.LoginFact, intent.Login)
		add(auditview.PasswordFact, passwordFact(intent.PasswordGenerated, op.Result))
		add(auditview.DescriptionFact, intent.Description)
	case audit.CreateKey:
		add(auditview.NameFact, intent.Name)
		add(auditview.DescriptionFact, intent.Description)
	case audit.EditSubuser, audit.EditKey:
		editFacts(intent, add)
	case audit.ChangeSubuserPassword:
		add(auditview.PasswordFact, passwordFact(intent.PasswordGenerated, op.Result))
	case audit.ReissueSubuser:
		add(auditview.FormerIDFact, op.Target.FormerID)
		add(auditview.PasswordFact, passwordFact(intent.PasswordGenerated, op.Result))
		deletedFacts(intent, add)
	case audit.DeleteSubuser, audit.DeleteKey:
		deletedFacts(intent, add)
	}
	return facts
}

// editFacts say what was replaced by what.
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

// deletedFacts say what somebody had who was deleted.
func deletedFacts(intent operations.Intent, add func(term, text string)) {
	add(auditview.DescriptionFact, intent.Description)
	add(auditview.RolesFact, auditview.RolesText(roleRefNames(intent.Before)))
	var keys []string
	for _, k := range intent.Keys {
		keys = append(keys, strings.TrimSpace(k.Name+" "+k.ID))
	}
	if len(keys) > 0 {
		add(auditview.KeysFact, ui.List(keys))
	}
}

// passwordFact says where a password came from, and where it went.
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
