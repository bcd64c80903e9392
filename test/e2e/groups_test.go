package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// severalConsumers: each pod of image-resizer runs three members of a group to which another workload belongs as well. Twelve partitions keep four
// pods busy, what the others own is none of its spread, and a change is done when its own pods consume.
func severalConsumers(t *testing.T) {
	until(t, soon, "the status of pods with three consumers", func(context.Context) error {
		if status := answer(t, carl, "image-resizer"); !saying("2/2 ready", "Stable, 6 members, busiest owns 2, 2 not of this component", "3 consumers per pod")(status) {
			return fmt.Errorf("the status is\n%s", status.text)
		}
		return nil
	})
	refusal := answer(t, carl, "image-resizer 5")
	if !saying("has only 12 partitions, so 3 of 15 consumers would sit idle", "at most 4, 3 consumers per pod", "/scale image-resizer 4")(refusal) {
		t.Errorf("five pods are answered with\n%s\nwant them refused, and four offered", refusal.text)
	}
	card := ask(t, carl, "image-resizer 3")
	if !saying("3 consumers per pod", "12 partitions over 6 members, 2 each", "Compare 4: busiest consumer 1")(card) {
		t.Errorf("the card is\n%s\nwant it to reckon with three consumers in each pod", card.text)
	}
	click(t, ben, card, "approve")
	see(t, soon, "the rollout on the card", at(card.ts), saying("Scaled; watching what it does", "3/3 ready", "Stable, 9 members, settled after"))
}

// streams: a whole change of an application with the group protocol of Kafka Streams (KIP-1071), from its status to the first report.
func streams(t *testing.T) {
	until(t, 2*soon, "the status of a streams group", func(context.Context) error {
		if status := answer(t, carl, "word-counter"); !saying("1/1 ready", "streams group, Stable, 1 member, busiest owns 3")(status) {
			return fmt.Errorf("the status is\n%s", status.text)
		}
		return nil
	})
	card := ask(t, carl, "word-counter 2")
	if !saying("3 partitions over 1 member, 3 each", "6 → *3* tasks", "Compare 3: busiest worker 2")(card) {
		t.Errorf("the card is\n%s\nwant the spread of the input's partitions alone, and the tasks of both parts of the application dealt out", card.text)
	}
	click(t, ben, card, "approve")
	see(t, soon, "one of two approvals", at(card.ts), saying("1 of 2 approvals"))
	click(t, ana, card, "approve")
	see(t, 2*soon, "the rollout on the card", at(card.ts), saying("Scaled; watching what it does", "2/2 ready", "Stable, 2 members, settled after"))
	report := see(t, 2*soon, "the first report", inThread(card.ts), saying("*60 s after scaling"))
	if strings.Contains(report.text, "no such") {
		t.Errorf("the report is\n%s\nand says that a group which is there is not", report.text)
	}
}
