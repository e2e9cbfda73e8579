package voxsim

import (
	"fmt"
	"strings"
)

// ParseVariants parses a list such as "set_key_roles=replace,page_cap=10". An empty list gives the defaults, and so
// does the name of a default value ("set_key_roles=add"). The error for an unknown switch or value lists the valid
// ones.
func ParseVariants(text string) (Variants, error) {
	var v Variants
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		name, value, _ := strings.Cut(item, "=")
		s, err := switchNamed(name)
		if err != nil {
			return Variants{}, err
		}
		if err := s.set(&v, value); err != nil {
			return Variants{}, fmt.Errorf("variant %s: %w", name, err)
		}
	}
	return v, nil
}

// String returns the switches that are not at their default, in the form that ParseVariants accepts.
func (v Variants) String() string {
	var items []string
	for _, s := range variantSwitches() {
		if value := s.get(v); value != "" {
			items = append(items, s.name+"="+value)
		}
	}
	return strings.Join(items, ",")
}

// NamedVariant is a set of variants with one switch that is not at its default.
type NamedVariant struct {
	Name     string // in the form of ParseVariants: "set_key_roles=replace"
	Variants Variants
}

// AllVariants returns one set for each value of each switch that is not the default, with an example for each number
// and duration, for tests of all of them.
func AllVariants() []NamedVariant {
	var all []NamedVariant
	for _, s := range variantSwitches() {
		for _, value := range s.nonDefaults {
			name := s.name + "=" + value
			v, err := ParseVariants(name)
			if err != nil {
				panic(err)
			}
			all = append(all, NamedVariant{Name: name, Variants: v})
		}
	}
	return all
}

func switchNamed(name string) (variantSwitch, error) {
	var known []string
	for _, s := range variantSwitches() {
		if s.name == name {
			return s, nil
		}
		known = append(known, s.name)
	}
	return variantSwitch{}, fmt.Errorf("unknown variant %q (known: %s)", name, strings.Join(known, ", "))
}
