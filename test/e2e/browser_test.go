package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/scalebot/scalebot/test/e2e/cache"
)

// TestInABrowser plays the shortest story as a person does, on the emulator's page: type, read the card, press, confirm, and see the pods.
func TestInABrowser(t *testing.T) {
	pair(t)
	byHand(t, "result-processor", 2)
	p := openPage(t, real.Slack)
	p.do(`#user becomes Ben`, `(() => { const s = document.querySelector('#user'); s.value = 'U0BEN'; s.dispatchEvent(new Event('change')) })()`)
	p.say("/scale result-processor 3")
	p.see("the card", `[...document.querySelectorAll('#messages [data-action="approve"]')].some(b => !b.disabled && b.offsetParent)`)
	p.do("approving", `[...document.querySelectorAll('#messages [data-action="approve"]')].filter(b => !b.disabled && b.offsetParent).at(-1).click()`)
	p.see("the question", `document.querySelector('#confirm-yes')?.offsetParent != null`)
	p.do("saying yes", `document.querySelector('#confirm-yes').click()`)
	p.see("the pods", `document.querySelector('#messages').innerText.includes('3/3 pods ready') || document.querySelector('#messages').innerText.includes('3/3 ready')`)
	scaled(t, "result-processor", 3)
}

// page is one browser tab on the emulator.
type page struct {
	t   *testing.T
	ctx context.Context
}

func openPage(t *testing.T, address string) *page {
	t.Helper()
	chromium, err := cache.Need("chromium", "Debian's package chromium")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	p := &page{t, ctx}
	// The first action starts the browser and must not carry a deadline.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatalf("starting the browser: %v", err)
	}
	p.act("the page", chromedp.Navigate(address))
	p.see("the people", `document.querySelector('#user')?.options.length > 0`)
	return p
}

// act runs actions and tells what the page shows when it cannot.
func (p *page) act(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, soon)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body.innerText`))
		p.t.Fatalf("%s: %v; the page shows:\n%s", what, err, text)
	}
}

// do runs a script for what it does.
func (p *page) do(what, script string) {
	p.t.Helper()
	p.act(what, void(chromedp.Evaluate[bool]("("+script+", true)")))
}

// see waits until an expression is true.
func (p *page) see(what, expression string) {
	p.t.Helper()
	p.act(what, void(chromedp.Poll[bool](expression, chromedp.WithPollingInterval(100*time.Millisecond), chromedp.WithPollingTimeout(0))))
}

// say types a line and sends it.
func (p *page) say(line string) {
	p.t.Helper()
	p.do("clearing the line", `document.querySelector('#input').value = ''`)
	p.act(fmt.Sprintf("typing %q", line), chromedp.SendKeys(chromedp.CSS("#input"), line+"\r"))
}

func void[T any](action chromedp.Action[T]) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := action(ctx, target)
		return err
	})
}
