// Package sampler watches every component: it reads Kafka, the cluster and the workers' metrics
// in rounds, keeps one series of the past for every view, and looks afresh when somebody is
// about to decide. Unknown parts stay unknown, and a slow source holds up no other.
package sampler
