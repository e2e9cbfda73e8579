package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
)

// Each replacement gets what the one before has written, and a reader always finds a complete file.
func TestReplaceFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	if err := os.WriteFile(path+".part", []byte("left by a killed process"), 0o600); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 5 {
				if err := store.ReplaceFile(path, func(old []byte) ([]byte, error) {
					count, err := strconv.Atoi(string(old))
					if old == nil {
						count, err = 0, nil
					}
					return []byte(strconv.Itoa(count + 1)), err
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	wantErr := errors.New("refused")
	if err := store.ReplaceFile(path, func([]byte) ([]byte, error) { return nil, wantErr }); !errors.Is(err, wantErr) {
		t.Errorf("got %v", err)
	}
	if err := store.ReplaceFile(path, func([]byte) ([]byte, error) { return nil, nil }); err != nil {
		t.Error(err)
	}
	content, err := os.ReadFile(path)
	if err != nil || string(content) != "40" {
		t.Errorf("the file has %q, %v", content, err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}
