package main

import (
	"bytes"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// TestDemoHistory starts a demo with its history. The pages show three months of changes, one open operation and one
// change outside the console; the audit log agrees with the account and is intact.
func TestDemoHistory(t *testing.T) {
	t.Parallel()
	environ := []string{
		"VOXWARDEN_DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "demo.db"),
		"VOXWARDEN_AUDIT_KEY=" + strings.Repeat("k", 64),
	}
	began := time.Now()
	d := startDemoIn(t, environ, "-history=true")
	t.Logf("started in %v", time.Since(began))
	d.send("/sign-in", url.Values{"role": {"admin"}, "return": {"/"}})
	text := func(path string) string {
		t.Helper()
		doc, answer := d.open(path)
		if answer.StatusCode != 200 {
			t.Fatalf("%s: status %d", path, answer.StatusCode)
		}
		return strings.Join(strings.Fields(doc.Find("main").Text()), " ")
	}
	for path, want := range map[string][]string{
		"/":                             {"1 key outlived its owner"},
		"/keys?owner=gone":              {"Queue dashboard", "1–1 of 1"},
		"/keys?description=none":        {"Chatbot pilot", "Unused", "1–2 of 2"},
		"/audit":                        {"deniz_aydin", "OPS-1315", "Ivana Malá"},
		"/audit?result=unknown":         {"jakub_hajek", "Marek Doležel"},
		"/audit?result=refused":         {"jiri_dvorak"},
		"/audit?result=partly":          {"radek_vanek"},
		"/bulk":                         {"Create 5 subusers", "5 of 5 applied", "6 of 6 applied"},
		"/subusers?q=sezona":            {"sezona_adamova", "Supervisor", "1–4 of 4"},
		"/subusers?q=radek_vanek&role=": {"Accountant"},
	} {
		got := text(path)
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s does not contain %q: %s", path, part, got)
			}
		}
	}
	// Drift compares the account with what the audit log says. Any other finding would be a difference between them.
	drift, _ := d.open("/drift")
	var findings []string
	drift.Find("main tbody").First().Find("tr").Each(func(_ int, row *goquery.Selection) {
		findings = append(findings, strings.Join(strings.Fields(row.Text()), " "))
	})
	if len(findings) != 1 || !strings.Contains(findings[0], "UserManager") ||
		!strings.Contains(drift.Find("main").Text(), "zuzana_nemcova") {
		t.Errorf("drift: %q", findings)
	}
	d.stop()
	if err := <-d.ended; err != nil {
		t.Error(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"audit", "verify"}, environ, &out, &out); err != nil ||
		!strings.Contains(out.String(), "The audit log is intact") {
		t.Errorf("%v: %s", err, out.String())
	}
}
