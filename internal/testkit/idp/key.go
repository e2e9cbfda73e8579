package idp

import (
	"crypto/rand"
	"crypto/rsa"
	"sync"
)

// signKey is the key of all providers of a process: generating a key takes longer than most tests.
var signKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})
