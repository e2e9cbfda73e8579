package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

// digest computes the SHA-256 of texts, each after its length.
type digest struct {
	hash   hash.Hash
	buffer []byte // of the last text, for the next one
}

func newDigest() *digest { return &digest{hash: sha256.New()} }

func (d *digest) add(texts ...string) {
	for _, text := range texts {
		d.buffer = binary.BigEndian.AppendUint32(d.buffer[:0], uint32(len(text))) // a column is far below 4 GiB
		d.buffer = append(d.buffer, text...)
		_, _ = d.hash.Write(d.buffer)
	}
}

// String returns the digest in hexadecimal digits.
func (d *digest) String() string { return hex.EncodeToString(d.hash.Sum(nil)) }

// digestText returns the digest of texts.
func digestText(texts ...string) string {
	d := newDigest()
	d.add(texts...)
	return d.String()
}
