package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// Bulk plans, starts, stops and shows bulk changes.
type Bulk interface {
	PlanRoles(
		ctx context.Context,
		act operations.Request,
		targets bulk.Targets,
		grant, revoke []int64,
	) (bulk.Change, error)
	PlanDelete(ctx context.Context, act operations.Request, targets bulk.Targets) (bulk.Change, error)
	PlanImport(ctx context.Context, act operations.Request, file bulk.ImportFile) (bulk.Change, error)
	List(ctx context.Context, o operator.Operator, account int64) ([]bulk.Change, error)
	Show(ctx context.Context, o operator.Operator, id string) (bulk.Change, error)
	Items(ctx context.Context, o operator.Operator, id string, f bulk.ItemFilter) (bulk.ItemPage, error)
	Start(ctx context.Context, act operations.Request, id string, form bulk.StartForm) (bulk.Started, error)
	Stop(ctx context.Context, o operator.Operator, id string) (bulk.Change, error)
	Retry(ctx context.Context, act operations.Request, id string) (bulk.Change, error)
	Undo(ctx context.Context, act operations.Request, id string) (bulk.Change, error)
	Undone(ctx context.Context, o operator.Operator, id string) (bulk.Undone, error)
}

// pathBulkID returns the id of a bulk change in the path.
func pathBulkID(r *http.Request) (string, error) {
	id := chi.URLParam(r, "bulk")
	if !isOperationID(id) {
		return "", bulk.ErrNotFound
	}
	return id, nil
}

// bulkPath returns the path of the page of a bulk change.
func bulkPath(id string) string { return "/bulk/" + id }

// redirectRunsToBulk redirects a path from when bulk changes were called runs. It keeps the query.
func redirectRunsToBulk(w http.ResponseWriter, r *http.Request) error {
	return redirect(w, r, (&url.URL{
		Path:     "/bulk" + strings.TrimPrefix(r.URL.Path, "/runs"),
		RawQuery: r.URL.RawQuery,
	}).String())
}

// redirectToBulkChange leads from the path that a form posts to, to the page with that form.
func (a *App) redirectToBulkChange(w http.ResponseWriter, r *http.Request) error {
	id, err := pathBulkID(r)
	if err != nil {
		return err
	}
	return redirect(w, r, bulkPath(id))
}
