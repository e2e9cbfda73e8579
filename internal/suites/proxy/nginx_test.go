// Package proxy puts the console behind a real nginx with auth_request, as a company would, and looks at what
// arrives: who is let in, and what becomes of headers that a visitor sends.
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

// nginxPath is where Debian's package puts the server.
const nginxPath = "/usr/sbin/nginx"

// identityHeaders are what nginx tells the console. A proxy_set_header replaces what the visitor sent under that name,
// and an empty value takes it away. Every header that the console believes must be listed wherever there is a
// proxy_pass: where one is forgotten the visitor's own passes, and nothing on the console's side can see that.
const identityHeaders = `
			proxy_set_header X-Auth-Request-User $sso_user;
			proxy_set_header X-Auth-Request-Email $sso_email;
			proxy_set_header X-Auth-Request-Groups $sso_groups;`

// nginxConfig of nginx: %[1]s its folder, %[2]s where it listens, %[3]s the console, %[4]s the sign-in server,
// %[5]s more settings of the server, %[6]s whom it runs as.
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

// startNginx starts nginx between visitors, the console and the sign-in server, and answers its address. more are
// settings of the server block. The test's end stops it.
//
// nginx is handed a socket that listens already, the way it hands its own to a newer nginx: so no port can be taken
// in between, and a visitor who comes early waits instead of being turned away.
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
	if err := os.WriteFile(
		file,
		fmt.Appendf(nil, nginxConfig, folder, address, console, signIn, settings, userDirective()),
		0o600,
	); err != nil {
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
			t.Logf("nginx said:\n%s", strings.TrimSpace(log.String()))
		}
	})
	// From here on the socket is nginx's alone: were it to end, visitors would be turned away and not wait for ever.
	_ = socket.Close()
	_ = listener.Close()
	return address
}

// userDirective keeps a worker that root started from becoming somebody who may not enter the test's folder. For
// anybody else nginx ignores the setting, and says so.
func userDirective() string {
	if os.Getuid() == 0 {
		return "user root;"
	}
	return ""
}

// requireNginx skips a test where there is no nginx, except in the build that must run everything.
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
