package handlers

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/voxwarden/voxwarden/internal/policy"
)

// routes is the whole site. Every line names who may use it: get and post want a permission, open and openPost are
// for everybody. post and openPost never let a form of another site or an oversized body through.
func (a *App) routes() *chi.Mux {
	r := chi.NewRouter()
	r.Use(a.remember, a.recover, a.secure, middleware.GetHead)
	r.NotFound(a.open(func(http.ResponseWriter, *http.Request) error { return errNoPage }))
	r.MethodNotAllowed(a.open(a.wrongMethod))

	r.Get("/healthz", a.healthz)
	r.Get("/readyz", a.readyz(a.Record, a.Sessions))
	r.Handle("/static/*", a.Static)

	// Compressed pages; those below that can show a secret are not, since the length of a compressed page tells
	// something of what is in it.
	r.Group(func(r chi.Router) {
		r.Use(middleware.Compress(5, "text/html", "text/csv"))

		r.Get("/sign-in", a.open(a.showSignIn))
		r.Post("/sign-in", a.openPost(a.signIn))
		r.Get("/sign-out", a.open(a.goTo("/sign-in")))
		r.Post("/sign-out", a.openPost(a.signOut))

		r.Get("/", a.get(a.showOverview(a.Directory, a.Record, a.Operations), policy.OverviewView))
		r.Post("/refresh", a.post(a.refresh(a.Directory), policy.SubusersView))

		r.Get("/subusers", a.get(a.listSubusers(a.Directory, a.Operations), policy.SubusersView))
		r.Get("/subusers.csv", a.get(a.exportSubusers(a.Directory), policy.SubusersExport))
		r.Get("/subusers/{id}", a.get(a.showSubuser(a.Directory, a.Operations, a.Record), policy.SubusersView))
		r.Get("/subusers/{id}/roles", a.get(a.showSubuserRoles(a.Operations), policy.SubusersRoles))
		r.Post("/subusers/{id}/roles", a.post(a.changeSubuserRoles(a.Operations), policy.SubusersRoles))

		r.Get("/roles", a.get(a.listRoles(a.Directory, a.Operations), policy.RolesView))
		r.Get("/roles/{id}", a.get(a.showRole(a.Directory, a.Operations), policy.RolesView))

		r.Get("/audit/{operation}", a.get(a.showOperation(a.Operations), policy.RecordOwn, policy.RecordView))
		r.Post("/audit/{operation}", a.post(a.checkOperation(a.Operations), policy.RecordOwn, policy.RecordView))
		r.Get("/audit/{operation}/settle", a.get(a.backToOperation, policy.RecordSettle))
		r.Post("/audit/{operation}/settle", a.post(a.settleOperation(a.Operations), policy.RecordSettle))
	})

	r.Get("/subusers/new", a.get(a.newSubuser(a.Operations), policy.SubusersCreate))
	r.Post("/subusers/new", a.post(a.createSubuser(a.Operations), policy.SubusersCreate))
	return r
}
