package blockkit_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/blockkit"
)

// Slack refuses a whole message for one text that is too long. CheckMessage says so before
// it is sent, and Fit makes the text fit.
func ExampleCheckMessage() {
	message := func(text string) []byte {
		body, _ := json.Marshal([]any{map[string]any{
			"type": "section", "text": map[string]any{"type": "mrkdwn", "text": text},
		}})
		return body
	}
	long := strings.Repeat("lag ", 1000)
	for _, problem := range blockkit.CheckMessage(message(long)) {
		fmt.Println(problem)
	}
	fmt.Println(len(blockkit.CheckMessage(message(blockkit.Fit(long, 3000)))), "problems once it fits")
	// Output:
	// must be less than 3001 characters [json-pointer:/blocks/0/text/text]
	// 0 problems once it fits
}
