// Package measuretest builds worlds for tests: a component at one moment, with its past, which
// each test then changes.
package measuretest
