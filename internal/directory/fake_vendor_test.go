package directory

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// fakeVendor is a fake Management API, just as far as the directory reads it. Its switches are the ways in which the
// contract leaves a list open.
type fakeVendor struct {
	pageCap         int  // rows on a page, whatever is asked for; 0 means as asked
	ignoreOffset    bool // every page is the first
	shuffle         bool // every page is of another order
	refuseCount     int  // the code with which a count is refused; 0 means that it is not
	ignoreWithRoles bool // with_roles is ignored
	refuseUnknownID bool // an unknown id is refused, not answered with nothing
	ignoreID        bool // subuser_id is ignored
	ignoreGroupName bool // group_name is ignored

	mu       sync.Mutex
	subusers []voxapi.SubUser
	keys     []voxapi.Key
	roles    []voxapi.Role
	groups   map[string][]int64
	calls    map[string]int
	failing  map[string]error           // by method
	hook     func(v *fakeVendor, n int) // called with mu held before the nth page of subusers is answered
	gate     map[string]chan struct{}   // by method: a call waits until it is closed
	delay    func(n int) time.Duration  // how long the nth page of subusers takes
}

// newFakeVendor has subusers 1 to n and the roles of company.
func newFakeVendor(n int) *fakeVendor {
	v := &fakeVendor{calls: map[string]int{}, failing: map[string]error{}, gate: map[string]chan struct{}{}}
	for id := range n {
		v.subusers = append(v.subusers, vendorSubuser(int64(id+1)))
	}
	v.roles = []voxapi.Role{
		{ID: 1, Name: "Owner", ChildIDs: []int64{3}},
		{ID: 2, Name: "Admin"},
		{ID: 3, Name: "Support", ParentIDs: []int64{2}, GUIOnly: true},
		{ID: 7, Name: "Accountant"},
	}
	v.groups = map[string][]int64{"Management": {1, 2}, "Staff": {3, 7}}
	return v
}

// vendorSubuser is a subuser who holds one role.
func vendorSubuser(id int64) voxapi.SubUser {
	return voxapi.SubUser{
		ID:         id,
		Name:       fmt.Sprintf("person%05d", id),
		Roles:      []voxapi.Role{{ID: 7, Name: "Accountant"}},
		RolesKnown: true,
	}
}

// enter counts a call, waits at its gate and answers its failure.
func (v *fakeVendor) enter(ctx context.Context, method string) error {
	v.mu.Lock()
	v.calls[method]++
	gate := v.gate[method]
	var delay time.Duration
	if method == "GetSubUsers" && v.delay != nil {
		delay = v.delay(v.calls[method])
	}
	v.mu.Unlock()
	time.Sleep(delay)
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.failing[method]
}

func (v *fakeVendor) callCount(method string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.calls[method]
}

func (v *fakeVendor) fail(method string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.failing[method] = err
}

// block makes calls of a method wait until the returned function is called.
func (v *fakeVendor) block(method string) (open func()) {
	gate := make(chan struct{})
	v.mu.Lock()
	defer v.mu.Unlock()
	v.gate[method] = gate
	return func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		close(gate)
		delete(v.gate, method)
	}
}

// change alters the account behind our back.
func (v *fakeVendor) change(edit func(v *fakeVendor)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	edit(v)
}

func (v *fakeVendor) GetSubUsers(ctx context.Context, _ int64, q voxapi.SubUsersQuery) ([]voxapi.SubUser, error) {
	if err := v.enter(ctx, "GetSubUsers"); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.refuseCount != 0 && q.Count > 0 {
		return nil, &voxapi.Error{Kind: voxapi.Refused, Method: "GetSubUsers", Code: v.refuseCount}
	}
	if v.hook != nil {
		v.hook(v, v.calls["GetSubUsers"])
	}
	rows := slices.Clone(v.subusers)
	if q.ID != 0 && !v.ignoreID {
		rows = slices.DeleteFunc(rows, func(u voxapi.SubUser) bool { return u.ID != q.ID })
		if len(rows) == 0 && v.refuseUnknownID {
			return nil, &voxapi.Error{Kind: voxapi.Refused, Method: "GetSubUsers", Code: 434}
		}
	}
	if !q.WithRoles || v.ignoreWithRoles {
		for i := range rows {
			rows[i].Roles, rows[i].RolesKnown = nil, false
		}
	}
	return page(v, rows, q.Offset, q.Count), nil
}

func (v *fakeVendor) GetSubUserRoles(ctx context.Context, _, id int64, _ bool) ([]voxapi.Role, error) {
	if err := v.enter(ctx, "GetSubUserRoles"); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, u := range v.subusers {
		if u.ID == id {
			return slices.Clone(u.Roles), nil
		}
	}
	return nil, &voxapi.Error{Kind: voxapi.Refused, Method: "GetSubUserRoles", Code: 434}
}

func (v *fakeVendor) GetKeys(ctx context.Context, _ int64, q voxapi.KeysQuery) ([]voxapi.Key, error) {
	if err := v.enter(ctx, "GetKeys"); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if q.ID != "" && !v.ignoreID {
		return slices.DeleteFunc(slices.Clone(v.keys), func(k voxapi.Key) bool { return k.ID != q.ID }), nil
	}
	return page(v, slices.Clone(v.keys), q.Offset, q.Count), nil
}

func (v *fakeVendor) GetKeyRoles(ctx context.Context, _ int64, id string, _ bool) ([]voxapi.Role, error) {
	if err := v.enter(ctx, "GetKeyRoles"); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, k := range v.keys {
		if k.ID == id {
			return slices.Clone(k.Roles), nil
		}
	}
	return nil, &voxapi.Error{Kind: voxapi.Refused, Code: 433}
}

func (v *fakeVendor) GetRoles(ctx context.Context, _ int64, group string) ([]voxapi.Role, error) {
	if err := v.enter(ctx, "GetRoles"); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if group == "" || v.ignoreGroupName {
		return slices.Clone(v.roles), nil
	}
	var members []voxapi.Role
	for _, role := range v.roles {
		if slices.Contains(v.groups[group], role.ID) {
			members = append(members, role)
		}
	}
	return members, nil
}

func (v *fakeVendor) GetRoleGroups(ctx context.Context, _ int64) ([]voxapi.RoleGroup, error) {
	if err := v.enter(ctx, "GetRoleGroups"); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	var groups []voxapi.RoleGroup
	for name := range v.groups {
		groups = append(groups, voxapi.RoleGroup{Name: name})
	}
	// The vendor's order is one of its own: here the opposite of the alphabet.
	slices.SortFunc(groups, func(a, b voxapi.RoleGroup) int { return -1 * cmpNames(a, b) })
	return groups, nil
}

func (v *fakeVendor) GetAccountInfo(ctx context.Context, account int64) (voxapi.AccountInfo, error) {
	if err := v.enter(ctx, "GetAccountInfo"); err != nil {
		return voxapi.AccountInfo{}, err
	}
	return voxapi.AccountInfo{ID: account, Name: fmt.Sprintf("account %d", account)}, nil
}

func cmpNames(a, b voxapi.RoleGroup) int {
	if a.Name < b.Name {
		return -1
	}
	return 1
}

// page answers one page as the switches say.
func page[T any](v *fakeVendor, rows []T, offset, count int) []T {
	if v.shuffle {
		rand.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	}
	if v.ignoreOffset {
		offset = 0
	}
	if count <= 0 {
		count = 20
	}
	if v.pageCap > 0 {
		count = min(count, v.pageCap)
	}
	offset = min(offset, len(rows))
	return rows[offset:min(offset+count, len(rows))]
}

const testAccount = 77

// newTestDirectory returns a directory over a vendor, closed at the end of the test.
func newTestDirectory(t testing.TB, v *fakeVendor, o Options) *Directory {
	t.Helper()
	d := New(v, o)
	t.Cleanup(d.Close)
	return d
}

// loadedDirectory returns a directory that has read the account.
func loadedDirectory(t testing.TB, v *fakeVendor) *Directory {
	t.Helper()
	d := newTestDirectory(t, v, Options{ColdWait: time.Minute})
	if _, err := d.Subusers(t.Context(), testAccount, SubuserFilter{}); err != nil {
		t.Fatalf("first listing: %v", err)
	}
	return d
}

// listedLogins returns the logins on a page with everybody, by login.
func listedLogins(t testing.TB, d *Directory) []string {
	t.Helper()
	page, err := d.Subusers(t.Context(), testAccount, SubuserFilter{PerPage: -1})
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	return loginsOf(page.Rows)
}

func loginsOf(subusers []Subuser) []string {
	names := []string{}
	for _, s := range subusers {
		names = append(names, s.Login)
	}
	return names
}
