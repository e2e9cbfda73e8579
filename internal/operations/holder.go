package operations

import (
	"context"
	"encoding/json"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// holder is a subuser or a key, as read: whoever may hold roles. One of the two is set; neither, when it does not
// exist.
type holder struct {
	subuser *directory.Subuser
	key     *directory.Key
}

// read reads an operation's target by its id. Its errors are those of the directory.
func (s *Service) read(ctx context.Context, account int64, target audit.Target) (holder, error) {
	if target.Kind == audit.KeyTarget {
		key, err := s.Directory.KeyByID(ctx, account, target.ID)
		if err != nil {
			return holder{}, err
		}
		return holder{key: &key}, nil
	}
	subuser, err := s.Directory.SubuserByID(ctx, account, parseID(target.ID))
	if err != nil {
		return holder{}, err
	}
	return holder{subuser: &subuser}, nil
}

// exists says whether there is somebody.
func (h holder) exists() bool { return h.subuser != nil || h.key != nil }

func (h holder) roles() []directory.RoleAssignment {
	switch {
	case h.subuser != nil:
		return h.subuser.Roles
	case h.key != nil:
		return h.key.Roles
	default:
		return nil
	}
}

// texts are what can be edited of a holder.
func (h holder) texts() Texts {
	switch {
	case h.subuser != nil:
		return Texts{Description: h.subuser.Description}
	case h.key != nil:
		return Texts{Name: h.key.Name, Description: h.key.Description}
	default:
		return Texts{}
	}
}

// facts is what a reading showed, for the record.
func (h holder) facts() json.RawMessage {
	f := Facts{Gone: !h.exists(), Roles: []RoleRef{}}
	texts := h.texts()
	f.Name, f.Description = texts.Name, texts.Description
	switch {
	case h.subuser != nil:
		f.SubuserID = h.subuser.ID
	case h.key != nil:
		f.KeyID = h.key.ID
	}
	for _, r := range h.roles() {
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
