package directory

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// fakeVendor is a fake of the reading part of the Management API. Its switches are what the contract leaves open.
type fakeVendor struct {
	pageCap         int  // maximum rows on a page; 0 means as requested
	ignoreOffset    bool // every page is the first
	shuffle         bool // every page has another order
	refuseCount     int  // the code that refuses a count; 0 for none
	ignoreWithRoles bool // with_roles is ignored
	refuseUnknownID bool // an unknown id is refused; false: the list is empty
	ignoreID        bool // subuser_id and key_id are ignored
	ignoreGroupName bool // group_name is ignored

	mu       sync.Mutex
	subusers []voxapi.SubUser
	keys     []voxapi.Key
	roles    []voxapi.Role
	groups   map[string][]int64
	calls    map[string]int
	failing  map[string]error                         // by method
	hook     func(v *fakeVendor, n int)               // called with mu held before the nth page of subusers is returned
	gate     map[string]chan struct{}                 // by method: calls wait until it is closed
	delay    func(method string, n int) time.Duration // how long the nth call of a method takes
	failNth  map[int]error                            // by n: the error of the nth page of subusers
	open     int                                      // requests of pages of subusers now
	mostOpen int                                      // the most of them at the same time
}

// newFakeVendor returns a vendor with the subusers 1 to n, four roles and two groups.
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

// newFakeVendorWithKeys returns a vendor that also has a key for each subuser.
func newFakeVendorWithKeys(n int) *fakeVendor {
	v := newFakeVendor(n)
	for i := range n {
		v.keys = append(v.keys, vendorKey(i+1))
	}
	return v
}

// vendorKey returns the nth key, which belongs to the nth subuser and has one role.
func vendorKey(n int) voxapi.Key {
	owner := vendorSubuser(int64(n))
	return voxapi.Key{
		ID:         keyID(n),
		Name:       fmt.Sprintf("robot%05d", n),
		Roles:      owner.Roles,
		RolesKnown: true,
		Owner:      []voxapi.SubUser{{ID: owner.ID, Name: owner.Name}},
		OwnerKnown: true,
	}
}

func keyID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// vendorSubuser returns a subuser with one role.
func vendorSubuser(id int64) voxapi.SubUser {
	return voxapi.SubUser{
		ID:         id,
		Name:       fmt.Sprintf("person%05d", id),
		Roles:      []voxapi.Role{{ID: 7, Name: "Accountant"}},
		RolesKnown: true,
	}
}

// enter counts a call, waits at its gate and returns its error.
func (v *fakeVendor) enter(ctx context.Context, method string) error {
	v.mu.Lock()
	v.calls[method]++
	gate := v.gate[method]
	var delay time.Duration
	if v.delay != nil {
		delay = v.delay(method, v.calls[method])
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

// change changes the account outside Voxwarden.
func (v *fakeVendor) change(edit func(v *fakeVendor)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	edit(v)
}

func (v *fakeVendor) GetSubUsers(ctx context.Context, _ int64, q voxapi.SubUsersQuery) ([]voxapi.SubUser, error) {
	v.mu.Lock()
	v.open++
	v.mostOpen = max(v.mostOpen, v.open)
	failure := v.failNth[v.calls["GetSubUsers"]+1]
	v.mu.Unlock()
	err := cmp.Or(v.enter(ctx, "GetSubUsers"), failure)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.open--
	if err != nil {
		return nil, err
	}
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
	rows := slices.Clone(v.keys)
	if q.ID != "" && !v.ignoreID {
		rows = slices.DeleteFunc(rows, func(k voxapi.Key) bool { return !strings.EqualFold(k.ID, q.ID) })
		if len(rows) == 0 && v.refuseUnknownID {
			return nil, &voxapi.Error{Kind: voxapi.Refused, Method: "GetKeys", Code: 433}
		}
	}
	if !q.WithRoles || v.ignoreWithRoles {
		for i := range rows {
			rows[i].Roles, rows[i].RolesKnown = nil, false
		}
	}
	return page(v, rows, q.Offset, q.Count), nil
}

func (v *fakeVendor) GetKeyRoles(ctx context.Context, _ int64, id string, _ bool) ([]voxapi.Role, error) {
	if err := v.enter(ctx, "GetKeyRoles"); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, k := range v.keys {
		if strings.EqualFold(k.ID, id) {
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
	// The vendor's order is its own: here the reverse of the alphabet.
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

// page returns one page according to the switches.
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
	if _, err := d.List(t.Context(), testAccount, access.Subuser, Filter{}); err != nil {
		t.Fatalf("first listing: %v", err)
	}
	return d
}

// listedNames returns the names of all principals of a kind in the snapshot, by name.
func listedNames(t testing.TB, d *Directory, kind access.Kind) []string {
	t.Helper()
	page, err := d.List(t.Context(), testAccount, kind, Filter{PerPage: Everything})
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	return namesOf(page.Rows)
}

func namesOf(principals []access.Principal) []string {
	names := []string{}
	for _, p := range principals {
		names = append(names, p.Name)
	}
	return names
}

// listKeys returns all keys of the snapshot.
func listKeys(t testing.TB, d *Directory) Page {
	t.Helper()
	page, err := d.List(t.Context(), testAccount, access.Key, Filter{PerPage: Everything})
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	return page
}

// testKind is a kind of principal as tests of both kinds need it. The nth principal of newFakeVendorWithKeys has the
// name name(n).
type testKind struct {
	access.Kind
	listMethod, rolesMethod string
	notFoundCode            int
	ref                     func(n int) access.Ref
	name                    func(n int) string
	add, remove             func(v *fakeVendor, n int)
	edit                    func(v *fakeVendor, n int, change func(description *string, roles *[]voxapi.Role))
}

func testKinds() []testKind {
	return []testKind{
		{
			Kind: access.Subuser, listMethod: "GetSubUsers", rolesMethod: "GetSubUserRoles", notFoundCode: 434,
			ref:  func(n int) access.Ref { return access.SubuserRef(int64(n)) },
			name: func(n int) string { return vendorSubuser(int64(n)).Name },
			add:  func(v *fakeVendor, n int) { v.subusers = append(v.subusers, vendorSubuser(int64(n))) },
			remove: func(v *fakeVendor, n int) {
				v.subusers = slices.DeleteFunc(v.subusers, func(u voxapi.SubUser) bool { return u.ID == int64(n) })
			},
			edit: func(v *fakeVendor, n int, change func(description *string, roles *[]voxapi.Role)) {
				change(&v.subusers[n-1].Description, &v.subusers[n-1].Roles)
			},
		},
		{
			Kind: access.Key, listMethod: "GetKeys", rolesMethod: "GetKeyRoles", notFoundCode: 433,
			ref:  func(n int) access.Ref { return access.KeyRef(keyID(n)) },
			name: func(n int) string { return vendorKey(n).Name },
			add:  func(v *fakeVendor, n int) { v.keys = append(v.keys, vendorKey(n)) },
			remove: func(v *fakeVendor, n int) {
				v.keys = slices.DeleteFunc(v.keys, func(k voxapi.Key) bool { return k.ID == keyID(n) })
			},
			edit: func(v *fakeVendor, n int, change func(description *string, roles *[]voxapi.Role)) {
				change(&v.keys[n-1].Description, &v.keys[n-1].Roles)
			},
		},
	}
}

// eachKind runs a test for each kind, in a synctest bubble.
func eachKind(t *testing.T, test func(t *testing.T, k testKind)) {
	t.Helper()
	for _, k := range testKinds() {
		t.Run(string(k.Kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, k) })
		})
	}
}
