package config

import (
	"slices"
	"strings"
)

// envReader is one pass over an environment: what it holds, and what is wrong with it so far.
type envReader struct {
	values   map[string]string // by name without the prefix; of ours only
	names    []string          // the same names, in order
	problems []string
}

func newEnvReader(environ []string) *envReader {
	r := &envReader{values: map[string]string{}}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if name, ours := strings.CutPrefix(name, Prefix); ours {
			r.values[name] = value
			r.names = append(r.names, name)
		}
	}
	slices.Sort(r.names)
	r.names = slices.Compact(r.names)
	return r
}

// given says whether any of these variables is set to anything; an empty one counts as not set.
func (r *envReader) given(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return r.values[name] != "" })
}

func (r *envReader) report(name, sentence string) {
	r.problems = append(r.problems, Prefix+name+" "+sentence)
}

func (r *envReader) require(holds bool, name, sentence string) {
	if !holds {
		r.report(name, sentence)
	}
}

// apply reads one setting, as far as it is read with what was read before it.
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
	value := r.value(s)
	if value == "" {
		return
	}
	if err := s.apply(c, value); err != nil {
		r.report(s.Name, err.Error())
	}
}

// value answers what a setting is set to, from its variable, its file or its default.
func (r *envReader) value(s Setting) string {
	direct, path := r.values[s.Name], r.values[s.Name+"_FILE"]
	switch {
	case s.Secret && direct != "" && path != "":
		r.report(s.Name, "and "+Prefix+s.Name+"_FILE are both set. Unset one of them.")
		return ""
	case s.Secret && path != "":
		return r.file(s.Name+"_FILE", path)
	case direct != "":
		return direct
	default:
		return s.Default
	}
}

// file reads a secret from a file; editors and shells leave a newline at its end, which is not part of it.
func (r *envReader) file(name, path string) string {
	data, err := readTrusted(path, secretLimit)
	if err != nil {
		r.report(name, err.Error())
		return ""
	}
	value := strings.TrimRight(string(data), "\r\n")
	r.require(value != "", name, "names a file which is empty. Put the value in it.")
	return value
}

// refuseUnknown reports every variable of ours that no setting reads: a misspelt one would otherwise be a setting
// that silently does nothing. Kubernetes injects the excepted ones for a service called voxwarden.
func (r *envReader) refuseUnknown(known map[string]bool) {
	for _, name := range r.names {
		injected := strings.HasPrefix(name, "PORT") || strings.HasPrefix(name, "SERVICE_")
		r.require(known[name] || injected, name, "is not a setting of this version. Check the spelling, or unset it.")
	}
}

// ListenAddress answers the address that a console with this environment listens on, right or wrong, without
// looking at any other setting.
func ListenAddress(environ []string) string {
	r := newEnvReader(environ)
	for _, s := range Settings() {
		if s.Name == "LISTEN" {
			return r.value(s)
		}
	}
	return ""
}
