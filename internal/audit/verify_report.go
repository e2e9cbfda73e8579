package audit

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Problem is what is wrong with an event or an operation.
type Problem string

// Change verifying can find.
const (
	Changed           Problem = "changed"          // its MAC does not fit what it says
	Missing           Problem = "missing"          // events before it are not there
	OutOfOrder        Problem = "out_of_order"     // it is whole, but was written at another place
	UnknownKey        Problem = "unknown_key"      // it was sealed with a key that was not given
	NotChained        Problem = "not_chained"      // it has no MAC, where all have one
	BadCheckpoint     Problem = "bad_checkpoint"   // the seal of the newest checkpoint does not fit
	Truncated         Problem = "shorter"          // the log knows of later events
	HeadMismatch      Problem = "other_head"       // the log knows another event of this number
	OperationMismatch Problem = "operation"        // the row of an operation does not say what its events say
	BeforeCheckpoint  Problem = "before_the_start" // it is older than the checkpoint that took it out
)

// Finding is one thing that is wrong.
type Finding struct {
	Seq       int64   `json:"seq,omitempty"`       // of the event, 0 when it is about an operation alone
	Operation string  `json:"operation,omitempty"` // its id
	Problem   Problem `json:"problem"`
	Text      string  `json:"text"` // a sentence
}

// Head names the newest event of a record.
type Head struct {
	Seq int64  `json:"seq"`
	MAC string `json:"mac"` // in hex
}

// String writes a head as ParseHead reads it, SEQ:MAC.
func (h Head) String() string { return strconv.FormatInt(h.Seq, 10) + ":" + h.MAC }

// ParseHead reads SEQ:MAC, as a report and a line of the log's copy have them.
func ParseHead(text string) (Head, error) {
	number, mac, ok := strings.Cut(text, ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	if decoded, bad := hex.DecodeString(mac); !ok || err != nil || bad != nil || len(decoded) != len(zeroMAC()) ||
		seq < 1 {
		return Head{}, fmt.Errorf("a head is written as SEQ:MAC, a number and 64 characters of hex, not %q", text)
	}
	return Head{Seq: seq, MAC: strings.ToLower(mac)}, nil
}

// maxFindings is how many findings a report names; the rest are counted.
const maxFindings = 50

// Report is what verifying found. A record that is whole has no findings.
type Report struct {
	Events      int64       `json:"events"`       // that are chained
	BeforeChain int64       `json:"before_chain"` // that are from before there was a chain, and prove nothing
	Operations  int64       `json:"operations"`
	Checkpoint  *Checkpoint `json:"checkpoint,omitempty"` // where the chain begins, if something was taken out
	Head        Head        `json:"head"`
	Findings    []Finding   `json:"findings"`           // in order, the first of them first
	Omitted     int64       `json:"more,omitempty"`     // findings that are not named
	Warnings    []string    `json:"warnings,omitempty"` // what is odd and proves nothing
}

// Intact says that nothing was found.
func (r Report) Intact() bool { return len(r.Findings) == 0 }

func (r *Report) addFinding(f Finding) {
	if len(r.Findings) >= maxFindings {
		r.Omitted++
		return
	}
	r.Findings = append(r.Findings, f)
}
