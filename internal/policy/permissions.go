// Package policy decides who may do what in the console. It is pure: no I/O, no clock, no state that changes.
package policy

import "slices"

// Permission names one thing that an operator may do here.
type Permission string

// The permissions of the console. Their descriptions are in Permissions.
const (
	OverviewView     Permission = "overview.view"
	SubusersView     Permission = "subusers.view"
	SubusersExport   Permission = "subusers.export"
	SubusersCreate   Permission = "subusers.create"
	SubusersEdit     Permission = "subusers.edit"
	SubusersRoles    Permission = "subusers.roles"
	SubusersForce    Permission = "subusers.force"
	SubusersPassword Permission = "subusers.password"
	SubusersReissue  Permission = "subusers.re-issue"
	SubusersDelete   Permission = "subusers.delete"
	KeysView         Permission = "keys.view"
	KeysExport       Permission = "keys.export"
	KeysCreate       Permission = "keys.create"
	KeysEdit         Permission = "keys.edit"
	KeysRoles        Permission = "keys.roles"
	KeysDelete       Permission = "keys.delete"
	BulkStart        Permission = "bulk.start"
	RolesView        Permission = "roles.view"
	AuditOwn         Permission = "audit.own"
	AuditView        Permission = "audit.view"
	AuditExport      Permission = "audit.export"
	AuditResolve     Permission = "audit.resolve"
	DriftAccept      Permission = "drift.accept"
	SessionsEnd      Permission = "sessions.end"
	Privileged       Permission = "privileged"
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

// PermissionInfo is one row of the permission table.
type PermissionInfo struct {
	Permission Permission
	Text       string          // what it lets one do, for people
	Roles      []DashboardRole // who has it
}

// Permissions is the whole table: every permission, what it allows, and the dashboard roles that have it.
func Permissions() []PermissionInfo {
	all := []DashboardRole{Viewer, Auditor, Editor, Admin}
	editors := []DashboardRole{Editor, Admin}
	auditors := []DashboardRole{Auditor, Admin}
	admin := []DashboardRole{Admin}
	return []PermissionInfo{
		{OverviewView, "See the overview.", all},
		{SubusersView, "List and show subusers, with the history of each, without reasons.", all},
		{SubusersExport, "Export the list of subusers.", all},
		{SubusersCreate, "Create subusers.", editors},
		{SubusersEdit, "Change the description of subusers.", editors},
		{SubusersRoles, "Change the roles of subusers.", editors},
		{SubusersForce, "Take roles from a subuser and all of their keys by force.", admin},
		{SubusersPassword, "Change the password of subusers who tell their current one.", editors},
		{SubusersReissue, "Re-issue the access of subusers: delete them and create them again.", editors},
		{SubusersDelete, "Delete subusers.", editors},
		{KeysView, "List and show service-account keys, with the history of each, without reasons.", all},
		{KeysExport, "Export the list of keys.", all},
		{KeysCreate, "Create keys.", admin},
		{KeysEdit, "Change the name and the description of keys.", admin},
		{KeysRoles, "Change the roles of keys.", admin},
		{KeysDelete, "Delete keys.", admin},
		{
			BulkStart,
			"Do one thing to many subusers, and import subusers from a file: as far as one may do it to each.",
			editors,
		},
		{RolesView, "See the role catalogue and who holds what.", all},
		{AuditOwn, "See your own operations in full.", editors},
		{AuditView, "See everyone's operations in full.", auditors},
		{AuditExport, "Export everyone's operations in full.", auditors},
		{AuditResolve, "Settle an operation by hand.", admin},
		{DriftAccept, "Accept what was changed outside the console.", admin},
		{SessionsEnd, "See who is signed in, and end anybody's session.", admin},
		{Privileged, "Grant and revoke privileged roles, and act on those who hold one.", admin},
	}
}

// Has says whether a dashboard role has the permission.
func (d PermissionInfo) Has(role DashboardRole) bool { return slices.Contains(d.Roles, role) }
