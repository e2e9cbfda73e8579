package voxsim

import "testing"

func TestCallsDescribeRequests(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{Now: fixedClock()})
	c := ownerCaller(t, s)
	c.refused(434, "DelSubUser", "subuser_id", "77")
	c.ok("GetRoles")
	unknownKey := c
	unknownKey.creds.KeyID = "unknown"
	unknownKey.refused(100, "GetKeys")

	want := []Call{
		{Seq: 1, Verb: "POST", Method: "DelSubUser", Target: "77", KeyID: c.creds.KeyID, Code: 434},
		{Seq: 2, Verb: "POST", Method: "GetRoles", KeyID: c.creds.KeyID},
		{Seq: 3, Verb: "POST", Method: "GetKeys", Code: 100},
	}
	for i, got := range s.Calls() {
		want[i].Time = s.now()
		if got != want[i] {
			t.Errorf("got %+v, want %+v", got, want[i])
		}
	}
}

func TestCallsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	s.mu.Lock()
	for range maxCalls + 1 {
		s.receive(&Call{Method: "GetRoles"})
	}
	s.mu.Unlock()
	calls := s.Calls()
	if len(calls) > maxCalls || calls[len(calls)-1].Seq != maxCalls+1 {
		t.Errorf("%d calls, the last %+v", len(calls), calls[len(calls)-1])
	}
}

func TestEveryCodeHasPublishedMessage(t *testing.T) {
	t.Parallel()
	codes := []int{
		1,
		2,
		4,
		100,
		101,
		102,
		103,
		104,
		105,
		115,
		131,
		134,
		162,
		314,
		340,
		433,
		434,
		435,
		436,
		437,
		438,
		439,
		440,
		441,
		447,
		448,
		449,
		452,
		453,
		454,
		455,
		456,
		463,
		464,
		477,
		484,
		485,
		496,
		499,
		515,
		523,
		524,
		535,
	}
	seen := map[string]int{}
	for _, code := range codes {
		text := publishedMessage(code)
		if other, duplicate := seen[text]; duplicate || text == publishedMessage(-code) {
			t.Errorf("%d: %q, as %d", code, text, other)
		}
		seen[text] = code
	}
	if got := refuse(
		codeLengthExceeded,
		"key_name",
		50,
	).Message; got != "The 'key_name' parameter length should not exceed 50 symbols." {
		t.Error(got)
	}
}

// BenchmarkGetSubUsers reads a page of 1000 of 10,000 rows, with roles.
func BenchmarkGetSubUsers(b *testing.B) {
	company, err := CompanyNamed("large", 10_000)
	if err != nil {
		b.Fatal(err)
	}
	s, err := New(Options{Company: company, OwnerKey: testKey()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	page := params{"offset": "5000", "count": "1000", "with_roles": "1"}
	x := s.newInvocation("GetSubUsers", page, identity{keyID: ExternalActor, accountID: s.account.id})
	for b.Loop() {
		a, refusal := getSubusers(x)
		if refusal != nil {
			b.Fatal(refusal)
		}
		encode(a)
	}
}
