package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// albKeyName is what the names of AWS's keys look like. A name from an assertion becomes part of an address, so
// nothing else may pass: no dots, slashes or escapes.
var albKeyName = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// albKeyServer is where a region's keys are. GovCloud has them in S3 (same page as the preset's).
func albKeyServer(region string) string {
	if strings.HasPrefix(region, "us-gov-") {
		return "https://s3-" + region + ".amazonaws.com/aws-elb-public-keys-prod-" + region + "/"
	}
	return "https://public-keys.auth.elb." + region + ".amazonaws.com/"
}

// fetch fetches a key, nil when the server has none of that name: S3 answers 403 where others answer 404.
func (k *albKeys) fetch(ctx context.Context, name string) (*ecdsa.PublicKey, error) {
	body, status, err := k.fetcher.get(ctx, k.base+name)
	switch {
	case status == http.StatusNotFound || status == http.StatusForbidden:
		return nil, nil
	case err != nil:
		return nil, err
	}
	block, _ := pem.Decode(body)
	if block == nil {
		return nil, errors.New("the key is not PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("the key is not one for ES256")
	}
	return key, nil
}
