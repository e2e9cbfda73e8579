// Package proxy tests the console behind a real nginx with auth_request: which visitors it lets in, and what happens to
// headers that a visitor forges.
package proxy

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nginxPath is the path of nginx in Debian's package.
const nginxPath = "/usr/sbin/nginx"

// identityHeaders are the headers with the operator's identity. proxy_set_header replaces a header of the same name
// from the visitor, and removes it if the value is empty. Every header that the console trusts must be listed beside
// every proxy_pass: otherwise nginx passes on the visitor's header, which the console cannot detect.
const identityHeaders = `
			proxy_set_header X-Auth-Request-User $sso_user;
			proxy_set_header X-Auth-Request-Email $sso_email;
			proxy_set_header X-Auth-Request-Groups $sso_groups;`

// nginxConfig is the configuration of nginx: %[1]s its folder, %[2]s its address, %[3]s the console, %[4]s the sign-in
// server, %[5]s more settings of the server block, %[6]s the user directive.
const nginxConfig = `
daemon off;
worker_processes 1;
%[6]s
pid %[1]s/nginx.pid;
error_log stderr warn;
events { worker_connections 64; }
http {
	access_log off;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	server {
		listen %[2]s;
		server_name console.example.com;
		%[5]s

		location / {
			auth_request /-/check;
			auth_request_set $sso_user $upstream_http_x_auth_request_user;
			auth_request_set $sso_email $upstream_http_x_auth_request_email;
			auth_request_set $sso_groups $upstream_http_x_auth_request_groups;
			error_page 401 = @sign_in;

			proxy_set_header Host $host;
			proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;` + identityHeaders + `
			proxy_pass http://%[3]s;
		}
		location = /api {
			auth_request /-/check;
			auth_request_set $sso_user $upstream_http_x_auth_request_user;
			auth_request_set $sso_email $upstream_http_x_auth_request_email;
			auth_request_set $sso_groups $upstream_http_x_auth_request_groups;` + identityHeaders + `
			proxy_pass http://%[3]s;
		}
		location = /-/check {
			internal;
			proxy_pass http://%[4]s/check;
			proxy_pass_request_body off;
			proxy_set_header Content-Length "";
		}
		location @sign_in {
			return 302 http://sso.example.com/start?rd=$scheme://$host$request_uri;
		}
	}
}
`

// startNginx starts nginx in front of the console and the sign-in server until the test ends, and returns its address.
// settings are added to the server block.
//
// nginx gets a listening socket, as it passes its own to a newer nginx. So no other program can take the port, and an
// early request waits until nginx is ready.
func startNginx(t *testing.T, console, signIn, settings string) (address string) {
	t.Helper()
	requireNginx(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	address = listener.Addr().String()
	folder := t.TempDir()
	file := filepath.Join(folder, "nginx.conf")
	content := fmt.Appendf(nil, nginxConfig, folder, address, console, signIn, settings, userDirective())
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	nginx := exec.Command(nginxPath, "-p", folder, "-c", file, "-e", "stderr")
	nginx.Stdout, nginx.Stderr = &log, &log
	nginx.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that its worker ends with it
	nginx.ExtraFiles, nginx.Env = []*os.File{socket}, []string{"NGINX=3;"}
	if err := nginx.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-nginx.Process.Pid, syscall.SIGKILL)
		_ = nginx.Wait()
		if t.Failed() {
			t.Logf("log of nginx:\n%s", strings.TrimSpace(log.String()))
		}
	})
	// Only nginx keeps the socket, so that connections are refused when it has ended.
	_ = socket.Close()
	_ = listener.Close()
	return address
}

// userDirective keeps the worker running as root if root started nginx: another user may not enter the test's folder.
func userDirective() string {
	if os.Getuid() == 0 {
		return "user root;"
	}
	return ""
}

// requireNginx skips the test without nginx. With CI=true it fails the test.
func requireNginx(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(nginxPath); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: install Debian's package nginx-light", nginxPath)
	}
	t.Skipf("%s is missing: install Debian's package nginx-light", nginxPath)
}
