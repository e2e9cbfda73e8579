package config

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// envReader reads settings from an environment and collects problems.
type envReader struct {
	values   map[string]string // variables with our prefix, by name without it
	names    []string          // the same names, sorted
	problems []string
	proxy    string // name of the first of proxyVariables that is set
}

// mark is the byte order mark that editors on Windows write at the beginning of a file. It gets into the environment
// with the first line of a file of variables, and with a value such as $(cat FILE).
const mark = "\ufeff"

// lineEnd is what editors and shells add behind a value. It gets into the environment with a secret of Kubernetes that
// was made with echo, and with a file of variables that was written on Windows.
const lineEnd = "\r\n"

func newEnvReader(environ []string) *envReader {
	r := &envReader{values: map[string]string{}}
	for _, line := range environ {
		name, value, _ := strings.Cut(strings.TrimPrefix(line, mark), "=")
		if name, ours := strings.CutPrefix(name, Prefix); ours {
			r.values[name] = strings.TrimRight(strings.TrimPrefix(value, mark), lineEnd)
			r.names = append(r.names, name)
		} else if r.proxy == "" && value != "" && slices.Contains(proxyVariables(), name) {
			r.proxy = name
		}
	}
	slices.Sort(r.names)
	r.names = slices.Compact(r.names)
	return r
}

// given reports whether any of the variables is set and not empty.
func (r *envReader) given(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return r.values[name] != "" })
}

func (r *envReader) report(name, sentence string) {
	r.problems = append(r.problems, Prefix+name+" "+sentence)
}

func (r *envReader) require(valid bool, name, sentence string) {
	if !valid {
		r.report(name, sentence)
	}
}

// apply reads one setting. The settings read before decide whether it is used and required.
func (r *envReader) apply(c *Config, s Setting) {
	given := slices.DeleteFunc(s.variables(), func(name string) bool { return !r.given(name) })
	if why := s.unusedReason(c); why != "" {
		for _, name := range given {
			r.report(name, why)
		}
		return
	}
	if len(given) == 0 && s.needed(c) {
		r.report(s.Name, s.missing)
		return
	}
	value := r.value(c, s)
	if value == "" {
		return
	}
	if err := s.apply(c, value); err != nil {
		r.report(s.Name, err.Error())
	}
}

// value returns the value of a setting from its variable, its file or its default.
func (r *envReader) value(c *Config, s Setting) string {
	direct, path := r.values[s.Name], r.values[s.Name+"_FILE"]
	switch {
	case s.Secret && direct != "" && path != "":
		r.report(s.Name, "and "+Prefix+s.Name+"_FILE are both set. Unset one of them.")
		return ""
	case s.Secret && path != "":
		return r.file(c, s.Name+"_FILE", path)
	case direct != "":
		return direct
	default:
		return s.Default
	}
}

// file reads a secret from a file, without the line end behind it.
func (r *envReader) file(c *Config, name, path string) string {
	file, err := readSetting(path, secretLimit)
	if err != nil {
		sentence := err.Error()
		if name == "SECRET_KEY_FILE" || name == "AUDIT_KEY_FILE" {
			sentence = strings.Replace(sentence, putFile, "For a new console, server setup writes it. Otherwise restore it.", 1)
		}
		r.report(name, sentence)
		return ""
	}
	c.warnIfReadable(name, path, file)
	value := strings.TrimRight(string(file.Data), lineEnd)
	r.require(value != "", name, emptyFile(path, "Write the value into it."))
	return value
}

// refuseUnknown reports all variables with our prefix that are not settings, because a misspelt setting would silently
// have no effect.
func (r *envReader) refuseUnknown(known map[string]bool) {
	for _, name := range r.names {
		r.require(
			known[name] || serviceVariable(name, r.values[name]),
			name,
			"is not a setting of this version. Check the spelling, or unset it.",
		)
	}
}

// serviceName matches the names of the variables that Kubernetes sets for a service, after the service's own name:
// _SERVICE_HOST, _SERVICE_PORT, _SERVICE_PORT_name, and _PORT_number_protocol with _PROTO, _PORT and _ADDR. The service
// may be called voxwarden, so that nothing is left in front. The value of _PORT alone is checked instead of its name,
// because LISTEN_PORT could be meant as a setting.
var serviceName = regexp.MustCompile(
	`(^|_)(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`,
)

// serviceVariable reports whether Kubernetes may have set a variable, as it does in each pod for each service of the
// namespace, unless the pod has enableServiceLinks: false.
func serviceVariable(name, value string) bool {
	address := slices.ContainsFunc([]string{"tcp://", "udp://", "sctp://"}, func(protocol string) bool {
		return strings.HasPrefix(value, protocol)
	})
	return address || serviceName.MatchString(name)
}

// ListenAddress returns LISTEN, valid or not, without reading other settings.
func ListenAddress(environ []string) string { return valueOf(environ, "LISTEN") }

// LogFormat returns LOG_FORMAT, valid or not, without reading other settings.
func LogFormat(environ []string) string { return valueOf(environ, "LOG_FORMAT") }

// ShutdownDelay returns SHUTDOWN_DELAY, 0 if it is not valid, without reading other settings.
func ShutdownDelay(environ []string) time.Duration {
	delay, err := time.ParseDuration(valueOf(environ, "SHUTDOWN_DELAY"))
	if err != nil {
		return 0
	}
	return max(delay, 0)
}

func valueOf(environ []string, name string) string {
	r := newEnvReader(environ)
	for _, s := range Settings() {
		if s.Name == name {
			return r.value(&Config{}, s)
		}
	}
	return ""
}
