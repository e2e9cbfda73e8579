package voxsim

import "time"

// Variants has one switch for each behaviour that the vendor does not publish or that is only inferred. The zero value
// has the defaults. The defaults are choices, not knowledge about the vendor: a caller must work with every value. Each
// comment gives the name of the switch for ParseVariants and the -variant flag, with a value that is not the default.
type Variants struct {
	// SetKeyRolesReplaces (set_key_roles=replace): SetKeyRoles replaces the roles of the key. Not published. Default:
	// it adds, as documented for SetSubUserRoles.
	SetKeyRolesReplaces bool
	// SubuserKeys is what happens to the keys of a deleted subuser (subuser_keys=go or named).
	SubuserKeys SubuserKeysMode
	// EmptyTextIgnored (empty_text=ignored): SetSubUserInfo and UpdateKey return 1 for an empty description and keep
	// the current one. Clients differ in whether they send an empty parameter. Default: the description is cleared.
	EmptyTextIgnored bool
	// NoEffect (no_effect=all or the name of a method): these writes return what they always return, after all checks,
	// and change nothing. A new subuser or key then has an id that no principal has. The vendor's own notes warn of this
	// for another method. Default: every accepted write is carried out.
	NoEffect NoEffect
	// LoginReserved (login_reserved=5m): the login of a deleted subuser gives 436 for this time. Not published.
	// Default: it is free at once.
	LoginReserved time.Duration
	// ResendWindow (resend_window=2s): a write with the same key, method and parameters as one that was committed less
	// than this ago gives 484. It is not published when the service returns 484. Default: never.
	ResendWindow time.Duration

	// PageCap (page_cap=7): the largest page of GetKeys, GetSubUsers and GetAuditLog. Not published. Default (0): 1000.
	PageCap int
	// CountLimit (count_limit=50): a larger count gives 496 instead of the largest page. It is not published whether a
	// count can be too large. Default (0): no limit.
	CountLimit int
	// OffsetIgnored (offset=ignored): every page is the first. Default: offset is used.
	OffsetIgnored bool
	// OrderUnstable (order=unstable): every call shuffles its rows, also of roles and groups. No order of lists is
	// published. Default: order of creation, and ascending ids for roles.
	OrderUnstable bool
	// TotalCount (total_count=present): listings have total_count and count. The types of the clients lack these fields
	// here. Default: absent.
	TotalCount bool
	// UnknownIDEmpty (unknown_id=empty): a read by an unknown id returns an empty list. Default: 433 or 434.
	UnknownIDEmpty bool

	// RoleNoopRefused (role_noop=refuse): granting a role that is already direct, or revoking one that the principal
	// does not have, gives 435. Default: 1, without a change.
	RoleNoopRefused bool
	// RevokeInheritedOK (revoke_inherited=ok): revoking a role that is only inherited returns 1 and changes nothing.
	// Default: 435.
	RevokeInheritedOK bool
	// GrantBeyondOwnRefused (grant_beyond_own=refuse): a key without Owner that grants a key roles which it does not
	// have itself gets 435. Not published. Default: allowed.
	GrantBeyondOwnRefused bool
	// RoleLinks is which lists of roles include parents and children (role_links=held).
	RoleLinks RoleLinks
	// Inherited is the meaning of the field "inherited" of an assigned role (inherited=catalogue or absent).
	Inherited InheritedFlag
	// RoleList is which roles of a principal are listed (held_roles=leaves, direct or twice).
	RoleList RoleListMode
	// WithRolesIgnored (with_roles=ignored): listings never include roles. Default: they do if requested.
	WithRolesIgnored bool
	// EmptyRolesAbsent (empty_roles=absent): the field "roles" is missing for a principal without roles. Default: an
	// empty list.
	EmptyRolesAbsent bool
	// KeySubuser is the form of "subuser" of a key (key_subuser=object or absent).
	KeySubuser KeySubuserForm
	// RoleIDShift (role_id_shift=1000) is added to every role id. Most ids of the catalogue are sample data.
	RoleIDShift int

	// ChildFilterRequired (child_filter=required): GetChildrenAccounts without any of its three filters gives the code for
	// a missing parameter. The vendor's text requires one of them; its examples send none. Default: all children.
	ChildFilterRequired bool

	// AuditSilent (audit_log=silent): role system calls are not in the audit log. That they are is inferred from the
	// examples, which show calls that change something. Default: every committed call is logged.
	AuditSilent bool
	// AuditDatesOptional (audit_dates=optional): from_date and to_date may be missing, as in the newest client; the
	// vendor's pages require them. Default: required.
	AuditDatesOptional bool
	// AuditText (audit_args=text): cmd_args and cmd_result are JSON in a string, as in the newest client; the published
	// example has objects. Default: objects.
	AuditText bool
	// AuditDays (audit_days=30): a longer range gives 569. Not published. Default (0): no limit.
	AuditDays int

	// ErrorForm is the JSON form of a refusal (error_form=errors or both).
	ErrorForm ErrorForm
	// ErrorStatus (error_status=400): the HTTP status of a refusal. That it is 200 is inferred from the clients.
	// Default (0): 200.
	ErrorStatus int
	// ExtraFields (extra_fields=on) adds an undocumented field to every object. Default: none.
	ExtraFields bool
	// RoleGroupsOpen (role_groups=open): keys without roles may call GetRoleGroups. It is not in the list of methods
	// for such keys, but no restriction is published either. Default: 104.
	RoleGroupsOpen bool

	// RateLimit (rate_limit=5): calls per second, and the largest burst, before 340. Default (0): no limit.
	RateLimit int
	// MaxKeys (max_keys=1): the number of keys from which CreateKey gives 437. Not published. Default (0): no limit.
	MaxKeys int
	// MaxSubusers (max_subusers=1): the number of subusers from which AddSubUser gives 438. Not published. Default (0):
	// no limit.
	MaxSubusers int
	// ClockOffset (clock_offset=90s): how far the clock of the service is ahead; it may be negative. It affects the
	// Date header and the checks of tokens.
	ClockOffset time.Duration

	// ForbiddenCode (forbidden_code=100): the code for a method that the roles of the key do not allow. That it is 104 is
	// inferred. For two methods of SMS the vendor's own notes say that 100 can mean a missing role. Default (0): 104.
	ForbiddenCode int
	// MissingCode (missing_code=485): the code for a missing required parameter. Default (0): 134.
	MissingCode int
	// PasswordCode (password_code=463 or 523): the code for every invalid password, except one with spaces. Default
	// (0): 463 for a blank one, else 464.
	PasswordCode int
	// LengthCode (length_code=499): the code for a key name over 50 characters. Default (0): 477.
	LengthCode int
	// WrongOldPasswordCode (wrong_old_password=100, 448 …): the code for a wrong old_subuser_password. Default (0):
	// 496.
	WrongOldPasswordCode int
}

// NoEffect is which writes are accepted without an effect: NoEffectAll, or the name of one method.
type NoEffect string

// NoEffectAll is every method that writes.
const NoEffectAll NoEffect = "all"

// Covers reports whether a write has no effect.
func (n NoEffect) Covers(method string) bool { return n == NoEffectAll || string(n) == method }

// SubuserKeysMode is what happens to the keys of a deleted subuser, which is not published.
type SubuserKeysMode string

// The keys of other subusers never change.
const (
	SubuserKeysUnassigned SubuserKeysMode = ""      // they keep working and belong to no subuser (the default)
	SubuserKeysDeleted    SubuserKeysMode = "go"    // they are deleted too
	SubuserKeysUnchanged  SubuserKeysMode = "named" // they keep working and name the deleted subuser
)

// RoleLinks is which lists of roles have parent_role_id and child_ids.
type RoleLinks string

// Both fields are optional in the types of the clients, and only the list of GetSubUserRoles is published.
const (
	RoleLinksEverywhere RoleLinks = ""     // all (the default)
	RoleLinksAssigned   RoleLinks = "held" // only GetSubUserRoles and GetKeyRoles
)

// InheritedFlag is the meaning of the field "inherited" of an assigned role.
type InheritedFlag string

// The published example has a role with "inherited": true and parents that are not in the list, which fits the second
// value.
const (
	InheritedByAssignment InheritedFlag = ""          // the role is not direct (the default)
	InheritedByCatalogue  InheritedFlag = "catalogue" // the role has parents, assigned or not
	InheritedAbsent       InheritedFlag = "absent"    // the field is not sent
)

// RoleListMode is which roles of a principal are listed.
type RoleListMode string

// The published example also fits the second value: the subuser may be Owner although the list does not contain it.
const (
	RoleListAll    RoleListMode = ""       // direct and inherited roles (the default)
	RoleListLeaves RoleListMode = "leaves" // the same, without roles that contain others
	RoleListDirect RoleListMode = "direct" // only direct roles
	// the default, and again each direct role that is also inherited
	RoleListDuplicated RoleListMode = "twice"
)

// KeySubuserForm is the JSON form of the field "subuser" of a key.
type KeySubuserForm string

// The types of the clients have an array, but they are wrong about another array.
const (
	KeySubuserArray  KeySubuserForm = ""       // an array of one (the default)
	KeySubuserObject KeySubuserForm = "object" // the object itself
	KeySubuserAbsent KeySubuserForm = "absent" // never sent
)

// ErrorForm is the JSON form of a refusal.
type ErrorForm string

// The published form has "error"; the clients also know "errors".
const (
	ErrorAlone  ErrorForm = ""       // {"error":{…}} (the default)
	ErrorsAlone ErrorForm = "errors" // {"errors":[{…}]}
	ErrorBoth   ErrorForm = "both"   // both
)
