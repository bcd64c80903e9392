// Package sampler observes every component. It reads Kafka, the cluster and the workers' metrics
// in rounds, keeps one history per component for all who need it, and reads again when somebody
// is about to decide. Unknown parts stay unknown, and a slow source does not delay the others.
package sampler
