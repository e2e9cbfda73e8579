package handlers

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/ui"
)

// wanted is what an operation found and asked for, beside a change of roles.
func wanted(op audit.Operation) []ui.Fact {
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
		add("Login", intent.Login)
		add("Password", passwordFact(intent.PasswordGenerated, op.Result))
		add("Description", intent.Description)
	case audit.CreateKey:
		add("Name", intent.Name)
		add("Description", intent.Description)
	case audit.EditSubuser, audit.EditKey:
		editFacts(intent, add)
	case audit.ChangeSubuserPassword:
		add("Password", passwordFact(intent.PasswordGenerated, op.Result))
	case audit.ReissueSubuser:
		add("Former id", op.Target.FormerID)
		add("Password", passwordFact(intent.PasswordGenerated, op.Result))
		heldFacts(intent, add)
	case audit.DeleteSubuser, audit.DeleteKey:
		heldFacts(intent, add)
	}
	return facts
}

// editFacts say what was replaced by what.
func editFacts(intent operations.Intent, add func(term, text string)) {
	if intent.Was == nil {
		return
	}
	if intent.Was.Name != intent.Name {
		add("Name", arrow(intent.Was.Name, intent.Name))
	}
	if intent.Was.Description != intent.Description {
		add("Description", arrow(intent.Was.Description, intent.Description))
	}
}

func arrow(before, after string) string {
	none := func(text string) string {
		if text == "" {
			return "nothing"
		}
		return "“" + text + "”"
	}
	return none(before) + " → " + none(after)
}

// heldFacts say what somebody had who was deleted.
func heldFacts(intent operations.Intent, add func(term, text string)) {
	add("Description", intent.Description)
	if names := refNames(intent.Before); len(names) > 0 {
		add("Held the roles", ui.List(names))
	} else {
		add("Held the roles", "none of their own")
	}
	var keys []string
	for _, k := range intent.Keys {
		keys = append(keys, strings.TrimSpace(k.Name+" "+k.ID))
	}
	if len(keys) > 0 {
		add("Keys at that time", ui.List(keys))
	}
}

// passwordFact says where a password came from, and where it went.
func passwordFact(generated bool, result audit.Result) string {
	switch {
	case !generated:
		return "Typed by the operator"
	case result == audit.Refused || result == audit.NotSent || result == audit.Partly:
		return "Generated, and never used"
	default:
		return "Generated, and shown once, to whoever waited for the answer. If nobody saw it, the subuser needs a new one."
	}
}
