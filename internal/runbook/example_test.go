package runbook_test

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/runbook"
)

// A team's file names only what differs; everything else keeps the runbook's value.
func ExampleParse() {
	book, err := runbook.Parse("runbook.yaml", []byte(`
scaleUp:
  lag: {above: 25000}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("lag above", book.Policy.Up.Lag.Value, book.Policy.Up.Lag.Urgency)
	fmt.Println("latency above", book.Policy.Up.Latency.Value, "s")
	// Output:
	// lag above 25000 Critical
	// latency above 5 s
}

// Every mistake is reported at once, with its line.
func ExampleParse_mistakes() {
	_, err := runbook.Parse("runbook.yaml", []byte(`
scaleUp:
  lag: {abov: 25000}
  cpu: {above: 800%}
`))
	fmt.Println(err)
	// Output:
	// runbook.yaml:3:9: scaleUp.lag: unknown setting "abov"; did you mean "above"?
	// runbook.yaml:4:16: scaleUp.cpu.above: found "800%", want a percentage above 0% and up to 100%, such as 80%
}
