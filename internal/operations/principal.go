package operations

import (
	"context"
	"encoding/json"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// principal is a subuser or a key, as read: whoever may hold roles. One of the two is set; neither, when it does not
// exist.
type principal struct {
	subuser *directory.Subuser
	key     *directory.Key
}

// readTarget reads an operation's target by its id. Its errors are those of the directory.
func (s *Service) readTarget(ctx context.Context, account int64, target audit.Target) (principal, error) {
	if target.Kind == access.Key {
		key, err := s.Directory.KeyByID(ctx, account, target.ID)
		if err != nil {
			return principal{}, err
		}
		return principal{key: &key}, nil
	}
	subuser, err := s.Directory.SubuserByID(ctx, account, parseID(target.ID))
	if err != nil {
		return principal{}, err
	}
	return principal{subuser: &subuser}, nil
}

// exists says whether there is somebody.
func (p principal) exists() bool { return p.subuser != nil || p.key != nil }

func (p principal) roles() []access.RoleAssignment {
	switch {
	case p.subuser != nil:
		return p.subuser.Roles
	case p.key != nil:
		return p.key.Roles
	default:
		return nil
	}
}

// queryStrings are what can be edited of a holder.
func (p principal) texts() Texts {
	switch {
	case p.subuser != nil:
		return Texts{Description: p.subuser.Description}
	case p.key != nil:
		return Texts{Name: p.key.Name, Description: p.key.Description}
	default:
		return Texts{}
	}
}

// facts is what a reading showed, for the record.
func (p principal) facts() json.RawMessage {
	f := Facts{Gone: !p.exists(), Roles: []RoleRef{}}
	texts := p.texts()
	f.Name, f.Description = texts.Name, texts.Description
	switch {
	case p.subuser != nil:
		f.SubuserID = p.subuser.ID
	case p.key != nil:
		f.KeyID = p.key.ID
	}
	for _, r := range p.roles() {
		if r.Direct {
			f.Roles = append(f.Roles, RoleRef{ID: r.ID, Name: r.Name})
		}
	}
	body, err := json.Marshal(f)
	if err != nil {
		return nil // a struct of numbers and strings encodes
	}
	return body
}
