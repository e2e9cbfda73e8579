package idp

import (
	"crypto/rand"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// loginCookie is the cookie of the provider's session. Cookies do not depend on the port, so its name must differ from
// the console's.
const loginCookie = "idp_session"

// login is a session at the provider.
type login struct {
	subject string
	since   time.Time
}

// loginForm is the page with the login form.
var loginForm = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Log in</title></head><body><main>
<h1>Log in</h1>
{{with .Error}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="/login">
<input type="hidden" name="id" value="{{.ID}}">
<p><label>Username <input name="username" autocomplete="username"></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password"></label></p>
<p><button>Log in</button></p>
</form></main></body></html>
`))

// showLogin shows the form, or continues with the session at the provider if that is allowed.
func (p *Provider) showLogin(w http.ResponseWriter, r *http.Request) {
	id := r.FormValue("id")
	p.mu.Lock()
	defer p.mu.Unlock()
	pending, known := p.requests[id]
	if !known {
		http.Error(w, "no such sign-in", http.StatusNotFound)
		return
	}
	if cookie, err := r.Cookie(loginCookie); err == nil {
		session, ok := p.logins[cookie.Value]
		if ok && !p.disabled[session.subject] && !p.mustReauthenticate(pending, session) {
			pending.complete(session)
			p.redirectToCallback(w, r, id)
			return
		}
	}
	p.renderLogin(w, http.StatusOK, id, "")
}

// mustReauthenticate reports whether a request requires the login form in spite of a session. max_age is in seconds,
// and 0 means always (OpenID Connect Core 1.0, section 3.1.2.1).
func (p *Provider) mustReauthenticate(pending *request, session login) bool {
	if slices.Contains(pending.prompt, "login") || slices.Contains(pending.prompt, "select_account") {
		return true
	}
	return pending.maxAge != nil && p.options.Now().Sub(session.since) >= time.Duration(*pending.maxAge)*time.Second
}

func (p *Provider) logIn(w http.ResponseWriter, r *http.Request) {
	id := r.PostFormValue("id")
	p.mu.Lock()
	defer p.mu.Unlock()
	pending, known := p.requests[id]
	if !known {
		http.Error(w, "no such sign-in", http.StatusNotFound)
		return
	}
	user := p.authenticate(r.PostFormValue("username"), r.PostFormValue("password"))
	if user == nil {
		p.renderLogin(w, http.StatusUnauthorized, id, "The username or the password is wrong.")
		return
	}
	session := login{subject: user.Subject, since: p.options.Now()}
	value := rand.Text()
	p.logins[value] = session
	http.SetCookie(w, &http.Cookie{
		Name:     loginCookie,
		Value:    value,
		Path:     "/",
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
	pending.complete(session)
	p.redirectToCallback(w, r, id)
}

// redirectToCallback redirects the browser to the OP server, which issues the code.
func (*Provider) redirectToCallback(w http.ResponseWriter, r *http.Request, id string) {
	http.Redirect(w, r, "/authorize/callback?id="+url.QueryEscape(id), http.StatusSeeOther)
}

func (*Provider) renderLogin(w http.ResponseWriter, status int, id, problem string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = loginForm.Execute(w, map[string]string{"ID": id, "Error": problem})
}
