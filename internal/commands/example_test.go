package commands_test

import (
	"errors"
	"fmt"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// What stands behind /scale, in any of the ways people write it.
func ExampleParse() {
	for _, text := range []string{"download-worker 9", "dw +2 because the backlog grows", "why dw"} {
		command, err := commands.Parse(text, runbook.Default())
		fmt.Printf("%T: %v %v\n", command, command, err)
	}
	// Output:
	// commands.Scale: download-worker 9 <nil>
	// commands.Scale: download-worker +2 --reason "the backlog grows" <nil>
	// commands.Show: why download-worker <nil>
}

// A slip of the finger is answered with the likely command and never carried out.
func ExampleParse_slip() {
	_, err := commands.Parse("donwload-worker 9", runbook.Default())
	var refusal *scale.Refusal
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Why)
		fmt.Println(refusal.Try)
	}
	// Output:
	// “donwload-worker” is neither a command nor a component.
	// /scale download-worker 9
}
