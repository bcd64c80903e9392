package cards_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/scale/scaletest"
	"github.com/scalebot/scalebot/internal/slackui/cards/cardstest"
)

// stringsIn are the texts of a message as it goes to Slack.
var stringsIn = regexp.MustCompile(`"text": "((?:[^"\\]|\\.)*)"`)

// said is a row as it is read: Slack's own escapes and bold marks are not seen.
var said = strings.NewReplacer("*", "", "&lt;", "<", "&gt;", ">", "&amp;", "&")

// Of every message the bot can send: what it says about numbers is true of them, row by
// row, and a lag is one value in it or says when it was read.
func TestNumbersInMessagesAgreeWithTheirWords(t *testing.T) {
	for name, l := range cardstest.Pictures(t) {
		lags := map[string]string{}
		for _, m := range stringsIn.FindAllStringSubmatch(string(cardstest.Wire(t, l)), -1) {
			for _, row := range strings.Split(m[1], `\n`) {
				for _, fault := range scaletest.Untrue(said.Replace(row)) {
					t.Errorf("%s: %s", name, fault)
				}
				if lag, row := lagIn(row); lag != "" {
					lags[lag] = row
				}
			}
		}
		if len(lags) > 1 {
			t.Errorf("%s: several lags in one message: %q", name, lags)
		}
	}
}

// presentLag is a lag as of now: "lag 14,200", "Lag* 14,200", "lag is 14,200".
var presentLag = regexp.MustCompile(`(?i)\blag\*? (?:is |of )?(\d[\d,]*)`)

// lagIn is the present lag that a row speaks of; empty where it speaks of none, or says when
// it was read.
func lagIn(row string) (lag, where string) {
	m := presentLag.FindStringSubmatch(row)
	if m == nil || strings.Contains(row, "read at") {
		return "", ""
	}
	return strings.TrimRight(m[1], ","), row
}
