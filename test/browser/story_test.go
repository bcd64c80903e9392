package browser

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const fold = 30 * time.Second

// TestTheStory is the product's promise, R-139 to: the
// command, the approval, 9/9, and the three reports in the thread.
func TestTheStory(t *testing.T) {
	p := open(t, demo(t, "--speed", "60"), 1280, 900)
	p.say("/scale download-worker 9")
	p.see(fold, "#messages", "download-worker")
	p.see(fold, "#messages", "Approve")
	p.shot("1-card")
	p.approve()
	p.see(fold, "#messages", "9/9")
	p.shot("2-rolled-out")
	p.do(fold, script(`[...document.querySelectorAll('#messages .replies')].at(-1).click()`), visible("#thread"))
	for _, report := range []string{"5 min after", "15 min after", "1 h after"} {
		p.see(2*time.Minute, "#replies .message:not(:first-child)", report)
	}
	p.shot("3-reports")
}

// TestOthersAreTold: somebody who is not on call presses the same button and learns,
// privately, which role is needed.
func TestOthersAreTold(t *testing.T) {
	p := open(t, demo(t, "--speed", "20"), 1280, 900)
	p.say("/scale download-worker 9")
	p.see(fold, "#messages", "Approve")
	p.as("U0CARL")
	p.approve()
	p.see(fold, "#messages .ephemeral", "on call")
	p.as("U0BEN")
	p.do(fold, until(`!document.querySelector('#messages .ephemeral')`)) // Ben does not see what was meant for Carl
}

// TestAdjust opens the form, sees a bad number refused in place, and proposes another.
func TestAdjust(t *testing.T) {
	p := open(t, demo(t, "--speed", "20"), 1280, 900)
	p.say("/scale download-worker 9")
	p.press(fold, "adjust")
	p.do(fold, visible("#modal input"), clear("#modal input"), chromedp.SendKeys(chromedp.CSS("#modal input"), "many\r"))
	p.see(fold, "#modal [data-block] .error", "number")
	p.shot("4-adjust")
	p.do(fold, clear("#modal input"), chromedp.SendKeys(chromedp.CSS("#modal input"), "8\r"))
	p.do(fold, until(`!document.querySelector("#modal").open`))
	p.see(fold, "#messages", "8")
}

// TestOnAPhone: nothing is wider than the screen and the buttons are large enough.
func TestOnAPhone(t *testing.T) {
	p := open(t, demo(t, "--speed", "20", "--scenario", "spike"), 390, 844)
	p.say("/scale download-worker 9")
	p.see(fold, "#messages", "Approve")
	p.shot("5-phone")
	p.truth(`document.documentElement.scrollWidth <= innerWidth`, "the page scrolls sideways on a phone")
	p.truth(`[...document.querySelectorAll('#messages .actions button')].every(b => b.getBoundingClientRect().height >= 44)`, "a button is too small for a thumb")
}

// TestItSpeaksFirst: lag crosses the limit, the alert has the prepared change under a
// button, and the button leads into an approved change.
func TestItSpeaksFirst(t *testing.T) {
	p := open(t, demo(t, "--speed", "60", "--scenario", "spike"), 1280, 900)
	p.see(time.Minute, "#messages", "Critical")
	p.press(fold, "scale_recommended")
	p.shot("6-alert")
	p.confirm()
	p.see(time.Minute, "#messages", "watching what it does")
}

// TestWithTheKeyboard goes from the command to the approval without a mouse.
func TestWithTheKeyboard(t *testing.T) {
	p := open(t, demo(t, "--speed", "20"), 1280, 900)
	p.do(fold, until(`document.activeElement.id === 'input'`), script(`document.activeElement.blur()`))
	p.do(fold, chromedp.KeyEvent("/"), visible("#hints"), chromedp.KeyEvent("\t"), chromedp.KeyEvent("download-worker 9\r"))
	p.see(fold, "#messages", "Approve")
	p.do(fold, chromedp.Focus(chromedp.CSS(`[data-action="approve"]`)), chromedp.KeyEvent("\r"), visible("#confirm-yes"))
	p.truth(`document.activeElement.id === 'confirm-yes'`, "the dialog does not take the focus")
	p.do(fold, chromedp.KeyEvent("\r"))
	p.see(time.Minute, "#messages", "9/9")
}

// TestTwoPeople: a risky change takes two people. Whoever asked is one of them and is told
// so, and the second one's click carries it out.
func TestTwoPeople(t *testing.T) {
	p := open(t, demo(t, "--speed", "20"), 1280, 900)
	p.say("/scale download-worker 12")
	p.see(fold, "#messages", "1 of 2 approvals")
	p.shot("7-one-of-two")
	p.approve()
	p.see(fold, "#messages .ephemeral", "Another on-call person has to approve it")
	p.as("U0BEN")
	p.approve()
	p.see(time.Minute, "#messages", "12/12")
	p.shot("8-two-of-two")
}

// TestBreakGlass: one person carries alone what needs two, with a reason; the card says so,
// and the channel and whoever is on call are told.
func TestBreakGlass(t *testing.T) {
	p := open(t, demo(t, "--speed", "20"), 1280, 900)
	p.say("/scale download-worker 12")
	p.see(fold, "#messages", "1 of 2 approvals")
	p.say("/scale approve download-worker --break-glass because nobody else is awake")
	p.see(fold, "#messages", "carries alone what needs 2 people")
	p.see(fold, "#messages", "@kafka-oncall please look at it")
	p.see(time.Minute, "#messages", "12/12")
	p.see(fold, "#messages", "Break-glass: carried alone by @ana")
	p.shot("9-break-glass")
}
