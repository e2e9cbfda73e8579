package session

import (
	"encoding/json"
	"fmt"

	"github.com/gorilla/sessions"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// The values of a session, by key. They are texts: the operator and the proof JSON, the token its bytes.
const (
	operatorKey  = "operator"
	tokensKey    = "proof"
	formTokenKey = "token"
	addressKey   = "address" // where the sign-in came from
	browserKey   = "browser" // the User-Agent that it came with
)

// flashKey is where a session has the message for its next page, still sealed.
type flashKey struct{}

// setOperator puts a person and what proved them into a session's values.
func setOperator(values map[any]any, o operator.Operator, p Tokens) error {
	operatorJSON, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encoding an operator: %w", err)
	}
	tokensJSON, err := json.Marshal(plainTokens(p))
	if err != nil {
		return fmt.Errorf("encoding a proof: %w", err)
	}
	values[operatorKey], values[tokensKey] = string(operatorJSON), string(tokensJSON)
	return nil
}

// operatorOf answers a session's operator, the zero one when it has none.
func operatorOf(session *sessions.Session) operator.Operator { return operatorIn(session.Values) }

// operatorIn answers the operator among a session's values, the zero one when there is none.
func operatorIn(values map[any]any) operator.Operator {
	var o operator.Operator
	if json.Unmarshal([]byte(textIn(values, operatorKey)), &o) != nil {
		return operator.Operator{}
	}
	return o
}

// textIn answers a text among a session's values, "" when there is none.
func textIn(values map[any]any, key string) string {
	text, _ := values[key].(string)
	return text
}
