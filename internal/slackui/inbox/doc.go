// Package inbox receives: the sockets, what comes over them, commands, clicks and forms, and
// who is let in. What arrives is acknowledged at once and answered once.
package inbox
