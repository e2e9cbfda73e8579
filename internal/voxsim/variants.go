package voxsim

import "time"

// Variants holds one switch for each thing that the contract calls NOT FOUND or INFERRED. The zero value has the
// defaults; these are choices of ours, not knowledge about the vendor, and a caller must be right under every value.
// Each doc comment names the switch as ParseVariants and the -variant flag spell it.
type Variants struct {
	// SetKeyRolesReplaces (set_key_roles=replace): whether SetKeyRoles replaces the key's roles or adds to them is not
	// published. Default: adds, as its sibling SetSubUserRoles says of itself.
	SetKeyRolesReplaces bool
	// SubuserKeys is the fate of a deleted subuser's keys (subuser_keys=go or named).
	SubuserKeys SubuserKeysMode
	// EmptyTextIgnored (empty_text=ignored): clients differ in whether they send an empty parameter at all. With it
	// SetSubUserInfo and UpdateKey answer 1 to an empty description and leave the former one. Default: it is cleared.
	EmptyTextIgnored bool
	// LoginReserved (login_reserved=5m): whether a deleted subuser's login is free at once is not published. Within
	// this time it answers 436. Default: free at once.
	LoginReserved time.Duration
	// ResendWindow (resend_window=2s): when the service answers 484 is not published. With it, a changing call with
	// the same key, method and parameters as one committed less than this ago is refused. Default: never.
	ResendWindow time.Duration

	// PageCap (page_cap=7): the largest page of GetKeys, GetSubUsers and GetAuditLog is not published. Default (0): 1000.
	PageCap int
	// CountLimit (count_limit=50): a count above it is refused with 496, instead of giving the largest page; whether a
	// count can be too large is not published. Default (0): none is.
	CountLimit int
	// OffsetIgnored (offset=ignored): every page is the first. Default: honoured.
	OffsetIgnored bool
	// OrderUnstable (order=unstable): no order of lists is published; with it every call shuffles the rows, those of
	// roles and groups too. Default: the order of creation, and ascending ids of roles.
	OrderUnstable bool
	// TotalCount (total_count=present): the clients' types have no total_count and count here, a real body might.
	// Default: absent.
	TotalCount bool
	// UnknownIDEmpty (unknown_id=empty): a read by an id that does not exist gives an empty list. Default: 433 or 434.
	UnknownIDEmpty bool

	// RoleNoopRefused (role_noop=refuse): granting a role that is held directly, or revoking one that is not held at
	// all, gives 435. Default: 1, and nothing changes.
	RoleNoopRefused bool
	// RevokeInheritedOK (revoke_inherited=ok): revoking a role that is held only through another gives 1 and changes
	// nothing. Default: 435.
	RevokeInheritedOK bool
	// GrantBeyondOwnRefused (grant_beyond_own=refuse): a key without Owner cannot give a key roles that it does not
	// have itself; 435. Not published. Default: it can.
	GrantBeyondOwnRefused bool
	// RoleLinks says where roles tell of their parents and children (role_links=held).
	RoleLinks RoleLinks
	// Inherited says what the flag "inherited" of a held role means (inherited=catalogue or absent).
	Inherited InheritedFlag
	// RoleList says which roles are listed as held (held_roles=leaves, direct or twice).
	RoleList RoleListMode
	// WithRolesIgnored (with_roles=ignored): listings never carry roles. Default: they do when asked.
	WithRolesIgnored bool
	// EmptyRolesAbsent (empty_roles=absent): "roles" is left out for somebody without roles. Default: an empty list.
	EmptyRolesAbsent bool
	// KeySubuser is the form of "subuser" on a key (key_subuser=object or absent).
	KeySubuser KeySubuserForm
	// RoleIDShift (role_id_shift=1000) is added to every role id; ids of the catalogue are sample data anyway.
	RoleIDShift int

	// AuditSilent (audit_log=silent): that calls of the Role System are in GetAuditLog's history is inferred from the
	// examples, which show calls that change something. With it none is noted. Default: every one that was committed.
	AuditSilent bool
	// AuditDatesOptional (audit_dates=optional): from_date and to_date are required by the vendor's pages, optional in
	// the newest client. Default: required.
	AuditDatesOptional bool
	// AuditText (audit_args=text): cmd_args and cmd_result are objects in the published example, strings in the newest
	// client. With it they are JSON in a string. Default: objects.
	AuditText bool
	// AuditDays (audit_days=30): the longest range before 569 is not published. Default (0): none.
	AuditDays int

	// ErrorForm says how a refusal is wrapped (error_form=errors or both).
	ErrorForm ErrorForm
	// ErrorStatus (error_status=400): that a refusal comes with HTTP status 200 is inferred from the clients, and was
	// not measured. Default (0): 200.
	ErrorStatus int
	// ExtraFields (extra_fields=on) adds a field nobody has heard of to every object. Default: none.
	ExtraFields bool
	// RoleGroupsOpen (role_groups=open): GetRoleGroups is missing from the list of methods for keys without roles, but
	// no restriction is stated either. With it they may call it. Default: 104.
	RoleGroupsOpen bool

	// RateLimit (rate_limit=5): calls a second, and at most as many at once, before 340. Default (0): no limit.
	RateLimit int
	// MaxKeys (max_keys=1): with this many keys CreateKey gives 437. The number is not published. Default (0): none.
	MaxKeys int
	// MaxSubusers (max_subusers=1): with this many subusers AddSubUser gives 438. Default (0): no limit.
	MaxSubusers int
	// ClockOffset (clock_offset=90s) is how far the service's clock is ahead of ours, behind when negative. It shows in
	// the Date header and in the checks of tokens.
	ClockOffset time.Duration

	// MissingCode (missing_code=485) is given for a missing required parameter. Default (0): 134.
	MissingCode int
	// PasswordCode (password_code=463 or 523) is given for every password against the rule, save for one with spaces.
	// Default (0): 463 for a blank one, else 464.
	PasswordCode int
	// LengthCode (length_code=499) is given for a key name over 50 characters. Default (0): 477.
	LengthCode int
	// WrongOldPasswordCode (wrong_old_password=100, 448 …) is given when old_subuser_password is not the right one.
	// Default (0): 496.
	WrongOldPasswordCode int
}

// SubuserKeysMode is what becomes of the keys of a subuser who is deleted, which is not published.
type SubuserKeysMode string

// In no case do the keys of others change.
const (
	SubuserKeysUnassigned SubuserKeysMode = ""      // they stay and work, and belong to nobody (the default)
	SubuserKeysDeleted    SubuserKeysMode = "go"    // they are deleted too
	SubuserKeysUnchanged  SubuserKeysMode = "named" // they stay and work, and name the one who is no more
)

// RoleLinks says which roles carry parent_role_id and child_ids.
type RoleLinks string

// Both fields are optional in the clients' types, and of all lists of roles only that of GetSubUserRoles is published.
const (
	RoleLinksEverywhere RoleLinks = ""     // all roles do (the default)
	RoleLinksAssigned   RoleLinks = "held" // only those of GetSubUserRoles and GetKeyRoles do
)

// InheritedFlag says what the field "inherited" of a role that somebody holds tells.
type InheritedFlag string

// The published example has a role marked inherited whose parents are not in the list, which fits the second value.
const (
	InheritedByAssignment InheritedFlag = ""          // held, but not directly (the default)
	InheritedByCatalogue  InheritedFlag = "catalogue" // the role has parents, held or not
	InheritedAbsent       InheritedFlag = "absent"    // the field is not sent
)

// RoleListMode says which roles a list of held roles shows.
type RoleListMode string

// The published example also fits the second value: the subuser may hold Owner and the list not say so.
const (
	RoleListAll    RoleListMode = ""       // those given and those they contain (the default)
	RoleListLeaves RoleListMode = "leaves" // the same, without any role that contains others: parents are not listed
	RoleListDirect RoleListMode = "direct" // only those given
	// the default, and once more each that is given and contained in another one
	RoleListDuplicated RoleListMode = "twice"
)

// KeySubuserForm is the JSON form of a key's field "subuser".
type KeySubuserForm string

// The clients' types say an array, and are wrong about another array.
const (
	KeySubuserArray  KeySubuserForm = ""       // an array of one (the default)
	KeySubuserObject KeySubuserForm = "object" // the object itself
	KeySubuserAbsent KeySubuserForm = "absent" // never sent
)

// ErrorForm is the JSON form of a refusal.
type ErrorForm string

// The published envelope has "error"; the clients also know "errors".
const (
	ErrorAlone  ErrorForm = ""       // {"error":{…}} (the default)
	ErrorsAlone ErrorForm = "errors" // {"errors":[{…}]}
	ErrorBoth   ErrorForm = "both"   // both of them
)
