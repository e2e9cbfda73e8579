package voxsim

import (
	"fmt"
	"strings"
)

// ParseVariants reads a list such as "set_key_roles=replace,page_cap=10". The empty text gives the defaults, as does
// the name of a default value ("set_key_roles=add"). An unknown switch or value is an error that lists what there is.
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

// String is the list of the switches that are off their default, in the form that ParseVariants reads.
func (v Variants) String() string {
	var items []string
	for _, s := range variantSwitches() {
		if value := s.get(v); value != "" {
			items = append(items, s.name+"="+value)
		}
	}
	return strings.Join(items, ",")
}

// NamedVariant is a set of variants with one switch off its default.
type NamedVariant struct {
	Name     string // as ParseVariants reads it: "set_key_roles=replace"
	Variants Variants
}

// AllVariants has every switch off its default once for each value it knows, and open numbers with a telling example,
// so that a test can hold against all of them. It panics only if the table of switches contradicts itself.
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
