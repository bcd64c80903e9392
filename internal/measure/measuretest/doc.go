// Package measuretest builds worlds for the tests of everything that judges: a component at one
// moment, with its past, to be bent by each test.
package measuretest
