package proxy

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/identity"
)

// consoleHost is the host of the console in the recipes.
const consoleHost = "voxwarden.example.com"

const recipesPage = "../../../docs/sign-in/proxy-header.md"

// caddyPath is not Debian's: its Caddy is older than the recipe requires.
var caddyPath = flag.String("caddy", "", "path of Caddy 2.11.2 or newer; without it, its recipe is not tried")

// recipe is a section of the page with the configuration of a proxy.
type recipe struct {
	section  string
	settings string // the section with the settings of the console; "" for the same
	language string // of the block with the configuration
	signIn   func(*testing.T) string
	start    func(t *testing.T, config string, http2 bool) (address string)
	// protections are the parts of the configuration that remove forged headers, with what to replace them by. Without
	// one of them, a forged header must arrive.
	protections map[string]string
}

func recipes() []recipe {
	oauth2Proxy := func(t *testing.T) string { return startSSO(t).Listener.Addr().String() }
	authelia := func(t *testing.T) string { return startAuthelia(t).Listener.Addr().String() }
	return []recipe{
		{
			section:  "oauth2-proxy beside nginx",
			language: "nginx",
			signIn:   oauth2Proxy,
			start:    startNginxRecipe,
			protections: map[string]string{
				"proxy_set_header X-Auth-Request-User $who;":                "",
				"proxy_set_header X-Auth-Request-Email $email;":             "",
				"proxy_set_header X-Auth-Request-Preferred-Username $name;": "",
				"proxy_set_header X-Auth-Request-Groups $groups;":           "",
			},
		},
		{
			section:  "Authelia beside nginx",
			language: "nginx",
			signIn:   authelia,
			start:    startNginxRecipe,
			protections: map[string]string{
				"proxy_set_header Remote-User $who;":      "",
				"proxy_set_header Remote-Groups $groups;": "",
				"proxy_set_header Remote-Name $name;":     "",
				"proxy_set_header Remote-Email $email;":   "",
				"$scheme://$server_name$request_uri":      "$scheme://$http_host$request_uri",
			},
		},
		{
			section:  "Authelia beside HAProxy",
			settings: "Authelia beside nginx",
			language: "haproxy",
			signIn:   authelia,
			start:    startHAProxyRecipe,
			protections: map[string]string{
				"http-request del-header remote -m beg":  "",
				"X-Forwarded-Host voxwarden.example.com": "X-Forwarded-Host %[req.hdr(host)]",
			},
		},
		{
			section:  "oauth2-proxy beside Caddy",
			language: "caddyfile",
			signIn:   oauth2Proxy,
			start:    startCaddyRecipe,
			protections: map[string]string{
				"copy_headers X-Auth-Request-User X-Auth-Request-Email X-Auth-Request-Groups": "copy_headers " +
					"X-Auth-Request-User",
			},
		},
	}
}

// TestRecipes starts each proxy with the configuration in the documentation, and sends requests with forged identity
// headers over HTTP/1.1 and HTTP/2. No forged value may reach the console as an identity. With a weakened configuration
// one must: otherwise the forgeries would prove nothing.
func TestRecipes(t *testing.T) {
	t.Parallel()
	for _, r := range recipes() {
		t.Run(r.section, func(t *testing.T) {
			t.Parallel()
			for _, http2 := range []bool{false, true} {
				v := r.serve(t, r.config(t), http2)
				v.checkSignIn(t)
				for _, arrival := range v.arrivals(t) {
					t.Errorf("HTTP/2 %t: %s", http2, arrival)
				}
			}
			for protection, weaker := range r.protections {
				config := r.config(t)
				if !strings.Contains(config, protection) {
					t.Fatalf("the configuration lacks %q", protection)
				}
				v := r.serve(t, strings.ReplaceAll(config, protection, weaker), false)
				if len(v.arrivals(t)) == 0 {
					t.Errorf("without %q nothing forged arrived", protection)
				}
			}
		})
	}
}

// recipeVisitor sends requests through the proxy of a recipe.
type recipeVisitor struct {
	headers   identity.ProxyHeaderOptions // that the console reads
	address   string
	http2     bool
	transport *http.Transport
}

// serve starts the sign-in server, the console and the proxy.
func (r recipe) serve(t *testing.T, config string, http2 bool) recipeVisitor {
	t.Helper()
	headers := r.consoleHeaders(t)
	console := startStubConsole(t, headers).Listener.Addr().String()
	signIn := r.signIn(t)
	// All at once: the port of the console may begin with the digits of another address.
	config = strings.NewReplacer("127.0.0.1:8080", console, "127.0.0.1:4180", signIn, "127.0.0.1:9091", signIn).
		Replace(config)
	v := recipeVisitor{headers: headers, address: r.start(t, config, http2), http2: http2}
	v.transport = &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, v.address)
		},
		Protocols:         new(http.Protocols),
		DisableKeepAlives: !http2, // HAProxy ends some connections after a response
	}
	v.transport.Protocols.SetHTTP1(!http2)
	v.transport.Protocols.SetUnencryptedHTTP2(http2)
	t.Cleanup(v.transport.CloseIdleConnections)
	return v
}

// config returns the configuration of the proxy in the documentation.
func (r recipe) config(t *testing.T) string {
	t.Helper()
	return block(t, r.section, r.language)
}

// consoleHeaders returns the headers that the console reads, from the settings in the documentation.
func (r recipe) consoleHeaders(t *testing.T) identity.ProxyHeaderOptions {
	t.Helper()
	settings := map[string]string{}
	for line := range strings.Lines(block(t, cmp.Or(r.settings, r.section), "env")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		settings[name] = strings.Trim(value, "'")
	}
	return identity.ProxyHeaderOptions{
		User:      settings["VOXWARDEN_PROXY_HEADER_USER"],
		Name:      settings["VOXWARDEN_PROXY_HEADER_NAME"],
		Email:     settings["VOXWARDEN_PROXY_HEADER_EMAIL"],
		Groups:    settings["VOXWARDEN_PROXY_HEADER_GROUPS"],
		Separator: settings["VOXWARDEN_PROXY_GROUPS_SEPARATOR"],
	}
}

// block returns the first block of a language in a section of the page.
func block(t *testing.T, section, language string) string {
	t.Helper()
	page, err := os.ReadFile(recipesPage)
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(page), "\n## "+section+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	match := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindStringSubmatch(text)
	if !found || match == nil {
		t.Fatalf("the page has no section %q with a block of %s", section, language)
	}
	return match[1]
}

// send sends a request as a user, "" for a visitor without a session.
func (v recipeVisitor) send(t *testing.T, user string, f forgery) proxyResponse {
	t.Helper()
	if f.hostHeader != "" {
		return v.sendAbsolute(t, user, f)
	}
	var body io.Reader
	method := http.MethodGet
	if f.trailer != nil {
		method, body = http.MethodPost, io.MultiReader(strings.NewReader("a=b")) // of unknown length
	}
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+consoleHost+"/subusers?"+f.query, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = f.header.Clone()
	if request.Header == nil {
		request.Header = http.Header{}
	}
	if user != "" {
		request.Header.Set("Cookie", ssoCookie+"="+user)
	}
	request.Trailer = f.trailer
	response, err := v.transport.RoundTrip(request)
	if err != nil && f.trailer != nil {
		return proxyResponse{} // HAProxy may respond and close the connection before it has read the body
	}
	if err != nil {
		t.Fatalf("%s: %v", f.name, err)
	}
	return readResponse(t, response)
}

// sendAbsolute sends a request with an absolute address in its first line and another host in its Host header.
func (v recipeVisitor) sendAbsolute(t *testing.T, user string, f forgery) proxyResponse {
	t.Helper()
	connection, err := net.Dial("tcp", v.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	fmt.Fprintf(connection, "GET http://%s/subusers HTTP/1.1\r\nHost: %s\r\nCookie: %s=%s\r\nConnection: close\r\n\r\n",
		f.hostInLine, f.hostHeader, ssoCookie, user)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	return readResponse(t, response)
}

func readResponse(t *testing.T, response *http.Response) proxyResponse {
	t.Helper()
	defer func() { _ = response.Body.Close() }()
	result := proxyResponse{Status: response.StatusCode, Location: response.Header.Get("Location")}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") { // the proxies' own pages are HTML
		content, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if json.Unmarshal(content, &result.receivedRequest) != nil {
			result.receivedRequest = receivedRequest{} // a page of the proxy
		}
	}
	return result
}

// checkSignIn checks the requests of visitors who forge nothing.
func (v recipeVisitor) checkSignIn(t *testing.T) {
	t.Helper()
	a := v.send(t, "anna", forgery{})
	expectOperator(t, a, "anna", "ops", "night shift")
	if a.Operator.Email != "anna@example.com" || v.headers.Name != "" && a.Operator.Name != "Anna" {
		t.Errorf("anna: %+v", a.Operator)
	}
	expectOperator(t, v.send(t, "bert", forgery{}), "bert")
	if a := v.send(t, "ghost", forgery{}); a.Operator.Authenticated() {
		t.Errorf("a session without a user: %+v", a)
	}
	for _, user := range []string{"", "stranger"} {
		if a := v.send(t, user, forgery{}); a.Status != http.StatusFound || a.Location == "" || a.Peer != "" {
			t.Errorf("not signed in: %+v", a)
		}
	}
}

// forgery is what a visitor adds to a request.
type forgery struct {
	name       string
	header     http.Header
	trailer    http.Header
	query      string
	hostInLine string // the host in an absolute address; "" for the usual form
	hostHeader string
}

// forgedValues are what visitors pretend to be.
var forgedValues = []string{"boss", "The Boss", "boss@example.com", "admins"}

// forgeries returns requests with forged identity headers: those that the console reads in many spellings, and those
// of other recipes.
func (v recipeVisitor) forgeries() []forgery {
	read := []string{v.headers.User, v.headers.Name, v.headers.Email, v.headers.Groups}
	var all []forgery
	together := http.Header{}
	for i, name := range read {
		if name == "" {
			continue
		}
		value := forgedValues[i]
		together[name] = []string{value}
		last := strings.LastIndexByte(name, '-')
		for _, spelling := range []string{
			name,
			strings.ToLower(name),
			strings.ToUpper(name),
			strings.ReplaceAll(name, "-", "_"),
			strings.ToLower(strings.ReplaceAll(name, "-", "_")),
			strings.Replace(name, "-", "_", 1),
			name[:last] + "_" + name[last+1:],
		} {
			all = append(all, forgery{name: spelling, header: http.Header{spelling: {value}}})
		}
		all = append(all,
			forgery{name: name + " twice", header: http.Header{name: {value, value}}},
			forgery{name: name + " twice, once empty", header: http.Header{name: {"", value}}},
			forgery{name: name + " in two spellings", header: http.Header{name: {value}, strings.ToLower(name): {value}}},
			forgery{name: name + " in the query", query: url.Values{name: {value}}.Encode()},
		)
		if !v.http2 { // nginx refuses trailers over HTTP/2
			all = append(all, forgery{name: name + " in a trailer", trailer: http.Header{name: {value}}})
		}
	}
	all = append(all, forgery{name: "all", header: together})
	for _, other := range []string{
		"X-Auth-Request-%s", "X-Forwarded-%s", "Remote-%s", "remote_%s", "X-Authentik-%s", "Tailscale-User-%s",
	} {
		header := http.Header{}
		for i, part := range []string{"User", "Name", "Email", "Groups"} {
			header[fmt.Sprintf(other, part)] = []string{forgedValues[i]}
		}
		all = append(all, forgery{name: other, header: header})
	}
	if !v.http2 {
		drop := together.Clone()
		drop["Connection"] = []string{strings.Join(slices.DeleteFunc(read, func(s string) bool { return s == "" }), ", ")}
		all = append(all, forgery{name: "with Connection", header: drop})
	}
	return all
}

// arrivals describes each forged request that reached the console with another identity than its session has.
func (v recipeVisitor) arrivals(t *testing.T) []string {
	t.Helper()
	var arrived []string
	for _, f := range v.forgeries() {
		for _, user := range []string{"bert", "ghost", "", "stranger"} {
			got := v.send(t, user, f).Operator
			isBert := user == "bert" && got.Subject == "bert" && len(got.Groups) == 0 && got.Email == "" &&
				!strings.Contains(got.Name, "Boss")
			if got.Authenticated() && !isBert {
				arrived = append(arrived, fmt.Sprintf("%s of %q: %+v", f.name, user, got))
			}
		}
	}
	if v.http2 {
		return arrived
	}
	// carl may use other hosts, and not that of the console.
	for _, f := range []forgery{
		{name: "another host", hostInLine: consoleHost, hostHeader: "public.example.com"},
		{name: "another host in the first line", hostInLine: "public.example.com", hostHeader: consoleHost},
		{name: "another host in both", hostInLine: "public.example.com", hostHeader: "public.example.com"},
	} {
		if got := v.send(t, "carl", f); got.Operator.Authenticated() && v.headers.User == "Remote-User" {
			arrived = append(arrived, fmt.Sprintf("%s: %+v", f.name, got.Operator))
		}
	}
	return arrived
}

// startNginxRecipe starts nginx with a server block, or with the content of one.
func startNginxRecipe(t *testing.T, config string, http2 bool) string {
	t.Helper()
	return startNginxServers(t, func(address string) string {
		if !strings.Contains(config, "listen 443 ssl;") {
			config = "server {\nlisten 443 ssl;\nserver_name " + consoleHost + ";\n" + config + "\n}"
		}
		if http2 {
			address += " http2"
		}
		return strings.Replace(config, "listen 443 ssl;", "listen "+address+";", 1)
	})
}

// haproxyPath is the path of HAProxy in Debian's package.
const haproxyPath = "/usr/sbin/haproxy"

func startHAProxyRecipe(t *testing.T, config string, http2 bool) string {
	t.Helper()
	requireProgram(t, haproxyPath, "haproxy")
	script, err := filepath.Abs("testdata/auth-request.lua")
	if err != nil {
		t.Fatal(err)
	}
	bind := fmt.Sprintf("bind fd@%d", listeningSocket)
	if http2 {
		bind += " proto h2"
	}
	config = strings.Replace(config, "/usr/share/haproxy/auth-request.lua", script, 1)
	config = strings.Replace(config, "bind :443 ssl crt /etc/haproxy/voxwarden.pem alpn h2,http/1.1", bind, 1)
	return startProxy(t, func(folder, _ string) *exec.Cmd {
		return exec.Command(haproxyPath, "-db", "-f", writeConfig(t, folder, config))
	})
}

func startCaddyRecipe(t *testing.T, config string, _ bool) string {
	t.Helper()
	if *caddyPath == "" {
		t.Skip("Debian's Caddy is too old: name a newer one with -caddy")
	}
	options := "{\n admin off\n auto_https off\n persist_config off\n servers {\n protocols h1 h2c\n }\n}\n"
	site := fmt.Sprintf("http://%s:8443 {\n bind fd/%d\n", consoleHost, listeningSocket)
	config = options + strings.Replace(config, consoleHost+" {\n", site, 1)
	return startProxy(t, func(folder, _ string) *exec.Cmd {
		caddy := exec.Command(*caddyPath, "run", "--adapter", "caddyfile", "--config", writeConfig(t, folder, config))
		caddy.Env = []string{"HOME=" + folder}
		return caddy
	})
}
