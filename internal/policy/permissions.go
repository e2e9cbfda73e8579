// Package policy decides which permissions an operator has. It is pure: no I/O, no clock, no state that changes.
package policy

import "slices"

// Permission names something that an operator may do. Its value is stored in the audit log.
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

// DashboardRole is a set of permissions of an operator. Roles add up; an operator has none by default.
type DashboardRole string

// The dashboard roles, fewest permissions first.
const (
	Viewer  DashboardRole = "viewer"
	Auditor DashboardRole = "auditor"
	Editor  DashboardRole = "editor"
	Admin   DashboardRole = "admin"
)

// DashboardRoles returns every dashboard role, fewest permissions first.
func DashboardRoles() []DashboardRole { return []DashboardRole{Viewer, Auditor, Editor, Admin} }

// PermissionInfo is one row of the permission table.
type PermissionInfo struct {
	Permission Permission
	Text       string          // what it allows: a sentence for pages
	Roles      []DashboardRole // that have it
}

// Permissions returns every permission, what it allows, and the dashboard roles that have it.
func Permissions() []PermissionInfo {
	all := []DashboardRole{Viewer, Auditor, Editor, Admin}
	editors := []DashboardRole{Editor, Admin}
	auditors := []DashboardRole{Auditor, Admin}
	admin := []DashboardRole{Admin}
	return []PermissionInfo{
		{OverviewView, "See the overview.", all},
		{SubusersView, "List and show subusers and their history, without reasons.", all},
		{SubusersExport, "Export the list of subusers.", all},
		{SubusersCreate, "Create subusers.", editors},
		{SubusersEdit, "Change the description of subusers.", editors},
		{SubusersRoles, "Change the roles of subusers.", editors},
		{SubusersForce, "Revoke roles from a subuser and all of its keys by force.", admin},
		{SubusersPassword, "Change the password of subusers, given the current one.", editors},
		{SubusersReissue, "Re-issue subusers: delete them and create them again.", editors},
		{SubusersDelete, "Delete subusers.", editors},
		{KeysView, "List and show service-account keys and their history, without reasons.", all},
		{KeysExport, "Export the list of keys.", all},
		{KeysCreate, "Create keys.", admin},
		{KeysEdit, "Change the name and description of keys.", admin},
		{KeysRoles, "Change the roles of keys.", admin},
		{KeysDelete, "Delete keys.", admin},
		{BulkStart, "Start bulk changes and imports, within the permissions for each subuser.", editors},
		{RolesView, "See the role catalogue and role assignments.", all},
		{AuditOwn, "See your own operations in full.", editors},
		{AuditView, "See all operations in full.", auditors},
		{AuditExport, "Export all operations in full.", auditors},
		{AuditResolve, "Resolve operations with an unknown result.", admin},
		{DriftAccept, "Accept changes made outside Voxwarden.", admin},
		{SessionsEnd, "See and end the sessions of all operators.", admin},
		{Privileged, "Grant and revoke privileged roles, and change principals that have one.", admin},
	}
}

// Has reports whether a dashboard role has the permission.
func (d PermissionInfo) Has(role DashboardRole) bool { return slices.Contains(d.Roles, role) }
