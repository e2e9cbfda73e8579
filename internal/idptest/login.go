package idptest

import (
	"crypto/rand"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// loginCookie names the provider's own session. Cookies do not tell ports apart, so it must not be the console's.
const loginCookie = "idptest_session"

// login is the provider's own session of somebody: who, and since when.
type login struct {
	subject string
	at      time.Time
}

// form is the login form, as a person sees it.
var form = template.Must(template.New("login").Parse(`<!doctype html>
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

// showLogin shows the form, or goes on at once with somebody who is logged in and need not be asked again.
func (p *Provider) showLogin(w http.ResponseWriter, r *http.Request) {
	id := r.FormValue("id")
	p.mu.Lock()
	defer p.mu.Unlock()
	asked, known := p.requests[id]
	if !known {
		http.Error(w, "no such sign-in", http.StatusNotFound)
		return
	}
	if cookie, err := r.Cookie(loginCookie); err == nil {
		if in, ok := p.logins[cookie.Value]; ok && !p.disabled[in.subject] && !p.mustAsk(asked, in) {
			asked.finish(in)
			p.goOn(w, r, id)
			return
		}
	}
	p.draw(w, http.StatusOK, id, "")
}

// mustAsk says whether a request wants the person to be asked although they are logged in. max_age is in whole
// seconds, and 0 means now (OpenID Connect Core 1.0, section 3.1.2.1).
func (p *Provider) mustAsk(asked *request, in login) bool {
	if slices.Contains(asked.prompt, "login") || slices.Contains(asked.prompt, "select_account") {
		return true
	}
	return asked.maxAge != nil && p.options.Now().Sub(in.at) >= time.Duration(*asked.maxAge)*time.Second
}

func (p *Provider) logIn(w http.ResponseWriter, r *http.Request) {
	id := r.PostFormValue("id")
	p.mu.Lock()
	defer p.mu.Unlock()
	asked, known := p.requests[id]
	if !known {
		http.Error(w, "no such sign-in", http.StatusNotFound)
		return
	}
	user := p.userNamed(r.PostFormValue("username"), r.PostFormValue("password"))
	if user == nil {
		p.draw(w, http.StatusUnauthorized, id, "The username or the password is wrong.")
		return
	}
	in := login{subject: user.Subject, at: p.options.Now()}
	value := rand.Text()
	p.logins[value] = in
	http.SetCookie(
		w,
		&http.Cookie{Name: loginCookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode},
	)
	asked.finish(in)
	p.goOn(w, r, id)
}

// goOn sends the browser back to the OP server, which makes the code.
func (*Provider) goOn(w http.ResponseWriter, r *http.Request, id string) {
	http.Redirect(w, r, "/authorize/callback?id="+url.QueryEscape(id), http.StatusSeeOther)
}

func (*Provider) draw(w http.ResponseWriter, status int, id, problem string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = form.Execute(w, map[string]string{"ID": id, "Error": problem})
}
