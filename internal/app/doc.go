// Package app assembles scalebot: configuration from the environment, the adapters, the engine
// and the chat surface, and the bot's own endpoints (/healthz, /readyz, /metrics). The command
// and the demo both run this package; they differ only in the systems that they connect it to.
package app
