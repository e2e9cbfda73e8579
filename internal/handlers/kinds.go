package handlers

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// kindInfo holds what differs between the handlers of the two kinds of principals. An empty permission means that the
// kind has no such page. The words are in page.KindInfo.
type kindInfo struct {
	view        policy.Permission
	export      policy.Permission
	create      policy.Permission
	edit        policy.Permission
	changeRoles policy.Permission
	force       policy.Permission
	password    policy.Permission
	reissue     policy.Permission
	delete      policy.Permission
	bulk        policy.Permission
}

// infoOf returns the table's row for a kind. It returns the zero kindInfo for an unknown one.
func infoOf(kind access.Kind) kindInfo {
	switch kind {
	case access.Subuser:
		return kindInfo{
			view:        policy.SubusersView,
			export:      policy.SubusersExport,
			create:      policy.SubusersCreate,
			edit:        policy.SubusersEdit,
			changeRoles: policy.SubusersRoles,
			force:       policy.SubusersForce,
			password:    policy.SubusersPassword,
			reissue:     policy.SubusersReissue,
			delete:      policy.SubusersDelete,
			bulk:        policy.BulkStart,
		}
	case access.Key:
		return kindInfo{
			view:        policy.KeysView,
			export:      policy.KeysExport,
			create:      policy.KeysCreate,
			edit:        policy.KeysEdit,
			changeRoles: policy.KeysRoles,
			delete:      policy.KeysDelete,
		}
	default:
		return kindInfo{}
	}
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
func (a *App) kindFrame(w http.ResponseWriter, r *http.Request, kind access.Kind, heading string) page.Frame {
	section := page.InfoOf(kind).Section
	f := a.frame(w, r, section, heading)
	f.Crumbs = []ui.Link{section.Link()}
	return f
}

// principalFrame returns the frame of a page below the page of a principal.
func (a *App) principalFrame(w http.ResponseWriter, r *http.Request, p access.Principal, heading string) page.Frame {
	f := a.kindFrame(w, r, p.Kind, heading)
	f.Crumbs = append(f.Crumbs, ui.Link{Text: page.Name(p), Href: p.Path()})
	return f
}
