package handlers

import (
	"net/url"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	auditview "github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/ui"
)

// nextStepBanners offer what is left to do of an operation to those who may do it.
func (a *App) nextStepBanners(o operator.Operator, op audit.Operation, events []audit.Event) []ui.Banner {
	id, principalPath := url.QueryEscape(op.ID), targetPath(op.Target)
	switch {
	case a.isUnfinishedRoleChange(op) && principalPath != "" && a.Policy.May(o, rolesPermission(op)):
		return []ui.Banner{auditview.PartlyAppliedBanner(principalPath + "/roles?finish=" + id)}
	case a.isUnfinishedReissue(op) && a.Policy.May(o, policy.SubusersCreate):
		return []ui.Banner{auditview.UnfinishedReissueBanner(op.Target.Name, "/subusers/new?finish="+id)}
	case privateKeyLost(op, events) && a.Policy.May(o, policy.KeysDelete):
		return []ui.Banner{auditview.PrivateKeyLostBanner(principalPath+"/delete", "/keys/new?again="+id)}
	default:
		return nil
	}
}

// recreatedBanners says that what a re-issue left undone has been done since: there is nothing to finish.
func (a *App) recreatedBanners(o operator.Operator, op, recreated audit.Operation) []ui.Banner {
	b := auditview.RecreatedBanner(op.Target.Name)
	if a.Policy.MaySeeOperation(o, recreated.Actor.ID()) {
		b.Links = []ui.Link{auditview.LaterOperationLink(operationPath(recreated.ID))}
	}
	return []ui.Banner{b}
}

// rolesPermission is what one needs to change the roles that an operation changed.
func rolesPermission(op audit.Operation) policy.Permission {
	if op.Target.Kind == access.Key {
		return policy.KeysRoles
	}
	return policy.SubusersRoles
}

// isUnfinishedReissue says whether a re-issue deleted a subuser and did not create it again.
func (a *App) isUnfinishedReissue(op audit.Operation) bool {
	return op.Account == a.Account && op.Action == audit.ReissueSubuser && op.Result == audit.PartlyApplied && !op.Open
}

// privateKeyLost says whether a key was created whose private key nobody was shown: its answer was lost.
func privateKeyLost(op audit.Operation, events []audit.Event) bool {
	if op.Action != audit.CreateKey || op.Result != audit.Applied {
		return false
	}
	for _, e := range events {
		if e.Kind == audit.OutcomeEvent && e.Result == audit.Applied {
			return false
		}
	}
	return true
}

// undoHref is the page that puts back what was there before an operation, "" when there is none for this operator.
func (a *App) undoHref(o operator.Operator, op audit.Operation) string {
	principalPath, id := targetPath(op.Target), url.QueryEscape(op.ID)
	if op.Account != a.Account || !appliedOrPartly(op) {
		return ""
	}
	undo := map[audit.Action]struct {
		href string
		need policy.Permission
	}{
		audit.ChangeSubuserRoles: {principalPath + "/roles?undo=" + id, policy.SubusersRoles},
		audit.ForceSubuserRoles:  {principalPath + "/roles?undo=" + id, policy.SubusersRoles},
		audit.ChangeKeyRoles:     {principalPath + "/roles?undo=" + id, policy.KeysRoles},
		audit.EditSubuser:        {principalPath + "/edit?undo=" + id, policy.SubusersEdit},
		audit.EditKey:            {principalPath + "/edit?undo=" + id, policy.KeysEdit},
		audit.CreateSubuser:      {principalPath + "/delete", policy.SubusersDelete},
		audit.CreateKey:          {principalPath + "/delete", policy.KeysDelete},
		audit.DeleteSubuser:      {"/subusers/new?undo=" + id, policy.SubusersCreate},
		audit.DeleteKey:          {"/keys/new?undo=" + id, policy.KeysCreate},
	}[op.Action]
	if undo.href == "" || undo.href[0] != '/' || principalPath == "" || !a.Policy.May(o, undo.need) {
		return ""
	}
	return undo.href
}
