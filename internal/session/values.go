package session

import (
	"encoding/json"
	"fmt"

	"github.com/gorilla/sessions"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// The keys of a session's values. All values are strings: the operator and the tokens as JSON, the form token as
// bytes.
const (
	operatorKey  = "operator"
	tokensKey    = "tokens"
	formTokenKey = "token"
	addressKey   = "address" // the client address of the sign-in
	browserKey   = "browser" // the User-Agent of the sign-in
)

// flashKey is the key of the flash message, which is still encrypted.
type flashKey struct{}

// newestEventKey is the key of the number that NewestEvent returns.
type newestEventKey struct{}

// setOperator stores an operator and the tokens in a session's values.
func setOperator(values map[any]any, o operator.Operator, p Tokens) error {
	operatorJSON, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encoding the operator: %w", err)
	}
	tokensJSON, err := json.Marshal(plainTokens(p))
	if err != nil {
		return fmt.Errorf("encoding the tokens: %w", err)
	}
	values[operatorKey], values[tokensKey] = string(operatorJSON), string(tokensJSON)
	return nil
}

// operatorOf returns a session's operator, the zero Operator for none.
func operatorOf(session *sessions.Session) operator.Operator { return operatorIn(session.Values) }

// operatorIn returns the operator in a session's values, the zero Operator for none.
func operatorIn(values map[any]any) operator.Operator {
	var o operator.Operator
	if json.Unmarshal([]byte(textIn(values, operatorKey)), &o) != nil {
		return operator.Operator{}
	}
	return o
}

// textIn returns a string in a session's values, "" for none.
func textIn(values map[any]any, key string) string {
	text, _ := values[key].(string)
	return text
}
