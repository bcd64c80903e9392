// Package kube is the cluster: workloads with their pods and troubles, who owns their
// replica count, what they use and what room is left, and the one write the bot makes.
// It also elects the leader. How the API server is called is in package api, and the stored
// operations are in package records.
//
// It is one package because one look at a workload reads all of it together: what several
// components of a namespace need of the same objects is asked for once ([Cluster.Workloads],
// survey.go). hpa.go, keda.go, gitops.go, rollouts.go and writers.go tell who owns a count;
// quota.go, limitrange.go, nodes.go and nextpod.go what room there is.
package kube
