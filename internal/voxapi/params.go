package voxapi

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/internal/config"
)

// params are the parameters of one call. They are sent in the body only. The first invalid one is kept in err, which
// fails the call before anything is sent.
type params struct {
	values  url.Values
	secrets []string
	err     error
}

func newParams() *params {
	return &params{values: url.Values{}}
}

// text sets a parameter, also if it is empty.
func (p *params) text(name, value string) {
	p.values.Set(name, value)
}

// optional sets a parameter unless it is empty.
func (p *params) optional(name, value string) {
	if value != "" {
		p.text(name, value)
	}
}

// secret sets a parameter unless it is empty. Its value is redacted from vendor messages.
func (p *params) secret(name string, value config.Secret) {
	p.optional(name, value.Reveal())
	p.secrets = append(p.secrets, value.Reveal())
}

// flag sets a parameter to true. False is the vendor's default, so it is not sent.
func (p *params) flag(name string, on bool) {
	if on {
		p.text(name, "true")
	}
}

// subuserID sets the required id of a subuser.
func (p *params) subuserID(id int64) {
	if id <= 0 {
		p.fail(errors.New("subuser_id must be a positive number"))
	}
	p.text("subuser_id", strconv.FormatInt(id, 10))
}

// keyID sets the required id of a key.
func (p *params) keyID(id string) {
	if id == "" {
		p.fail(errors.New("key_id must not be empty"))
	}
	p.text("key_id", id)
}

// count sets a number unless it is zero.
func (p *params) count(name string, n int) {
	if n < 0 {
		p.fail(fmt.Errorf("%s must not be negative", name))
	}
	if n != 0 {
		p.text(name, strconv.Itoa(n))
	}
}

// roles sets a list of role ids, joined by semicolons, unless it is empty. role_name is never sent: the vendor refuses
// both together, and names can change.
func (p *params) roles(ids []int64) {
	if len(ids) == 0 {
		return
	}
	joined := make([]string, len(ids))
	for i, id := range ids {
		if id <= 0 {
			p.fail(errors.New("every role_id must be a positive number"))
		}
		joined[i] = strconv.FormatInt(id, 10)
	}
	p.text("role_id", strings.Join(joined, ";"))
}

// requiredRoles is roles for methods that require at least one.
func (p *params) requiredRoles(ids []int64) {
	if len(ids) == 0 {
		p.fail(errors.New("role_id must name at least one role"))
	}
	p.roles(ids)
}

func (p *params) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}
