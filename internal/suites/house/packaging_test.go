package house

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/voxwarden/voxwarden/internal/config"
)

// serviceCredentials is the folder in which the service of a package finds its files.
const serviceCredentials = "/run/credentials/voxwarden.service"

// tree is a part of a YAML document.
type tree struct{ value any }

// readYAML returns the documents of a YAML file. A tag of compose, such as !reset, has no meaning here.
func readYAML(t *testing.T, path string) []tree {
	t.Helper()
	var documents []tree
	for decoder := yaml.NewDecoder(strings.NewReader(readAll(t, path))); ; {
		var value any
		switch err := decoder.Decode(&value); {
		case errors.Is(err, io.EOF):
			return documents
		case err != nil:
			t.Fatalf("%s: %v", path, err)
		}
		documents = append(documents, tree{value})
	}
}

// at returns the part at a path of keys and indexes, such as "spec.containers.0.image"; an empty one if it is missing.
func (y tree) at(path string) tree {
	for key := range strings.SplitSeq(path, ".") {
		switch value := y.value.(type) {
		case map[string]any:
			y = tree{value[key]}
		case []any:
			index, err := strconv.Atoi(key)
			if err != nil || index >= len(value) {
				return tree{}
			}
			y = tree{value[index]}
		default:
			return tree{}
		}
	}
	return y
}

// String returns the part as YAML in one line.
func (y tree) String() string {
	var node yaml.Node
	if err := node.Encode(y.value); err != nil {
		return err.Error()
	}
	node.Style = yaml.FlowStyle
	out, err := yaml.Marshal(&node)
	if err != nil {
		return err.Error()
	}
	return strings.Trim(string(bytes.TrimSpace(out)), `"'`)
}

// list returns the elements of a list.
func (y tree) list() []tree {
	var elements []tree
	values, _ := y.value.([]any)
	for _, value := range values {
		elements = append(elements, tree{value})
	}
	return elements
}

// has reports an error for each path that has another value.
func (y tree) has(t *testing.T, where string, want map[string]string) {
	t.Helper()
	for path, text := range want {
		if got := y.at(path).String(); got != text {
			t.Errorf("%s: %s is %s, want %s", where, path, got, text)
		}
	}
}

// checkSettings parses the settings of an example, with files that exist in the place of the ones that it names.
func checkSettings(t *testing.T, where string, settings map[string]any) {
	t.Helper()
	fileFor := exampleFiles(t)
	var environ []string
	for name, value := range settings {
		environ = append(environ, name+"="+fileFor(name, tree{value}.String()))
	}
	if _, err := config.Parse(environ); err != nil {
		t.Errorf("%s: %v", where, err)
	}
}

// TestPackagedSettings compares the settings of the package with those that the program reads.
func TestPackagedSettings(t *testing.T) {
	t.Parallel()
	const path = "packaging/linux/voxwarden.env"
	want := config.EnvFile(config.FirstValues(serviceCredentials, "/var/lib/voxwarden"))
	if *update {
		if err := os.WriteFile(filepath.Join(root, path), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const commands = "voxwarden config check --online\n#     systemctl restart voxwarden\n"
	if !strings.Contains(want, commands) {
		t.Errorf("%s does not name the commands of the package: %s", path, commands)
	}
	if readAll(t, path) != want {
		t.Fatalf("%s is stale: go test ./internal/suites/house -run PackagedSettings -update", path)
	}
}

// TestServiceLoadsItsFiles: every file that the settings of the package name is a credential of the service, with an
// empty replacement, so that the console itself reports a missing one.
func TestServiceLoadsItsFiles(t *testing.T) {
	t.Parallel()
	unit := "\n" + readAll(t, "packaging/linux/voxwarden.service")
	names := regexp.MustCompile(`(?m)^VOXWARDEN_[A-Z_]+_FILE=`+serviceCredentials+`/(\S+)$`).
		FindAllStringSubmatch(readAll(t, "packaging/linux/voxwarden.env"), -1)
	if len(names) != len(config.SetupFiles()) {
		t.Errorf("the settings name %d files, want %d", len(names), len(config.SetupFiles()))
	}
	for _, name := range names {
		for _, line := range []string{
			"LoadCredential=" + name[1] + ":/etc/voxwarden/" + name[1],
			"SetCredential=" + name[1] + `:\n`,
		} {
			if !strings.Contains(unit, "\n"+line+"\n") {
				t.Errorf("the service lacks %s", line)
			}
		}
	}
	for _, line := range []string{
		"User=voxwarden", "EnvironmentFile=/etc/voxwarden/voxwarden.env", "StateDirectory=voxwarden", "UMask=0077",
		"ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes", "NoNewPrivileges=yes",
		"CapabilityBoundingSet=", "MemoryDenyWriteExecute=yes", "SystemCallFilter=@system-service",
		"TimeoutStopSec=60s", "Restart=on-failure",
		// "systemctl start" waits for the console and fails with it, and the journal names the command of the package.
		// No limit of starts: it would also refuse those by hand, while the cause is looked for.
		"StartLimitIntervalSec=0", "Type=notify", "ExecStart=@/usr/lib/voxwarden/server voxwarden",
		"SyslogIdentifier=voxwarden",
	} {
		if !strings.Contains(unit, "\n"+line+"\n") {
			t.Errorf("the service lacks %s", line)
		}
	}
	script := readAll(t, "packaging/linux/postinstall.sh")
	if regexp.MustCompile(`systemctl (start|enable|restart)`).MatchString(script) {
		t.Error("the installation starts or enables the service")
	}
}

// TestBuildsSetTheVersion: every way to build a release gives its version to the program.
func TestBuildsSetTheVersion(t *testing.T) {
	t.Parallel()
	for path, text := range map[string]string{
		"Makefile":         "-X main.release=$(VERSION)",
		"Dockerfile":       `-X main.release=$VERSION"`,
		".goreleaser.yaml": "-X main.release={{ .Version }}",
	} {
		if !strings.Contains(readAll(t, path), text) {
			t.Errorf("%s lacks %s", path, text)
		}
	}
	if !regexp.MustCompile(`(?m)^var release string$`).MatchString(readAll(t, "cmd/server/version.go")) {
		t.Error("cmd/server/version.go has no variable release, which builds set")
	}
}

// TestDockerfile: the image runs as a user without rights, and its front-end packages come from a maintained Node.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	text := readAll(t, "Dockerfile")
	node := regexp.MustCompile(`(?m)^ARG NODE_IMAGE=node:(\d+)`).FindStringSubmatch(text)
	if node == nil {
		t.Fatal("the Dockerfile names no image of Node")
	}
	if version, err := strconv.Atoi(node[1]); err != nil || version < 22 {
		t.Errorf("Node %s is too old", node[1])
	}
	goVersion := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(readAll(t, "go.mod"))
	if goVersion == nil || !strings.Contains(text, "\nARG GO_IMAGE=golang:"+goVersion[1]) {
		t.Errorf("the image is not built with the Go of go.mod, %v", goVersion)
	}
	for _, line := range []string{"USER 65532:65532", "FROM scratch", "ENTRYPOINT [\"/server\"]", "ARG VERSION"} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("the Dockerfile lacks %s", line)
		}
	}
	for _, line := range []string{"!static/lib/htmx.min.js", "!internal/licenses/lib/htmx.org.txt"} {
		if !strings.Contains(readAll(t, ".dockerignore"), line+"\n") {
			t.Errorf(".dockerignore lacks %s: ASSETS=local cannot work", line)
		}
	}
}

// TestRelease: the release builds both architectures, packages, lists of components and images, from files that exist.
func TestRelease(t *testing.T) {
	t.Parallel()
	const path = ".goreleaser.yaml"
	release := readYAML(t, path)[0]
	release.has(t, path, map[string]string{
		"version":                          "2",
		"builds.0.goos":                    "[linux]",
		"builds.0.goarch":                  "[amd64, arm64]",
		"builds.0.env":                     "[CGO_ENABLED=0]",
		"nfpms.0.formats":                  "[deb, rpm]",
		"nfpms.0.license":                  "Apache-2.0",
		"sboms.0.artifacts":                "binary",
		"checksum.name_template":           "checksums.txt",
		"dockers_v2.0.platforms":           "[linux/amd64, linux/arm64]",
		"dockers_v2.0.build_args":          `{PROGRAM: built, VERSION: '{{ .Version }}'}`,
		"nfpms.0.scripts.postinstall":      "packaging/linux/postinstall.sh",
		"nfpms.0.overrides.deb.recommends": "[systemd]",
	})
	files := append(release.at("nfpms.0.contents").list(), release.at("archives.0.files").list()...)
	for _, script := range []string{"postinstall", "preremove", "postremove"} {
		files = append(files, tree{map[string]any{"src": release.at("nfpms.0.scripts." + script).value}})
	}
	var packaged []string
	for _, file := range files {
		source := file.at("src").String()
		packaged = append(packaged, file.at("dst").String())
		if source == "internal/licenses/lib/licenses.txt" || strings.Contains(source, "*") {
			continue // the build writes the licences
		}
		if _, err := os.Stat(filepath.Join(root, source)); err != nil {
			t.Errorf("%s: there is no %s", path, source)
		}
	}
	for _, file := range []string{
		"/usr/bin/voxwarden", "/etc/voxwarden/voxwarden.env", "/usr/lib/systemd/system/voxwarden.service",
		"/usr/share/doc/voxwarden/copyright", "/usr/share/doc/voxwarden/licenses.txt",
	} {
		if !slices.Contains(packaged, file) {
			t.Errorf("%s lacks %s", path, file)
		}
	}
}

// TestArchiveIsComplete: what the documents in a release's archive link to and show is in the archive.
func TestArchiveIsComplete(t *testing.T) {
	t.Parallel()
	contained := map[string]bool{}
	for _, file := range readYAML(t, ".goreleaser.yaml")[0].at("archives.0.files").list() {
		source := file.at("src").String()
		if source == "internal/licenses/lib/licenses.txt" {
			if file.at("dst").value != nil || file.at("strip_parent").String() != "true" {
				t.Error("the licences are not at the top of the archive: dst is a folder")
			}
			continue
		}
		matches, err := filepath.Glob(filepath.Join(root, strings.Replace(source, "**/*", "*/*", 1)))
		if err != nil || len(matches) == 0 {
			t.Errorf("there is no %s: %v", source, err)
		}
		for _, match := range matches {
			name, err := filepath.Rel(root, match)
			if err != nil {
				t.Fatal(err)
			}
			for ; name != "."; name = filepath.Dir(name) { // with the folders
				contained[name] = true
			}
		}
	}
	link := regexp.MustCompile(`\]\(([^)#:\s]+)(?:#[^)]*)?\)`)
	for name := range contained {
		if !strings.HasSuffix(name, ".md") {
			continue
		}
		for _, found := range link.FindAllStringSubmatch(readAll(t, name), -1) {
			if to := filepath.Join(filepath.Dir(name), found[1]); !contained[to] {
				t.Errorf("%s links to %s, which is not in the archive", name, to)
			}
		}
	}
}

// metricLabels returns the labels of each metric, and of "up", which Prometheus adds. A histogram has three names.
func metricLabels(t *testing.T) map[string][]string {
	t.Helper()
	labels := map[string][]string{"up": {"job"}}
	for line := range strings.Lines(readAll(t, "internal/metrics/testdata/metrics.txt")) {
		fields := strings.Split(strings.TrimSpace(line), " | ")
		labels[fields[0]] = strings.Split(fields[2], ", ")
		if fields[1] == "histogram" {
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				labels[fields[0]+suffix] = labels[fields[0]]
			}
			delete(labels, fields[0])
		}
	}
	return labels
}

// TestPrometheusRules: every metric and label in the rules exists, and every alert says what to do.
func TestPrometheusRules(t *testing.T) {
	t.Parallel()
	labels := metricLabels(t)
	const path = "packaging/prometheus/rules.yaml"
	metric := regexp.MustCompile(`\b(voxwarden_[a-z_]+|up)(?:\{([^}]*)\})?`)
	label := regexp.MustCompile(`(\w+)(?:=~|!~|!=|=)`)
	used := map[string]bool{}
	rules := readYAML(t, path)[0].at("groups.0.rules").list()
	for _, rule := range rules {
		name, expression := rule.at("alert").String(), rule.at("expr").String()
		for _, found := range metric.FindAllStringSubmatch(expression, -1) {
			used[found[1]] = true
			known, exists := labels[found[1]]
			if !exists {
				t.Errorf("%s: %s uses %s, which is no metric", path, name, found[1])
			}
			for _, used := range label.FindAllStringSubmatch(found[2], -1) {
				if !slices.Contains(known, used[1]) {
					t.Errorf("%s: %s uses %s of %s, which has only %v", path, name, used[1], found[1], known)
				}
			}
		}
		for _, field := range []string{"labels.severity", "annotations.summary", "annotations.action"} {
			if rule.at(field).value == nil {
				t.Errorf("%s: %s has no %s", path, name, field)
			}
		}
	}
	for name := range labels { // every metric has an alert, a bucket or a count
		base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_count"), "_sum")
		if !used[name] && !used[base+"_count"] {
			t.Errorf("%s: no rule uses %s", path, name)
		}
	}
}

// TestComposeFiles: the console's containers have no rights and cannot write their image, and their settings are valid.
func TestComposeFiles(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"packaging/compose/compose.yaml", "packaging/compose/postgres.yaml"} {
		file := readYAML(t, path)[0]
		console := file.at("services.voxwarden")
		console.has(t, path, map[string]string{
			"read_only":         "true",
			"cap_drop":          "[ALL]",
			"security_opt":      "['no-new-privileges:true']",
			"stop_grace_period": "60s",
			"tmpfs":             "[/tmp]",
			"volumes":           "['data:/data', './secrets:/run/secrets:ro']",
			"image":             "ghcr.io/voxwarden/voxwarden:${VOXWARDEN_VERSION:?set it to the version of a release}",
		})
		settings, _ := console.at("environment").value.(map[string]any)
		if file.at("services.postgres").value == nil { // setup writes the rest
			for name, value := range config.FirstValues("/run/secrets", "") {
				settings[config.Prefix+name] = cmp.Or(value, "https://example.com")
			}
			settings[config.Prefix+"DATABASE_URL"] = "sqlite:/data/voxwarden.db"
		}
		checkSettings(t, path, settings)
		services, _ := file.at("services").value.(map[string]any)
		for name, service := range services {
			for _, port := range (tree{service}).at("ports").list() {
				if !strings.HasPrefix(port.String(), "127.0.0.1:") {
					t.Errorf("%s: %s can be reached from outside: %v", path, name, port)
				}
			}
		}
	}
	readYAML(t, "packaging/compose/compose.yaml")[0].has(t, "compose.yaml", map[string]string{
		"services.backup.extends":   "voxwarden",
		"services.backup.ports":     "[]",
		"services.backup.volumes.0": "./backups:/backups",
	})
	database := readYAML(t, "packaging/compose/postgres.yaml")[0]
	trusted := database.at("services.voxwarden.environment.VOXWARDEN_TRUSTED_PROXIES").String()
	database.has(t, "postgres.yaml", map[string]string{
		"services.oauth2-proxy.networks.front.ipv4_address": trusted,
		"services.voxwarden.ports":                          "null",
		"networks.database.internal":                        "true",
		"networks.front.internal":                           "true",
	})
}

// TestKubernetesManifests: the pods run without rights on a read-only file system, with probes and limits, and the
// settings are valid.
func TestKubernetesManifests(t *testing.T) {
	t.Parallel()
	const path = "packaging/kubernetes/voxwarden.yaml"
	objects := map[string]tree{}
	for _, file := range []string{path, "packaging/kubernetes/init.yaml"} {
		for _, document := range readYAML(t, file) {
			objects[document.at("kind").String()] = document
		}
	}
	for _, kind := range []string{"Deployment", "Job"} {
		pod := objects[kind].at("spec.template.spec")
		pod.has(t, kind, map[string]string{
			"enableServiceLinks":                                    "false",
			"automountServiceAccountToken":                          "false",
			"securityContext.runAsNonRoot":                          "true",
			"securityContext.runAsUser":                             "65532",
			"securityContext.fsGroup":                               "65532",
			"securityContext.seccompProfile.type":                   "RuntimeDefault",
			"containers.0.securityContext.readOnlyRootFilesystem":   "true",
			"containers.0.securityContext.allowPrivilegeEscalation": "false",
			"containers.0.securityContext.capabilities.drop":        "[ALL]",
			"volumes.0.persistentVolumeClaim.claimName":             "voxwarden",
			"volumes.1.secret.secretName":                           "voxwarden",
			"containers.0.volumeMounts.1":                           "{mountPath: /run/secrets, name: secrets, readOnly: true}",
		})
		for _, field := range []string{"limits.memory", "requests.memory", "requests.cpu"} {
			if pod.at("containers.0.resources."+field).value == nil {
				t.Errorf("%s: no %s", kind, field)
			}
		}
	}
	objects["Deployment"].has(t, path, map[string]string{
		"spec.replicas":      "1",
		"spec.strategy.type": "Recreate", // a SQLite database has one server
		"spec.template.spec.containers.0.livenessProbe.httpGet":  "{path: /healthz, port: http}",
		"spec.template.spec.containers.0.readinessProbe.httpGet": "{path: /readyz, port: http}",
		"spec.template.spec.containers.0.startupProbe.httpGet":   "{path: /healthz, port: http}",
		"spec.template.spec.containers.0.envFrom":                "[{configMapRef: {name: voxwarden}}]",
	})
	settings, _ := objects["ConfigMap"].at("data").value.(map[string]any)
	if settings == nil || objects["PersistentVolumeClaim"].value == nil {
		t.Fatal("there is no ConfigMap or no claim")
	}
	settings[config.Prefix+"LISTEN"] = ":8080" // of the image
	checkSettings(t, path, settings)

	// The console needs up to 40 seconds after the hook, which replaces its own delay.
	hook := objects["Deployment"].at("spec.template.spec.containers.0.lifecycle.preStop.sleep.seconds").String()
	grace := objects["Deployment"].at("spec.template.spec.terminationGracePeriodSeconds").String()
	seconds, err := strconv.Atoi(hook)
	period, err2 := strconv.Atoi(grace)
	delay := settings[config.Prefix+"SHUTDOWN_DELAY"]
	if err != nil || err2 != nil || seconds < 1 || period < seconds+40 || delay != "0s" {
		t.Errorf("%s: hook %s, grace period %s, delay %v", path, hook, grace, delay)
	}
	labels := `{app.kubernetes.io/name: voxwarden}`
	for object, field := range map[string]string{
		"Deployment":    "spec.template.metadata.labels",
		"Service":       "spec.selector",
		"NetworkPolicy": "spec.podSelector.matchLabels",
	} {
		if got := objects[object].at(field).String(); got != labels {
			t.Errorf("%s: %s of the %s is %s", path, field, object, got)
		}
	}
	objects["NetworkPolicy"].has(t, path, map[string]string{
		"spec.policyTypes":                "[Ingress, Egress]",
		"spec.ingress.0.ports.0.port":     "http",
		"spec.ingress.1.ports.0.port":     "metrics",
		"spec.egress.1.ports.0.port":      "443",
		"spec.egress.1.to.0.ipBlock.cidr": "0.0.0.0/0",
	})
}

// TestServiceIsValid lets systemd read the unit of the package and rate its restrictions.
func TestServiceIsValid(t *testing.T) {
	t.Parallel()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("systemd-analyze is missing")
	}
	unit := strings.ReplaceAll(readAll(t, "packaging/linux/voxwarden.service"), "/usr/lib/voxwarden/server", "/bin/true")
	path := filepath.Join(t.TempDir(), "voxwarden.service")
	if err := os.WriteFile(path, []byte(unit), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), analyze, "verify", path).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "voxwarden.service") { // not units of the system, which it reads too
			t.Error(line)
		}
	}
	if err != nil {
		t.Errorf("systemd-analyze verify: %v: %s", err, out)
	}
	const exposure = "--threshold=15" // of 100; 1.5 in its output
	out, err = exec.CommandContext(t.Context(), analyze, "security", "--offline=yes", exposure, path).CombinedOutput()
	if err != nil {
		t.Errorf("the service is exposed: %v: %s", err, out)
	}
}

// TestPackagedCommand runs the command of the package with a program that prints what it gets.
func TestPackagedCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	write("server", "#!/bin/sh\necho \"arguments $*\"\npwd\nenv\n")
	write("id", "#!/bin/sh\necho 1000\n") // not root
	const settings = "# A comment\nVOXWARDEN_AUDIT_KEY_FILE=" + serviceCredentials + "/audit.key\n" +
		"VOXWARDEN_CA_FILE=/etc/ssl/ca.pem\nVOXWARDEN_ADMIN_GROUPS='a b,$c'\n"
	write("voxwarden.env", settings)
	script := readAll(t, "packaging/linux/voxwarden")
	for _, path := range []string{"/usr/lib/voxwarden/server", "/etc/voxwarden", "/var/lib/voxwarden"} {
		if !strings.Contains(script, path) {
			t.Fatalf("the command does not use %s", path)
		}
	}
	write("voxwarden", strings.NewReplacer(
		"/usr/lib/voxwarden/server", filepath.Join(dir, "server"), "/etc/voxwarden", dir, "/var/lib/voxwarden", dir,
	).Replace(script))
	for _, tc := range []struct {
		args string
		want []string
		code int
	}{
		{"audit verify -json", []string{
			"arguments audit verify -json\n" + dir + "\n",
			"VOXWARDEN_AUDIT_KEY_FILE=" + dir + "/audit.key\n",
			"VOXWARDEN_CA_FILE=/etc/ssl/ca.pem\n",
			"VOXWARDEN_ADMIN_GROUPS=a b,$c\n",
		}, 0},
		{"setup", []string{"arguments setup -as " + serviceCredentials + " " + dir + "\n"}, 0},
		{"setup /elsewhere", []string{"arguments setup /elsewhere\n"}, 0},
		{"version", []string{"arguments version\n"}, 0},
		{"", []string{"systemctl start voxwarden"}, 2},
	} {
		command := exec.CommandContext(t.Context(), "bash", append([]string{filepath.Join(dir, "voxwarden")},
			strings.Fields(tc.args)...)...)
		command.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
		out, err := command.CombinedOutput()
		if code := command.ProcessState.ExitCode(); code != tc.code {
			t.Errorf("voxwarden %s: status %d, %v", tc.args, code, err)
		}
		for _, want := range tc.want {
			if !strings.Contains(string(out), want) {
				t.Errorf("voxwarden %s: %q is missing in\n%s", tc.args, want, out)
			}
		}
	}
	// Settings are read as systemd reads them: nothing in them is run or replaced.
	for _, tc := range []struct{ line, want string }{
		{"VOXWARDEN_X=ops, it-admins", "VOXWARDEN_X=ops, it-admins\n"},
		{"VOXWARDEN_X=$(touch planted); touch planted & `touch planted` $HOME", "VOXWARDEN_X=$(touch planted); touch " +
			"planted & `touch planted` $HOME\n"},
		{`VOXWARDEN_X="a $b c"`, "VOXWARDEN_X=a $b c\n"},
		{"  VOXWARDEN_X= a b \t\r", "VOXWARDEN_X=a b\n"},
		{"VOXWARDEN_X=O'Brien", "VOXWARDEN_X=O'Brien\n"},
		{"VOXWARDEN_X=", "VOXWARDEN_X=\n"},
		{"; a comment too\nVOXWARDEN_X=1", "VOXWARDEN_X=1\n"},
		{"\ufeffVOXWARDEN_X=1", "VOXWARDEN_X=1\n"},
		{"export VOXWARDEN_X=1", "voxwarden.env, line 1: not NAME=VALUE"},
		{"touch planted", "voxwarden.env, line 1: not NAME=VALUE"},
		{"# x\nVOXWARDEN_X='a", "voxwarden.env, line 2: put the whole value into one pair of single quotes"},
		{`VOXWARDEN_X='it'\''s'`, "voxwarden.env, line 1: put the whole value into one pair of single quotes"},
		{`VOXWARDEN_X=a\b`, "voxwarden.env, line 1: put the whole value into one pair of single quotes"},
	} {
		content := tc.line + "\n" + settings
		if strings.HasPrefix(tc.line, "\ufeff") {
			content = strings.TrimSuffix(tc.line, "\n") // also without a line end
		}
		write("voxwarden.env", content)
		command := exec.CommandContext(t.Context(), "bash", filepath.Join(dir, "voxwarden"), "config", "check")
		command.Dir = dir
		command.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
		out, err := command.CombinedOutput()
		if !strings.Contains(string(out), tc.want) || strings.HasPrefix(tc.want, "VOXWARDEN_") != (err == nil) {
			t.Errorf("%q: want %q, got %v\n%s", tc.line, tc.want, err, out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "planted")); err == nil {
		t.Error("a setting was run as a command")
	}
}

// TestPackageScripts runs the scripts of the packages with the arguments of dpkg and of rpm, which passes the number of
// versions that remain. A failing or missing systemctl leaves no package half installed.
func TestPackageScripts(t *testing.T) {
	t.Parallel()
	const (
		works   = "echo \"$*\" >>calls\n"
		fails   = works + "echo refused >&2\nexit 1\n"
		missing = ""
	)
	const welcome, kept, down = "Next: voxwarden setup", "was kept", "journalctl -u voxwarden"
	restart, disable := "daemon-reload\ntry-restart voxwarden.service\n", "disable voxwarden.service\n"
	stop := "stop voxwarden.service\n" + disable
	for _, tc := range []struct {
		script, args, systemctl string
		offline                 bool // systemd does not run, as in a chroot
		empty                   bool // nothing is in the folders
		calls                   string
		says, omits             []string
	}{
		{"postinstall", "configure", works, false, true, restart, []string{welcome}, []string{down}},
		{"postinstall", "1", works, true, true, "", []string{welcome}, nil},
		{"postinstall", "configure 1.0.0", works, false, false, restart, nil, []string{welcome, down}},
		{"postinstall", "2", works, false, false, restart, nil, []string{welcome, down}},
		{"postinstall", "2", fails, false, false, restart, []string{down}, []string{welcome}},
		{"postinstall", "configure 1.0.0", missing, false, false, "", []string{down}, []string{welcome}},
		{"postinstall", "configure", missing, true, false, "", []string{welcome}, []string{down}},
		{"preremove", "remove", works, false, false, stop, nil, nil},
		{"preremove", "0", works, false, false, stop, nil, nil},
		{"preremove", "0", works, true, false, disable, nil, nil},
		{"preremove", "remove", fails, false, false, stop, []string{"Voxwarden may still run"}, nil},
		{"preremove", "remove", missing, false, false, "", nil, nil},
		{"preremove", "upgrade 1.1.0", works, false, false, "", nil, nil},
		{"preremove", "1", works, false, false, "", nil, nil},
		{"postremove", "remove", works, false, false, "daemon-reload\n", nil, []string{kept}},
		{"postremove", "upgrade 1.1.0", fails, false, false, "daemon-reload\n", nil, []string{kept}},
		{"postremove", "1", works, false, false, "daemon-reload\n", nil, []string{kept}},
		{"postremove", "purge", works, false, false, "daemon-reload\n", []string{"/state was kept", "/etc was kept"}, nil},
		{"postremove", "0", fails, false, false, "daemon-reload\n", []string{"/state was kept", "/etc was kept"}, nil},
		{"postremove", "purge", missing, false, true, "", nil, []string{kept}},
		{"postremove", "0", missing, true, true, "", nil, []string{kept}},
	} {
		dir := t.TempDir()
		write := func(name, content string) {
			t.Helper()
			path := filepath.Join(dir, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700),
				os.WriteFile(path, []byte(content), 0o700)); err != nil { //nolint:gosec // a program
				t.Fatal(err)
			}
		}
		for _, program := range []string{"install", "chown", "chmod", "systemd-sysusers"} {
			write("bin/"+program, "#!/bin/sh\n")
		}
		rmdir, err := exec.LookPath("rmdir")
		if err != nil {
			t.Fatal(err)
		}
		write("bin/rmdir", "#!/bin/sh\nexec "+rmdir+" \"$@\"\n")
		if tc.systemctl != missing {
			write("bin/systemctl", "#!/bin/sh\n"+tc.systemctl)
		}
		if !tc.offline {
			write("running/x", "")
		}
		files := []string{"etc/audit.key", "etc/credentials.json", "state/voxwarden.db"}
		for _, name := range files {
			write(name, "")
			if tc.empty {
				err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
			}
		}
		path := "packaging/linux/" + tc.script + ".sh"
		script := strings.NewReplacer("/run/systemd/system", dir+"/running", "/etc/voxwarden", dir+"/etc",
			"/var/lib/voxwarden", dir+"/state").Replace(readAll(t, path))
		command := exec.CommandContext(t.Context(), "/bin/sh", append([]string{"-c", script, tc.script},
			strings.Fields(tc.args)...)...)
		command.Dir, command.Env = dir, []string{"PATH=" + dir + "/bin"}
		out, err2 := command.CombinedOutput()
		if err = errors.Join(err, err2); err != nil {
			t.Errorf("%s %s: %v: %s", tc.script, tc.args, err, out)
		}
		if calls, _ := os.ReadFile(filepath.Join(dir, "calls")); string(calls) != tc.calls {
			t.Errorf("%s %s: systemctl was called with %q, want %q", tc.script, tc.args, calls, tc.calls)
		}
		for _, text := range tc.says {
			if !strings.Contains(string(out), text) {
				t.Errorf("%s %s: %q is missing in %q", tc.script, tc.args, text, out)
			}
		}
		for _, text := range tc.omits {
			if strings.Contains(string(out), text) {
				t.Errorf("%s %s: %q is in %q", tc.script, tc.args, text, out)
			}
		}
		for _, name := range files {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil && !tc.empty {
				t.Errorf("%s %s: %s is gone: %v", tc.script, tc.args, name, err)
			}
		}
		for _, folder := range []string{"etc", "state"} {
			_, err := os.Stat(filepath.Join(dir, folder))
			if gone, want := err != nil, tc.empty && tc.script == "postremove"; gone != want {
				t.Errorf("%s %s: the folder %s is gone: %v, want %v", tc.script, tc.args, folder, gone, want)
			}
		}
	}
}
