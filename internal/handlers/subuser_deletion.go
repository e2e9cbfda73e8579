package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
	"github.com/voxwarden/voxwarden/views/ui"
)

// deletionPage is the page on which somebody is deleted or re-issued, with what holds now.
func (a *App) deletionPage(
	w http.ResponseWriter,
	r *http.Request,
	p privilegedRolesReader,
	f operations.SubuserForm,
	heading string,
) subusers.DeletionForm {
	principal := f.Subuser.Principal()
	m := subusers.DeletionForm{
		Frame:       a.principalFrame(w, r, principal, heading),
		Principal:   page.RefOf(principal),
		Description: f.Subuser.Description,
		OperationID: f.ID,
		Base:        f.Subuser.DirectRoleIDs(),
		Roles:       roleAssignments(f.Subuser.Roles, f.Catalogue, p.PrivilegedRoles(f.Catalogue)),
		Keys:        keyRefs(f.Keys),
		MayDeleteKeys: a.Policy.May(
			stateOf(r).operator,
			policy.KeysDelete,
		),
		Blocked:        f.BlockedReason,
		ReasonRequired: a.RequireReason,
	}
	m.WarningIDs, m.Warnings = warningBanners(f.Warnings, principal.Name)
	return m
}

// refillDeletionPage is the page once more, with what was typed and why it came to nothing.
func refillDeletionPage(
	m subusers.DeletionForm,
	feedback formFeedback,
	request operations.Request,
	confirm string,
) subusers.DeletionForm {
	feedback.Code = m.Code
	m.FormFeedback, m.Reason, m.Confirm, m.Frame.Failed = feedback.FormFeedback, request.Reason, confirm, true
	if feedback.keepID {
		m.OperationID = request.ID
	}
	return m
}

// keyRefs returns the ids and names of keys.
func keyRefs(keys []access.Principal) []access.NamedKey {
	var refs []access.NamedKey
	for _, k := range keys {
		refs = append(refs, access.NamedKey{ID: k.ID, Name: k.Name})
	}
	return refs
}

// warningBanners say what must be known before an act, each with the word by which the form says that it was shown.
func warningBanners(warnings []operations.Warning, login string) (warned []string, banners []ui.Banner) {
	for _, w := range warnings {
		warned = append(warned, string(w))
		banners = append(banners, subusers.WarningBanner(page.Warning(w), login))
	}
	return warned, banners
}

// shownWarnings reads back which warnings a form showed.
func shownWarnings(f form) []operations.Warning {
	var warned []operations.Warning
	for _, text := range f.values["warned"] {
		warned = append(warned, operations.Warning(text))
	}
	return warned
}

// renderDeletionResult says what came of it when something is left to do, or is not known.
func (a *App) renderDeletionResult(w http.ResponseWriter, r *http.Request, out operations.Outcome) error {
	login, result, reissue := out.Operation.Target.Name, page.Result(out.Result), isReissue(out)
	m := subusers.DeletionResult{
		Frame:         a.kindFrame(w, r, access.Subuser, subusers.DeletionResultHeading(login, reissue, result)),
		Login:         login,
		OperationID:   out.Operation.ID,
		Result:        result,
		Reissue:       reissue,
		RemainingKeys: keyRefs(out.RemainingKeys),
		MayDeleteKeys: a.Policy.May(stateOf(r).operator, policy.KeysDelete),
		Unsaved:       out.Unsaved,
		Vendor:        vendorQuote(out.Call.Method, out.Call.Code, out.Call.VendorMessage),
		Advice:        out.Advice,
	}
	if a.isUnfinishedReissue(out.Operation) && a.Policy.May(stateOf(r).operator, policy.SubusersCreate) {
		m.FinishHref = "/subusers/new?finish=" + out.Operation.ID
	}
	return a.render(w, r, http.StatusOK, subusers.DeletionResultPage(m))
}
