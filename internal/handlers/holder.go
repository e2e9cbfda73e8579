package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// holderOf shows whom a page about roles is about: a key when one is given, else a subuser.
func holderOf(s directory.Subuser, k directory.Key) page.PrincipalRef {
	if k.ID != "" {
		return keyHolder(k)
	}
	return subuserHolder(s)
}

// keyHolder shows whom a page about a key is about.
func keyHolder(k directory.Key) page.PrincipalRef {
	return page.PrincipalRef{Path: keyPath(k.ID), Name: keyName(k)}
}

// subuserHolder shows whom a page about a subuser is about.
func subuserHolder(s directory.Subuser) page.PrincipalRef {
	return page.PrincipalRef{Path: subuserPath(s.ID), Name: s.Login}
}

func keyName(k directory.Key) string { return page.KeyName(k.Name, k.ID) }

// holderFrame is the frame of a page on the way to an act on somebody.
func (a *App) holderFrame(w http.ResponseWriter, r *http.Request, h page.PrincipalRef, heading string) page.Frame {
	f := a.subuserFrame(w, r, heading)
	if isKeyPath(h.Path) {
		f = a.keyFrame(w, r, heading)
	}
	f.Crumbs = append(f.Crumbs, ui.Link{Text: h.Name, Href: h.Path})
	return f
}
