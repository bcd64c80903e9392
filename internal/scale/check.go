package scale

// Result is the answer of one check.
type Result string

// The answers a check may give. Unknown is never a pass.
const (
	Pass         Result = "pass"
	Warn         Result = "warn"
	Fail         Result = "fail"
	ResultUnsure Result = "unknown"
)

// Check is one item of a checklist with its numbers and where they come from.
type Check struct {
	// Rule is the row that is checked.
	Rule Rule `json:"rule"`
	// Name is what is checked: "lag under 5,000".
	Name   string `json:"name"`
	Result Result `json:"result"`
	// Before and After are the printed values; "unknown" with the reason in Note
	// when there is none. Before is empty where it makes no sense.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Source is where the value comes from and how old it was.
	Source string `json:"source,omitempty"`
	// Note explains: pod names, the event, why it is unknown.
	Note string `json:"note,omitempty"`
}
