package app

import (
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// Caller is somebody who tries what not everybody may.
type Caller struct {
	Name      string
	Operator  operator.Operator
	MayChange bool // may change subusers, and make runs
	SeesAll   bool // sees the operations and runs of others
	IsAdmin   bool
}

// Callers are everybody from nobody to an admin, who comes last.
func Callers() []Caller {
	return []Caller{
		{Name: "nobody", Operator: operator.Operator{}},
		{Name: "nobody who says admin", Operator: operator.Operator{Groups: []string{"admin", "editor"}}},
		{Name: "a stranger", Operator: Operator("a stranger")},
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
