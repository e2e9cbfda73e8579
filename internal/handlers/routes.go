package handlers

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// jsonLinesType is the content type of an object a line, which no standard names; this is what most call it.
const jsonLinesType = "application/x-ndjson"

// routes is the whole site. Every line names who may use it: get, ask, export and post want a permission, known and
// knownPost anybody who is signed in, open and openPost are for everybody. The posts never let a form of another site
// or of another session through, nor an oversized body.
func (a *App) routes() *chi.Mux {
	r := chi.NewRouter()
	r.Use(findAddress(a.TrustedProxies), a.remember, a.recover, a.secure, a.underBase, middleware.GetHead)
	r.NotFound(a.open(func(http.ResponseWriter, *http.Request) error { return errNoPage }))
	r.MethodNotAllowed(a.open(a.wrongMethod))

	r.Get("/healthz", a.healthz)
	r.Get("/readyz", a.readyz(a.Record, a.Sessions))
	r.Handle("/static/*", a.Static)

	// Compressed pages; those below that can show a secret are not, since the length of a compressed page tells
	// something of what is in it.
	r.Group(func(r chi.Router) {
		r.Use(middleware.Compress(5, "text/html", "text/csv", jsonLinesType))

		r.Get("/sign-in", a.open(a.limited(a.showSignIn, a.limits.signIns)))
		r.Post("/sign-in", a.openPost(a.limited(a.signIn, a.limits.signIns)))
		r.Get(callbackPath, a.open(a.limited(a.finishSignIn, a.limits.signIns)))
		r.Get(signedInPath, a.known(a.showSignedIn))
		r.Get("/sign-out", a.open(a.showSignedOut))
		r.Post("/sign-out", a.openPost(a.signOut))
		r.Get("/me", a.known(a.showMe(a.Sessions)))
		r.Post("/me", a.knownPost(a.endOwnSessions(a.Sessions)))
		r.Get("/sessions", a.get(a.listSessions(a.Sessions), policy.SessionsEnd))
		r.Post("/sessions", a.post(a.endSessions(a.Sessions), policy.SessionsEnd))

		r.Get("/", a.get(a.showOverview(a.Directory, a.Record, a.Operations, a.Drift), policy.OverviewView))
		r.Post("/refresh", a.post(a.refresh(a.Directory), policy.SubusersView))

		r.Get("/drift", a.get(a.listDrift(a.Drift), policy.SubusersView))
		r.Get("/drift/{finding}/accept", a.get(a.showDriftAccept(a.Drift), policy.DriftAccept))
		r.Post("/drift/{finding}/accept", a.post(a.acceptDrift(a.Drift), policy.DriftAccept))

		r.Get("/subusers", a.get(a.listSubusers(a.Directory, a.Operations), policy.SubusersView))
		r.Get("/subusers.csv", a.export(a.exportSubusers(a.Directory), policy.SubusersExport))
		r.Get("/subusers/compare", a.ask(a.compareSubusers(a.Directory, a.Operations), policy.SubusersView))
		r.Get("/subusers/{id}", a.ask(a.showSubuser(a.Directory, a.Operations, a.Record), policy.SubusersView))
		r.Get("/subusers/{id}/edit", a.ask(a.showSubuserEdit(a.Operations, a.Operations), policy.SubusersEdit))
		r.Post("/subusers/{id}/edit", a.post(a.editSubuser(a.Operations), policy.SubusersEdit))
		r.Get("/subusers/{id}/roles", a.ask(a.showRoles(a.subuserRoles(a.Operations), a.Operations), policy.SubusersRoles))
		r.Post("/subusers/{id}/roles", a.post(a.changeRoles(a.subuserRoles(a.Operations)), policy.SubusersRoles))
		r.Get("/subusers/{id}/force", a.ask(a.showForce(a.Operations), policy.SubusersForce))
		r.Post("/subusers/{id}/force", a.post(a.forceSubuserRoles(a.Operations), policy.SubusersForce))
		r.Get("/subusers/{id}/delete", a.ask(a.showSubuserDelete(a.Operations), policy.SubusersDelete))
		r.Post("/subusers/{id}/delete", a.post(a.deleteSubuser(a.Operations), policy.SubusersDelete))

		r.Get("/subusers/import", a.get(a.showImport, policy.SubusersCreate))
		r.Get("/subusers/import.csv", a.get(a.importTemplate, policy.SubusersCreate))
		r.Post("/subusers/import", a.upload(a.checkImport(a.Runs), policy.SubusersCreate))
		r.Get("/runs", a.get(a.listRuns(a.Runs), policy.AuditOwn, policy.AuditView))
		r.Get("/runs/new", a.get(a.newRun(a.Directory, a.Operations), policy.BulkStart))
		r.Post("/runs/new", a.post(a.planRun(a.Directory, a.Operations, a.Runs), policy.BulkStart))
		r.Get("/runs/{run}", a.get(a.showRun(a.Runs), policy.AuditOwn, policy.AuditView))
		r.Get("/runs/{run}/start", a.get(a.backToRun, policy.BulkStart))
		r.Get("/runs/{run}/stop", a.get(a.backToRun, policy.BulkStart))
		r.Post("/runs/{run}/stop", a.post(a.stopRun(a.Runs), policy.BulkStart))
		r.Get("/runs/{run}/retry", a.get(a.backToRun, policy.BulkStart))
		r.Post("/runs/{run}/retry", a.post(a.retryRun(a.Runs), policy.BulkStart))

		r.Get("/keys", a.get(a.listKeys(a.Directory, a.Operations), policy.KeysView))
		r.Get("/keys.csv", a.export(a.exportKeys(a.Directory), policy.KeysExport))
		r.Get("/keys/compare", a.ask(a.compareKeys(a.Directory, a.Operations), policy.KeysView))
		r.Get("/keys/{key}", a.ask(a.showKey(a.Directory, a.Operations, a.Record), policy.KeysView))
		r.Get("/keys/{key}/edit", a.ask(a.showKeyEdit(a.Operations, a.Operations), policy.KeysEdit))
		r.Post("/keys/{key}/edit", a.post(a.editKey(a.Operations), policy.KeysEdit))
		r.Get("/keys/{key}/roles", a.ask(a.showRoles(a.keyRoles(a.Operations), a.Operations), policy.KeysRoles))
		r.Post("/keys/{key}/roles", a.post(a.changeRoles(a.keyRoles(a.Operations)), policy.KeysRoles))
		r.Get("/keys/{key}/delete", a.ask(a.showKeyDelete(a.Operations), policy.KeysDelete))
		r.Post("/keys/{key}/delete", a.post(a.deleteKey(a.Operations), policy.KeysDelete))

		r.Get("/roles", a.get(a.listRoles(a.Directory, a.Operations), policy.RolesView))
		r.Get("/roles/matrix", a.get(a.showMatrix(a.Directory), policy.RolesView))
		r.Get("/roles/matrix.csv", a.export(a.exportMatrix(a.Directory), policy.SubusersExport))
		r.Get("/roles/{id}", a.get(a.showRole(a.Directory, a.Operations), policy.RolesView))

		r.Get("/audit", a.get(a.listAudit(a.Record), policy.AuditView, policy.AuditOwn))
		r.Get("/audit.csv", a.export(a.exportAudit(a.Record, audit.CSV, "text/csv; charset=utf-8"), policy.AuditExport))
		r.Get("/audit.jsonl", a.export(a.exportAudit(a.Record, audit.JSONLines, jsonLinesType), policy.AuditExport))
		r.Get("/audit/{operation}", a.get(a.showOperation(a.Operations), policy.AuditOwn, policy.AuditView))
		r.Post("/audit/{operation}", a.post(a.checkOperation(a.Operations), policy.AuditOwn, policy.AuditView))
		r.Get("/audit/{operation}/settle", a.get(a.backToOperation, policy.AuditResolve))
		r.Post("/audit/{operation}/settle", a.post(a.settleOperation(a.Operations), policy.AuditResolve))
	})

	r.Get("/subusers/new", a.ask(a.newSubuser(a.Operations, a.Directory), policy.SubusersCreate))
	r.Post("/subusers/new", a.post(a.createSubuser(a.Operations, a.Directory), policy.SubusersCreate))
	r.Get("/subusers/{id}/password", a.ask(a.showSubuserPassword(a.Operations), policy.SubusersPassword))
	r.Post("/subusers/{id}/password", a.post(a.changeSubuserPassword(a.Operations), policy.SubusersPassword))
	r.Get("/subusers/{id}/re-issue", a.ask(a.showSubuserReissue(a.Operations), policy.SubusersReissue))
	r.Post("/subusers/{id}/re-issue", a.post(a.reissueSubuser(a.Operations), policy.SubusersReissue))
	r.Post("/runs/{run}/start", a.post(a.startRun(a.Runs), policy.BulkStart))
	r.Get("/keys/new", a.ask(a.newKey(a.Operations, a.Directory), policy.KeysCreate))
	r.Post("/keys/new", a.post(a.createKey(a.Operations), policy.KeysCreate))
	return r
}
