// Package proxy tests the console behind real proxies, with the configurations in docs/sign-in/proxy-header.md: which
// visitors they let in, and what happens to headers that a visitor forges.
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

// nginxMain is the configuration of nginx around its servers: %[1]s its folder, %[2]s the servers, %[3]s the user
// directive.
const nginxMain = `
daemon off;
worker_processes 1;
%[3]s
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
	%[2]s
}
`

// nginxServer is a server of nginx: %[1]s its address, %[2]s the console, %[3]s the sign-in server, %[4]s more
// settings.
const nginxServer = `
	server {
		listen %[1]s;
		server_name console.example.com;
		%[4]s

		location / {
			auth_request /-/check;
			auth_request_set $sso_user $upstream_http_x_auth_request_user;
			auth_request_set $sso_email $upstream_http_x_auth_request_email;
			auth_request_set $sso_groups $upstream_http_x_auth_request_groups;
			error_page 401 = @sign_in;

			proxy_set_header Host $host;
			proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;` + identityHeaders + `
			proxy_pass http://%[2]s;
		}
		location = /api {
			auth_request /-/check;
			auth_request_set $sso_user $upstream_http_x_auth_request_user;
			auth_request_set $sso_email $upstream_http_x_auth_request_email;
			auth_request_set $sso_groups $upstream_http_x_auth_request_groups;` + identityHeaders + `
			proxy_pass http://%[2]s;
		}
		location = /-/check {
			internal;
			proxy_pass http://%[3]s/check;
			proxy_pass_request_body off;
			proxy_set_header Content-Length "";
		}
		location @sign_in {
			return 302 http://sso.example.com/start?rd=$scheme://$host$request_uri;
		}
	}
`

// startNginx starts nginx in front of the console and the sign-in server until the test ends, and returns its address.
// settings are added to the server block.
func startNginx(t *testing.T, console, signIn, settings string) (address string) {
	t.Helper()
	return startNginxServers(t, func(address string) string {
		return fmt.Sprintf(nginxServer, address, console, signIn, settings)
	})
}

// startNginxServers starts nginx with servers that listen on the address, and returns it.
func startNginxServers(t *testing.T, servers func(address string) string) (address string) {
	t.Helper()
	requireProgram(t, nginxPath, "nginx-light")
	return startProxy(t, func(folder, address string) *exec.Cmd {
		file := writeConfig(t, folder, fmt.Sprintf(nginxMain, folder, servers(address), userDirective()))
		nginx := exec.Command(nginxPath, "-p", folder, "-c", file, "-e", "stderr")
		nginx.Env = []string{fmt.Sprintf("NGINX=%d;", listeningSocket)}
		return nginx
	})
}

// listeningSocket is the file descriptor of the socket that a proxy inherits.
const listeningSocket = 3

// startProxy starts a proxy until the test ends, and returns its address. command returns the program for a new folder
// and the address.
//
// The proxy inherits its listening socket, as nginx passes its own to a newer nginx. So no other program can take the
// port, and an early request waits until the proxy is ready.
func startProxy(t *testing.T, command func(folder, address string) *exec.Cmd) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	address = listener.Addr().String()
	var log bytes.Buffer
	proxy := command(t.TempDir(), address)
	proxy.Stdout, proxy.Stderr = &log, &log
	proxy.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that its workers end with it
	proxy.ExtraFiles = []*os.File{socket}
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-proxy.Process.Pid, syscall.SIGKILL)
		_ = proxy.Wait()
		if t.Failed() {
			t.Logf("log of %s:\n%s", proxy.Path, strings.TrimSpace(log.String()))
		}
	})
	// Only the proxy keeps the socket, so that connections are refused when it has ended.
	_ = socket.Close()
	_ = listener.Close()
	return address
}

// writeConfig writes a configuration file and returns its path.
func writeConfig(t *testing.T, folder, content string) string {
	t.Helper()
	file := filepath.Join(folder, "proxy.conf")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// userDirective keeps the worker running as root if root started nginx: another user may not enter the test's folder.
func userDirective() string {
	if os.Getuid() == 0 {
		return "user root;"
	}
	return ""
}

// requireProgram skips the test without a program. With CI=true it fails the test.
func requireProgram(t *testing.T, path, debianPackage string) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: install Debian's package %s", path, debianPackage)
	}
	t.Skipf("%s is missing: install Debian's package %s", path, debianPackage)
}
