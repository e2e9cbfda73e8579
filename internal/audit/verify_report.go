package audit

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Problem is the kind of a finding.
type Problem string

// The problems that Verify finds.
const (
	Changed           Problem = "changed"          // the MAC does not match the content
	Missing           Problem = "missing"          // events before this one are missing
	OutOfOrder        Problem = "out_of_order"     // the event is unchanged but was moved
	UnknownKey        Problem = "unknown_key"      // the event is sealed with a key that is not listed
	NotChained        Problem = "not_chained"      // the event has no MAC
	NoGenesis         Problem = "no_genesis"       // the chain does not begin with the genesis event
	ExtraGenesis      Problem = "extra_genesis"    // another event is a genesis event
	BadCheckpoint     Problem = "bad_checkpoint"   // the seal of a checkpoint is wrong, or a checkpoint is missing
	Truncated         Problem = "shorter"          // events at the end are missing
	HeadMismatch      Problem = "other_head"       // the expected head is another event with this number
	OperationMismatch Problem = "operation"        // the rows of an operation do not agree with its events
	BulkMismatch      Problem = "bulk_change"      // the rows of a bulk change do not agree with its events
	DriftMismatch     Problem = "drift"            // the rows of drift do not agree with their events
	FactsMismatch     Problem = "facts"            // the rows of facts do not agree with their events
	BeforeCheckpoint  Problem = "before_the_start" // the event is older than the checkpoint
)

// Finding is one problem.
type Finding struct {
	Seq        int64   `json:"seq,omitempty"` // of the event, 0 when only an operation or a bulk change is known
	Operation  string  `json:"operation,omitempty"`
	BulkChange string  `json:"bulk_change,omitempty"`
	Problem    Problem `json:"problem"`
	Text       string  `json:"text"` // a sentence
}

// Head identifies the newest event of an audit log.
type Head struct {
	Seq int64  `json:"seq"`
	MAC string `json:"mac"` // hexadecimal
}

// String returns the head as SEQ:MAC.
func (h Head) String() string { return strconv.FormatInt(h.Seq, 10) + ":" + h.MAC }

// ParseHead parses SEQ:MAC. Both are in a report and in each line of the log's copy.
func ParseHead(text string) (Head, error) {
	number, mac, ok := strings.Cut(text, ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	if decoded, bad := hex.DecodeString(mac); !ok || err != nil || bad != nil || len(decoded) != len(zeroMAC()) ||
		seq < 1 {
		return Head{}, fmt.Errorf("a head is SEQ:MAC, a number and 64 hexadecimal digits, not %q", text)
	}
	return Head{Seq: seq, MAC: strings.ToLower(mac)}, nil
}

// maxFindings is the number of findings in a report; the others are only counted.
const maxFindings = 50

// Report is the result of Verify. An intact audit log has no findings.
type Report struct {
	Events      int64       `json:"events"`
	Operations  int64       `json:"operations"`
	BulkChanges int64       `json:"bulk_changes"`
	Checkpoint  *Checkpoint `json:"checkpoint,omitempty"` // nil when nothing was ever pruned
	Log         string      `json:"log,omitempty"`        // the id in the genesis event, "" when it was pruned
	Head        Head        `json:"head"`
	Findings    []Finding   `json:"findings"`           // those about events in their order, then those about rows
	Omitted     int64       `json:"more,omitempty"`     // the number of further findings
	Warnings    []string    `json:"warnings,omitempty"` // unusual, but no proof of a change
}

// Intact reports whether there are no findings.
func (r Report) Intact() bool { return len(r.Findings) == 0 }

// maxAcceptedFindings is how many findings an event that accepts them names.
const maxAcceptedFindings = 5

// ChainFindings returns the sentences of the first findings about the chain itself, without those about rows.
func (r Report) ChainFindings() (texts []string) {
	for _, f := range r.Findings {
		aboutRows := f.Problem == OperationMismatch || f.Problem == BulkMismatch || f.Problem == DriftMismatch
		if !aboutRows && len(texts) < maxAcceptedFindings {
			texts = append(texts, f.Text)
		}
	}
	return texts
}

func (r *Report) addFinding(f Finding) {
	if len(r.Findings) >= maxFindings {
		r.Omitted++
		return
	}
	r.Findings = append(r.Findings, f)
}
