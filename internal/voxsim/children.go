package voxsim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// childInfo is a child account in brief or medium output.
type childInfo struct {
	AccountID    int64  `json:"account_id"`
	AccountName  string `json:"account_name,omitempty"`
	AccountEmail string `json:"account_email,omitempty"`
	Extra        *extra `json:"x_sim_extra,omitempty"`
}

// childAPIKey is the api_key of every child account, as in the published example. It opens nothing here.
const childAPIKey = "12345678-1234-1234-1234-aaaaaabbbbbb"

// getChildrenAccounts handles GetChildrenAccounts. Names and addresses match as a whole; whether the service does this
// is not published. Full output has at most 1000 rows, and 20 by default; brief and medium output have all.
func getChildrenAccounts(x *invocation) (successBody, *Refusal) {
	flags := map[string]bool{"return_live_balance": true}
	for _, name := range []string{"ignore_invalid_accounts", "brief_output", "medium_output", "return_live_balance"} {
		value, refusal := x.flag(name, flags[name])
		if refusal != nil {
			return successBody{}, refusal
		}
		flags[name] = value
	}
	children, refusal := x.selectedChildren(flags["ignore_invalid_accounts"])
	if refusal != nil {
		return successBody{}, refusal
	}
	total := len(children)
	short := flags["brief_output"] || flags["medium_output"]
	children, refusal = x.childPage(children, short)
	if refusal != nil {
		return successBody{}, refusal
	}
	rows := []any{}
	for _, child := range children {
		switch info := x.accountInfo(child, flags["return_live_balance"]); {
		case flags["brief_output"]:
			rows = append(rows, childInfo{AccountID: child.id, Extra: x.variants.extra()})
		case short:
			rows = append(rows, childInfo{
				AccountID:    child.id,
				AccountName:  child.name,
				AccountEmail: child.email,
				Extra:        x.variants.extra(),
			})
		default:
			info.APIKey = childAPIKey
			rows = append(rows, info)
		}
	}
	a := x.success(rows)
	a.TotalCount, a.Count = &total, new(len(rows))
	return a, nil
}

// selectedChildren returns the children that match every given filter. An unknown id, name or address is refused unless
// invalid ones are to be ignored.
func (x *invocation) selectedChildren(ignoreInvalid bool) ([]*account, *Refusal) {
	filters := []struct {
		name string
		code int
		of   func(*account) string
	}{
		{"child_account_id", codeInvalidChildID, func(a *account) string { return strconv.FormatInt(a.id, 10) }},
		{"child_account_name", codeInvalidChildName, func(a *account) string { return a.name }},
		{"child_account_email", codeInvalidChildEmail, func(a *account) string { return a.email }},
	}
	var selected []*account
	for _, child := range x.account.children {
		selected = append(selected, child)
	}
	anyFilter := false
	for _, filter := range filters {
		text, given := x.params[filter.name]
		if !given {
			continue
		}
		anyFilter = true
		wanted := []string{text}
		if filter.name == "child_account_id" {
			wanted = strings.Split(text, ";")
		}
		for _, value := range wanted {
			known := slices.ContainsFunc(selected, func(a *account) bool { return filter.of(a) == value })
			if !known && !ignoreInvalid {
				return nil, refuse(filter.code)
			}
		}
		selected = slices.DeleteFunc(selected, func(a *account) bool { return !slices.Contains(wanted, filter.of(a)) })
	}
	if !anyFilter && x.variants.ChildFilterRequired {
		return nil, x.missing("child_account_id")
	}
	for name, state := range map[string]func(*account) bool{
		"active": func(a *account) bool { return !a.inactive },
		"frozen": func(a *account) bool { return a.frozen },
	} {
		wanted, refusal := x.flag(name, false)
		if refusal != nil {
			return nil, refusal
		}
		if _, given := x.params[name]; given {
			selected = slices.DeleteFunc(selected, func(a *account) bool { return state(a) != wanted })
		}
	}
	return selected, nil
}

// childPage orders children, by name unless another order is requested, and returns the rows of the page.
func (x *invocation) childPage(children []*account, short bool) ([]*account, *Refusal) {
	byID := func(a, b *account) int { return cmp.Compare(a.id, b.id) }
	slices.SortFunc(children, byID)
	switch x.params["order_by"] {
	case "", "child_account_name":
		slices.SortStableFunc(children, func(a, b *account) int { return strings.Compare(a.name, b.name) })
	case "child_account_email":
		slices.SortStableFunc(children, func(a, b *account) int { return strings.Compare(a.email, b.email) })
	case "child_account_id":
	default:
		return nil, refuse(codeInvalidParameter, "order_by")
	}
	defaultCount, limit := defaultPage, largestPage
	if short {
		defaultCount, limit = len(children), len(children)
	}
	from, to, refusal := x.window(len(children), defaultCount, limit)
	return children[from:to], refusal
}
