// Package browser plays the product in a real browser against the demo: it types the
// command, presses the buttons and reads what a person would read. It is a module of
// its own so that the browser driver weighs nothing on the product.
package browser
