package voxsim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// variantSwitch is the text form of one field of Variants.
type variantSwitch struct {
	name        string
	nonDefaults []string // the values for AllVariants
	set         func(*Variants, string) error
	get         func(Variants) string // "" for the default
}

func variantSwitches() []variantSwitch {
	return []variantSwitch{
		toggleSwitch("set_key_roles", "add", "replace", func(v *Variants) *bool { return &v.SetKeyRolesReplaces }),
		choiceSwitch(
			"subuser_keys",
			"stay",
			func(v *Variants) *SubuserKeysMode { return &v.SubuserKeys },
			SubuserKeysDeleted,
			SubuserKeysUnchanged,
		),
		toggleSwitch("empty_text", "clears", "ignored", func(v *Variants) *bool { return &v.EmptyTextIgnored }),
		choiceSwitch("no_effect", "none", func(v *Variants) *NoEffect { return &v.NoEffect }, writesWithoutEffect()...),
		durationSwitch("login_reserved", func(v *Variants) *time.Duration { return &v.LoginReserved }, "5m0s"),
		durationSwitch("resend_window", func(v *Variants) *time.Duration { return &v.ResendWindow }, "2s"),
		numberSwitch("page_cap", func(v *Variants) *int { return &v.PageCap }, "7"),
		numberSwitch("count_limit", func(v *Variants) *int { return &v.CountLimit }, "50"),
		toggleSwitch("offset", "honoured", "ignored", func(v *Variants) *bool { return &v.OffsetIgnored }),
		toggleSwitch("order", "stable", "unstable", func(v *Variants) *bool { return &v.OrderUnstable }),
		toggleSwitch("total_count", "absent", "present", func(v *Variants) *bool { return &v.TotalCount }),
		toggleSwitch("unknown_id", "refuse", "empty", func(v *Variants) *bool { return &v.UnknownIDEmpty }),
		toggleSwitch("role_noop", "ok", "refuse", func(v *Variants) *bool { return &v.RoleNoopRefused }),
		toggleSwitch("revoke_inherited", "refuse", "ok", func(v *Variants) *bool { return &v.RevokeInheritedOK }),
		toggleSwitch("grant_beyond_own", "ok", "refuse", func(v *Variants) *bool { return &v.GrantBeyondOwnRefused }),
		choiceSwitch("role_links", "everywhere", func(v *Variants) *RoleLinks { return &v.RoleLinks }, RoleLinksAssigned),
		choiceSwitch(
			"inherited",
			"assignment",
			func(v *Variants) *InheritedFlag { return &v.Inherited },
			InheritedByCatalogue,
			InheritedAbsent,
		),
		choiceSwitch(
			"held_roles",
			"all",
			func(v *Variants) *RoleListMode { return &v.RoleList },
			RoleListLeaves,
			RoleListDirect,
			RoleListDuplicated,
		),
		toggleSwitch("with_roles", "honoured", "ignored", func(v *Variants) *bool { return &v.WithRolesIgnored }),
		toggleSwitch("empty_roles", "listed", "absent", func(v *Variants) *bool { return &v.EmptyRolesAbsent }),
		choiceSwitch(
			"key_subuser",
			"array",
			func(v *Variants) *KeySubuserForm { return &v.KeySubuser },
			KeySubuserObject,
			KeySubuserAbsent,
		),
		numberSwitch("role_id_shift", func(v *Variants) *int { return &v.RoleIDShift }, "1000"),
		toggleSwitch("child_filter", "optional", "required", func(v *Variants) *bool { return &v.ChildFilterRequired }),
		toggleSwitch("audit_log", "kept", "silent", func(v *Variants) *bool { return &v.AuditSilent }),
		toggleSwitch("audit_dates", "required", "optional", func(v *Variants) *bool { return &v.AuditDatesOptional }),
		toggleSwitch("audit_args", "object", "text", func(v *Variants) *bool { return &v.AuditText }),
		numberSwitch("audit_days", func(v *Variants) *int { return &v.AuditDays }, "30"),
		choiceSwitch("error_form", "error", func(v *Variants) *ErrorForm { return &v.ErrorForm }, ErrorsAlone, ErrorBoth),
		numberSwitch("error_status", func(v *Variants) *int { return &v.ErrorStatus }, "400"),
		toggleSwitch("extra_fields", "off", "on", func(v *Variants) *bool { return &v.ExtraFields }),
		toggleSwitch("role_groups", "closed", "open", func(v *Variants) *bool { return &v.RoleGroupsOpen }),
		numberSwitch("rate_limit", func(v *Variants) *int { return &v.RateLimit }, "5"),
		numberSwitch("max_keys", func(v *Variants) *int { return &v.MaxKeys }, "1"),
		numberSwitch("max_subusers", func(v *Variants) *int { return &v.MaxSubusers }, "1"),
		durationSwitch("clock_offset", func(v *Variants) *time.Duration { return &v.ClockOffset }, "1m30s", "-1m30s"),
		codeSwitch(
			"forbidden_code",
			codeForbiddenCommand,
			func(v *Variants) *int { return &v.ForbiddenCode },
			codeAuthorizationFailed,
		),
		codeSwitch(
			"missing_code",
			codeRequiredIsEmpty,
			func(v *Variants) *int { return &v.MissingCode },
			codeSpecifyParameter,
		),
		codeSwitch(
			"password_code",
			codePasswordCharacters,
			func(v *Variants) *int { return &v.PasswordCode },
			codeEmptyPassword,
			codePasswordTooWeak,
		),
		codeSwitch("length_code", codeLengthExceeded, func(v *Variants) *int { return &v.LengthCode }, codeTooLong),
		codeSwitch("wrong_old_password", codeInvalidParameter, func(v *Variants) *int { return &v.WrongOldPasswordCode },
			codeAuthorizationFailed, codeInvalidArguments, codeCurrentPassword),
	}
}

// writesWithoutEffect returns the values of NoEffect: all, and each method that writes.
func writesWithoutEffect() []NoEffect {
	values := []NoEffect{NoEffectAll}
	methods := apiMethods()
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		if methods[name].writes {
			values = append(values, NoEffect(name))
		}
	}
	return values
}

// toggleSwitch returns a switch with a default and one other value.
func toggleSwitch(name, defaultName, other string, field func(*Variants) *bool) variantSwitch {
	return closedSwitch(name, []string{defaultName, other},
		func(v *Variants, at int) { *field(v) = at == 1 },
		func(v Variants) bool { return *field(&v) },
		func(Variants) string { return other })
}

// choiceSwitch returns a switch with a default, which is the empty value of T, and several other values.
func choiceSwitch[T ~string](name, defaultName string, field func(*Variants) *T, alternatives ...T) variantSwitch {
	values, names := []T{""}, []string{defaultName}
	for _, other := range alternatives {
		values, names = append(values, other), append(names, string(other))
	}
	return closedSwitch(name, names,
		func(v *Variants, at int) { *field(v) = values[at] },
		func(v Variants) bool { return *field(&v) != "" },
		func(v Variants) string { return string(*field(&v)) })
}

// codeSwitch returns a switch with a default error code, stored as 0, and several other codes.
func codeSwitch(name string, defaultCode int, field func(*Variants) *int, alternatives ...int) variantSwitch {
	values, names := []int{0}, []string{strconv.Itoa(defaultCode)}
	for _, other := range alternatives {
		values, names = append(values, other), append(names, strconv.Itoa(other))
	}
	return closedSwitch(name, names,
		func(v *Variants, at int) { *field(v) = values[at] },
		func(v Variants) bool { return *field(&v) != 0 },
		func(v Variants) string { return strconv.Itoa(*field(&v)) })
}

// closedSwitch returns a switch with a fixed list of values, the default first.
func closedSwitch(
	name string,
	values []string,
	apply func(*Variants, int),
	isNonDefault func(Variants) bool,
	format func(Variants) string,
) variantSwitch {
	return variantSwitch{
		name:        name,
		nonDefaults: values[1:],
		set: func(v *Variants, value string) error {
			at := slices.Index(values, value)
			if at < 0 {
				return fmt.Errorf("%q is not one of %s", value, strings.Join(values, ", "))
			}
			apply(v, at)
			return nil
		},
		get: func(v Variants) string {
			if isNonDefault(v) {
				return format(v)
			}
			return ""
		},
	}
}

// numberSwitch returns a switch for a number that is not negative.
func numberSwitch(name string, field func(*Variants) *int, examples ...string) variantSwitch {
	return variantSwitch{
		name:        name,
		nonDefaults: examples,
		set: func(v *Variants, value string) error {
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				return fmt.Errorf("%q is not a number of at least 0", value)
			}
			*field(v) = n
			return nil
		},
		get: func(v Variants) string {
			if n := *field(&v); n != 0 {
				return strconv.Itoa(n)
			}
			return ""
		},
	}
}

// durationSwitch returns a switch for a value of time.ParseDuration.
func durationSwitch(name string, field func(*Variants) *time.Duration, examples ...string) variantSwitch {
	return variantSwitch{
		name:        name,
		nonDefaults: examples,
		set: func(v *Variants, value string) error {
			d, err := time.ParseDuration(value)
			if err != nil {
				return fmt.Errorf("%q is not a duration such as 90s", value)
			}
			*field(v) = d
			return nil
		},
		get: func(v Variants) string {
			if d := *field(&v); d != 0 {
				return d.String()
			}
			return ""
		},
	}
}
