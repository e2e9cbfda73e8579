package handlers

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// kindInfo holds the permissions in which the pages of the two kinds of principals differ and that no action needs. The
// permissions of actions are in their descriptors, the words in page.KindInfo.
type kindInfo struct {
	view   policy.Permission
	export policy.Permission
}

// infoOf returns the table's row for a kind. It returns the zero kindInfo for an unknown one.
func infoOf(kind access.Kind) kindInfo {
	switch kind {
	case access.Subuser:
		return kindInfo{view: policy.SubusersView, export: policy.SubusersExport}
	case access.Key:
		return kindInfo{view: policy.KeysView, export: policy.KeysExport}
	default:
		return kindInfo{}
	}
}

// may reports whether the operator may start the action with this verb on principals of a kind. The answer is no for an
// action that does not exist, such as a password of a key.
func (a *App) may(o operator.Operator, kind access.Kind, verb operations.Verb) bool {
	d, err := operations.DescriptorFor(kind, verb)
	return err == nil && a.Policy.May(o, d.Permission)
}

// requireBulk returns a *policy.Denied unless the operator may change many principals of a kind at once.
func (a *App) requireBulk(o operator.Operator, kind access.Kind) error {
	if err := a.Policy.Require(o, policy.BulkStart); err != nil {
		return err
	}
	return a.Policy.Require(o, describe(kind, operations.VerbRoles).Permission)
}

// kindOf returns the kind that the parameter "of" names. Without it pages are about subusers.
func kindOf(q url.Values) access.Kind {
	if q.Get("of") == access.Key.RouteSegment() {
		return access.Key
	}
	return access.Subuser
}

// describe returns the descriptor of the action with this verb, the zero Descriptor when there is none.
func describe(kind access.Kind, verb operations.Verb) operations.Descriptor {
	d, _ := operations.DescriptorFor(kind, verb)
	return d
}

// pathRef returns the principal that the path names. An invalid id is a page that does not exist.
func pathRef(r *http.Request, kind access.Kind) (access.Ref, error) {
	ref, err := access.ParseRef(kind, chi.URLParam(r, "id"))
	if err != nil {
		return access.Ref{}, errPageNotFound
	}
	return ref, nil
}

// kindFrame returns the frame of a page below the list of a kind.
func (a *App) kindFrame(r *http.Request, kind access.Kind, heading string) page.Frame {
	section := page.InfoOf(kind).Section
	f := a.frame(r, section, heading)
	f.Crumbs = []ui.Link{section.Link()}
	return f
}

// principalFrame returns the frame of a page below the page of a principal.
func (a *App) principalFrame(r *http.Request, p access.Principal, heading string) page.Frame {
	f := a.kindFrame(r, p.Kind, heading)
	f.Crumbs = append(f.Crumbs, ui.Link{Text: page.Name(p), Href: p.Path()})
	return f
}
