// Package gallery contains every page of the console in every state, with data of an imaginary company. Golden files,
// screenshots and accessibility checks are made from it, so every new state of a page belongs here.
package gallery

import (
	"slices"
	"strings"

	"github.com/a-h/templ"
)

// State is one page in one state.
type State struct {
	Area      string // the package under views: "subusers"
	Page      string // "list"
	Name      string // "many", with dashes for spaces
	Component templ.Component
}

// Key names the state in file names and addresses: "subusers.list.many".
func (s State) Key() string { return strings.Join([]string{s.Area, s.Page, s.Name}, ".") }

// States returns all states, area by area.
func States() []State {
	return slices.Concat(
		overviewStates(),
		driftStates(),
		subuserListStates(),
		subuserNewStates(),
		subuserShowStates(),
		subuserRolesStates(),
		subuserChangeStates(),
		keyStates(),
		bulkStates(),
		roleStates(),
		matrixStates(),
		finderStates(),
		searchStates(),
		auditOperationStates(),
		auditListStates(),
		accountStates(),
		meStates(),
		sessionsStates(),
		problemStates(),
		componentStates(),
	)
}

// Find returns the state with this key.
func Find(key string) (State, bool) {
	for _, s := range States() {
		if s.Key() == key {
			return s, true
		}
	}
	return State{}, false
}
