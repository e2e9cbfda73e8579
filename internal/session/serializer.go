package session

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// serializer writes what the codecs encrypt: the values of a session, a message or a form token. The values are a list
// of texts, each after its length: key, value, key, value and so on. It implements securecookie.Serializer. The gob
// encoding, which securecookie uses otherwise, describes its types in each row, and reading them costs more than all
// else in reading a session.
type serializer struct{}

var errSerialized = errors.New("not a list of texts in pairs")

// Serialize implements securecookie.Serializer.
func (serializer) Serialize(src any) ([]byte, error) {
	switch src := src.(type) {
	case []byte:
		return src, nil
	case string:
		return []byte(src), nil
	case map[any]any:
		var list []byte
		for key, value := range src {
			for _, part := range []any{key, value} {
				text, ok := part.(string)
				if !ok {
					return nil, fmt.Errorf("a session holds only strings, not %T", part)
				}
				list = appendText(list, text)
			}
		}
		return list, nil
	default:
		return nil, fmt.Errorf("a session cannot hold %T", src)
	}
}

// Deserialize implements securecookie.Serializer.
func (serializer) Deserialize(src []byte, dst any) error {
	switch dst := dst.(type) {
	case *[]byte:
		*dst = src
	case *string:
		*dst = string(src)
	case *map[any]any:
		values := map[any]any{}
		for rest := src; len(rest) > 0; {
			var pair [2]string
			for i := range pair {
				text, others, ok := cutText(rest)
				if !ok {
					return errSerialized
				}
				pair[i], rest = string(text), others
			}
			values[pair[0]] = pair[1]
		}
		*dst = values
	default:
		return fmt.Errorf("a session cannot hold %T", dst)
	}
	return nil
}

// appendText appends a text to a list of texts.
func appendText(list []byte, text string) []byte {
	return append(binary.AppendUvarint(list, uint64(len(text))), text...)
}

// cutText returns the first text of a list and the list of the others. ok is false when the list begins with no text.
func cutText(list []byte) (text, others []byte, ok bool) {
	length, n := binary.Uvarint(list)
	if n <= 0 || length > uint64(len(list)-n) {
		return nil, nil, false
	}
	end := n + int(length)
	return list[n:end], list[end:], true
}
