package cluster

import (
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/test/e2e/process"
)

func local(port int) string { return fmt.Sprintf("%s:%d", process.Loopback, port) }

func (c *Cluster) etcdFlags() []string {
	client, peer := "http://"+local(c.ports.etcd), "http://"+local(c.ports.etcdPeer)
	return []string{
		"--name=lab", "--data-dir=" + c.file("etcd"), "--listen-client-urls=" + client, "--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer, "--initial-cluster=lab=" + peer,
		"--unsafe-no-fsync", "--log-level=warn",
	}
}

func (c *Cluster) apiServerFlags() []string {
	return []string{
		"--etcd-servers=http://" + local(c.ports.etcd),
		"--bind-address=" + process.Loopback, fmt.Sprintf("--secure-port=%d", c.ports.api), "--advertise-address=" + process.Loopback,
		"--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.96.0.0/16", "--allow-privileged", "--profiling=false",
		"--tls-cert-file=" + c.file("apiserver.crt"), "--tls-private-key-file=" + c.file("apiserver.key"),
		"--client-ca-file=" + c.file("ca.crt"), "--authorization-mode=Node,RBAC",
		"--service-account-key-file=" + c.file("sa.key"), "--service-account-signing-key-file=" + c.file("sa.key"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--requestheader-client-ca-file=" + c.file("front-proxy-ca.crt"), "--requestheader-allowed-names=front-proxy-client",
		"--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + c.file("front-proxy-client.crt"), "--proxy-client-key-file=" + c.file("front-proxy-client.key"),
	}
}

// controllers are those that have work to do without kubelets and clouds.
var controllers = []string{
	"serviceaccount-token-controller", "serviceaccount-controller", "namespace-controller", "garbage-collector-controller",
	"deployment-controller", "replicaset-controller", "statefulset-controller", "horizontal-pod-autoscaler-controller",
	"disruption-controller", "resourcequota-controller", "pod-garbage-collector-controller", "node-lifecycle-controller",
	"taint-eviction-controller", "endpointslice-controller", "endpoints-controller", "root-ca-certificate-publisher-controller",
	"clusterrole-aggregation-controller",
}

func (c *Cluster) controllerManagerFlags() []string {
	return []string{
		"--kubeconfig=" + c.file("kube-controller-manager.kubeconfig"), "--use-service-account-credentials=true",
		"--service-account-private-key-file=" + c.file("sa.key"), "--root-ca-file=" + c.file("ca.crt"),
		"--leader-elect=false", "--secure-port=0", "--kube-api-qps=1000", "--kube-api-burst=2000",
		// The autoscaler acts every 2 s, so that a test sees it revert a change without waiting for minutes.
		"--horizontal-pod-autoscaler-sync-period=2s", "--horizontal-pod-autoscaler-downscale-stabilization=5s",
		"--controllers=" + strings.Join(controllers, ","),
	}
}

func (c *Cluster) schedulerFlags() []string {
	return []string{
		"--kubeconfig=" + c.file("kube-scheduler.kubeconfig"), "--leader-elect=false", "--secure-port=0", "--kube-api-qps=1000", "--kube-api-burst=2000",
	}
}

func (c *Cluster) kwokFlags() []string {
	return []string{
		"--kubeconfig=" + c.file("kwok.kubeconfig"), "--manage-all-nodes=true",
		"--node-ip=" + process.Loopback, fmt.Sprintf("--node-port=%d", c.ports.kwok), "--server-address=" + local(c.ports.kwok),
		"--tls-cert-file=" + c.file("loopback.crt"), "--tls-private-key-file=" + c.file("loopback.key"),
		"--node-lease-duration-seconds=40", "--enable-crds=Stage,Metric,ResourceUsage,ClusterResourceUsage,Logs,ClusterLogs",
	}
}

func (c *Cluster) metricsServerFlags() []string {
	kubeconfig := c.file("metrics-server.kubeconfig")
	return []string{
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=" + process.Loopback, fmt.Sprintf("--secure-port=%d", c.ports.metrics),
		"--tls-cert-file=" + c.file("loopback.crt"), "--tls-private-key-file=" + c.file("loopback.key"),
		"--kubelet-use-node-status-port", "--kubelet-insecure-tls", "--kubelet-preferred-address-types=InternalIP",
		// The shortest resolution it accepts; the time for one kubelet must be below nine tenths of it.
		"--metric-resolution=10s", "--kubelet-request-timeout=5s",
	}
}
