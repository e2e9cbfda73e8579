// Package policy decides who may do what in the console. It is pure: no I/O, no clock, no state that changes.
package policy

// Permission names one thing that an operator may do here.
type Permission string

// The permissions of the console. Their descriptions are in Permissions.
const (
	OverviewView   Permission = "overview.view"
	SubusersView   Permission = "subusers.view"
	SubusersExport Permission = "subusers.export"
	SubusersCreate Permission = "subusers.create"
	SubusersRoles  Permission = "subusers.roles"
	RolesView      Permission = "roles.view"
	RecordOwn      Permission = "record.own"
	RecordView     Permission = "record.view"
	RecordSettle   Permission = "record.settle"
	Privileged     Permission = "privileged"
)

// DashboardRole is what an operator may be here. Roles add up; nobody has one by default.
type DashboardRole string

// The dashboard roles, from the least to the most.
const (
	Viewer  DashboardRole = "viewer"
	Auditor DashboardRole = "auditor"
	Editor  DashboardRole = "editor"
	Admin   DashboardRole = "admin"
)

// DashboardRoles lists every dashboard role, from the least to the most.
func DashboardRoles() []DashboardRole { return []DashboardRole{Viewer, Auditor, Editor, Admin} }

// Description is one row of the permission table.
type Description struct {
	Permission Permission
	Text       string          // what it lets one do, for people
	Roles      []DashboardRole // who has it
}

// Permissions is the whole table: every permission, what it allows, and the dashboard roles that have it.
func Permissions() []Description {
	all := []DashboardRole{Viewer, Auditor, Editor, Admin}
	write := []DashboardRole{Editor, Admin}
	record := []DashboardRole{Auditor, Admin}
	admin := []DashboardRole{Admin}
	return []Description{
		{OverviewView, "See the overview.", all},
		{SubusersView, "List and show subusers, with the history of each, without reasons.", all},
		{SubusersExport, "Export the list of subusers.", all},
		{SubusersCreate, "Create subusers.", write},
		{SubusersRoles, "Change the roles of subusers.", write},
		{RolesView, "See the role catalogue and who holds what.", all},
		{RecordOwn, "See one's own operations in full.", write},
		{RecordView, "See everyone's operations in full.", record},
		{RecordSettle, "Settle an operation by hand.", admin},
		{Privileged, "Grant and revoke privileged roles, and act on those who hold one.", admin},
	}
}
