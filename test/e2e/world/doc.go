// Package world puts the real servers together: Kafka with the pipeline's topics, Kubernetes with the bot's manifests and the pipeline's
// Deployments, a consumer process for every ready pod, Prometheus, the Slack emulator, and the bot as its users run it. Everything listens on
// free ports of loopback and ends with the process that started it.
package world
