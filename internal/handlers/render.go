package handlers

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// render renders a page into a buffer before it writes status and headers, so that an error never leaves half a page. A
// template refuses a context that has ended, and the page about that must still be drawn.
func (a *App) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	ctx := ui.WithReasonSplitter(
		ui.WithBase(ui.WithToken(context.WithoutCancel(r.Context()), a.Sessions.FormToken(r)), a.BaseURL.Path),
		a.splitReason,
	)
	ctx = ui.WithDrawn(ui.WithAddress(ctx, r.RequestURI), &a.drawnParts)
	body := a.takePageBuffer()
	defer a.releasePageBuffer(body)
	if err := c.Render(ctx, body); err != nil {
		return fmt.Errorf("rendering a page: %w", err)
	}
	writeHTML(w, status, body.Bytes())
	return nil
}

// New page buffers have room for most pages, so that they do not grow. Memory of rare large pages is not kept.
const (
	ordinaryPageBytes = 24 << 10
	maxPooledBytes    = 256 << 10
)

// takePageBuffer returns an empty buffer for drawing a page.
func (a *App) takePageBuffer() *bytes.Buffer {
	if b, found := a.pageBuffers.Get().(*bytes.Buffer); found {
		return b
	}
	return bytes.NewBuffer(make([]byte, 0, ordinaryPageBytes))
}

// releasePageBuffer keeps a buffer for other pages. It is cleared, because a page may show a secret.
func (a *App) releasePageBuffer(b *bytes.Buffer) {
	if b.Cap() > maxPooledBytes {
		return
	}
	clear(b.Bytes())
	b.Reset()
	a.pageBuffers.Put(b)
}

// splitReason splits a reason at the tickets that it names.
func (a *App) splitReason(text string) []ui.ReasonPart {
	var parts []ui.ReasonPart
	for _, p := range a.Tickets.Split(text) {
		parts = append(parts, ui.ReasonPart(p))
	}
	return parts
}

func writeHTML(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// Fails only when the browser is gone.
	_, _ = w.Write(body)
}

// frame returns what surrounds a page: section, operator, and the message of the operation before.
func (a *App) frame(r *http.Request, section page.Section, heading string) page.Frame {
	v := stateOf(r)
	f := page.Frame{Heading: heading, Section: section, RequestID: v.requestID, Version: a.Version}
	if !v.operator.Authenticated() {
		return f
	}
	f.Account = page.Account{
		ID:          a.Account,
		Name:        a.Directory.AccountName(r.Context(), a.Account),
		Environment: a.Environment,
	}
	f.Operator = page.Operator{
		Name:       v.operator.Display(),
		Roles:      roleNames(a.Policy.RolesOf(v.operator)),
		CanSignOut: true,
	}
	f.MayViewAuditLog = a.Policy.May(v.operator, policy.AuditView) || a.Policy.May(v.operator, policy.AuditOwn)
	f.Flash = a.takeFlash(r)
	if v.signInTooOld && r.Method == http.MethodGet {
		f.Banners = append(
			f.Banners,
			page.ConfirmIdentityBanner(page.ConfirmIdentityText, reauthenticatePath(r.URL.RequestURI())),
		)
	}
	f.Banners = append(f.Banners, a.auditAlarmBanners(r)...)
	f.Banners = append(f.Banners, a.newLogBanners(r)...)
	if section == page.Overview || section == page.AuditLog {
		f.Banners = append(f.Banners, a.mismatchBanners(r)...)
		f.Banners = append(f.Banners, a.auditCopiesBanners(r)...)
	}
	return f
}

// takeFlash returns the message for this page. A message that cannot be read is dropped: its content is in the audit
// log.
func (a *App) takeFlash(r *http.Request) *ui.Flash {
	flash, err := a.Sessions.TakeFlash(r)
	if err != nil {
		a.Logger.WarnContext(r.Context(), "flash message not read", "error", err, "request_id", stateOf(r).requestID)
		return nil
	}
	if flash == nil {
		return nil
	}
	stateOf(r).readBack = page.ReadBack{At: flash.ReadAt, Roles: flash.DirectRoles}
	shown := &ui.Flash{Tone: ui.Tone(flash.Tone), Text: flash.Text}
	if flash.LinkHref != "" {
		shown.Link = &ui.Link{Text: flash.LinkText, Href: flash.LinkHref}
	}
	return shown
}

// renderFallback renders the page for an error while rendering an error page. It runs at start, when a failure can
// still be reported.
func (a *App) renderFallback() error {
	p := internalErrorProblem(http.MethodGet)
	var body bytes.Buffer
	if err := page.ProblemPage(page.Frame{
		Heading: p.Title,
		Version: a.Version,
	}, p.Problem).Render(ui.WithBase(context.Background(), a.BaseURL.Path), &body); err != nil {
		return fmt.Errorf("rendering the error page: %w", err)
	}
	a.fallback = body.Bytes()
	return nil
}

func roleNames(roles []policy.DashboardRole) []string {
	names := make([]string, 0, len(roles))
	for _, role := range roles {
		names = append(names, string(role))
	}
	return names
}

// redirect sends the browser to a page of this console by GET.
func redirect(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, stateOf(r).basePath+localPath(path), http.StatusSeeOther)
	return nil
}
