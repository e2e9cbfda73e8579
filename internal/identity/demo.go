package identity

import (
	"fmt"
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Demo lets every visitor choose one of four operators, one for each dashboard role, without a proof of identity. It is
// for a console on a loopback address with a simulated account.
type Demo struct {
	Sessions interface {
		Operator(r *http.Request) (operator.Operator, error)
	}
	Now func() time.Time // nil means time.Now
}

// demoOperator is an operator of the demo.
type demoOperator struct{ role, name string }

func demoOperators() []demoOperator {
	return []demoOperator{
		{"viewer", "Vera Viewer"},
		{"auditor", "Aldo Auditor"},
		{"editor", "Edda Editor"},
		{"admin", "Ada Admin"},
	}
}

// Roles returns the dashboard roles, from the fewest permissions to the most.
func (Demo) Roles() []string {
	var roles []string
	for _, p := range demoOperators() {
		roles = append(roles, p.role)
	}
	return roles
}

// SignIn returns the demo's operator with a dashboard role, and whether there is one. It does not start a session.
func (d Demo) SignIn(role string) (operator.Operator, bool) {
	for _, p := range demoOperators() {
		if p.role == role {
			at := d.now()
			return operator.Operator{
				Issuer:   operator.Demo,
				Subject:  p.role,
				Name:     p.name,
				Groups:   []string{operator.Demo + "-" + p.role},
				GroupsAt: at,
				Method:   operator.Demo,
				ProvenAt: at,
			}, true
		}
	}
	return operator.Operator{}, false
}

// Identify returns the operator of the request's session. It ignores sessions of other sign-in methods, so that a demo
// and a real console can use the same database one after the other.
//
// The groups of a demo never change, so GroupsAt is the time of the request.
func (d Demo) Identify(_ http.ResponseWriter, r *http.Request) (operator.Operator, error) {
	current, err := d.Sessions.Operator(r)
	if err != nil {
		return operator.Operator{}, fmt.Errorf("reading the session: %w", err)
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
