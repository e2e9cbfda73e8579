package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// principalOf shows whom a page about roles is about: a key when one is given, else a subuser.
func principalOf(s directory.Subuser, k directory.Key) page.PrincipalRef {
	if k.ID != "" {
		return keyPrincipal(k)
	}
	return subuserPrincipal(s)
}

// keyPrincipal shows whom a page about a key is about.
func keyPrincipal(k directory.Key) page.PrincipalRef {
	return page.PrincipalRef{Path: keyPath(k.ID), Name: keyName(k)}
}

// subuserPrincipal shows whom a page about a subuser is about.
func subuserPrincipal(s directory.Subuser) page.PrincipalRef {
	return page.PrincipalRef{Path: subuserPath(s.ID), Name: s.Login}
}

func keyName(k directory.Key) string { return page.KeyName(k.Name, k.ID) }

// principalFrame is the frame of a page on the way to an act on somebody.
func (a *App) principalFrame(w http.ResponseWriter, r *http.Request, h page.PrincipalRef, heading string) page.Frame {
	f := a.subuserFrame(w, r, heading)
	if isKeyPath(h.Path) {
		f = a.keyFrame(w, r, heading)
	}
	f.Crumbs = append(f.Crumbs, ui.Link{Text: h.Name, Href: h.Path})
	return f
}
