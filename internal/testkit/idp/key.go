package idp

import (
	"crypto/rand"
	"crypto/rsa"
	"sync"
)

// signKey is the key of every provider of a process: making one takes longer than most tests.
var signKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})
