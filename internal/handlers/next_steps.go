package handlers

import (
	"net/url"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	auditview "github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/ui"
)

// nextStepBanners returns links to finish an operation, for operators who may do so.
func (a *App) nextStepBanners(o operator.Operator, op audit.Operation, events []audit.Event) []ui.Banner {
	id, principalPath := url.QueryEscape(op.ID), targetPath(op.Target)
	switch {
	case a.isUnfinishedRoleChange(op) && principalPath != "" && a.may(o, op.Target.Kind, operations.VerbRoles):
		return []ui.Banner{auditview.PartlyAppliedBanner(principalPath + "/roles?finish=" + id)}
	case a.isUnfinishedReissue(op) && a.may(o, access.Subuser, operations.VerbCreate):
		return []ui.Banner{auditview.UnfinishedReissueBanner(op.Target.Name, "/subusers/new?finish="+id)}
	case privateKeyLost(op, events) && a.may(o, access.Key, operations.VerbDelete):
		return []ui.Banner{auditview.PrivateKeyLostBanner(principalPath+"/delete", "/keys/new?again="+id)}
	case hadNoEffect(op) && a.may(o, op.Target.Kind, descriptorOf(op).Verb):
		return againBanners(op)
	default:
		return nil
	}
}

// againBanners returns the link to the form of an operation that had no effect. The browser may have lost the response
// and what was typed.
func againBanners(op audit.Operation) []ui.Banner {
	path, again := targetPath(op.Target), "?again="+url.QueryEscape(op.ID)
	verb := descriptorOf(op).Verb
	switch {
	case verb == operations.VerbCreate:
		path = "/" + op.Target.Kind.RouteSegment() + "/new" + again
	case path == "":
		return nil
	case verb == operations.VerbRoles || verb == operations.VerbForce: // the page with force follows
		path += "/roles" + again
	case verb == operations.VerbEdit:
		path += "/edit" + again
	default:
		path += "/" + string(verb) // the only field to keep is the reason
	}
	return []ui.Banner{auditview.NoEffectBanner(path)}
}

// recreatedBanners returns the message that a later operation created the subuser again, so that there is nothing to
// finish.
func (a *App) recreatedBanners(o operator.Operator, op, recreated audit.Operation) []ui.Banner {
	b := auditview.RecreatedBanner(op.Target.Name)
	if a.Policy.MaySeeOperation(o, recreated.Actor.ID()) {
		b.Links = []ui.Link{auditview.LaterOperationLink(operationPath(recreated.ID))}
	}
	return []ui.Banner{b}
}

// isUnfinishedReissue reports whether a re-issue deleted a subuser without creating it again.
func (a *App) isUnfinishedReissue(op audit.Operation) bool {
	return op.Account == a.Account && descriptorOf(op).IsReissue() && op.Result == audit.PartlyApplied && !op.Open
}

// privateKeyLost reports whether a key was created and the answer with its private key was lost.
func privateKeyLost(op audit.Operation, events []audit.Event) bool {
	if descriptorOf(op).Secret != operations.PrivateKey || op.Result != audit.Applied {
		return false
	}
	for _, e := range events {
		if e.Kind == audit.OutcomeEvent && e.Result == audit.Applied {
			return false
		}
	}
	return true
}
