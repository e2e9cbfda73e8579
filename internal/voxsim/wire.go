package voxsim

// successBody is the response body of a successful call.
type successBody struct {
	Result          any    `json:"result"`
	TotalCount      *int   `json:"total_count,omitempty"`
	Count           *int   `json:"count,omitempty"`
	APIAddress      string `json:"api_address,omitempty"`
	DebuggerAddress string `json:"debugger_address,omitempty"`
	Timezone        string `json:"timezone,omitempty"`
	HistoryReportID int64  `json:"history_report_id,omitempty"`
	Extra           *extra `json:"x_sim_extra,omitempty"`
}

// errorBody is the response body of a refused call.
type errorBody struct {
	Error  *Refusal  `json:"error,omitempty"`
	Errors []Refusal `json:"errors,omitempty"`
	Extra  *extra    `json:"x_sim_extra,omitempty"`
}

// extra is the undocumented field of the variant ExtraFields.
type extra struct {
	Note   string   `json:"note"`
	Nested []string `json:"nested"`
}

type roleView struct {
	RoleName     string  `json:"role_name"`
	RoleID       int64   `json:"role_id"`
	Inherited    *bool   `json:"inherited,omitempty"`
	ParentRoleID []int64 `json:"parent_role_id,omitzero"`
	ChildIDs     []int64 `json:"child_ids,omitzero"`
	GUIOnly      bool    `json:"gui_only"`
	Extra        *extra  `json:"x_sim_extra,omitempty"`
}

type subuserView struct {
	SubuserID   int64      `json:"subuser_id"`
	SubuserName string     `json:"subuser_name"`
	Description string     `json:"description"`
	Roles       []roleView `json:"roles,omitzero"`
	Extra       *extra     `json:"x_sim_extra,omitempty"`
}

type keyView struct {
	KeyID       string     `json:"key_id"`
	Description string     `json:"description"`
	KeyName     string     `json:"key_name"`
	Roles       []roleView `json:"roles,omitzero"`
	Subuser     any        `json:"subuser,omitempty"` // a subuserView, a list of one, or nil
	Extra       *extra     `json:"x_sim_extra,omitempty"`
}

type subuserIDResult struct {
	SubuserID int64  `json:"subuser_id"`
	Extra     *extra `json:"x_sim_extra,omitempty"`
}

type roleGroupView struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Extra *extra `json:"x_sim_extra,omitempty"`
}

// errorBody returns the body of a refusal in the form of the variants. The lock must be held.
func (s *Sim) errorBody(r *Refusal) errorBody {
	f := errorBody{Error: r, Extra: s.variants.extra()}
	if s.variants.ErrorForm != ErrorAlone {
		f.Errors = []Refusal{*r}
	}
	if s.variants.ErrorForm == ErrorsAlone {
		f.Error = nil
	}
	return f
}

// extra returns nil unless the variant is on.
func (v Variants) extra() *extra {
	if !v.ExtraFields {
		return nil
	}
	return &extra{Note: "not in any published type", Nested: []string{"a", "b"}}
}

// done returns the response of a method without data.
func (x *invocation) done() successBody { return x.success(1) }

func (x *invocation) success(result any) successBody {
	return successBody{Result: result, Extra: x.variants.extra()}
}
