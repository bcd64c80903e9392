package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// page is one browser tab on the emulator.
type page struct {
	t   *testing.T
	ctx context.Context
}

// open shows the address in a window of the given size.
func open(t *testing.T, address string, width, height int) *page {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox, chromedp.WindowSize(width, height),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	p := &page{t, ctx}
	// The first action starts the browser and must not carry a deadline.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(width), int64(height))); err != nil {
		t.Fatalf("starting the browser: %v", err)
	}
	p.do(time.Minute, chromedp.Navigate(address), until(`document.querySelector('#user')?.options.length > 0`))
	return p
}

// do runs actions within a time and shows the page when it cannot.
func (p *page) do(within time.Duration, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body.innerText`))
		p.shot("failed-" + p.t.Name())
		p.t.Fatalf("%v; the page shows:\n%s", err, text)
	}
}

// see waits until the text is visible in the element.
func (p *page) see(within time.Duration, selector, text string) {
	p.t.Helper()
	p.do(within, until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some(n => n.innerText.includes(%q))`, selector, text)))
}

// until waits for a condition of the page; the caller's deadline ends it.
func until(condition string) chromedp.Action[chromedp.Void] {
	return void(chromedp.Poll[bool](condition, chromedp.WithPollingInterval(100*time.Millisecond), chromedp.WithPollingTimeout(0)))
}

func visible(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(selector))
}

func clear(selector string) chromedp.Action[chromedp.Void] {
	return script(fmt.Sprintf(`document.querySelector(%q).value = ''`, selector))
}

func script(source string) chromedp.Action[chromedp.Void] {
	return void(chromedp.Evaluate[bool]("(" + source + ", true)"))
}

func void[T any](action chromedp.Action[T]) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := action(ctx, target)
		return err
	})
}

// say types a line and sends it.
func (p *page) say(line string) {
	p.t.Helper()
	p.do(10*time.Second, clear("#input"), chromedp.SendKeys(chromedp.CSS("#input"), line+"\r"))
}

// as changes who is acting.
func (p *page) as(user string) {
	p.t.Helper()
	p.do(10*time.Second, script(fmt.Sprintf(
		`(() => { const s = document.querySelector('#user'); s.value = %q; s.dispatchEvent(new Event('change')) })()`, user)))
}

// press clicks the newest visible button with the action id, as a person would see it.
func (p *page) press(within time.Duration, action string) {
	p.t.Helper()
	newest := fmt.Sprintf(`[...document.querySelectorAll('[data-action=%q]')].filter(b => !b.disabled && b.offsetParent).at(-1)`, action)
	p.do(within, until(newest+" !== undefined"), script(newest+".click()"))
}

// confirm accepts the open confirm dialog.
func (p *page) confirm() {
	p.t.Helper()
	p.do(10*time.Second, visible("#confirm-yes"), chromedp.Click(chromedp.CSS("#confirm-yes")))
}

// approve presses the button of the newest card and confirms.
func (p *page) approve() {
	p.t.Helper()
	p.press(fold, "approve")
	p.confirm()
}

// truth evaluates an expression that must hold.
func (p *page) truth(expression, complaint string) {
	p.t.Helper()
	holds, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](expression))
	if err != nil || !holds {
		p.shot("failed-" + p.t.Name())
		p.t.Errorf("%s (%v)", complaint, err)
	}
}

// shot saves a screenshot when SCREENSHOTS names a folder.
func (p *page) shot(name string) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	if png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot()); err == nil {
		_ = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	}
}
