package session

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/gorilla/sessions"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// The keys of a session's values. All values are strings: the operator as the result of operatorText, the tokens as
// JSON, the form token as bytes.
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
	tokensJSON, err := json.Marshal(plainTokens(p))
	if err != nil {
		return fmt.Errorf("encoding the tokens: %w", err)
	}
	values[operatorKey], values[tokensKey] = operatorText(o), string(tokensJSON)
	return nil
}

// operatorOf returns a session's operator, the zero Operator for none.
func operatorOf(session *sessions.Session) operator.Operator { return operatorIn(session.Values) }

// operatorIn returns the operator in a session's values, the zero Operator for none.
func operatorIn(values map[any]any) operator.Operator {
	o, err := parseOperator(textIn(values, operatorKey))
	if err != nil {
		return operator.Operator{}
	}
	return o
}

// operatorFields is the number of texts before the groups in the result of operatorText.
const operatorFields = 11

// operatorText returns an operator as a list of texts. Each request reads it, and JSON would take many times as long.
func operatorText(o operator.Operator) string {
	fields := [operatorFields]string{
		o.Issuer,
		o.Subject,
		o.Name,
		o.Email,
		strconv.FormatBool(o.EmailVerified),
		timeText(o.GroupsAt),
		string(o.GroupsStatus),
		o.GroupsClaim,
		strconv.Itoa(o.GroupsOmitted),
		o.Method,
		timeText(o.ProvenAt),
	}
	var list []byte
	for _, text := range slices.Concat(fields[:], o.Groups) {
		list = appendText(list, text)
	}
	return string(list)
}

// parseOperator reverses operatorText. The times are in UTC.
func parseOperator(list string) (o operator.Operator, err error) {
	var texts []string
	for rest := []byte(list); len(rest) > 0; {
		text, others, ok := cutText(rest)
		if !ok {
			return operator.Operator{}, errSerialized
		}
		texts, rest = append(texts, string(text)), others
	}
	if len(texts) < operatorFields {
		return operator.Operator{}, errSerialized
	}
	verified, verifiedErr := strconv.ParseBool(texts[4])
	groupsAt, groupsAtErr := parseTime(texts[5])
	omitted, omittedErr := strconv.Atoi(texts[8])
	provenAt, provenAtErr := parseTime(texts[10])
	return operator.Operator{
		Issuer:        texts[0],
		Subject:       texts[1],
		Name:          texts[2],
		Email:         texts[3],
		EmailVerified: verified,
		Groups:        texts[operatorFields:],
		GroupsAt:      groupsAt,
		GroupsStatus:  operator.GroupsStatus(texts[6]),
		GroupsClaim:   texts[7],
		GroupsOmitted: omitted,
		Method:        texts[9],
		ProvenAt:      provenAt,
	}, cmp.Or(verifiedErr, groupsAtErr, omittedErr, provenAtErr)
}

// timeText returns a time in nanoseconds since 1970, "" for the zero time.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixNano(), 10)
}

// parseTime reverses timeText.
func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	nanoseconds, err := strconv.ParseInt(text, 10, 64)
	return time.Unix(0, nanoseconds).UTC(), err
}

// textIn returns a string in a session's values, "" for none.
func textIn(values map[any]any, key string) string {
	text, _ := values[key].(string)
	return text
}
