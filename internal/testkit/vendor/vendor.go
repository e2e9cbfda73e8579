// Package vendor connects the client of the Management API to a simulated vendor.
package vendor

import (
	"crypto/rand"
	"crypto/rsa"
	"sync"
	"testing"

	"github.com/voxwarden/voxwarden/internal/voxapi"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// sharedKey is the key pair of all simulators of a test run: generating one is slow.
var sharedKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// New starts a simulator, and stops it at the end of the test. All its keys have the same key pair.
func New(t testing.TB, o voxsim.Options) *voxsim.Sim {
	t.Helper()
	o.OwnerKey, o.NewKey = sharedKey(), func() (*rsa.PrivateKey, error) { return sharedKey(), nil }
	sim, err := voxsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	return sim
}

// Client returns a client of a simulator. credentials is a file of credentials, nil for those of the console key.
// Without a base URL it uses no network.
func Client(t testing.TB, sim *voxsim.Sim, credentials []byte, o voxapi.Options) *voxapi.Client {
	t.Helper()
	if credentials == nil {
		credentials = sim.Credentials()
	}
	parsed, err := voxapi.ParseCredentials(credentials)
	if err != nil {
		t.Fatal(err)
	}
	o.Credentials = voxapi.FixedCredentials(parsed)
	if o.BaseURL == "" {
		o.BaseURL, o.Transport = "https://vendor.example/platform_api", sim.Transport()
	}
	client, err := voxapi.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}
