// Package cluster runs a Kubernetes control plane on loopback: etcd, the API server, the controller manager, the scheduler, the metrics server,
// and KWOK in place of kubelets, so that everything is real but the containers. The program is built from ../kubernetes, once, into the cache.
package cluster
