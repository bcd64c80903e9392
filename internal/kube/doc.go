// Package kube is the bot's view of the cluster: workloads with their pods and problems, who owns
// their replica count, what they use and how much room is left. It also makes the one write of
// the bot and elects the leader. Package api holds how the API server is called, and package
// records holds the stored operations.
//
// It is one package because one reading of a workload needs all of these objects together, and
// objects that several components of a namespace share are requested once ([Cluster.Workloads]).
//
// Which file holds what:
//
//   - cluster.go: the entry point; samelook.go: Deployments that were read a moment ago.
//   - workload.go, survey.go, pods.go, trouble.go and mismatch.go read workloads; view.go and
//     follow.go watch one during a rollout; shares.go groups components by namespace.
//   - owner.go finds who owns a count, with hpa.go, keda.go, lagtrigger.go, gitops.go,
//     managers.go, rollouts.go, writers.go and instead.go.
//   - room.go counts how many pods still fit, with quota.go, quotascope.go, limitrange.go,
//     nodes.go, scheduling.go, company.go and nextpod.go.
//   - usage.go, pressure.go and bounds.go read CPU and memory.
//   - hand.go and hand_replicas.go write; events.go writes Kubernetes Events; lease.go elects the
//     leader; connect.go and allowed.go check the connection and the permissions.
package kube
