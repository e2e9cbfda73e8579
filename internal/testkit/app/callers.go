package app

import (
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// Caller is an operator who tries what requires a permission.
type Caller struct {
	Name      string
	Operator  operator.Operator
	MayChange bool // may change subusers and draft bulk changes
	SeesAll   bool // may view the operations and bulk changes of other operators
	IsAdmin   bool
}

// Callers returns callers with all levels of permission, from none to admin. The admin comes last.
func Callers() []Caller {
	return []Caller{
		{Name: "no operator", Operator: operator.Operator{}},
		{Name: "no operator, with groups", Operator: operator.Operator{Groups: []string{"admin", "editor"}}},
		{Name: "an operator without a role", Operator: Operator("an operator without a role")},
		{Name: "a viewer", Operator: Operator("a viewer", policy.Viewer)},
		{Name: "an auditor", Operator: Operator("an auditor", policy.Auditor), SeesAll: true},
		{Name: "an editor", Operator: Operator("an editor", policy.Editor), MayChange: true},
		{
			Name:      "an auditor and editor",
			Operator:  Operator("an auditor and editor", policy.Auditor, policy.Editor),
			MayChange: true,
			SeesAll:   true,
		},
		{Name: "an admin", Operator: Operator("an admin", policy.Admin), MayChange: true, SeesAll: true, IsAdmin: true},
	}
}
