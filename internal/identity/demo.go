package identity

import (
	"fmt"
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Demo lets a visitor be one of four people, one for each dashboard role, without proving anything. It is for a
// console on a loopback address with a simulated account behind it.
type Demo struct {
	Sessions interface {
		Operator(r *http.Request) (operator.Operator, error)
	}
	Now func() time.Time // nil means time.Now
}

// checkOperator is one of the demo's people.
type demoOperator struct{ role, name string }

func demoOperators() []demoOperator {
	return []demoOperator{
		{"viewer", "Vera Viewer"},
		{"auditor", "Aldo Auditor"},
		{"editor", "Edda Editor"},
		{"admin", "Ada Admin"},
	}
}

// Roles answers the dashboard roles to choose from, from the least to the most.
func (Demo) Roles() []string {
	var roles []string
	for _, p := range demoOperators() {
		roles = append(roles, p.role)
	}
	return roles
}

// SignIn answers the demo's person of a dashboard role, and whether there is one. It begins no session.
func (d Demo) SignIn(role string) (operator.Operator, bool) {
	for _, p := range demoOperators() {
		if p.role == role {
			at := d.now()
			return operator.Operator{
				Issuer: operator.Demo, Subject: p.role, Name: p.name, Groups: []string{operator.Demo + "-" + p.role},
				GroupsAt: at, Method: operator.Demo, ProvenAt: at,
			}, true
		}
	}
	return operator.Operator{}, false
}

// Identify answers who signed in with the request's session. A session that another way of signing in began counts
// for nothing here, so that a database can change hands between a demo and a real console.
//
// A demo's groups never change, so they are always as new as the request.
func (d Demo) Identify(_ http.ResponseWriter, r *http.Request) (operator.Operator, error) {
	current, err := d.Sessions.Operator(r)
	if err != nil {
		return operator.Operator{}, fmt.Errorf("reading who is signed in: %w", err)
	}
	if current.Method != operator.Demo || current.Issuer != operator.Demo {
		return operator.Operator{}, nil
	}
	current.GroupsAt = d.now()
	return current, nil
}

func (d Demo) now() time.Time {
	if d.Now != nil {
		return d.Now()
	}
	return time.Now()
}
