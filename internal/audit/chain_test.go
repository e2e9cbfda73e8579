package audit_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// documentedMAC is the MAC of docs/audit-log.md, for the key of filledLog.
func documentedMAC(t *testing.T, version byte, fields ...any) []byte {
	t.Helper()
	secret, err := hkdf.Key(sha256.New, []byte(strings.Repeat("k", 32)), nil, "voxwarden record chain", 32)
	if err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha256.New, secret)
	h.Write([]byte{version})
	for _, field := range fields {
		var encoded []byte
		switch field := field.(type) {
		case int64:
			encoded = binary.BigEndian.AppendUint64(nil, uint64(field))
		case string:
			encoded = []byte(field)
		case []byte:
			encoded = field
		case bool:
			encoded = []byte{0}
			if field {
				encoded = []byte{1}
			}
		}
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(encoded))))
		h.Write(encoded)
	}
	return h.Sum(nil)
}

// Stored MACs are as docs/audit-log.md describes them, so that another program can verify a chain.
func TestMACsAreAsDocumented(t *testing.T) {
	t.Parallel()
	db, r := filledLog(t, storetest.SQLite(t))
	rows, err := db.SQL().QueryContext(
		t.Context(),
		`SELECT seq, operation_id, kind, at, result, confirmed, body, mac FROM events ORDER BY seq`,
	)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	previous, count := make([]byte, 32), 0
	for rows.Next() {
		var (
			seq, at                int64
			id, kind, result, body string
			confirmed              bool
			mac                    []byte
		)
		if err := rows.Scan(&seq, &id, &kind, &at, &result, &confirmed, &body, &mac); err != nil {
			t.Fatal(err)
		}
		if want := documentedMAC(t, 1, previous, seq, id, kind, at, result, confirmed, body); !bytes.Equal(mac, want) {
			t.Errorf("event %d has the MAC %x, want %x", seq, mac, want)
		}
		previous, count = mac, count+1
	}
	if err := rows.Err(); err != nil || count != 8 {
		t.Fatalf("%d events, %v", count, err)
	}

	prune(t, r, noon.Add(2*time.Minute))
	prune(t, r, noon.Add(30*time.Minute))
	checkpoints, err := db.SQL().QueryContext(
		t.Context(),
		`SELECT seq, mac, at, key_id, seal FROM checkpoints ORDER BY seq`,
	)
	if err != nil {
		t.Fatal(err)
	}
	defer checkpoints.Close()
	before := []any{int64(0), []byte{}, int64(0), "", []byte{}}
	for count = 0; checkpoints.Next(); count++ {
		var (
			seq, at   int64
			mac, seal []byte
			keyID     string
		)
		if err := checkpoints.Scan(&seq, &mac, &at, &keyID, &seal); err != nil {
			t.Fatal(err)
		}
		if want := documentedMAC(t, 2, append(before, seq, mac, at)...); !bytes.Equal(seal, want) {
			t.Errorf("the checkpoint at event %d has the seal %x, want %x", seq, seal, want)
		}
		before = []any{seq, mac, at, keyID, seal}
	}
	if err := checkpoints.Err(); err != nil || count != 2 {
		t.Fatalf("%d checkpoints, %v", count, err)
	}
}
