package handlers

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// jsonLinesType is the usual content type of JSON Lines. No standard names one.
const jsonLinesType = "application/x-ndjson"

// routes lists every route with its permission. get, getFromVendor, scan, export, post and upload need one of the
// permissions, signedIn and signedInPost any signed-in operator, public and publicPost nothing. The posts accept only a
// form of the same site and the same session, and limit its size.
func (a *App) routes() *chi.Mux {
	r := chi.NewRouter()
	r.Use(
		(&clientAddresses{trustedProxies: a.TrustedProxies, logger: a.Logger}).resolve,
		a.logRequests,
		a.limitTime,
		a.recoverPanic,
		a.securityHeaders,
		a.stripBasePath,
		a.serveGetAndPost,
	)
	r.NotFound(a.public(func(http.ResponseWriter, *http.Request) error { return errPageNotFound }))
	r.MethodNotAllowed(a.public(a.methodNotAllowed))

	for _, method := range []string{http.MethodGet, http.MethodHead} {
		r.MethodFunc(method, "/healthz", a.healthz)
		r.MethodFunc(method, "/readyz", a.readyz(a.AuditLog, a.Sessions))
	}
	r.Handle("/static/*", a.Static)

	// These pages are compressed. Pages below that may show a secret are not: the length of a compressed page leaks
	// something of its content. Form tokens are masked anew on each page, so that they leak nothing.
	r.Group(func(r chi.Router) {
		r.Use(newCompressor())

		r.Get("/sign-in", a.public(a.rateLimited(a.showSignIn, a.rateLimits.signIns)))
		r.Post("/sign-in", a.publicPost(a.rateLimited(a.signIn, a.rateLimits.signIns)))
		r.Get(callbackPath, a.public(a.rateLimited(a.finishSignIn, a.rateLimits.signIns)))
		r.Get(signedInPath, a.signedIn(a.showSignedIn))
		r.Get("/me", a.signedIn(a.showMe(a.Sessions)))
		r.Post("/me", a.signedInPost(a.endOwnSessions(a.Sessions)))
		r.Get("/sessions", a.scan(a.listSessions(a.Sessions), policy.SessionsEnd))
		r.Post("/sessions", a.post(a.endSessions(a.Sessions), policy.SessionsEnd))

		r.Get("/", a.get(a.showOverview(a.Directory, a.AuditLog, a.Operations, a.Drift), policy.OverviewView))
		r.Post("/refresh", a.post(a.refresh(a.Directory), policy.SubusersView))

		r.Get(
			"/search",
			a.get(a.search(a.Directory, a.Operations), policy.SubusersView, policy.KeysView, policy.RolesView),
		)

		r.Get("/drift", a.scan(a.listDrift(a.Drift), policy.SubusersView))
		r.Get("/drift/{finding}/accept", a.get(a.showDriftAccept(a.Drift), policy.DriftAccept))
		r.Post("/drift/{finding}/accept", a.post(a.acceptDrift(a.Drift), policy.DriftAccept))

		r.Get("/subusers", a.get(a.listPrincipals(access.Subuser, a.Directory, a.Operations), policy.SubusersView))
		r.Get("/subusers.csv", a.export(a.exportPrincipals(access.Subuser, a.Directory), policy.SubusersExport))
		r.Get(
			"/subusers/compare",
			a.getFromVendor(a.comparePrincipals(access.Subuser, a.Directory, a.Operations), policy.SubusersView),
		)
		r.Get(
			"/subusers/{id}",
			a.getFromVendor(
				a.showPrincipal(access.Subuser, a.Directory, a.Operations, a.AuditLog),
				policy.SubusersView,
			),
		)
		r.Get("/subusers/{id}/edit", a.getFromVendor(a.showEdit(access.Subuser, a.Operations), policy.SubusersEdit))
		r.Post("/subusers/{id}/edit", a.post(a.edit(access.Subuser, a.Operations), policy.SubusersEdit))
		r.Get("/subusers/{id}/roles", a.getFromVendor(
			a.showRolesForm(access.Subuser, a.Operations, a.Directory),
			policy.SubusersRoles,
		))
		r.Post("/subusers/{id}/roles", a.post(a.changeRoles(access.Subuser, a.Operations, a.Directory), policy.SubusersRoles))
		r.Get("/subusers/{id}/force", a.getFromVendor(a.showForce(a.Operations), policy.SubusersForce))
		r.Post("/subusers/{id}/force", a.post(a.forceRoles(a.Operations), policy.SubusersForce))
		r.Get("/subusers/{id}/delete", a.getFromVendor(a.showDelete(access.Subuser, a.Operations), policy.SubusersDelete))
		r.Post("/subusers/{id}/delete", a.post(a.delete(access.Subuser, a.Operations), policy.SubusersDelete))

		r.Get("/subusers/import", a.get(a.showImport, policy.SubusersCreate))
		r.Get("/subusers/import.csv", a.get(a.importTemplate, policy.SubusersCreate))
		r.Post("/subusers/import", a.upload(a.checkImport(a.Bulk), policy.SubusersCreate))
		r.Get("/runs", a.public(redirectRunsToBulk))
		r.Get("/runs/*", a.public(redirectRunsToBulk))
		r.Get("/bulk", a.scan(a.listBulkChanges(a.Bulk), policy.AuditOwn, policy.AuditView))
		r.Get("/bulk/new", a.get(a.newBulkChange(a.Directory, a.Operations), policy.BulkStart))
		r.Post("/bulk/new", a.post(a.planBulkChange(a.Directory, a.Operations, a.Bulk), policy.BulkStart))
		r.Get("/bulk/{bulk}", a.scan(a.showBulkChange(a.Bulk), policy.AuditOwn, policy.AuditView))
		r.Get("/bulk/{bulk}.csv", a.export(a.exportBulkChange(a.Bulk), policy.AuditOwn, policy.AuditView))
		r.Get("/bulk/{bulk}/start", a.get(a.redirectToBulkChange, policy.BulkStart))
		r.Get("/bulk/{bulk}/stop", a.get(a.redirectToBulkChange, policy.BulkStart))
		r.Post("/bulk/{bulk}/stop", a.post(a.stopBulkChange(a.Bulk), policy.BulkStart))
		r.Get("/bulk/{bulk}/retry", a.get(a.redirectToBulkChange, policy.BulkStart))
		r.Post("/bulk/{bulk}/retry", a.post(a.draftFromBulkChange(a.Bulk.Retry), policy.BulkStart))
		r.Get("/bulk/{bulk}/undo", a.get(a.redirectToBulkChange, policy.BulkStart))
		r.Post("/bulk/{bulk}/undo", a.post(a.draftFromBulkChange(a.Bulk.Undo), policy.BulkStart))

		r.Get("/keys", a.get(a.listPrincipals(access.Key, a.Directory, a.Operations), policy.KeysView))
		r.Get("/keys.csv", a.export(a.exportPrincipals(access.Key, a.Directory), policy.KeysExport))
		r.Get(
			"/keys/compare",
			a.getFromVendor(a.comparePrincipals(access.Key, a.Directory, a.Operations), policy.KeysView),
		)
		r.Get(
			"/keys/{id}",
			a.getFromVendor(a.showPrincipal(access.Key, a.Directory, a.Operations, a.AuditLog), policy.KeysView),
		)
		r.Get("/keys/{id}/edit", a.getFromVendor(a.showEdit(access.Key, a.Operations), policy.KeysEdit))
		r.Post("/keys/{id}/edit", a.post(a.edit(access.Key, a.Operations), policy.KeysEdit))
		r.Get("/keys/{id}/roles", a.getFromVendor(a.showRolesForm(access.Key, a.Operations, a.Directory), policy.KeysRoles))
		r.Post("/keys/{id}/roles", a.post(a.changeRoles(access.Key, a.Operations, a.Directory), policy.KeysRoles))
		r.Get("/keys/{id}/delete", a.getFromVendor(a.showDelete(access.Key, a.Operations), policy.KeysDelete))
		r.Post("/keys/{id}/delete", a.post(a.delete(access.Key, a.Operations), policy.KeysDelete))

		r.Get("/roles", a.scan(a.listRoles(a.Directory, a.Operations), policy.RolesView))
		r.Get("/roles/matrix", a.scan(a.showMatrix(a.Directory), policy.RolesView))
		r.Get("/roles/matrix.csv", a.export(a.exportMatrix(a.Directory), policy.SubusersExport))
		r.Get("/roles/finder", a.get(a.findRoles(a.Directory, a.Operations), policy.RolesView))
		r.Get("/roles/{id}", a.scan(a.showRole(a.Directory, a.Operations), policy.RolesView))

		r.Get("/audit", a.scan(a.listAudit(a.AuditLog), policy.AuditView, policy.AuditOwn))
		r.Get("/audit.csv", a.export(a.exportAudit(a.AuditLog, audit.CSV, "text/csv; charset=utf-8"), policy.AuditExport))
		r.Get("/audit.jsonl", a.export(a.exportAudit(a.AuditLog, audit.JSONLines, jsonLinesType), policy.AuditExport))
		r.Get("/audit/{operation}", a.get(a.showOperation(a.Operations, a.Directory), policy.AuditOwn, policy.AuditView))
		r.Post("/audit/{operation}", a.post(a.checkOperation(a.Operations), policy.AuditOwn, policy.AuditView))
		r.Get("/audit/{operation}/resolve", a.get(a.redirectToOperation, policy.AuditResolve))
		r.Post("/audit/{operation}/resolve", a.post(a.resolveOperation(a.Operations), policy.AuditResolve))
	})

	// The page after a sign-out links to the provider, with an ID token as a hint.
	r.Get("/sign-out", a.public(a.showSignedOut))
	r.Post("/sign-out", a.publicPost(a.signOut))
	r.Get("/subusers/new", a.getFromVendor(a.newSubuser(a.Operations, a.Directory), policy.SubusersCreate))
	r.Post("/subusers/new", a.post(a.createSubuser(a.Operations, a.Directory), policy.SubusersCreate))
	r.Get("/subusers/{id}/password", a.getFromVendor(a.showSubuserPassword(a.Operations), policy.SubusersPassword))
	r.Post("/subusers/{id}/password", a.post(a.changeSubuserPassword(a.Operations), policy.SubusersPassword))
	r.Get("/subusers/{id}/re-issue", a.getFromVendor(a.showReissue(a.Operations), policy.SubusersReissue))
	r.Post("/subusers/{id}/re-issue", a.post(a.reissue(a.Operations), policy.SubusersReissue))
	r.Post("/bulk/{bulk}/start", a.post(a.startBulkChange(a.Bulk), policy.BulkStart))
	r.Get("/keys/new", a.getFromVendor(a.newKey(a.Operations, a.Directory), policy.KeysCreate))
	r.Post("/keys/new", a.post(a.createKey(a.Operations, a.Directory), policy.KeysCreate))
	return r
}

// Directory is what the routes need to know of the account. Each handler declares its part.
type Directory interface {
	searcher
	overviewDirectory
	principalFinder
	selectionReader
	roleReader
	refresher
}

// Operations are the operations that the routes can start, and their forms.
type Operations interface {
	principalEditor
	rolesChanger
	principalDeleter
	subuserCreator
	subuserPasswordChanger
	subuserReissuer
	keyCreator
	operationViewer
	operationResolver
	privilegedRolesReader
}

// AuditLog is what the routes read from and write to the audit log.
type AuditLog interface {
	overviewAuditLog
	auditSearcher
	auditStreamer
	readinessChecker
	noticeWriter
	mismatchReader
	newLogReader
	chainWatcher
}

// Drift is what the routes need of changes made outside the console.
type Drift interface {
	driftLister
	driftAccepter
}
