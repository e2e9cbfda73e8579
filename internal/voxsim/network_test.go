package voxsim

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestFaultsOverNetwork checks connection faults on a real connection.
func TestFaultsOverNetwork(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Cleanup(s.Close)
	send := func(ctx context.Context, kind FaultKind) (*http.Response, error) {
		s.AddFault(Fault{Method: "AddSubUser", Kind: kind})
		r := ownerCaller(t, s).request("AddSubUser", "new_subuser_name", "new_subuser", "new_subuser_password", goodPassword)
		out, err := http.NewRequestWithContext(ctx, r.Method, server.URL+r.URL.Path, r.Body)
		if err != nil {
			t.Fatal(err)
		}
		out.Header = r.Header
		return server.Client().Do(out)
	}

	if response, err := send(t.Context(), ResetBeforeCommit); !errors.Is(err, io.EOF) {
		t.Errorf("reset: %v, %v", response, err)
	}
	// The client gives up after the fault has applied. If it gave up earlier, the fault would apply to the next call.
	impatient, giveUp := context.WithCancel(t.Context())
	go func() {
		defer giveUp()
		for range time.Tick(time.Millisecond) {
			if len(s.Calls()) == 2 || t.Context().Err() != nil {
				return
			}
		}
	}()
	if response, err := send(impatient, HangBeforeCommit); !errors.Is(err, context.Canceled) {
		t.Errorf("hang: %v, %v", response, err)
	}
	if len(s.Ledger()) != 0 {
		t.Error("committed unexpectedly")
	}
	response, err := send(t.Context(), TruncatedJSON)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err != nil || string(text) != `{"result":{"su` {
		t.Errorf("truncated: %q, %v", text, err)
	}
	if len(s.Ledger()) != 1 {
		t.Error("not committed")
	}
}

func TestTransportReportsTruncatedBody(t *testing.T) {
	t.Parallel()
	cutOff := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("half of")) // a pipe, which takes all or fails with its reader
		reset()
	})
	response, err := transport{cutOff}.RoundTrip(httptest.NewRequest("GET", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); !errors.Is(err, io.ErrUnexpectedEOF) || string(text) != "half of" {
		t.Errorf("%q, %v", text, err)
	}
}
