// Package kube is the cluster: workloads with their pods and troubles, who owns their
// replica count, what they use and what room is left, and the one write the bot makes.
// It also keeps operations and episodes as custom resources and elects the leader.
package kube
