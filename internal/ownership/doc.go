// Package ownership says what happens to a replica count that somebody else owns: an autoscaler
// with its pauses and options, a GitOps tool, Helm, a Rollout or another controller (T-01 to
// T-04).
package ownership
