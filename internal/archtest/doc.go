// Package archtest keeps the shape of the program and of its documents as tests: which
// package may import which and why, that every package says what it is, and that what the
// documents say of the code is what the code says. Under -update its tests rewrite the
// printed parts of the documents.
package archtest
