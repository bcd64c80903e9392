// Package app puts scalebot together: configuration from the environment, the
// adapters, the engine and the chat surface, and the bot's own face towards the
// cluster (/healthz, /readyz, /metrics). The command and the demo both run this
// package; they differ only in the worlds they connect it to.
package app
