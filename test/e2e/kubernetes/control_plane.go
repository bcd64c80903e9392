package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"          // The JSON log format, as upstream's mains register it.
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // Client metrics, as upstream's mains register them.
	_ "k8s.io/component-base/metrics/prometheus/version"  // The version metric, as upstream's mains register it.
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	kubescheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func etcd(args []string) { etcdmain.Main(append([]string{"etcd"}, args...)) }

func apiServer([]string) { os.Exit(cli.Run(apiserver.NewAPIServerCommand())) }

func controllerManager([]string) { os.Exit(cli.Run(manager.NewControllerManagerCommand())) }

func scheduler([]string) { os.Exit(cli.Run(kubescheduler.NewSchedulerCommand())) }
