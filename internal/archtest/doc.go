// Package archtest keeps the shape of the program as tests: which package may import
// which, and that every package says what it is.
package archtest
