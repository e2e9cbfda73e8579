package rolefacts

import (
	"iter"
	"math/bits"
)

// maxMethods is the number of methods that a MethodSet can hold.
const maxMethods = 256

// MethodSet is a set of methods. The zero MethodSet is empty. It can be compared with ==.
type MethodSet [maxMethods / 64]uint64

// NewMethodSet returns the set of these methods.
func NewMethodSet(methods ...Method) MethodSet {
	var s MethodSet
	for _, m := range methods {
		s.add(m.index)
	}
	return s
}

func (s *MethodSet) add(index int) { s[index/64] |= 1 << (index % 64) }

// Has reports whether the set contains a method.
func (s MethodSet) Has(m Method) bool { return s.has(m.index) }

func (s MethodSet) has(index int) bool { return s[index/64]&(1<<(index%64)) != 0 }

// Union returns the methods of both sets.
func (s MethodSet) Union(other MethodSet) MethodSet {
	for i := range s {
		s[i] |= other[i]
	}
	return s
}

// Without returns the methods that are not in the other set.
func (s MethodSet) Without(other MethodSet) MethodSet {
	for i := range s {
		s[i] &^= other[i]
	}
	return s
}

// Covers reports whether the set contains every method of the other one.
func (s MethodSet) Covers(other MethodSet) bool { return other.Without(s) == MethodSet{} }

// Len returns the number of methods.
func (s MethodSet) Len() int {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// All returns the methods by group and name.
func (s MethodSet) All() iter.Seq[Method] {
	return func(yield func(Method) bool) {
		for _, m := range data().methods {
			if s.has(m.index) && !yield(m) {
				return
			}
		}
	}
}

// Writes returns the number of methods that change something.
func (s MethodSet) Writes() int {
	n := 0
	for m := range s.All() {
		if m.Writes {
			n++
		}
	}
	return n
}

// Reaches returns what the methods can reach, in the order of the function Reaches.
func (s MethodSet) Reaches() []Reach {
	reached := map[Reach]bool{}
	for m := range s.All() {
		for _, reach := range m.Reaches {
			reached[reach] = true
		}
	}
	var list []Reach
	for _, reach := range Reaches() {
		if reached[reach] {
			list = append(list, reach)
		}
	}
	return list
}
