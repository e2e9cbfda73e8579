package audit

import (
	"bytes"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
)

// WitnessSuffix ends the name of the default witness of a SQLite database, beside it.
const WitnessSuffix = "-witness"

// witness is what the witness contains: a file outside the database with the newest event that a process knows to be in
// the audit log. A database that goes back does not take it along.
type witness struct {
	head     chainHead
	verified progress
}

// progress is how far the chain was verified.
type progress struct {
	last chainHead // the last event that was verified
	at   int64     // Unix microseconds of the newest verification up to the end of the chain, 0 for none
}

// witnessSchema is the version of the file's fields.
const witnessSchema = 1

// witnessFile is the file, one line of JSON.
type witnessFile struct {
	Schema      int    `json:"schema"`
	Seq         int64  `json:"seq"`
	MAC         string `json:"mac"`
	VerifiedSeq int64  `json:"verified_seq"`
	VerifiedMAC string `json:"verified_mac"`
	VerifiedAt  int64  `json:"verified_at"` // Unix microseconds
	KeyID       string `json:"key_id"`
	Seal        string `json:"seal"`
}

// witnessMAC returns the seal of a witness.
func (key sealKey) witnessMAC(w witness) []byte {
	return key.mac(
		witnessVersion,
		encodeInt64(w.head.seq),
		w.head.mac,
		encodeInt64(w.verified.last.seq),
		w.verified.last.mac,
		encodeInt64(w.verified.at),
	)
}

// encode returns the content of the file, sealed with the newest key.
func (w witness) encode(ring keyring) ([]byte, error) {
	line, err := json.Marshal(witnessFile{
		Schema:      witnessSchema,
		Seq:         w.head.seq,
		MAC:         hex.EncodeToString(w.head.mac),
		VerifiedSeq: w.verified.last.seq,
		VerifiedMAC: hex.EncodeToString(w.verified.last.mac),
		VerifiedAt:  w.verified.at,
		KeyID:       ring[0].id,
		Seal:        hex.EncodeToString(ring[0].witnessMAC(w)),
	})
	return append(line, '\n'), err
}

// decodeWitness parses the content of a file and checks its seal.
func decodeWitness(content []byte, ring keyring) (witness, error) {
	var f witnessFile
	if err := json.Unmarshal(content, &f); err != nil {
		return witness{}, fmt.Errorf("it is not complete: %w", err)
	}
	if f.Schema != witnessSchema {
		return witness{}, fmt.Errorf("it has the unknown schema %d", f.Schema)
	}
	key, known := ring.find(f.KeyID)
	if !known {
		return witness{}, fmt.Errorf("it is sealed with the key %q, which VOXWARDEN_AUDIT_KEY does not list", f.KeyID)
	}
	mac, macErr := hex.DecodeString(f.MAC)
	verifiedMAC, verifiedErr := hex.DecodeString(f.VerifiedMAC)
	seal, sealErr := hex.DecodeString(f.Seal)
	w := witness{
		head:     chainHead{seq: f.Seq, mac: mac},
		verified: progress{last: chainHead{seq: f.VerifiedSeq, mac: verifiedMAC}, at: f.VerifiedAt},
	}
	if errors.Join(macErr, verifiedErr, sealErr) != nil || f.Seq < 1 || !hmac.Equal(key.witnessMAC(w), seal) {
		return witness{}, errors.New("its seal is wrong: it was changed")
	}
	return w, nil
}

// WriteWitness writes a witness anew, with a head and nothing verified. keys are those of Options.
func WriteWitness(path string, keys []config.Secret, head Head) error {
	ring, err := newKeyring(keys)
	if err != nil {
		return err
	}
	end, err := head.end()
	if err != nil {
		return err
	}
	w := witness{head: end}
	return store.ReplaceFile(path, func([]byte) ([]byte, error) { return w.encode(ring) })
}

// end returns a head as the end of a chain.
func (h Head) end() (chainHead, error) {
	mac, err := hex.DecodeString(h.MAC)
	if err != nil {
		return chainHead{}, fmt.Errorf("decoding a head: %w", err)
	}
	return chainHead{seq: h.Seq, mac: mac}, nil
}

// public returns the end of a chain as a Head.
func (h chainHead) public() Head { return Head{Seq: h.seq, MAC: hex.EncodeToString(h.mac)} }

func (h chainHead) equal(other chainHead) bool {
	return h.seq == other.seq && bytes.Equal(h.mac, other.mac)
}

// readWitness reads the witness when the audit log is opened, and again while it is not usable. It returns false, with
// the alarm, when nothing may be written. Only a new audit log, and a replica on PostgreSQL, begin a missing witness.
func (r *Log) readWitness() bool {
	path := r.options.Witness
	if path == "" {
		return true
	}
	content, err := os.ReadFile(path)
	var w witness
	switch {
	case errors.Is(err, fs.ErrNotExist) && (r.options.BeginNew || r.db.Postgres()):
		if !r.options.BeginNew {
			r.options.Logger.Warn("there is no witness of the audit log yet, it begins with this start", "file", path)
		}
		return true
	case errors.Is(err, fs.ErrNotExist):
		r.raise(Alarm{Problem: NoWitness, Text: "The witness " + path +
			" is missing, so the audit log may have lost its newest events."})
		return false
	case err == nil:
		w, err = decodeWitness(content, r.keys)
	}
	if err != nil {
		r.raise(Alarm{Problem: NoWitness, Text: "The witness " + path + " cannot be used: " + err.Error() + "."})
		return false
	}
	r.memory.mu.Lock()
	defer r.memory.mu.Unlock()
	r.memory.known, r.memory.saved = w, w
	return true
}

// SaveWitness writes what this process knows to the witness, if that changed. It does not replace a newer head that
// another process has written.
func (r *Log) SaveWitness() error {
	if r.options.Witness == "" {
		return nil
	}
	known, replace, changed := r.memory.unsaved()
	if !changed {
		return nil
	}
	err := store.ReplaceFile(r.options.Witness, func(old []byte) ([]byte, error) {
		if other, err := decodeWitness(old, r.keys); err == nil && other.head.seq > known.head.seq && !replace {
			return nil, nil
		}
		return known.encode(r.keys)
	})
	if err != nil {
		return fmt.Errorf("writing the witness of the audit log: %w", err)
	}
	r.memory.setSaved(known)
	return nil
}

// LastVerified returns when the chain was last verified up to its end without a finding, the zero time for never.
func (r *Log) LastVerified() time.Time {
	at := r.memory.progress().at
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMicro(at).UTC()
}

// KnownHead returns the newest event that this process knows to be in the audit log; found is false for none.
func (r *Log) KnownHead() (head Head, found bool) {
	known := r.memory.head()
	return known.public(), known.seq > 0
}
