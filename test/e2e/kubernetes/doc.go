// Command kubernetes is a Kubernetes control plane in one binary, built from Go modules: etcd, the API server, the controller manager, the
// scheduler, KWOK in place of kubelets, the metrics server and kubectl. One program serves for all of them because they share nearly all of
// their code; each still runs as a process of its own, because each owns its process's flags, feature gates and exit.
//
// It is a module of its own, so that neither the product nor the end-to-end tests need its dependencies.
package main
